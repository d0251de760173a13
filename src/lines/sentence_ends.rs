//! Line ends: those that wrap running text, and those that part lines from each other.
//!
//! Text is often wrapped by hand or by a program, so a line end is a space there. In a list of
//! lines (a log, a receipt, an address) it is not. A program that wraps text puts each word on
//! the line that it still fits on. So a line end that a wrapping program would not have made
//! parts two lines.

use std::ops::Range;

use super::{has_end_mark, is_unspaced};

/// Neighbouring lines, on each side, whose widths are compared, and the most bytes of them.
const NEIGHBOURS: usize = 6;
const NEIGHBOUR_BYTES: usize = 1024;
/// Text is not wrapped to narrower or wider lines, in characters.
const WRAP_WIDTHS: Range<usize> = 30..121;
/// Wrapped lines without spaces between words fill the width up to their last word, in percent.
const FULL_LINE_PERCENT: usize = 80;
/// Two lines alone hardly show that they are wrapped: the first one is as wide as text, in characters.
const FULL_LINE_CHARS: usize = 40;
/// The most characters of an entry that has nothing in common with the next one.
const MAX_ENTRY_CHARS: usize = 60;
/// The fewest short lines that are a list, where nothing else shows it.
const MIN_ENTRIES: usize = 3;
/// The fewest blanks between two columns. Justified text has two between words.
const COLUMN_GAP: usize = 3;
/// The most characters of a label ("Total weight: 38 kg").
const MAX_LABEL_CHARS: usize = 24;
/// The most bytes of a word whose shape is compared.
const MAX_SHAPE_BYTES: usize = 64;

/// Whether the line end at byte `at` of `text` ends a sentence.
pub(crate) fn ends_sentence(text: &str, at: usize) -> bool {
    let next = line_after(text, at + 1);
    if next.trim().is_empty() || has_marker(next) {
        return true;
    }
    let line = line_before(text, at);
    if are_records(line, next) {
        return true;
    }
    let lines = lines_around(text, at);
    if are_short_entries(&lines) {
        return true;
    }
    let widths: Vec<usize> = lines.iter().map(|line| line.trim_end().chars().count()).collect();
    let width = widths.iter().copied().max().unwrap_or(0);
    let may_be_wrapped = match has_unspaced_end(line, next) {
        true => are_full(&widths),
        false => !fits(line, next, width),
    };
    if WRAP_WIDTHS.contains(&width) && may_be_wrapped {
        return false;
    }
    !continues(line, next)
}

/// Whether the line end at byte `at` of `text` parts entries of a list, where line ends mean nothing
/// otherwise: both lines are records, or too short for running text.
pub(crate) fn parts_entries(text: &str, at: usize) -> bool {
    let (line, next) = (line_before(text, at), line_after(text, at + 1));
    let is_short = |line: &str| line.trim().chars().count() <= MAX_ENTRY_CHARS;
    ends_sentence(text, at) && (are_records(line, next) || (is_short(line) && is_short(next)))
}

/// Whether lines are entries of a list: some are too short for running text, and none has its marks.
fn are_short_entries(lines: &[&str]) -> bool {
    let width = lines.iter().map(|line| line.trim_end().chars().count()).max().unwrap_or(0);
    lines.len() >= MIN_ENTRIES
        && width < WRAP_WIDTHS.start
        && !lines.iter().any(|line| has_end_mark(line) || has_marker(line))
        && lines.windows(2).any(|pair| fits(pair[0], pair[1], width))
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

/// Whether the lines meet in a script without spaces, where the first word of a line is not seen.
fn has_unspaced_end(line: &str, next: &str) -> bool {
    let last = line.trim_end().chars().next_back();
    last.is_some_and(is_unspaced) && next.trim_start().starts_with(is_unspaced)
}

/// Whether the lines of a paragraph, but for its last one, are of nearly one width.
fn are_full(widths: &[usize]) -> bool {
    let Some((_, full)) = widths.split_last() else { return false };
    let widest = widths.iter().copied().max().unwrap_or(0);
    let is_full = |&width: &usize| width * 100 >= widest * FULL_LINE_PERCENT;
    full.iter().all(is_full) && (full.len() > 1 || widest >= FULL_LINE_CHARS)
}

/// Whether both lines are entries of one list: they begin alike, with a number, a time or a
/// label, or have the same separated fields.
fn are_records(line: &str, next: &str) -> bool {
    let (line, next) = (line.trim(), next.trim());
    if line.chars().count() >= WRAP_WIDTHS.end && !next.starts_with(char::is_lowercase) {
        return true;
    }
    has_label(next)
        || are_alike(line, next)
        || have_same_fields(line, next)
        || are_settings(line, next)
        || are_columns(line, next)
}

/// Whether one of the lines is a row of columns. The text of a cell may go on in the next line.
fn are_columns(line: &str, next: &str) -> bool {
    match (has_columns(line), has_columns(next)) {
        (false, false) => false,
        (true, true) => true,
        _ => !continues(line, next),
    }
}

/// Whether a line has parts between wide gaps. The one after a sentence is none.
fn has_columns(line: &str) -> bool {
    let gap = " ".repeat(COLUMN_GAP);
    let is_column = |(at, _): (usize, &str)| !line[..at].ends_with(['.', '!', '?', ':']);
    line.match_indices('\t').chain(line.match_indices(&gap)).any(is_column)
}

/// Whether both lines are settings of a program: "DB_PORT=5432", a comment, the name of a part.
fn are_settings(line: &str, next: &str) -> bool {
    let may_be_setting = |line: &str| {
        is_assignment(line)
            || line.starts_with(['#', ';'])
            || (line.starts_with('[') && line.ends_with(']'))
    };
    (is_assignment(line) && may_be_setting(next)) || (may_be_setting(line) && is_assignment(next))
}

fn is_assignment(line: &str) -> bool {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let Some((key, value)) = line.split_once('=') else { return false };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let key = key.trim_end();
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(is_part)
        && !value.starts_with('=')
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

/// Whether both lines begin or end with a word of the same form, which is no plain word.
pub(crate) fn are_alike(line: &str, next: &str) -> bool {
    have_same_shape(line, next) || have_same_end(line, next)
}

/// Whether both are short lines whose last words are figures of one form: "boat house 9020".
fn have_same_end(line: &str, next: &str) -> bool {
    let is_short = |line: &str| line.chars().count() < WRAP_WIDTHS.start;
    let last = |line: &str| shape(line.split_whitespace().next_back().unwrap_or_default());
    let end = last(line);
    is_short(line) && is_short(next) && end.contains('9') && end == last(next)
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

/// The lines of this paragraph near byte `at`, in order.
fn lines_around(text: &str, at: usize) -> Vec<&str> {
    let is_text = |line: &&str| !line.trim().is_empty();
    let start = text.ceil_char_boundary(at.saturating_sub(NEIGHBOUR_BYTES));
    let before = text[start..at].rsplit('\n').take(NEIGHBOURS).take_while(is_text);
    let end = text.floor_char_boundary((at + NEIGHBOUR_BYTES).min(text.len()));
    let after = text[at + 1..end.max(at + 1)].split('\n').take(NEIGHBOURS).take_while(is_text);
    let mut lines: Vec<&str> = before.collect();
    lines.reverse();
    lines.extend(after);
    lines
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
