//! Plain text: blank lines separate paragraphs, and obvious headings are recognized. The lines
//! of a log or of todo.txt, and the rows of a table, are blocks of their own.

mod log;
mod rows;
mod tasks;
mod titles;

use std::ops::Range;

use crate::document::BlockKind;

use super::blocks::{DocumentBuilder, readable};
use super::hyphens::LineEndHyphens;
use super::source_lines::SourceLines;
use titles::{LEVEL_APART, LEVEL_WITHIN};

/// The most bytes of a heading.
const MAX_HEADING_BYTES: usize = 80;
/// The most words of a heading in capitals.
const MAX_CAPITAL_WORDS: usize = 10;

/// Reads plain text. Line ends within a paragraph are kept, as in a poem they matter.
pub(super) fn read(source: &str, builder: &mut DocumentBuilder) {
    let text = readable(source);
    if log::is_log(&text) {
        return log::read(&text, builder);
    }
    if tasks::are_tasks(&text) {
        return tasks::read(&text, builder);
    }
    if let Some(delimiter) = rows::delimiter(&text) {
        return rows::read(&text, delimiter, builder);
    }
    let lines = SourceLines::of(source, &text);
    let hyphens = LineEndHyphens::of(&text);
    let mut paragraphs = paragraphs(&text).peekable();
    while let Some(paragraph) = paragraphs.next() {
        builder.set_lines(lines.number(paragraph.start), lines.number(paragraph.end - 1));
        let next = paragraphs.peek().map(|next| &text[next.clone()]);
        push_paragraph(&hyphens.joined(&text[paragraph]), next, builder);
    }
}

/// The runs of lines between blank ones.
fn paragraphs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut position = 0;
    let mut lines = text.split_inclusive('\n').map(move |line| {
        position += line.len();
        (position - line.len()..position, line.trim().is_empty())
    });
    std::iter::from_fn(move || {
        let (first, _) = lines.find(|(_, is_blank)| !is_blank)?;
        let rest = lines.by_ref().take_while(|(_, is_blank)| !is_blank);
        Some(first.start..rest.last().map_or(first.end, |(line, _)| line.end))
    })
}

fn push_paragraph(paragraph: &str, next: Option<&str>, builder: &mut DocumentBuilder) {
    if let Some((title, rest)) = paragraph.split_once('\n') {
        let (second, body) = rest.split_once('\n').unwrap_or((rest, ""));
        if let Some(level) = underline(second).filter(|_| title.trim().len() <= MAX_HEADING_BYTES) {
            builder.push(BlockKind::Heading(level), title.trim());
            builder.push(BlockKind::Paragraph, body);
            return;
        }
    }
    let level = heading_level(paragraph, next.is_some())
        .or_else(|| next.filter(|next| titles::is_title_of(paragraph, next)).map(|_| LEVEL_APART));
    if let Some(level) = level {
        builder.push(BlockKind::Heading(level), paragraph.trim());
    } else if let Some((title, text)) = titles::split(paragraph) {
        builder.push(BlockKind::Heading(LEVEL_WITHIN), title);
        builder.push(BlockKind::Paragraph, text);
    } else {
        builder.push(BlockKind::Paragraph, paragraph);
    }
}

/// The level of a line that underlines the one above it.
fn underline(line: &str) -> Option<u8> {
    let line = line.trim();
    let all = |mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    if all('=') {
        Some(1)
    } else if all('-') {
        Some(2)
    } else {
        None
    }
}

/// The level of a paragraph that is a heading: "CHAPTER IV." with at most its title on a
/// second line, or one short line of capitals above other text.
fn heading_level(paragraph: &str, has_more: bool) -> Option<u8> {
    let mut lines = paragraph.lines().map(str::trim);
    let (first, second, third) = (lines.next()?, lines.next(), lines.next());
    if third.is_some() || first.len() > MAX_HEADING_BYTES {
        return None;
    }
    if let Some(level) = division_level(first) {
        let is_title = |line: &str| {
            line.len() <= MAX_HEADING_BYTES
                && !ends_sentence(line)
                && division_level(line).is_none()
        };
        return second.is_none_or(is_title).then_some(level);
    }
    (has_more && second.is_none() && is_title_in_capitals(first)).then_some(3)
}

/// The level of a line such as "Part 2", "CHAPTER IV. The Mock Turtle".
fn division_level(line: &str) -> Option<u8> {
    let mut words = line.split_whitespace();
    let level = match words.next()?.to_ascii_lowercase().as_str() {
        "part" | "book" | "volume" => 1,
        "chapter" | "section" | "appendix" | "act" | "scene" => 2,
        _ => return None,
    };
    let number = words.next()?;
    let has_more = words.next().is_some();
    let bare = number.trim_end_matches(['.', ':', ',', '-', '—', '–']);
    let is_number = !bare.is_empty()
        && (bare.chars().all(|c| c.is_ascii_digit() || c == '.')
            || bare.chars().all(|c| "IVXLCDM".contains(c)));
    (is_number && !(has_more && ends_sentence(line))).then_some(level)
}

fn ends_sentence(line: &str) -> bool {
    line.ends_with(['.', '!', '?', ',', ';'])
}

/// Whether a line is a title: a few words in capitals, which may be numbered. A sentence, a label
/// with its value and a line with a figure are none: "TOTAL WEIGHT: 38 KG".
fn is_title_in_capitals(line: &str) -> bool {
    let is_numeral = |word: &str| {
        word.ends_with(['.', ')']) && word.chars().all(|c| c.is_alphanumeric() || ".)".contains(c))
    };
    let title = match line.split_once(char::is_whitespace) {
        Some((number, title)) if is_numeral(number) => title,
        _ => line,
    };
    title.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && title.chars().all(|c| !c.is_numeric() && (!c.is_alphabetic() || c.is_uppercase()))
        && title.split_whitespace().count() <= MAX_CAPITAL_WORDS
        && !ends_sentence(title)
        && !title.contains(':')
}
