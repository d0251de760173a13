//! What a workbook of Excel asks for.

use std::collections::HashMap;

use super::budget::Budget;
use super::table::Table;
use super::{Element, Rules};
use crate::error::Result;
use crate::read::office::grid::{Cell, Extent};

/// A text of fewer bytes is not remembered for merged cells: as many as there may be of them
/// hold no more than a document may.
const SHORT_TEXT_BYTES: u64 = 16;
/// A format of numbers of fewer bytes takes no steps.
const SHORT_FORMAT_BYTES: u64 = 64;
/// Steps for a byte of a format of numbers, for each cell that has it.
const STEPS_A_FORMAT_BYTE: u64 = 4;

#[derive(Default)]
pub(super) struct Sheet {
    table: Table,
    /// Bytes of the texts that cells share.
    shared: Largest,
    /// Bytes of the formats of numbers, by their numbers.
    formats: HashMap<u64, u64>,
    /// Bytes of the format of each style of cells.
    styles: Largest,
    is_in_cell_styles: bool,
    cell: Option<OpenCell>,
    /// Texts that are not short, with their places.
    texts: Vec<(u64, u64, u64)>,
    /// Bytes of the text that is open.
    text_bytes: u64,
}

/// Sizes by their places in a list. Of several lists, the largest ones count.
#[derive(Default)]
struct Largest {
    sizes: Vec<u64>,
    next: usize,
}

#[derive(Default)]
struct OpenCell {
    is_shared: bool,
    /// The number of a shared text.
    value: String,
}

impl Rules for Sheet {
    fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        match element.name {
            b"row" => {
                self.table.row = element.number(b"r").unwrap_or(self.table.row + 1);
                self.table.column = 0;
            }
            b"c" => self.start_cell(element, budget)?,
            b"mergeCell" => {
                let reference = element.value(b"ref");
                let Some(merged) = reference.as_deref().and_then(Extent::parse) else {
                    return Ok(());
                };
                budget.add_cells(merged.area())?;
                budget.add_copied(self.text_of(merged).saturating_mul(merged.area()))?;
            }
            b"sst" => {
                self.shared.next = 0;
                budget.add_cells(element.number(b"uniqueCount").unwrap_or(0))?;
            }
            b"si" => self.text_bytes = 0,
            b"numFmt" => {
                let bytes = element.value(b"formatCode").map_or(0, |format| format.len() as u64);
                let known = self.formats.entry(element.number(b"numFmtId").unwrap_or(0));
                let known = known.or_default();
                *known = bytes.max(*known);
            }
            b"cellXfs" => {
                self.styles.next = 0;
                self.is_in_cell_styles = !element.is_empty;
            }
            b"xf" if self.is_in_cell_styles => {
                let format = element.number(b"numFmtId").unwrap_or(0);
                self.styles.push(self.formats.get(&format).copied().unwrap_or(0));
            }
            _ => {}
        }
        if matches!(element.name, b"si" | b"xf" | b"comment" | b"numFmt") {
            budget.add_weight(1)?;
        }
        self.table.check_extent(budget)
    }

    fn begin_text(&mut self, _text: &str, _budget: &mut Budget<'_>) -> Result<()> {
        // No tree is made of it.
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.text_bytes += text.len() as u64;
        if let Some(cell) = self.cell.as_mut().filter(|cell| cell.is_shared) {
            cell.value.push_str(text);
        }
    }

    fn end(&mut self, name: &[u8], budget: &mut Budget<'_>) -> Result<()> {
        match name {
            b"si" => self.shared.push(self.text_bytes),
            b"cellXfs" => self.is_in_cell_styles = false,
            b"c" => return self.end_cell(budget),
            _ => {}
        }
        Ok(())
    }

    fn end_part(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        let table = std::mem::take(&mut self.table);
        (self.texts, self.cell, self.is_in_cell_styles) = (Vec::new(), None, false);
        budget.add_grid(table.extent.area())
    }
}

impl Sheet {
    fn start_cell(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        match element.value(b"r").and_then(|reference| Cell::parse(&reference)) {
            Some(cell) => (self.table.row, self.table.column) = (cell.row, cell.column),
            None => self.table.column += 1,
        }
        if element.is_empty {
            return Ok(());
        }
        self.table.extent.add(self.table.row, self.table.column);
        self.text_bytes = 0;
        let is_shared = element.value(b"t").is_some_and(|kind| kind == "s");
        self.cell = Some(OpenCell { is_shared, value: String::new() });
        let style = element.number(b"s").and_then(|style| self.styles.get(style));
        let format = style.map_or(0, |bytes: u64| bytes.saturating_sub(SHORT_FORMAT_BYTES));
        budget.add_steps(format.saturating_mul(STEPS_A_FORMAT_BYTE))?;
        budget.add_cells(1)
    }

    /// A shared text is copied to each cell that has it.
    fn end_cell(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let mut bytes = self.text_bytes;
        if cell.is_shared {
            let number: Option<u64> = cell.value.trim().parse().ok();
            bytes = number.and_then(|number| self.shared.get(number)).unwrap_or(0);
            budget.add_copied(bytes)?;
        }
        if bytes > SHORT_TEXT_BYTES {
            self.texts.push((self.table.row, self.table.column, bytes));
        }
        Ok(())
    }

    /// Bytes of the text of merged cells, which is in the first of them.
    fn text_of(&mut self, merged: Extent) -> u64 {
        let Some(first) = merged.first() else { return 0 };
        if !self.texts.is_sorted() {
            self.texts.sort_unstable();
        }
        let at = self
            .texts
            .partition_point(|&(row, column, _)| (row, column) < (first.row, first.column));
        let text = self.texts.get(at).filter(|text| (text.0, text.1) == (first.row, first.column));
        text.map_or(SHORT_TEXT_BYTES, |text| text.2)
    }
}

impl Largest {
    fn push(&mut self, size: u64) {
        match self.sizes.get_mut(self.next) {
            Some(known) => *known = size.max(*known),
            None => self.sizes.push(size),
        }
        self.next += 1;
    }

    fn get(&self, place: u64) -> Option<u64> {
        self.sizes.get(usize::try_from(place).ok()?).copied()
    }
}
