//! Tasks in the form of todo.txt: "(A) 2026-05-01 Call the plumber +house @phone due:2026-05-04".

use crate::document::{BlockKind, Place};
use crate::read::blocks::DocumentBuilder;

/// The lines by which tasks are recognized.
const SAMPLE_LINES: usize = 50;
const MIN_TASKS: usize = 3;
/// What the parts of a line are called. It stands above all of them, as the header of a table.
const PARTS: &str = "priority | done | date | task | +project | @context | due";

/// Whether most lines of a text have a mark of such tasks, with those of several kinds.
pub(super) fn are_tasks(text: &str) -> bool {
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES);
    let marked = lines().filter(|line| has_state(line) || has_tag(line)).count();
    marked >= MIN_TASKS
        && marked * 4 >= lines().count() * 3
        && lines().any(has_state)
        && lines().any(has_tag)
}

/// Whether a line begins with its priority, or is done: "(A) ", "x 2026-05-03 ".
fn has_state(line: &str) -> bool {
    match line.as_bytes() {
        [b'(', priority, b')', b' ', ..] => priority.is_ascii_uppercase(),
        [b'x', b' ', year, ..] => year.is_ascii_digit(),
        _ => false,
    }
}

/// Whether a line has a project, a context or a day when it is due.
fn has_tag(line: &str) -> bool {
    line.split_whitespace().any(|word| {
        let name = word.strip_prefix(['+', '@']);
        name.is_some_and(|name| name.starts_with(char::is_alphabetic)) || word.starts_with("due:")
    })
}

/// Reads each line as a row.
pub(super) fn read(text: &str, builder: &mut DocumentBuilder) {
    builder.push(BlockKind::TableHeader, PARTS);
    for (line, number) in text.lines().zip(1..) {
        builder.set_place(Place::lines(number, number));
        builder.push(BlockKind::TableRow, line);
    }
}
