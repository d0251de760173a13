//! Counts what is in a file of RTF: groups, paragraphs and the cells of its tables.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::grid::MAX_GRID_CELLS;
use super::package::too_large;
use crate::error::Result;
use crate::read::Input;

/// The most groups within each other.
const MAX_DEPTH: u64 = 1000;
/// Elements that a paragraph or cell counts as.
const BLOCK_WEIGHT: u64 = 8;
/// Bytes of a character that is written as a word or a sign.
const MAX_SIGN_BYTES: u64 = 3;
/// The most comparisons of the cells of rows with the places where cells of any row end.
const MAX_COMPARISONS: u64 = 1_000_000_000;

/// Checks a file before it is read.
///
/// # Errors
/// [`Error::TooLarge`](crate::Error::TooLarge).
pub(super) fn check(input: &Input<'_>) -> Result<()> {
    let table = Table::default();
    let mut check = Check { input, depth: 0, ignored: None, blocks: 0, text_bytes: 0, table };
    let mut deepest = 0u64;
    let mut rest = input.bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' => {
                check.depth += 1;
                deepest = deepest.max(check.depth);
            }
            b'}' => {
                check.depth = check.depth.saturating_sub(1);
                check.ignored = check.ignored.filter(|&depth| depth <= check.depth);
            }
            b'\\' => {
                let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                let (word, after) = rest.split_at(letters);
                check.word(word, after)?;
                rest = &rest[letters.max(1).min(rest.len())..];
            }
            _ => check.add_text(1),
        }
    }
    if deepest > MAX_DEPTH {
        return Err(too_large(input, deepest, MAX_DEPTH, "groups within each other"));
    }
    check.end_table()
}

struct Check<'a> {
    input: &'a Input<'a>,
    /// Groups that are open.
    depth: u64,
    /// The depth of a group that has no text: a picture, in digits.
    ignored: Option<u64>,
    blocks: u64,
    /// Bytes since the last cell or paragraph.
    text_bytes: u64,
    table: Table,
}

/// All rows of the file: docling makes one table of rows that follow each other.
#[derive(Default)]
struct Table {
    /// The cells of the rows from now on.
    definition: Vec<Definition>,
    is_merged: bool,
    shared: Option<Rc<Vec<Definition>>>,
    cells: Vec<u64>,
    rows: Vec<(Vec<u64>, Rc<Vec<Definition>>)>,
}

/// Where a cell ends, and whether it is the rest of the one before or above.
#[derive(Clone, Copy)]
struct Definition {
    end: i64,
    is_rest: bool,
}

impl Check<'_> {
    fn add_text(&mut self, bytes: u64) {
        self.text_bytes += if self.ignored.is_none() { bytes } else { 0 };
    }

    fn word(&mut self, word: &[u8], after: &[u8]) -> Result<()> {
        match word {
            b"par" | b"line" | b"cell" | b"cellx" => self.blocks += BLOCK_WEIGHT,
            b"pict" => self.ignored = self.ignored.or(Some(self.depth)),
            b"shptxt" | b"fldrslt" => self.ignored = None,
            _ => {}
        }
        if word.is_empty() || is_sign(word) {
            self.add_text(MAX_SIGN_BYTES);
        }
        let limit = u64::from(self.input.limits.objects);
        if self.blocks > limit {
            return Err(too_large(self.input, self.blocks, limit, "parts of its text"));
        }
        let table = &mut self.table;
        match word {
            b"trowd" => {
                table.definition.clear();
                table.shared = None;
            }
            b"clmrg" | b"clvmrg" => table.is_merged = true,
            b"cellx" => {
                let digits = after
                    .iter()
                    .take(11)
                    .take_while(|byte| byte.is_ascii_digit() || **byte == b'-');
                let digits: String = digits.map(|&byte| char::from(byte)).collect();
                let is_rest = std::mem::take(&mut table.is_merged);
                table.definition.push(Definition { end: digits.parse().unwrap_or(0), is_rest });
                table.shared = None;
            }
            b"cell" => table.cells.push(std::mem::take(&mut self.text_bytes)),
            b"row" => table.end_row(),
            b"par" | b"sect" | b"pard" if table.cells.is_empty() => self.text_bytes = 0,
            _ => {}
        }
        Ok(())
    }

    /// Counts what docling makes of the rows: a column for each place where a cell of any of
    /// them ends, with the text of a cell in each column that it covers or that is its rest.
    fn end_table(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.table.rows);
        let ends: BTreeSet<i64> =
            rows.iter().flat_map(|(_, row)| row.iter().map(|cell| cell.end)).collect();
        let ends: Vec<i64> = ends.into_iter().collect();
        let columns = ends.len() as u64;
        let cells = (rows.len() as u64).saturating_mul(columns);
        if cells > MAX_GRID_CELLS {
            return Err(too_large(self.input, cells, MAX_GRID_CELLS, "cells"));
        }
        let compared = rows.iter().map(|(_, row)| row.len() as u64 * columns).sum();
        if compared > MAX_COMPARISONS {
            return Err(too_large(self.input, compared, MAX_COMPARISONS, "columns of its rows"));
        }
        let (mut copied, mut above) = (0u64, Vec::new());
        for (texts, definitions) in &rows {
            let row = spread(texts, definitions, &ends, &above);
            let more = row.iter().sum::<u64>().saturating_sub(texts.iter().sum());
            copied = copied.saturating_add(more);
            above = row;
        }
        let limit = self.input.limits.text_bytes;
        if copied > limit {
            return Err(too_large(self.input, copied, limit, "bytes of text in merged cells"));
        }
        Ok(())
    }
}

/// Whether the word stands for a character.
fn is_sign(word: &[u8]) -> bool {
    let is_one = |end: &&[u8]| word.ends_with(end);
    [b"dash".as_slice(), b"quote", b"space", b"bullet", b"tab", b"line"].iter().any(is_one)
}

/// The bytes in each column of a row.
fn spread(texts: &[u64], definitions: &[Definition], ends: &[i64], above: &[u64]) -> Vec<u64> {
    if texts.len() != definitions.len() {
        return texts.to_vec();
    }
    let mut row: Vec<u64> = Vec::with_capacity(ends.len());
    let mut first = 0;
    for (&text, definition) in texts.iter().zip(definitions) {
        let last = ends.partition_point(|&end| end <= definition.end);
        for _ in 0..last.saturating_sub(first).max(1) {
            let before = row.last().copied().unwrap_or(0);
            let around = above.get(row.len()).copied().unwrap_or(0).max(before);
            row.push(if definition.is_rest { text.max(around) } else { text });
        }
        first = first.max(last);
    }
    row
}

impl Table {
    fn end_row(&mut self) {
        let definition =
            self.shared.get_or_insert_with(|| Rc::new(self.definition.clone())).clone();
        self.rows.push((std::mem::take(&mut self.cells), definition));
    }
}
