//! Calendars and contacts: iCalendar (RFC 5545) and vCard (RFC 6350), and their versions before.
//!
//! Both are lines "NAME;PARAMETER=…:value" between BEGIN and END, whose grammar is a page long. It
//! is read here: calcard brings the time zones of the world, ical reads neither a damaged file
//! nor the encodings of vCard 2.1.

mod calendar;
mod contacts;
mod lines;
mod repeats;
mod times;

pub(crate) use calendar::calendar;
pub(crate) use contacts::contacts;

use crate::document::BlockKind;
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::DocumentBuilder;
use lines::Line;

/// Longer values are paragraphs of their own, in bytes.
const MAX_LINE_BYTES: usize = 300;
/// The most lines of an entry or a contact, which are kept until it ends.
const MAX_LINES: usize = 10_000;
/// The most bytes of a zone or a label, which many lines repeat.
const MAX_REPEATED_BYTES: usize = 100;

/// Keeps a line of an entry.
fn keep(lines: &mut Vec<Line>, line: Line, input: &Input<'_>) -> Result<()> {
    if lines.len() == MAX_LINES {
        return Err(input.too_large(MAX_LINES as u64 + 1, MAX_LINES as u64, "lines of an entry"));
    }
    lines.push(line);
    Ok(())
}

/// The beginning of what many lines repeat.
fn repeated(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_REPEATED_BYTES)]
}

/// Writes "Label: value".
fn push_line(builder: &mut DocumentBuilder, label: &str, value: &str) {
    let value = value.trim();
    if value.is_empty() {
        return;
    }
    let is_long = value.len() > MAX_LINE_BYTES || value.contains('\n');
    let kind = if is_long { BlockKind::Paragraph } else { BlockKind::ListItem };
    builder.push(kind, &format!("{label}: {value}"));
}
