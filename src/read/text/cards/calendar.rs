//! iCalendar: events, tasks and notes, each a section.

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::{DocumentBuilder, readable};
use crate::read::{Input, ReadFile, html};

use super::lines::{ContentLines, Line};
use super::repeats::repeats;
use super::{keep, push_line, times};

/// What is shown of an entry, in this order.
const SHOWN: [(&str, &str); 22] = [
    ("DTSTART", "Start"),
    ("DTEND", "End"),
    ("DURATION", "Duration"),
    ("DUE", "Due"),
    ("COMPLETED", "Completed"),
    ("RRULE", "Repeats"),
    ("RDATE", "Also on"),
    ("EXDATE", "Not on"),
    ("RECURRENCE-ID", "Instead of"),
    ("LOCATION", "Location"),
    ("ORGANIZER", "Organizer"),
    ("ATTENDEE", "Attendees"),
    ("CONTACT", "Contact"),
    ("RESOURCES", "Resources"),
    ("CATEGORIES", "Categories"),
    ("STATUS", "Status"),
    ("PRIORITY", "Priority"),
    ("PERCENT-COMPLETE", "Percent complete"),
    ("URL", "Link"),
    ("CONFERENCE", "Conference"),
    ("COMMENT", "Comment"),
    ("DESCRIPTION", "Description"),
];

/// Reads a calendar: each entry is a heading, and below it a line for each thing that it says.
pub(crate) fn calendar(input: &Input<'_>) -> Result<ReadFile> {
    let source = input.text(false)?;
    let text = readable(&source);
    let mut reader = Reader { builder: DocumentBuilder::new(input), ..Reader::default() };
    let total = text.lines().count() as u64;
    for (at, line) in ContentLines::of(&text).enumerate() {
        if at.is_multiple_of(1000) {
            input.step(at as u64, total, "lines")?;
        }
        reader.read(line, input)?;
        reader.builder.check(input)?;
    }
    reader.write_entry();
    if !reader.is_calendar {
        return Err(input.damaged("It has no BEGIN:VCALENDAR"));
    }
    let (document, details) = (reader.builder.finish_within(input)?, reader.details);
    Ok(ReadFile { document, details, ..ReadFile::default() })
}

#[derive(Default)]
struct Reader {
    builder: DocumentBuilder,
    details: FileDetails,
    is_calendar: bool,
    /// The open entry.
    entry: Option<Entry>,
    /// How many parts of it are open, such as alarms. They say nothing of the entry.
    depth: usize,
}

struct Entry {
    name: &'static str,
    lines: Vec<Line>,
}

impl Reader {
    fn read(&mut self, line: Line, input: &Input<'_>) -> Result<()> {
        let kind = line.value.trim().to_ascii_uppercase();
        match (&*line.name, &mut self.entry) {
            ("BEGIN", Some(_)) => self.depth += 1,
            ("BEGIN", None) => {
                self.is_calendar |= kind == "VCALENDAR";
                self.entry = entry_name(&kind).map(|name| Entry { name, lines: Vec::new() });
            }
            ("END", Some(_)) if self.depth > 0 => self.depth -= 1,
            ("END", _) => self.write_entry(),
            (_, Some(entry)) => {
                let is_needed = shown(&line.name).is_some() || line.name == "SUMMARY";
                if is_needed && self.depth == 0 {
                    keep(&mut entry.lines, line, input)?;
                }
            }
            ("X-WR-CALNAME" | "NAME", None) if self.details.title.is_none() => {
                let title = line.text();
                self.builder.push(BlockKind::Heading(1), &title);
                self.details.title = Some(title).filter(|title| !title.trim().is_empty());
            }
            ("X-WR-CALDESC" | "DESCRIPTION", None) => {
                self.builder.push(BlockKind::Paragraph, &line.text());
            }
            _ => {}
        }
        Ok(())
    }

    fn write_entry(&mut self) {
        self.depth = 0;
        let Some(Entry { name, mut lines }) = self.entry.take() else { return };
        let summary = lines.iter().find(|line| line.name == "SUMMARY").map(Line::text);
        let summary = summary.filter(|text| !text.trim().is_empty());
        let heading = summary.unwrap_or_else(|| name.to_owned());
        self.builder.push(BlockKind::Heading(2), &one_line(&heading));
        lines.retain(|line| line.name != "SUMMARY");
        lines.sort_by_key(|line| shown(&line.name));
        for same in lines.chunk_by(|one, next| one.name == next.name) {
            let Some(at) = shown(&same[0].name) else { continue };
            let mut values: Vec<String> = same.iter().map(value).collect();
            values.retain(|value| !value.trim().is_empty());
            push_line(&mut self.builder, SHOWN[at].1, &values.join(", "));
        }
    }
}

/// What an entry without a summary is called.
fn entry_name(kind: &str) -> Option<&'static str> {
    match kind {
        "VEVENT" => Some("Event"),
        "VTODO" => Some("Task"),
        "VJOURNAL" => Some("Note"),
        _ => None,
    }
}

/// Where a property stands among those that are shown.
fn shown(name: &str) -> Option<usize> {
    SHOWN.iter().position(|(shown, _)| *shown == name)
}

fn value(line: &Line) -> String {
    match &*line.name {
        "DTSTART" | "DUE" | "COMPLETED" | "RDATE" | "EXDATE" | "RECURRENCE-ID" => times::time(line),
        "DTEND" => times::end(line),
        "DURATION" => times::duration(&line.value),
        "RRULE" => repeats(line),
        "ORGANIZER" | "ATTENDEE" => person(line),
        "CATEGORIES" | "RESOURCES" => line.parts(',').join(", "),
        "STATUS" => line.text().to_lowercase().replace('-', " "),
        "PERCENT-COMPLETE" => format!("{} %", line.value.trim()),
        "DESCRIPTION" => description(&line.text()),
        _ => line.text(),
    }
}

/// "Bo Li (bo@x.org)".
fn person(line: &Line) -> String {
    let address = line.value.trim();
    let has_scheme = address.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    let address = if has_scheme { &address[7..] } else { address };
    match line.parameter("CN").filter(|name| !name.is_empty() && *name != address) {
        Some(name) if has_scheme => format!("{name} ({address})"),
        Some(name) => name.to_owned(),
        None => address.to_owned(),
    }
}

/// A description, which some programs write as HTML.
fn description(text: &str) -> String {
    let is_html = ["<br", "<p>", "<a ", "<ul", "<b>", "<html"].iter().any(|tag| text.contains(tag));
    if !is_html {
        return text.to_owned();
    }
    let mut builder = DocumentBuilder::default();
    html::read_fragment(text, &mut builder);
    builder.finish().text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
