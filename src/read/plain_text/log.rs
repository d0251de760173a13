//! Logs: lines that begin with a time.

use crate::document::{BlockKind, Place};
use crate::read::blocks::DocumentBuilder;

/// The lines by which a log is recognized.
const LOG_SAMPLE_LINES: usize = 50;
/// The bytes at the beginning of a line in which a time is looked for.
const MAX_TIME_BYTES: usize = 40;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Whether nearly all of the first lines begin with a time, or go on with the line above.
pub(super) fn is_log(text: &str) -> bool {
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
pub(super) fn read(text: &str, builder: &mut DocumentBuilder) {
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
