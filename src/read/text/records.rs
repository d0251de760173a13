//! Data -> text: "key: value" lines, headings for larger parts, tables for lists of records.

use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::Input;
use crate::read::blocks::{DocumentBuilder, row_text};

use super::tree::Tree;

/// The most values of a part that is written as lines of the part around it.
const MAX_INLINE_VALUES: usize = 8;
/// The most bytes of a list that is written on one line.
const MAX_LIST_BYTES: usize = 200;
/// Longer values are paragraphs of their own.
const MAX_LINE_BYTES: usize = 300;
/// The most bytes of the keys that stand before a value. Of longer ones, the end is kept: it is
/// nearest to the value.
const MAX_PATH_BYTES: usize = 300;
/// The most columns of a table.
const MAX_COLUMNS: usize = 64;
/// The most parts of a record that lie within each other, and are columns of its table: "address.city".
const MAX_NESTED: usize = 3;
/// The most bytes of a table's cell.
const MAX_CELL_BYTES: usize = 200;
/// The keys by which people call a record, the best first.
const LABELS: [&str; 7] = ["name", "title", "label", "subject", "key", "id", "kind"];

/// Writes data to a document.
pub(super) struct Records<'a> {
    builder: &'a mut DocumentBuilder,
    input: &'a Input<'a>,
    /// Whether the numbers of entries are known: those of the outermost list count.
    in_list: bool,
}

impl<'a> Records<'a> {
    pub(super) fn new(builder: &'a mut DocumentBuilder, input: &'a Input<'a>) -> Self {
        Self { builder, input, in_list: false }
    }

    /// Writes the data of a file.
    pub(super) fn write(&mut self, tree: &Tree) -> Result<()> {
        self.write_value("", tree, 1)
    }

    /// Writes a value below headings of levels above `level`; `name` is its key.
    fn write_value(&mut self, name: &str, tree: &Tree, level: u8) -> Result<()> {
        match tree {
            Tree::Scalar(text) => self.line("", text),
            Tree::Map(entries) => self.write_map(entries, level),
            Tree::List(values) => self.write_list(name, values, level),
        }
    }

    fn push(&mut self, kind: BlockKind, text: &str) -> Result<()> {
        self.builder.push(kind, text);
        self.builder.check(self.input)
    }

    /// First what fits on lines, then the larger parts below headings of their own.
    fn write_map(&mut self, entries: &[(String, Tree)], level: u8) -> Result<()> {
        let is_inline = |tree: &Tree| level > 6 || is_small(tree, &mut { MAX_INLINE_VALUES });
        for (key, value) in entries.iter().filter(|(_, value)| is_inline(value)) {
            self.lines(key, value)?;
        }
        let parts = entries.iter().filter(|(_, value)| !is_inline(value));
        for (done, (key, value)) in parts.enumerate() {
            self.input.step(done as u64, entries.len() as u64, "entries")?;
            self.push(BlockKind::Heading(level), key)?;
            self.write_value(key, value, level + 1)?;
        }
        Ok(())
    }

    fn write_list(&mut self, name: &str, values: &[Tree], level: u8) -> Result<()> {
        let is_outermost = !std::mem::replace(&mut self.in_list, true);
        let table = Table::of(values);
        if let Some(table) = &table {
            self.push(BlockKind::TableHeader, &row_text(&table.columns))?;
        }
        for (at, value) in values.iter().enumerate() {
            let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
            if is_outermost {
                self.input.step(at as u64, values.len() as u64, "entries")?;
                self.builder.set_place(Place::rows(number, number));
            }
            match (&table, value) {
                (Some(table), Tree::Map(entries)) => {
                    self.push(BlockKind::TableRow, &table.row(entries))?;
                }
                (_, Tree::Scalar(text)) => self.line("", text)?,
                (_, Tree::List(cells)) if cells.iter().all(|cell| cell.scalar().is_some()) => {
                    let cells = cells.iter().filter_map(Tree::scalar).map(one_line);
                    self.push(BlockKind::TableRow, &row_text(&cells.collect::<Vec<_>>()))?;
                }
                (_, value) => self.write_entry(name, number, value, level)?,
            }
        }
        if is_outermost {
            self.builder.set_place(Place::default());
            self.in_list = false;
        }
        Ok(())
    }

    /// Writes one record of a list.
    fn write_entry(&mut self, name: &str, number: u32, value: &Tree, level: u8) -> Result<()> {
        let numbered = path(name, if name.is_empty() { "" } else { " " }, &number.to_string());
        if level > 6 {
            return self.lines(&numbered, value);
        }
        let label = label(value).map(str::to_owned);
        self.push(BlockKind::Heading(level), &label.unwrap_or(numbered))?;
        self.write_value(name, value, level + 1)
    }

    /// Writes a value as lines, each with its whole path: "service.port: 8443".
    fn lines(&mut self, keys: &str, tree: &Tree) -> Result<()> {
        match tree {
            Tree::Scalar(text) => self.line(keys, text)?,
            Tree::List(values) if values.iter().all(|value| value.scalar().is_some()) => {
                self.line(keys, &join(values, ", "))?;
            }
            Tree::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.lines(&path(keys, " ", &(at + 1).to_string()), value)?;
                }
            }
            Tree::Map(entries) => {
                for (key, value) in entries {
                    // The text of an XML element with attributes has no key.
                    let separator = if key.is_empty() { "" } else { "." };
                    self.lines(&path(keys, separator, key), value)?;
                }
            }
        }
        Ok(())
    }

    fn line(&mut self, key: &str, value: &str) -> Result<()> {
        let value = value.trim();
        let is_long = value.len() > MAX_LINE_BYTES || value.contains('\n');
        let kind = if is_long { BlockKind::Paragraph } else { BlockKind::ListItem };
        let text = match (key, value) {
            ("", _) => value.to_owned(),
            (_, "") => return Ok(()),
            (_, _) => format!("{key}: {value}"),
        };
        self.push(kind, &text)
    }
}

/// The keys before a value, and one more.
fn path(keys: &str, separator: &str, key: &str) -> String {
    let end =
        |text: &str| text.ceil_char_boundary(text.len().saturating_sub(MAX_PATH_BYTES))..text.len();
    let (keys, key) = (&keys[end(keys)], &key[end(key)]);
    let path = format!("{keys}{separator}{key}");
    path[end(&path)].to_owned()
}

/// Whether a value fits on a few lines. `left` counts its values down.
fn is_small(tree: &Tree, left: &mut usize) -> bool {
    match tree {
        Tree::Scalar(_) => {
            *left = left.saturating_sub(1);
            *left > 0
        }
        Tree::List(values) => {
            let mut bytes = 0;
            let fits = values.iter().all(|value| {
                bytes += value.scalar().map_or(MAX_LIST_BYTES + 1, str::len);
                bytes <= MAX_LIST_BYTES
            });
            *left = left.saturating_sub(1);
            fits && *left > 0
        }
        Tree::Map(entries) => entries.iter().all(|(_, value)| is_small(value, left)),
    }
}

fn join(values: &[Tree], separator: &str) -> String {
    let texts = values.iter().filter_map(Tree::scalar);
    texts.map(one_line).collect::<Vec<_>>().join(separator)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What people call a record.
fn label(tree: &Tree) -> Option<&str> {
    let Tree::Map(entries) = tree else { return None };
    LABELS.iter().find_map(|label| {
        let (_, value) = entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(label))?;
        value.scalar().filter(|text| !text.trim().is_empty() && text.len() <= 100)
    })
}

/// A list of records of the same columns.
struct Table {
    columns: Vec<String>,
}

impl Table {
    /// The table that a list of at least two records of the same few columns is.
    fn of(values: &[Tree]) -> Option<Self> {
        let mut columns: Vec<String> = Vec::new();
        let (mut cells, mut records) = (0, 0);
        for value in values {
            let entries = match value {
                Tree::Map(entries) => entries,
                // A line that could not be read is none of the records.
                Tree::Scalar(_) => continue,
                Tree::List(_) => return None,
            };
            records += 1;
            let mut is_table = true;
            each_cell(entries, "", MAX_NESTED, &mut |key, value| {
                is_table &= value.is_some_and(is_cell);
                if is_table && !columns.iter().any(|column| column == key) {
                    columns.push(key.to_owned());
                    is_table = columns.len() <= MAX_COLUMNS;
                }
                cells += 1;
            });
            if !is_table {
                return None;
            }
        }
        let is_full = cells * 2 >= columns.len() * records;
        (records >= 2 && columns.len() >= 2 && is_full).then_some(Self { columns })
    }

    fn row(&self, entries: &[(String, Tree)]) -> String {
        let mut cells = vec![String::new(); self.columns.len()];
        each_cell(entries, "", MAX_NESTED, &mut |key, value| {
            let at = self.columns.iter().position(|column| column == key);
            let cell = at.and_then(|at| cells.get_mut(at)).filter(|cell| cell.is_empty());
            match (cell, value) {
                (Some(cell), Some(Tree::Scalar(text))) => *cell = one_line(text),
                (Some(cell), Some(Tree::List(values))) => *cell = join(values, ", "),
                _ => {}
            }
        });
        row_text(&cells)
    }
}

/// Calls `found` with the name of each column of a record and its value; with none where records lie within each
/// other more than `depth` times.
fn each_cell<'a>(
    entries: &'a [(String, Tree)],
    before: &str,
    depth: usize,
    found: &mut dyn FnMut(&str, Option<&'a Tree>),
) {
    for (key, value) in entries {
        let name = if before.is_empty() { key.clone() } else { format!("{before}.{key}") };
        match value {
            Tree::Map(inner) if depth > 1 => each_cell(inner, &name, depth - 1, found),
            Tree::Map(_) => found(&name, None),
            value => found(&name, Some(value)),
        }
    }
}

/// Whether a value is short enough for a cell.
fn is_cell(tree: &Tree) -> bool {
    match tree {
        Tree::Scalar(text) => text.len() <= MAX_CELL_BYTES,
        Tree::List(_) => is_small(tree, &mut 2),
        Tree::Map(_) => false,
    }
}
