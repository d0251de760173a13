//! Plain text: blank lines separate paragraphs, and obvious headings are recognized. The lines
//! of a log are blocks of their own.

use std::ops::Range;

use crate::document::{BlockKind, Place};

use super::blocks::{DocumentBuilder, readable};
use super::hyphens::LineEndHyphens;
use super::source_lines::SourceLines;

/// The most bytes of a heading.
const MAX_HEADING_BYTES: usize = 80;
/// The lines by which a log is recognized.
const LOG_SAMPLE_LINES: usize = 50;
/// The bytes at the beginning of a line in which a time is looked for.
const MAX_TIME_BYTES: usize = 40;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// The most words of a heading in capitals.
const MAX_CAPITAL_WORDS: usize = 10;

/// Reads plain text. Line ends within a paragraph are kept, as in a poem they matter.
pub(super) fn read(source: &str, builder: &mut DocumentBuilder) {
    let text = readable(source);
    if is_log(&text) {
        return read_log(&text, builder);
    }
    let lines = SourceLines::of(source, &text);
    let hyphens = LineEndHyphens::of(&text);
    let mut paragraphs = paragraphs(&text).peekable();
    while let Some(paragraph) = paragraphs.next() {
        builder.set_lines(lines.number(paragraph.start), lines.number(paragraph.end - 1));
        let has_more = paragraphs.peek().is_some();
        push_paragraph(&hyphens.joined(&text[paragraph]), has_more, builder);
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

/// Whether nearly all of the first lines begin with a time, or go on with the line above.
fn is_log(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(LOG_SAMPLE_LINES);
    let (mut entries, mut others) = (0, 0);
    for line in lines {
        if begins_entry(line) {
            entries += 1;
        } else if !line.starts_with([' ', '\t']) {
            others += 1;
        }
    }
    entries >= 3 && others * 4 <= entries
}

/// Whether a line of a log begins with a date or a time: `2024-03-05T14:00:00Z`, `[14:00:01]`,
/// "Mar  5 14:00:00".
fn begins_entry(line: &str) -> bool {
    let start = &line[..line.floor_char_boundary(MAX_TIME_BYTES)];
    let start = start.trim_start_matches(['[', '(', '<']);
    let is_time = |word: &str| {
        let parts = word.split(':').map(|part| part.get(..2).unwrap_or(part));
        let is_number =
            |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        word.matches(':').count() >= 1 && parts.into_iter().take(2).all(is_number)
    };
    let words = start.split([' ', 'T', ',', ']']).filter(|word| !word.is_empty()).take(4);
    let begins = start.starts_with(|c: char| c.is_ascii_digit())
        || MONTHS.iter().any(|month| start.starts_with(month));
    begins && words.into_iter().any(is_time)
}

/// Reads a log: a line that does not begin with a time belongs to the entry above it.
fn read_log(text: &str, builder: &mut DocumentBuilder) {
    let mut push = |entry: &mut String, first: u32, end: u32| {
        builder.set_place(Place::lines(first, end.saturating_sub(1).max(first)));
        builder.push(BlockKind::Code, entry);
        entry.clear();
    };
    let (mut entry, mut first, mut number) = (String::new(), 1, 0);
    for line in text.lines() {
        number += 1;
        if begins_entry(line) {
            push(&mut entry, first, number);
            first = number;
        }
        entry.push_str(line);
        entry.push('\n');
    }
    push(&mut entry, first, number + 1);
}

fn push_paragraph(paragraph: &str, has_more: bool, builder: &mut DocumentBuilder) {
    if let Some((title, rest)) = paragraph.split_once('\n') {
        let (second, body) = rest.split_once('\n').unwrap_or((rest, ""));
        if let Some(level) = underline(second).filter(|_| title.trim().len() <= MAX_HEADING_BYTES) {
            builder.push(BlockKind::Heading(level), title.trim());
            builder.push(BlockKind::Paragraph, body);
            return;
        }
    }
    match heading_level(paragraph, has_more) {
        Some(level) => builder.push(BlockKind::Heading(level), paragraph.trim()),
        None => builder.push(BlockKind::Paragraph, paragraph),
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
