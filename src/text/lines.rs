//! Line ends: those that wrap running text, and those that part lines from each other.
//!
//! Text is often wrapped by hand or by a program, so a line end is a space there. In a list of
//! lines (a log, a receipt, an address) it is not. A program that wraps text puts each word on
//! the line that it still fits on. So a line end that a wrapping program would not have made
//! parts two lines.

use std::ops::Range;

/// Neighbouring lines, on each side, whose widths are compared, and the most bytes of them.
const NEIGHBOURS: usize = 6;
const NEIGHBOUR_BYTES: usize = 1024;
/// Text is not wrapped to narrower or wider lines, in characters.
const WRAP_WIDTHS: Range<usize> = 30..121;
/// The most characters of a label ("Total weight: 38 kg").
const MAX_LABEL_CHARS: usize = 24;
/// The most bytes of a word whose shape is compared.
const MAX_SHAPE_BYTES: usize = 64;

/// Whether the line end at byte `at` of `text` ends a sentence.
pub(super) fn ends_sentence(text: &str, at: usize) -> bool {
    let next = line_after(text, at + 1);
    if next.trim().is_empty() || has_marker(next) {
        return true;
    }
    let line = line_before(text, at);
    if are_records(line, next) {
        return true;
    }
    let width = width_around(text, at);
    if WRAP_WIDTHS.contains(&width) && !fits(line, next, width) {
        return false;
    }
    !continues(line, next)
}

/// Whether `next` goes on with what `line` says, by its first and last characters.
fn continues(line: &str, next: &str) -> bool {
    let begins_small = next.trim_start().starts_with(char::is_lowercase);
    begins_small || line.trim_end().ends_with([',', '-', '–', '(', '\u{AD}'])
}

/// Whether the first word of `next` would have had place at the end of `line`.
fn fits(line: &str, next: &str, width: usize) -> bool {
    let word = next.split_whitespace().next().unwrap_or_default();
    line.trim_end().chars().count() + 1 + word.chars().count() <= width
}

/// Whether both lines are entries of one list: they begin alike, with a number, a time or a
/// label, or have the same separated fields.
fn are_records(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim(), next.trim());
    if line.chars().count() >= WRAP_WIDTHS.end && !next.starts_with(char::is_lowercase) {
        return true;
    }
    has_label(next) || have_same_shape(line, next) || have_same_fields(line, next)
}

fn has_label(line: &str) -> bool {
    let Some((label, rest)) = line.split_once(':') else { return false };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.' | '(' | ')');
    label.chars().count() <= MAX_LABEL_CHARS
        && label.starts_with(char::is_uppercase)
        && label.split_whitespace().count() <= 3
        && label.chars().all(is_word)
        && rest.starts_with([' ', '\t'])
}

/// Whether the first words differ only in their digits and letters, and are no plain words.
fn have_same_shape(line: &str, next: &str) -> bool {
    let first = |line: &str| shape(line.split_whitespace().next().unwrap_or_default());
    let (one, other) = (first(line), first(next));
    one == other && !matches!(&*one, "" | "a" | "9" | "a," | "9," | "\"a" | "“a" | "(a")
}

/// The shape of a word: each run of digits is 9, each run of letters is a.
fn shape(word: &str) -> String {
    let mut shape = String::new();
    for char in word[..word.floor_char_boundary(MAX_SHAPE_BYTES)].chars() {
        let kind = match char {
            _ if char.is_numeric() => '9',
            _ if char.is_alphabetic() => 'a',
            _ => char,
        };
        if !(matches!(kind, '9' | 'a') && shape.ends_with(kind)) {
            shape.push(kind);
        }
    }
    shape
}

fn have_same_fields(line: &str, next: &str) -> bool {
    let same = |separator: &str, least: usize| {
        let count = line.matches(separator).count();
        count >= least && count == next.matches(separator).count()
    };
    let is_comma_separated = |line: &str| !line.contains(", ");
    same("\t", 1)
        || same(" | ", 1)
        || same(";", 2)
        || same("  ", 1)
        || (same(",", 2) && is_comma_separated(line) && is_comma_separated(next))
}

/// Whether a line begins with the marker of a list item.
fn has_marker(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t']);
    let number = line.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let marker = if number > 0 { line[number..].strip_prefix(['.', ')']) } else { None };
    let marker = marker.or_else(|| line.strip_prefix(['-', '*', '+', '•', '–']));
    marker.is_some_and(|after| after.starts_with([' ', '\t']))
}

/// The characters of the widest line of this paragraph near byte `at`.
fn width_around(text: &str, at: usize) -> usize {
    let is_text = |line: &&str| !line.trim().is_empty();
    let start = text.ceil_char_boundary(at.saturating_sub(NEIGHBOUR_BYTES));
    let before = text[start..at].rsplit('\n').take(NEIGHBOURS).take_while(is_text);
    let end = text.floor_char_boundary((at + NEIGHBOUR_BYTES).min(text.len()));
    let after = text[at + 1..end.max(at + 1)].split('\n').take(NEIGHBOURS).take_while(is_text);
    before.chain(after).map(|line| line.trim_end().chars().count()).max().unwrap_or(0)
}

/// The line that ends at byte `at`, or its last bytes.
fn line_before(text: &str, at: usize) -> &str {
    let window = &text[text.ceil_char_boundary(at.saturating_sub(NEIGHBOUR_BYTES))..at];
    window.rsplit('\n').next().unwrap_or(window)
}

/// The line that begins at byte `at`, or its first bytes.
fn line_after(text: &str, at: usize) -> &str {
    let window = &text[at..text.floor_char_boundary((at + NEIGHBOUR_BYTES).min(text.len()))];
    window.split('\n').next().unwrap_or(window)
}
