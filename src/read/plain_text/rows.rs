//! Tables in plain text: rows of values, as they are written.

use crate::document::{BlockKind, Place};
use crate::read::blocks::DocumentBuilder;

const DELIMITERS: [char; 4] = ['\t', ',', ';', '|'];
/// The rows by which a table is recognized.
const SAMPLE_ROWS: usize = 50;
const MIN_ROWS: usize = 3;
/// Two words around one mark are no row yet, so a table of two columns has more rows.
const MIN_PAIRS: usize = 6;
/// The most bytes of a value: a longer one is a sentence.
const MAX_VALUE_BYTES: usize = 80;

/// What is between the values of a text whose lines are rows of as many values; none for other
/// text. No blank follows a delimiter, and no value ends a sentence.
pub(super) fn delimiter(text: &str) -> Option<char> {
    let lines: Vec<&str> = text.trim().lines().take(SAMPLE_ROWS).collect();
    DELIMITERS.into_iter().find(|&delimiter| {
        let count =
            lines[..lines.len().min(1)].iter().flat_map(|line| line.split(delimiter)).count();
        let min_rows = if count == 2 && delimiter != '\t' { MIN_PAIRS } else { MIN_ROWS };
        count >= 2
            && lines.len() >= min_rows
            && lines.iter().all(|line| is_row(line, delimiter, count))
    })
}

fn is_row(line: &str, delimiter: char, count: usize) -> bool {
    let mut values = 0;
    let are_values = line.split(delimiter).all(|value| {
        values += 1;
        value.len() <= MAX_VALUE_BYTES && !value.starts_with(' ') && !value.ends_with('.')
    });
    are_values && values == count
}

/// Reads each line as a row. The first one is the header where it alone has no figures.
pub(super) fn read(text: &str, delimiter: char, builder: &mut DocumentBuilder) {
    let has_figure = |line: &str| {
        line.split(delimiter).any(|value| value.trim().starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).peekable();
    let first = lines.next();
    let has_header = first.is_some_and(|(line, _)| !has_figure(line))
        && lines.peek().is_some_and(|(line, _)| has_figure(line));
    for (at, (line, number)) in first.into_iter().chain(lines).enumerate() {
        let is_header = has_header && at == 0;
        let kind = if is_header { BlockKind::TableHeader } else { BlockKind::TableRow };
        builder.set_place(Place::lines(number, number));
        builder.push(kind, line);
    }
}
