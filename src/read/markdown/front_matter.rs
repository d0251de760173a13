//! The data at the beginning of a Markdown file: properties in YAML between lines of `---`, or in
//! TOML between lines of `+++`.

use std::ops::Range;

use crate::document::{BlockKind, FileDetails};
use crate::read::blocks::DocumentBuilder;

/// The most bytes of front matter: more is text between two lines.
const MAX_BYTES: usize = 64 << 10;

/// Properties that only say how a program shows the text: "layout: post".
const FOR_PROGRAMS: [&str; 2] = ["layout", "template"];

/// A property and its values.
struct Property {
    key: String,
    values: Vec<String>,
}

/// Where the data of a file is, and where its text begins; none for a file without data.
pub(super) fn find(text: &str) -> Option<(Range<usize>, usize)> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    let fence = first.trim_end();
    if !matches!(fence, "---" | "+++") {
        return None;
    }
    let mut end = first.len();
    let is_property = |line: &str| match fence {
        "---" => line.contains(':'),
        _ => line.contains('=') || line.starts_with('['),
    };
    let mut has_properties = false;
    for line in lines {
        let visible = line.trim_end();
        if visible == fence || (fence == "---" && visible == "...") {
            return has_properties.then(|| (first.len()..end, end + line.len()));
        }
        end += line.len();
        let is_text = !has_properties && !visible.starts_with('#') && !is_property(visible);
        if is_text || end > MAX_BYTES {
            return None;
        }
        has_properties |= is_property(visible);
    }
    None
}

/// Reads the properties into the text, one a line, so that they can be asked for, and what is
/// known of every file into the details. The title is the first heading of a file without one:
/// `has_heading`.
pub(super) fn read(
    text: &str,
    has_heading: bool,
    builder: &mut DocumentBuilder,
    details: &mut FileDetails,
) {
    for Property { key, values } in properties(text) {
        let value = values.join(", ");
        if value.is_empty() {
            continue;
        }
        let name = key.to_ascii_lowercase();
        if FOR_PROGRAMS.contains(&name.as_str()) {
            continue;
        }
        if name != "title" {
            builder.push(BlockKind::ListItem, &format!("{key}: {value}"));
        } else if !has_heading {
            builder.push(BlockKind::Heading(1), &value);
        }
        match name.as_str() {
            "title" => details.title = Some(value),
            "author" | "authors" | "author.name" | "authors.name" => details.authors.extend(values),
            "date" | "published" => details.date = Some(value),
            "updated" | "modified" | "lastmod" => {
                details.date.get_or_insert(value);
            }
            "lang" | "language" => details.language = Some(value),
            _ => {}
        }
    }
}

/// The properties in their order.
fn properties(text: &str) -> Vec<Property> {
    let mut reading = Reading::default();
    text.lines().for_each(|line| reading.add(line));
    reading.properties
}

/// The properties so far, and what the next line may go on with.
#[derive(Default)]
struct Reading {
    properties: Vec<Property>,
    /// The part of TOML, and the last key that is not indented.
    part: String,
    parent: String,
    /// Whether the last value is a list in brackets, or a text below its key.
    is_open_list: bool,
    is_text: bool,
}

impl Reading {
    fn add(&mut self, line: &str) {
        let is_indented = line.starts_with([' ', '\t']);
        let line = without_comment(line.trim());
        if line.is_empty() {
            return;
        }
        if self.is_open_list {
            self.is_open_list = !line.ends_with(']');
            self.add_values(list(line.trim_end_matches(']')));
        } else if self.is_text && is_indented {
            self.add_text(line);
        } else if let Some(part) = part(line).filter(|_| !is_indented) {
            self.part = format!("{part}.");
        } else if let Some(item) = line.strip_prefix("- ") {
            match entry(item) {
                Some((key, value)) => self.begin(format!("{}.{key}", self.parent), value),
                None => self.add_values(values(item)),
            }
        } else if let Some((key, value)) = entry(line) {
            if is_indented {
                self.begin(format!("{}.{key}", self.parent), value);
            } else {
                self.parent = format!("{}{key}", self.part);
                self.begin(self.parent.clone(), value);
            }
        } else {
            self.add_text(line);
        }
    }

    fn begin(&mut self, key: String, value: &str) {
        self.is_text = matches!(value, "|" | ">" | "|-" | ">-" | "|+" | ">+");
        self.is_open_list = value.starts_with('[') && !value.ends_with(']');
        let values = if self.is_text { Vec::new() } else { values(value) };
        self.properties.push(Property { key, values });
    }

    fn add_values(&mut self, values: Vec<String>) {
        if let Some(last) = self.properties.last_mut() {
            last.values.extend(values);
        }
    }

    /// Goes on with the last value.
    fn add_text(&mut self, line: &str) {
        let Some(last) = self.properties.last_mut() else { return };
        match last.values.last_mut() {
            Some(value) => {
                value.push(' ');
                value.push_str(line);
            }
            None => last.values.push(line.to_owned()),
        }
    }
}

/// The name of a part of TOML, as of `[params]`.
fn part(line: &str) -> Option<&str> {
    let part = line.strip_prefix('[')?.strip_suffix(']')?.trim_matches(['[', ']']).trim();
    (!part.is_empty() && !part.contains([',', '"'])).then_some(part)
}

/// The key and the value of "key: value" or "key = value".
fn entry(line: &str) -> Option<(&str, &str)> {
    let is_colon = |at: usize| line[at + 1..].is_empty() || line[at + 1..].starts_with([' ', '\t']);
    let separator = |&(at, mark): &(usize, &str)| mark == "=" || is_colon(at);
    let (at, _) = line.match_indices([':', '=']).find(separator)?;
    let key = plain(line[..at].trim());
    (!key.is_empty() && !key.contains(['"', '[', '{'])).then(|| (key, line[at + 1..].trim()))
}

/// The values of "[a, b]", or the one value.
fn values(value: &str) -> Vec<String> {
    match value.strip_prefix('[') {
        Some(values) => list(values.strip_suffix(']').unwrap_or(values)),
        None => list_of_one(value),
    }
}

fn list_of_one(value: &str) -> Vec<String> {
    let value = plain(value.trim());
    let is_nothing = matches!(value, "" | "~" | "null" | "{}");
    if is_nothing { Vec::new() } else { vec![value.to_owned()] }
}

/// Values between commas that are not within quotation marks.
fn list(values: &str) -> Vec<String> {
    let mut quote = None;
    let is_comma = |c: char| {
        match quote {
            None if matches!(c, '"' | '\'') => quote = Some(c),
            Some(mark) if mark == c => quote = None,
            _ => {}
        }
        c == ',' && quote.is_none()
    };
    values.split(is_comma).flat_map(list_of_one).collect()
}

/// A value without its quotation marks.
fn plain(value: &str) -> &str {
    let within = |mark: char| value.strip_prefix(mark)?.strip_suffix(mark);
    within('"').or(within('\'')).unwrap_or(value)
}

/// A line without the comment at its end.
fn without_comment(line: &str) -> &str {
    let is_quoted = line.ends_with(['"', '\'']);
    let end = match line.starts_with('#') {
        true => 0,
        false if is_quoted => line.len(),
        false => line.find(" #").unwrap_or(line.len()),
    };
    line[..end].trim_end()
}
