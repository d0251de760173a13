//! reStructuredText: headings, lists, tables, code, links as their text.

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::readable;
use crate::read::{Input, ReadFile};

use super::inline::{replaced, without_marker};
use super::paragraphs::{Paragraphs, indent, list_item};
use super::rst_tables;
use crate::read::marks::Mark;

/// Directives whose body is text for people.
const TEXT_DIRECTIVES: &[&str] = &[
    "admonition",
    "attention",
    "caution",
    "danger",
    "deprecated",
    "epigraph",
    "error",
    "hint",
    "important",
    "note",
    "rubric",
    "seealso",
    "sidebar",
    "tip",
    "topic",
    "versionadded",
    "versionchanged",
    "warning",
];
/// Directives whose body is code.
const CODE_DIRECTIVES: &[&str] = &[
    "code",
    "code-block",
    "console",
    "highlight",
    "literalinclude",
    "parsed-literal",
    "sourcecode",
];

/// Reads reStructuredText. Comments and directives for programs are left out.
pub(crate) fn rst(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text);
    let lines: Vec<&str> = text.lines().collect();
    let max_cells = input.limits.objects as usize;
    let mut reader =
        Reader { out: Paragraphs::new(input), lines: &lines, max_cells, ..Reader::default() };
    while reader.at < lines.len() {
        if reader.at.is_multiple_of(1000) {
            input.step(reader.at as u64, lines.len() as u64, "lines")?;
        }
        reader.read();
        reader.out.check(input)?;
    }
    let (document, details) = (reader.out.finish_within(input)?, reader.details);
    Ok(ReadFile { document, details, ..ReadFile::default() })
}

#[derive(Default)]
struct Reader<'a> {
    out: Paragraphs,
    details: FileDetails,
    lines: &'a [&'a str],
    at: usize,
    /// The most cells of a table. One of more is cut, and refuses the file.
    max_cells: usize,
    /// The marks of headings in the order in which they were first used.
    levels: Vec<(char, bool)>,
}

impl Reader<'_> {
    /// The line `offset` lines below the current one; blank after the last.
    fn line(&self, offset: usize) -> &str {
        self.lines.get(self.at + offset).map_or("", |line| line.trim_end())
    }

    /// Reads at least one line.
    fn read(&mut self) {
        let line = self.line(0).to_owned();
        let text = line.trim_start();
        if text.is_empty() {
            self.out.end();
            self.at += 1;
        } else if self.heading(&line) || self.table(&line) {
        } else if let Some(explicit) = text.strip_prefix(".. ") {
            self.explicit(indent(&line), explicit);
        } else if text == ".." {
            self.skip_body(indent(&line));
        } else {
            self.at += 1;
            self.read_text(&line, text);
        }
    }

    /// Reads a title between or above lines of one mark.
    fn heading(&mut self, line: &str) -> bool {
        let (title, mark, is_framed) = match rule_mark(line) {
            Some(mark) if rule_mark(self.line(2)) == Some(mark) && !self.line(1).is_empty() => {
                (self.line(1), mark, true)
            }
            None => match rule_mark(self.line(1)) {
                Some(mark) if !self.out.is_open() && indent(line) == 0 => (line, mark, false),
                _ => return false,
            },
            Some(_) => {
                // A rule between paragraphs.
                let is_table = line.contains(' ') || line.starts_with("==");
                if !is_table && !self.out.is_open() {
                    self.at += 1;
                }
                return !is_table && !self.out.is_open();
            }
        };
        let underline = self.line(if is_framed { 2 } else { 1 });
        let is_long_enough = underline.chars().count() + 2 >= title.trim().chars().count();
        if title.trim().is_empty() || !is_long_enough {
            return false;
        }
        let title = plain(title.trim());
        let key = (mark, is_framed);
        let known = self.levels.iter().position(|&level| level == key);
        let level = known.unwrap_or_else(|| {
            self.levels.push(key);
            self.levels.len() - 1
        });
        if self.details.title.is_none() && level == 0 {
            self.details.title = Some(title.clone());
        }
        self.out.push(BlockKind::Heading((level + 1).min(6) as u8), &title);
        self.at += if is_framed { 3 } else { 2 };
        true
    }

    fn table(&mut self, line: &str) -> bool {
        let rest = &self.lines[self.at..];
        let found = match line.trim_start().starts_with("+-") {
            true => Some(rst_tables::grid(rest, self.max_cells)),
            false if rst_tables::is_simple(line) => rst_tables::simple(rest, self.max_cells),
            false => None,
        };
        let Some(table) = found else { return false };
        self.push_table(&table.rows, table.headers);
        self.at += table.lines.max(1);
        true
    }

    fn read_text(&mut self, line: &str, text: &str) {
        if let Some((name, value)) = field(text) {
            self.details_of(name, value);
            return self.out.begin(BlockKind::ListItem, &format!("{name}: {}", plain(value)));
        }
        if let Some((marker, rest)) = list_item(line, &["-", "*", "+", "•", "#."]) {
            self.out.begin(BlockKind::ListItem, &(marker + &plain(rest)));
        } else if let Some(verse) = text.strip_prefix("| ") {
            self.out.add(&(plain(verse) + "\n"));
        } else if let Some(before) = text.strip_suffix("::") {
            let before = before.trim_end();
            if !before.is_empty() {
                self.out.add(&(plain(before) + if text.ends_with(" ::") { "" } else { ":" }));
            }
            self.out.end();
            let body = self.body(indent(line));
            self.out.push(BlockKind::Code, &body);
        } else {
            self.out.add(&plain(text));
        }
    }

    fn details_of(&mut self, name: &str, value: &str) {
        match name.to_ascii_lowercase().as_str() {
            "author" | "authors" => self.details.authors.push(value.to_owned()),
            "date" => self.details.date = Some(value.to_owned()),
            "language" => self.details.language = Some(value.to_owned()),
            _ => {}
        }
    }

    /// Reads what begins with "..": a directive, a footnote, a target or a comment.
    fn explicit(&mut self, indent: usize, explicit: &str) {
        self.out.end();
        if let Some((label, note)) =
            explicit.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        {
            let label = label.trim_start_matches('#');
            self.at += 1;
            return self
                .out
                .begin(BlockKind::Footnote, &format!("[{label}] {}", plain(note.trim())));
        }
        let (name, argument) = explicit.split_once("::").unwrap_or(("", ""));
        let argument = argument.trim();
        if TEXT_DIRECTIVES.contains(&name) {
            self.at += 1;
            while field(self.line(0).trim_start()).is_some() {
                self.at += 1;
            }
            // Its body is read as the text around it is.
            return self.out.begin(BlockKind::Paragraph, &plain(argument));
        }
        self.at += 1;
        if !(CODE_DIRECTIVES.contains(&name)
            || matches!(name, "math" | "csv-table" | "list-table" | "table" | "figure" | "image"))
        {
            self.at -= 1;
            return self.skip_body(indent);
        }
        let body = self.body(indent);
        let (options, body) = split_options(&body);
        match name {
            "math" => {
                self.out.push(BlockKind::Paragraph, &format!("$${} {}$$", argument, body.trim()))
            }
            "csv-table" | "list-table" | "table" => {
                self.directive_table(name, argument, &options, body)
            }
            "figure" | "image" => {
                let alt = options.iter().find(|(key, _)| *key == "alt").map_or("", |(_, alt)| alt);
                let caption = if body.trim().is_empty() { alt } else { body.trim() };
                let caption = caption.split_whitespace().collect::<Vec<_>>().join(" ");
                self.out.push(BlockKind::Caption, &plain(&caption));
            }
            _ => self.out.push(BlockKind::Code, body),
        }
    }

    fn directive_table(&mut self, name: &str, title: &str, options: &[(&str, &str)], body: &str) {
        self.out.push(BlockKind::Caption, &plain(title));
        let option =
            |key: &str| options.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        let headers = option("header-rows").and_then(|count| count.parse().ok()).unwrap_or(0);
        let lines: Vec<&str> = body.lines().collect();
        let (rows, headers) = match name {
            "csv-table" => rst_tables::csv(body, option("header"), headers, self.max_cells),
            "list-table" => (rst_tables::list(&lines, self.max_cells), headers),
            _ => {
                let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
                let table = match lines.get(first) {
                    Some(line) if line.starts_with("+-") => {
                        Some(rst_tables::grid(&lines[first..], self.max_cells))
                    }
                    Some(_) => rst_tables::simple(&lines[first..], self.max_cells),
                    None => None,
                };
                table.map_or((Vec::new(), 0), |table| (table.rows, table.headers))
            }
        };
        self.push_table(&rows, headers);
    }

    /// Writes the rows of a table, and counts their cells.
    fn push_table(&mut self, rows: &[Vec<String>], headers: usize) {
        let cells = rows.iter().map(Vec::len).sum();
        self.out.count_cells(cells);
        if cells > self.max_cells {
            return;
        }
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|c| plain(c)).collect()).collect();
        self.out.push_table(&rows, headers);
    }

    /// Takes the lines that are indented by more than `outer`, without their indentation.
    fn body(&mut self, outer: usize) -> String {
        let start = self.at;
        while self.at < self.lines.len()
            && (self.line(0).is_empty() || indent(self.line(0)) > outer)
        {
            self.at += 1;
        }
        let lines = &self.lines[start..self.at];
        let filled = lines.iter().filter(|line| !line.trim().is_empty());
        let margin = filled.map(|line| indent(line)).min().unwrap_or(0);
        lines.iter().map(|line| format!("{}\n", line.get(margin..).unwrap_or(""))).collect()
    }

    fn skip_body(&mut self, outer: usize) {
        self.at += 1;
        self.body(outer);
    }
}

/// The mark of a line that consists of it alone.
fn rule_mark(line: &str) -> Option<char> {
    let mark = line.chars().next().filter(char::is_ascii_punctuation)?;
    (line.len() >= 3 && line.chars().all(|c| c == mark)).then_some(mark)
}

/// ":Author: name" or an option of a directive.
fn field(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.strip_prefix(':')?.split_once(':')?;
    let is_name = !name.is_empty() && name.len() <= 60 && !name.contains('`');
    (is_name && (value.is_empty() || value.starts_with(' '))).then(|| (name, value.trim()))
}

/// The options that a directive's body begins with, and the rest of it.
fn split_options(body: &str) -> (Vec<(&str, &str)>, &str) {
    let mut options = Vec::new();
    let mut rest = body;
    while let Some((line, after)) = rest.split_once('\n') {
        let Some(option) = field(line.trim()) else { break };
        options.push(option);
        rest = after;
    }
    (options, rest)
}

/// The text of a line without markup.
fn plain(text: &str) -> String {
    let text = text.replace("``", "\u{1}");
    let labelled = replaced(&text, "`", "`", |link| {
        let label = link.split_once(" <").map_or(link, |(label, _)| label);
        Some(format!("\u{3}{}\u{2}", label.trim_start_matches('~')))
    });
    let text = without_roles(&labelled);
    let text = text.replace("\u{2}__", "").replace("\u{2}_", "").replace(['\u{1}', '\u{2}'], "");
    let text = text.replace("]_", "]").replace("[#", "[");
    ["**", "*", "|"].iter().fold(text, |text, marker| without_marker(&text, marker))
}

/// How a role marks its word.
fn mark_of(role: &str) -> Option<Mark> {
    match role {
        "sup" | "superscript" => Some(Mark::Raised),
        "sub" | "subscript" => Some(Mark::Lowered),
        _ => None,
    }
}

/// The text without the roles before marked words, such as ":ref:". That of a raised or lowered
/// word marks it.
fn without_roles(text: &str) -> String {
    let mut parts = text.split('\u{3}').peekable();
    let mut out = String::with_capacity(text.len());
    let mut mark: Option<Mark> = None;
    while let Some(mut part) = parts.next() {
        if let Some((mark, (word, rest))) = mark.take().zip(part.split_once('\u{2}')) {
            mark.add(&mut out, word);
            part = rest.strip_prefix("\\ ").unwrap_or(rest);
        }
        let name = part.strip_suffix(':').filter(|_| parts.peek().is_some());
        let start = name.and_then(|name| name.rfind(':').map(|start| (start, &name[start + 1..])));
        let is_role =
            |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
        match start.filter(|(_, name)| is_role(name)) {
            Some((start, name)) => {
                // The escaped space before a role parts no words.
                let before = &part[..start];
                mark = mark_of(name);
                out.push_str(mark.and(before.strip_suffix("\\ ")).unwrap_or(before));
            }
            None => out.push_str(part),
        }
    }
    out
}
