//! AsciiDoc: headings, lists, tables, code, links as their text.

use std::cell::Cell;
use std::collections::HashMap;

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::readable;
use crate::read::{Input, ReadFile};

use super::inline::{marked, replaced, without_marker};
use super::paragraphs::{MAX_ROW_CELLS, Paragraphs, for_each_line};
use crate::read::marks::Mark;

/// The most attributes of a document whose values are filled in.
const MAX_ATTRIBUTES: usize = 200;

/// The most authors that the line below the title names.
const MAX_AUTHORS: usize = 100;

/// The most bytes of a link's text.
const MAX_LABEL_BYTES: usize = 500;

/// Reads AsciiDoc. Comments, conditions and includes are left out.
pub(crate) fn asciidoc(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text);
    let mut reader = Reader {
        out: Paragraphs::new(input),
        max_filled: input.limits.text_bytes,
        ..Reader::default()
    };
    for_each_line(input, &text, |line| {
        reader.read(line.trim_end());
        let (filled, limit) = (reader.filled.get(), reader.max_filled);
        if filled > limit {
            return Err(input.too_large(filled, limit, "bytes of text"));
        }
        reader.out.check(input)
    })?;
    reader.end_code();
    reader.end_table();
    let (document, details) = (reader.out.finish_within(input)?, reader.details);
    Ok(ReadFile { document, details, ..ReadFile::default() })
}

#[derive(Default)]
struct Reader {
    out: Paragraphs,
    details: FileDetails,
    attributes: HashMap<String, String>,
    /// Bytes that were filled in for attributes, and how many may be.
    filled: Cell<u64>,
    max_filled: u64,
    /// The delimiter that ends the open block of code or comment.
    verbatim: Option<String>,
    code: String,
    table: Option<Table>,
    /// The attributes of the next block: "cols=2*, options=header".
    block_attributes: String,
    /// Lines since the title: the author's and the revision's follow it.
    header_line: Option<u8>,
}

#[derive(Default)]
struct Table {
    cells: Vec<String>,
    columns: usize,
    has_header: bool,
    lines: usize,
}

impl Reader {
    fn read(&mut self, line: &str) {
        if let Some(delimiter) = &self.verbatim {
            if line == delimiter {
                self.end_code();
            } else {
                self.code.push_str(line);
                self.code.push('\n');
            }
            return;
        }
        if line.starts_with("|===") {
            match self.table {
                Some(_) => self.end_table(),
                None => self.begin_table(),
            }
        } else if self.table.is_some() {
            self.table_line(line);
        } else if !self.header(line) && !self.delimiter(line) {
            self.read_text(line);
        }
    }

    /// Reads the lines of the document's header.
    fn header(&mut self, line: &str) -> bool {
        if let Some((name, value)) = line.strip_prefix(':').and_then(|rest| rest.split_once(':'))
            && !name.is_empty()
            && !name.contains(' ')
        {
            self.attribute(name, value.trim());
            return true;
        }
        let Some(number) = self.header_line.filter(|_| !line.is_empty()) else {
            self.header_line = None;
            return false;
        };
        self.header_line = Some(number + 1).filter(|&next| next < 2);
        if number == 0 {
            let names = line.split(';').map(|author| author.split('<').next().unwrap_or(author));
            self.details.authors.extend(names.take(MAX_AUTHORS).map(|name| name.trim().to_owned()));
        } else {
            let date = line.split(',').map(str::trim).find(|part| !part.starts_with('v'));
            self.details.date = date.map(|date| date.split(':').next().unwrap_or(date).to_owned());
        }
        true
    }

    fn attribute(&mut self, name: &str, value: &str) {
        match name {
            "author" => self.details.authors.push(value.to_owned()),
            "revdate" | "date" => self.details.date = Some(value.to_owned()),
            "lang" => self.details.language = Some(value.to_owned()),
            _ if self.attributes.len() < MAX_ATTRIBUTES => {
                self.attributes.insert(name.to_owned(), value.to_owned());
            }
            _ => {}
        }
    }

    /// Reads a line that begins or ends a block.
    fn delimiter(&mut self, line: &str) -> bool {
        let is_run = |mark: char| line.len() >= 4 && line.chars().all(|c| c == mark);
        if is_run('-') || is_run('.') || is_run('/') || is_run('+') || line.starts_with("```") {
            self.out.end();
            let end = if line.starts_with("```") { "```" } else { line };
            self.verbatim = Some(end.to_owned());
            return true;
        }
        let is_frame = is_run('=') || is_run('*') || is_run('_') || line == "--";
        let is_rule = matches!(line, "'''" | "<<<" | "+" | "---" | "***");
        if is_frame || is_rule {
            self.out.end();
        }
        is_frame || is_rule
    }

    fn end_code(&mut self) {
        let delimiter = self.verbatim.take().unwrap_or_default();
        let code = std::mem::take(&mut self.code);
        if !delimiter.starts_with("//") {
            self.out.push(BlockKind::Code, &code);
        }
    }

    fn read_text(&mut self, line: &str) {
        let text = line.trim_start();
        if text.is_empty() {
            return self.out.end();
        }
        if line.starts_with("//") {
            return;
        }
        if let Some((level, title)) = heading(line) {
            let title = self.plain(title);
            if level == 1 && self.details.title.is_none() {
                self.details.title = Some(title.clone());
                self.header_line = Some(0);
            }
            return self.out.push(BlockKind::Heading(level), &title);
        }
        if line.starts_with('[') && line.ends_with(']') && !line.starts_with("[[") {
            self.out.end();
            self.block_attributes = line.to_owned();
            return;
        }
        if (line.starts_with("[[") && line.ends_with("]]")) || is_directive(line) {
            return self.out.end();
        }
        if let Some(alt) = image(line) {
            return self.out.push(BlockKind::Caption, &self.plain(alt));
        }
        if let Some(title) = line.strip_prefix('.').filter(|rest| !rest.starts_with(['.', ' '])) {
            return self.out.push(BlockKind::Caption, &self.plain(title));
        }
        if let Some((marker, rest)) = item(text) {
            return self.out.begin(BlockKind::ListItem, &(marker + &self.plain(rest)));
        }
        if let Some((term, rest)) = text.split_once("::").filter(|(term, rest)| {
            !term.contains(':') && (rest.is_empty() || rest.starts_with(' '))
        }) {
            let definition = format!("{}: {}", self.plain(term.trim()), self.plain(rest.trim()));
            return self.out.begin(BlockKind::ListItem, &definition);
        }
        let is_literal = line.starts_with(' ') && !self.out.is_open();
        if is_literal {
            return self.out.begin(BlockKind::Code, line);
        }
        let text = self.plain(text.strip_suffix(" +").unwrap_or(text));
        self.out.add(&text);
    }

    fn begin_table(&mut self) {
        self.out.end();
        let attributes = std::mem::take(&mut self.block_attributes);
        let has_header = attributes.contains("header");
        self.table = Some(Table { columns: columns(&attributes), has_header, ..Table::default() });
    }

    fn table_line(&mut self, line: &str) {
        let parts = line.splitn(MAX_ROW_CELLS, '|').map(|part| self.plain(part.trim()));
        let parts: Vec<String> = parts.collect();
        self.out.count_cells(parts.len());
        let Some(table) = &mut self.table else { return };
        if line.trim().is_empty() {
            // A blank line after the first row makes it a header.
            table.has_header |= table.lines == 1 && table.columns == table.cells.len();
            return;
        }
        table.lines += 1;
        let mut parts = parts.into_iter();
        // What precedes the first bar belongs to the last cell, or says how the next looks.
        let before = parts.next().unwrap_or_default();
        if let Some(last) = table.cells.last_mut().filter(|_| !is_cell_style(&before)) {
            last.push(' ');
            last.push_str(&before);
        }
        let last = parts.len().saturating_sub(1);
        for (at, mut part) in parts.enumerate() {
            if at < last
                && let Some((text, style)) = part.rsplit_once(' ')
                && is_cell_style(style)
            {
                part = text.trim_end().to_owned();
            }
            table.cells.push(part);
        }
        if table.columns == 0 {
            table.columns = table.cells.len();
        }
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let cells = table.cells.chunks(table.columns.max(1));
        let rows: Vec<Vec<String>> = cells.map(<[String]>::to_vec).collect();
        self.out.push_table(&rows, usize::from(table.has_header && rows.len() > 1));
    }

    /// The value of an attribute; none once too much was filled in.
    fn value(&self, name: &str) -> Option<String> {
        let value = self.attributes.get(name)?;
        self.filled.set(self.filled.get() + value.len() as u64);
        (self.filled.get() <= self.max_filled).then(|| value.clone())
    }

    /// The text of a line without markup, its attributes filled in.
    fn plain(&self, text: &str) -> String {
        let filled = replaced(text, "{", "}", |name| self.value(name));
        let linked = replaced(&filled, "<<", ">>", |reference| {
            let label = reference.split_once(',').map_or(reference, |(_, label)| label);
            Some(label.trim().to_owned())
        });
        let raised = marked(&links(&linked), '^', Mark::Raised);
        let lowered = marked(&raised, '~', Mark::Lowered);
        let struck = replaced(&lowered, "[line-through]#", "#", |text| Some(format!("~~{text}~~")));
        let markers = ["**", "__", "``", "*", "_", "`", "#"];
        markers.iter().fold(struck, |text, marker| without_marker(&text, marker))
    }
}

/// "== Title" is a heading of level 2.
fn heading(line: &str) -> Option<(u8, &str)> {
    let mark = if line.starts_with('#') { '#' } else { '=' };
    let level = line.len() - line.trim_start_matches(mark).len();
    let title = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then_some((level as u8, title.trim()))
}

fn is_directive(line: &str) -> bool {
    ["include::", "ifdef::", "ifndef::", "endif::", "ifeval::", "toc::"]
        .iter()
        .any(|name| line.starts_with(name))
}

/// The alternative text of "image::file[text, 300]".
fn image(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("image::")?;
    let (_, inside) = rest.split_once('[')?;
    Some(inside.trim_end_matches(']').split(',').next().unwrap_or("").trim_matches('"'))
}

fn item(text: &str) -> Option<(String, &str)> {
    for mark in ['*', '-', '.'] {
        let depth = text.len() - text.trim_start_matches(mark).len();
        if (1..=6).contains(&depth)
            && let Some(rest) = text[depth..].strip_prefix(' ')
        {
            return Some(("  ".repeat(depth - 1) + "- ", rest.trim_start()));
        }
    }
    super::paragraphs::list_item(text, &[])
}

/// The number of columns that `cols` states: "1,2,1" or "3*".
fn columns(attributes: &str) -> usize {
    let Some((_, value)) = attributes.split_once("cols=") else { return 0 };
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or(""),
        None => value.split([',', ']']).next().unwrap_or(""),
    };
    let count = |part: &str| part.split_once('*').and_then(|(n, _)| n.trim().parse().ok());
    value.split([',', ';']).map(|part| count(part).unwrap_or(1_usize).min(100)).sum()
}

/// Whether a text before a bar says how the next cell looks: "2+", "a", ".^".
fn is_cell_style(text: &str) -> bool {
    text.is_empty()
        || (text.len() <= 6
            && text.chars().all(|c| c.is_ascii_digit() || "+*.<^>aehlmsdv".contains(c))
            && (text.len() == 1 || text.contains(|c: char| "+*<^>".contains(c))))
}

/// The text of links and macros: `https://a.b[text]`, `xref:id[text]`, `footnote:[text]`.
fn links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let start = rest[..at].rfind([' ', '(', '"']).map_or(0, |space| space + 1);
        let target = &rest[start..at];
        let near = &rest[at..rest.floor_char_boundary(at + MAX_LABEL_BYTES)];
        let Some(end) = near.find(']').map(|end| at + end).filter(|_| target.contains(':')) else {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        let label = rest[at + 1..end].trim_end_matches('^');
        out.push_str(&rest[..start]);
        match target.split(':').next() {
            // The note stands where it is called, after a word.
            Some(word) if word.ends_with("footnote") => {
                out.push_str(&format!("{} [{label}]", word.trim_end_matches("footnote")));
            }
            _ if label.is_empty() => out.push_str(target.trim_start_matches("link:")),
            _ => out.push_str(label),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}
