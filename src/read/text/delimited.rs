//! CSV and its relatives: one table.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord};

use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::blocks::{DocumentBuilder, readable, row_text};
use crate::read::{Input, ReadFile};

/// What may separate the values of a row. Of two that fit alike, the first is taken.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// The rows by which the delimiter is found.
const SAMPLE_ROWS: usize = 50;
/// The bytes by which the delimiter is found.
const SAMPLE_BYTES: usize = 64 << 10;

/// Numbers that name columns.
const YEARS: std::ops::RangeInclusive<u16> = 1800..=2100;

/// Reads CSV, whatever its delimiter is.
pub(crate) fn csv(input: &Input<'_>) -> Result<ReadFile> {
    read(input, None)
}

/// Reads values separated by tabs, or by another delimiter if there are no tabs.
pub(crate) fn tsv(input: &Input<'_>) -> Result<ReadFile> {
    read(input, Some(b'\t'))
}

fn read(input: &Input<'_>, usual: Option<u8>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text);
    let (stated, text) = stated_delimiter(&text);
    let delimiter = stated
        .or(usual.filter(|&tab| text.as_bytes().contains(&tab)))
        .unwrap_or_else(|| delimiter_of(text));
    let mut table = Table::new(input, text.len() as u64);
    let mut reader = reader(text, delimiter);
    let mut row = StringRecord::new();
    let invalid = |error: csv::Error| input.damaged(error.to_string());
    let width = width_of(text, delimiter);
    while reader.read_record(&mut row).map_err(invalid)? {
        table.push(&row, width, reader.position().byte())?;
    }
    table.end();
    Ok(table.builder.finish_within(input)?.into())
}

/// Excel states a delimiter on the first line: "sep=;".
fn stated_delimiter(text: &str) -> (Option<u8>, &str) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        Some(&[delimiter]) => (Some(delimiter), rest),
        _ => (None, text),
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// The delimiter by which the most rows have the same number of values.
fn delimiter_of(text: &str) -> u8 {
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    let score = |delimiter: u8| {
        let widths = widths(sample, delimiter);
        let usual = usual_width(&widths);
        let alike = widths.iter().filter(|&&width| width == usual).count();
        if usual < 2 { (0, 0) } else { (alike * 100 / widths.len(), usual) }
    };
    let mut best = (DELIMITERS[0], (0, 0));
    for delimiter in DELIMITERS {
        let found = score(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

fn widths(sample: &str, delimiter: u8) -> Vec<usize> {
    let rows = reader(sample, delimiter).into_records().map_while(std::result::Result::ok);
    rows.take(SAMPLE_ROWS).map(|row| row.len()).collect()
}

/// The most frequent width, the larger one of two.
fn usual_width(widths: &[usize]) -> usize {
    let count = |width: usize| widths.iter().filter(|&&other| other == width).count();
    widths.iter().copied().max_by_key(|&width| (count(width), width)).unwrap_or(0)
}

fn width_of(text: &str, delimiter: u8) -> usize {
    usual_width(&widths(&text[..text.floor_char_boundary(SAMPLE_BYTES)], delimiter))
}

/// Writes the rows of a file.
struct Table<'a> {
    input: &'a Input<'a>,
    builder: DocumentBuilder,
    /// The first row of the table, until the second one tells whether it is a header.
    first: Option<(u32, Vec<String>)>,
    has_rows: bool,
    /// Rows read, the header among them.
    number: u32,
    /// Cells so far, those with which rows are filled up among them.
    cells: usize,
    bytes: u64,
}

impl<'a> Table<'a> {
    fn new(input: &'a Input<'a>, bytes: u64) -> Self {
        let builder = DocumentBuilder::new(input);
        Self { input, builder, first: None, has_rows: false, number: 0, cells: 0, bytes }
    }

    fn push(&mut self, row: &StringRecord, width: usize, position: u64) -> Result<()> {
        self.number = self.number.saturating_add(1);
        self.count(row.len())?;
        if self.number.is_multiple_of(1000) {
            self.input.step(position, self.bytes, "bytes")?;
            self.builder.check(self.input)?;
        }
        let mut cells: Vec<Cow<'_, str>> = row.iter().map(cell).collect();
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        if filled == 0 {
            return Ok(());
        }
        let is_title = filled == 1 && width > 2 && cells.len() < width;
        if is_title && !self.has_rows && self.first.is_none() {
            self.builder.push(BlockKind::Paragraph, &cells.concat());
            return Ok(());
        }
        self.count(width.saturating_sub(cells.len()))?;
        cells.resize(cells.len().max(width), Cow::default());
        if self.has_rows {
            self.write(BlockKind::TableRow, self.number, &cells);
            return Ok(());
        }
        let Some((number, mut first)) = self.first.take() else {
            self.first = Some((self.number, cells.into_iter().map(Cow::into_owned).collect()));
            return Ok(());
        };
        first.resize(first.len().max(cells.len()), String::new());
        let kind =
            if is_header(&first, &cells) { BlockKind::TableHeader } else { BlockKind::TableRow };
        self.write(kind, number, &first);
        self.write(BlockKind::TableRow, self.number, &cells);
        self.has_rows = true;
        Ok(())
    }

    fn end(&mut self) {
        if let Some((number, first)) = self.first.take() {
            self.write(BlockKind::TableRow, number, &first);
        }
    }

    fn write(&mut self, kind: BlockKind, number: u32, cells: &[impl AsRef<str>]) {
        self.builder.set_place(Place::rows(number, number));
        self.builder.push(kind, &row_text(cells));
    }

    fn count(&mut self, cells: usize) -> Result<()> {
        self.cells += cells;
        let (got, limit) = (self.cells as u64, self.input.limits.objects.into());
        if got > limit { Err(self.input.too_large(got, limit, "cells")) } else { Ok(()) }
    }
}

/// The text of a cell, with single spaces between its words.
fn cell(text: &str) -> Cow<'_, str> {
    match has_single_spaces(text) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

/// Whether a text is ASCII and has no white space but single spaces between its words. Most cells are so, and this is
/// quickly known.
fn has_single_spaces(text: &str) -> bool {
    let mut before = b' ';
    for byte in text.bytes() {
        if !matches!(byte, b' '..=b'~') || byte == b' ' && before == b' ' {
            return false;
        }
        before = byte;
    }
    before != b' ' || text.is_empty()
}

/// Whether the first row names the columns: it has no number in a column of numbers, unless it is a year in one of
/// other numbers.
fn is_header(first: &[String], second: &[Cow<'_, str>]) -> bool {
    let is_number = |cell: &str| {
        cell.contains(|c: char| c.is_ascii_digit()) && !cell.contains(char::is_alphabetic)
    };
    let is_year = |cell: &str| cell.parse().is_ok_and(|year: u16| YEARS.contains(&year));
    let numbers: Vec<_> = first
        .iter()
        .zip(second)
        .filter(|(name, value)| is_number(name) && is_number(value))
        .collect();
    let are_years = numbers.iter().all(|(name, _)| is_year(name));
    let has_others = numbers.iter().any(|(_, value)| !is_year(value));
    numbers.is_empty() || are_years && has_others && numbers.len() < first.len()
}
