//! Tables of Word, whose cells may span columns and rows.

use std::collections::HashMap;

use super::Element;
use super::budget::Budget;
use super::table::Table;
use crate::error::Result;

/// The most columns that a cell may span.
const MAX_SPAN: u64 = 1000;
/// For each cell with more than plain text, all before it are counted: so many elements take a
/// step.
const ELEMENTS_A_STEP: u64 = 40;
/// For each cell with a shape, the whole part is searched: so many elements take a step.
const SEARCHED_A_STEP: u64 = 4;

/// The tables that are open, within each other.
#[derive(Default)]
pub(super) struct Tables {
    open: Vec<OpenTable>,
    /// Cells with a shape in this part.
    cells_with_shapes: u64,
    /// Elements of this part.
    elements: u64,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    cell: Option<Cell>,
    /// Bytes in each column of the row above, and of this one.
    above: Vec<u64>,
    row: Vec<u64>,
    /// The cells that may go on below, by their column.
    going_on: HashMap<u64, GoingOn>,
    copied: u64,
}

#[derive(Default)]
struct Cell {
    /// How many columns it spans.
    span: Option<u64>,
    /// Whether it is the rest of a cell above.
    continues: Option<bool>,
    text_bytes: u64,
    paragraphs: u64,
    is_rich: bool,
    has_shape: bool,
}

struct GoingOn {
    span: u64,
    text_bytes: u64,
    last_row: u64,
}

impl Tables {
    pub(super) fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        self.elements += 1;
        if element.name == b"tbl" {
            self.mark_cell(|cell| cell.is_rich = true);
            self.open.push(OpenTable::default());
            return Ok(());
        }
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        match element.name {
            b"tr" => {
                open.table.row += 1;
                open.table.column = 0;
                open.above = std::mem::take(&mut open.row);
            }
            b"tc" => open.cell = Some(Cell::default()),
            b"gridCol" => open.advance(1),
            b"gridSpan" | b"gridBefore" | b"gridAfter" => {
                let span = element.number(b"val").unwrap_or(1);
                if span > MAX_SPAN {
                    return Err(budget.input.damaged(format!("a table has {span} columns")));
                }
                if element.name == b"gridSpan" {
                    // docling takes it for the span of each cell around that has none so far.
                    self.mark_cells(|cell| _ = cell.span.get_or_insert(span));
                } else {
                    open.advance(span);
                }
            }
            b"vMerge" => {
                let continues = element.value(b"val").is_none_or(|merge| merge != "restart");
                self.mark_cells(|cell| _ = cell.continues.get_or_insert(continues));
            }
            b"p" => self.mark_cell(|cell| cell.paragraphs += 1),
            b"b" | b"i" | b"u" | b"strike" | b"vertAlign" | b"sdt" | b"drawing" | b"pict"
            | b"blip" => self.mark_cell(|cell| cell.is_rich = true),
            b"bodyPr" => self.mark_cell(|cell| cell.has_shape = true),
            _ => {}
        }
        match self.open.last() {
            Some(open) => open.table.check_extent(budget),
            None => Ok(()),
        }
    }

    pub(super) fn text(&mut self, bytes: u64) {
        self.mark_cell(|cell| cell.text_bytes += bytes);
    }

    pub(super) fn end(&mut self, name: &[u8], budget: &mut Budget<'_>) -> Result<()> {
        match name {
            b"tc" => self.end_cell(budget),
            b"tbl" => {
                let Some(table) = self.open.pop() else { return Ok(()) };
                budget.add_cells(table.table.extent.area())?;
                // What is copied within a cell is copied with it.
                self.mark_cell(|cell| cell.text_bytes += table.copied);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn end_part(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        self.open.clear();
        let searched = self.cells_with_shapes.saturating_mul(self.elements);
        (self.cells_with_shapes, self.elements) = (0, 0);
        budget.add_steps(searched / SEARCHED_A_STEP)
    }

    fn mark_cell(&mut self, mark: impl FnOnce(&mut Cell)) {
        if let Some(cell) = self.open.last_mut().and_then(|open| open.cell.as_mut()) {
            mark(cell);
        }
    }

    fn mark_cells(&mut self, mark: impl Fn(&mut Cell)) {
        self.open.iter_mut().filter_map(|open| open.cell.as_mut()).for_each(mark);
    }

    fn end_cell(&mut self, budget: &mut Budget<'_>) -> Result<()> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let Some(cell) = open.cell.take() else { return Ok(()) };
        let copied = open.place(&cell);
        open.copied = open.copied.saturating_add(copied);
        open.table.check_extent(budget)?;
        // What it has around it is copied with it.
        self.mark_around(&cell);
        budget.add_copied(copied)?;
        if cell.has_shape {
            self.cells_with_shapes += 1;
        }
        if cell.is_rich || cell.paragraphs > 1 {
            budget.add_steps(budget.weight() / ELEMENTS_A_STEP)?;
        }
        Ok(())
    }

    /// Adds the text of a cell to the one around its table.
    fn mark_around(&mut self, cell: &Cell) {
        let around = self.open.iter_mut().rev().nth(1).and_then(|open| open.cell.as_mut());
        if let Some(around) = around {
            around.text_bytes = around.text_bytes.saturating_add(cell.text_bytes);
        }
    }
}

impl OpenTable {
    fn advance(&mut self, columns: u64) {
        self.table.column += columns;
        self.table.extent.add(self.table.row.max(1), self.table.column.max(1));
    }

    /// Puts a cell into its columns, and tells how many bytes are copied by it: its own text to
    /// all columns but one, and what is above or goes on to all of them.
    fn place(&mut self, cell: &Cell) -> u64 {
        let (first, span) = (self.table.column, cell.span.unwrap_or(1).max(1));
        let (row, columns) = (self.table.row, first as usize..(first + span) as usize);
        self.advance(span);
        self.row.resize(columns.end.max(self.row.len()), 0);
        let continues = cell.continues.unwrap_or(false) && row > 1;
        if !continues {
            self.row[columns].fill(cell.text_bytes);
            let below = GoingOn { span, text_bytes: cell.text_bytes, last_row: row };
            self.going_on.insert(first, below);
            return cell.text_bytes.saturating_mul(span - 1);
        }
        let above = self.above.get(columns.start).copied().unwrap_or(0);
        self.row[columns].fill(above);
        let mut copied = above.saturating_mul(span);
        if let Some(begun) = self.going_on.get_mut(&first) {
            let cells = (row - begun.last_row).saturating_mul(begun.span);
            copied = copied.saturating_add(begun.text_bytes.saturating_mul(cells));
            begun.last_row = row;
        }
        copied
    }
}
