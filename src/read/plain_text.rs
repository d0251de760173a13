//! Plain text: blank lines separate paragraphs, and obvious headings are recognized.

use crate::document::BlockKind;

use super::blocks::{DocumentBuilder, readable};

/// The most bytes of a heading.
const MAX_HEADING_BYTES: usize = 80;
/// The most words of a heading in capitals.
const MAX_CAPITAL_WORDS: usize = 10;

/// Reads plain text. Line ends within a paragraph are kept, as in a poem they matter.
pub(super) fn read(text: &str, builder: &mut DocumentBuilder) {
    let text = readable(text);
    let mut paragraph = 0..0;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        let start = position;
        position += line.len();
        if !line.trim().is_empty() {
            if paragraph.is_empty() {
                paragraph.start = start;
            }
            paragraph.end = position;
        } else if !paragraph.is_empty() {
            push_paragraph(&text[paragraph], builder);
            paragraph = 0..0;
        }
    }
    if !paragraph.is_empty() {
        push_paragraph(&text[paragraph], builder);
    }
}

fn push_paragraph(paragraph: &str, builder: &mut DocumentBuilder) {
    if let Some((title, rest)) = paragraph.split_once('\n') {
        let (second, body) = rest.split_once('\n').unwrap_or((rest, ""));
        if let Some(level) = underline(second).filter(|_| title.trim().len() <= MAX_HEADING_BYTES) {
            builder.push(BlockKind::Heading(level), title.trim());
            builder.push(BlockKind::Paragraph, body);
            return;
        }
    }
    match heading_level(paragraph) {
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
/// second line, or one short line of capitals.
fn heading_level(paragraph: &str) -> Option<u8> {
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
    (second.is_none() && is_capitals(first)).then_some(3)
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

fn is_capitals(line: &str) -> bool {
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    letters >= 3
        && line.chars().all(|c| !c.is_alphabetic() || c.is_uppercase())
        && line.split_whitespace().count() <= MAX_CAPITAL_WORDS
        && !line.ends_with([',', ';', ':'])
}
