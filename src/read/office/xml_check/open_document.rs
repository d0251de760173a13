//! What a file of OpenDocument asks for.

use super::budget::{BLOCK_WEIGHT, Budget};
use super::table::Table;
use super::{Element, Rules};
use crate::error::Result;

/// How often a row or a cell of a sheet is repeated at most.
const MAX_REPEAT: u64 = 1024;
/// Elements that a cell with more than one plain text counts as, more than its blocks do.
const RICH_CELL_WEIGHT: u64 = 16;
/// Steps for a cell of a table within a table, and for each of its bytes; twice as many for each
/// further table around it, because docling looks through a table twice.
const STEPS_A_NESTED_CELL: u64 = 200;
const NESTED_BYTES_A_STEP: u64 = 2;
/// Steps for a cell that is repeated, each time.
const STEPS_A_REPEATED_CELL: u64 = 120;
/// Items for each further letter of a number in letters: z is 26, aa is 27.
const LETTERS: u64 = 26;

#[derive(Default)]
pub(super) struct OpenDocument {
    tables: Vec<OpenTable>,
    list_items: u64,
    /// The largest number with which a list begins.
    largest_start: u64,
    has_letters: bool,
}

/// A table or sheet that is open.
#[derive(Default)]
struct OpenTable {
    table: Table,
    row_repeat: u64,
    elements: u64,
    cell: Option<Cell>,
    /// The columns with text in the row above and in this one: first and last, in order.
    above: Vec<(u64, u64)>,
    in_row: Vec<(u64, u64)>,
    /// Cells with no text above and before them: at most so many parts of a sheet are
    /// tables of their own.
    beginnings: u64,
    copied: u64,
}

struct Cell {
    first: u64,
    last: u64,
    has_content: bool,
    has_words: bool,
    /// How many cells have its text.
    area: u64,
    text_bytes: u64,
    is_typed: bool,
    paragraphs: u64,
}

impl Rules for OpenDocument {
    fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        if let Some(open) = self.tables.last_mut() {
            open.elements += 1;
        }
        match element.name {
            b"table" => self.tables.push(OpenTable::default()),
            b"table-row" => self.table().start_row(element),
            b"table-cell" | b"covered-table-cell" => self.start_cell(element, budget)?,
            b"p" | b"h" => self.start_paragraph(budget)?,
            b"s" => {
                let spaces = element.number(b"c").unwrap_or(1);
                budget.add_copied(spaces)?;
                self.add_text(spaces);
            }
            b"list-item" => {
                self.list_items += 1;
                if self.has_letters {
                    budget.add_copied((self.largest_start + self.list_items) / LETTERS)?;
                }
            }
            _ => {}
        }
        if element.name.starts_with(b"list") || element.name.starts_with(b"outline") {
            let start = element.number(b"start-value").unwrap_or(0);
            self.largest_start = self.largest_start.max(start);
            let format = element.value(b"num-format").unwrap_or_default();
            self.has_letters |= format.chars().any(char::is_alphabetic);
        }
        let is_block =
            matches!(element.name, b"p" | b"h" | b"tc" | b"tr" | b"drawing" | b"pict" | b"sp");
        budget.add_weight(if is_block { BLOCK_WEIGHT } else { 1 })
    }

    fn text(&mut self, text: &str) {
        self.add_text(text.len() as u64);
        if let Some(cell) = self.tables.last_mut().and_then(|open| open.cell.as_mut()) {
            cell.has_words |= !text.trim().is_empty();
        }
    }

    fn end(&mut self, name: &[u8], budget: &mut Budget<'_>) -> Result<()> {
        match name {
            b"table-cell" | b"covered-table-cell" => self.end_cell(budget),
            b"table" => {
                let Some(table) = self.tables.pop() else { return Ok(()) };
                // The sheet is gone through again for each of its parts.
                budget.add_steps(table.beginnings.saturating_mul(table.elements))?;
                // What is copied within a cell is copied with it.
                self.add_text(table.copied);
                budget.add_grid(table.table.extent.area())
            }
            _ => Ok(()),
        }
    }

    fn end_part(&mut self, _budget: &mut Budget<'_>) -> Result<()> {
        self.tables.clear();
        Ok(())
    }
}

impl OpenDocument {
    fn table(&mut self) -> &mut OpenTable {
        if self.tables.is_empty() {
            self.tables.push(OpenTable::default());
        }
        self.tables.last_mut().expect("one was pushed above")
    }

    fn add_text(&mut self, bytes: u64) {
        if let Some(cell) = self.tables.last_mut().and_then(|open| open.cell.as_mut()) {
            cell.text_bytes = cell.text_bytes.saturating_add(bytes);
        }
    }

    /// A cell with one paragraph and a type is plain.
    fn start_paragraph(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        let Some(cell) = self.tables.last_mut().and_then(|open| open.cell.as_mut()) else {
            return Ok(());
        };
        cell.paragraphs += 1;
        let is_plain = cell.is_typed && cell.paragraphs == 1;
        budget.add_weight(if is_plain { 0 } else { RICH_CELL_WEIGHT })
    }

    fn start_cell(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        let number = |name| element.number(name).unwrap_or(1).max(1);
        let columns = number(b"number-columns-repeated");
        let (rows_spanned, columns_spanned) =
            (number(b"number-rows-spanned"), number(b"number-columns-spanned"));
        let is_typed = element.value(b"value-type").is_some();
        let has_content = !element.is_empty || element.name == b"covered-table-cell" || is_typed;
        let open = self.table();
        let (row, column) = (open.table.row, open.table.column + 1);
        open.table.column = open.table.column.saturating_add(columns);
        let rows = open.row_repeat.clamp(1, MAX_REPEAT);
        let repeated = columns.min(MAX_REPEAT);
        let spanned = rows_spanned.saturating_mul(columns_spanned);
        let area = rows.saturating_mul(repeated).saturating_mul(spanned);
        open.cell = Some(Cell {
            first: column,
            last: column.saturating_add(repeated - 1),
            has_content,
            has_words: element.name == b"covered-table-cell",
            area,
            text_bytes: 0,
            is_typed,
            paragraphs: 0,
        });
        if !has_content {
            return Ok(());
        }
        open.table.extent.add(row, column);
        open.table.extent.add(
            row.saturating_add(rows.max(rows_spanned) - 1),
            column.saturating_add(repeated.max(columns_spanned) - 1),
        );
        open.table.check_extent(budget)?;
        let cells = rows * repeated;
        if cells > 1 {
            budget.add_steps(cells * STEPS_A_REPEATED_CELL)?;
        }
        budget.add_cells(cells)
    }

    fn end_cell(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        let nested = self.tables.len().saturating_sub(1).min(32);
        let Some(open) = self.tables.last_mut() else { return Ok(()) };
        let Some(cell) = open.cell.take() else { return Ok(()) };
        open.place(&cell);
        if cell.area > 1 {
            let copied = cell.text_bytes.saturating_mul(cell.area);
            open.copied = open.copied.saturating_add(copied);
            budget.add_copied(copied)?;
        }
        if nested == 0 {
            return Ok(());
        }
        let around = self.tables.iter_mut().rev().nth(1).and_then(|open| open.cell.as_mut());
        if let Some(around) = around {
            around.text_bytes = around.text_bytes.saturating_add(cell.text_bytes);
        }
        let steps = STEPS_A_NESTED_CELL + cell.text_bytes / NESTED_BYTES_A_STEP;
        budget.add_steps(steps.saturating_mul(1 << nested))
    }
}

impl OpenTable {
    fn start_row(&mut self, element: &Element<'_>) {
        self.table.row += self.row_repeat.max(1);
        self.table.column = 0;
        self.row_repeat = element.number(b"number-rows-repeated").unwrap_or(1);
        self.above = std::mem::take(&mut self.in_row);
    }

    /// Puts a cell into its columns of this row.
    fn place(&mut self, cell: &Cell) {
        if !cell.has_content {
            return;
        }
        let before = self.in_row.last_mut().filter(|before| before.1 + 1 >= cell.first);
        let at = self.above.partition_point(|above| above.1 < cell.first);
        let is_below = self.above.get(at).is_some_and(|above| above.0 <= cell.last);
        if before.is_none() && !is_below {
            self.beginnings += 1;
        }
        match before {
            _ if !cell.has_words => {}
            Some(before) => before.1 = cell.last,
            None => self.in_row.push((cell.first, cell.last)),
        }
    }
}
