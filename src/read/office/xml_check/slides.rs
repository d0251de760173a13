//! What slides of PowerPoint ask for.

use super::budget::{BLOCK_WEIGHT, Budget};
use super::table::Table;
use super::{Element, Rules};
use crate::error::Result;

#[derive(Default)]
pub(super) struct Slides {
    shape: Shape,
    table: Table,
    /// The cell that is open.
    cell: Option<Cell>,
}

/// The shape that is open.
#[derive(Default)]
struct Shape {
    elements: u64,
    paragraphs: u64,
}

struct Cell {
    /// How many cells it covers.
    area: u64,
    text_bytes: u64,
}

impl Rules for Slides {
    fn start(&mut self, element: &Element<'_>, budget: &mut Budget<'_>) -> Result<()> {
        self.shape.elements += 1;
        match element.name {
            b"sp" => self.shape = Shape::default(),
            b"p" => self.shape.paragraphs += 1,
            b"tbl" => self.table = Table::default(),
            b"tr" => {
                self.table.row += 1;
                self.table.column = 0;
            }
            b"tc" => {
                self.table.column += 1;
                let Table { row, column, .. } = self.table;
                self.table.extent.add(row.max(1), column);
                self.table.check_extent(budget)?;
                let span = |name| element.number(name).unwrap_or(1).max(1);
                let area = span(b"rowSpan").saturating_mul(span(b"gridSpan"));
                if area > 1 {
                    budget.add_cells(area)?;
                }
                self.cell = Some(Cell { area, text_bytes: 0 });
            }
            _ => {}
        }
        let is_block = matches!(element.name, b"p" | b"tc" | b"tr" | b"pict" | b"sp");
        budget.add_weight(if is_block { BLOCK_WEIGHT } else { 1 })
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.text_bytes += text.len() as u64;
        }
    }

    fn end(&mut self, name: &[u8], budget: &mut Budget<'_>) -> Result<()> {
        match name {
            b"sp" => {
                let Shape { elements, paragraphs } = std::mem::take(&mut self.shape);
                // For each paragraph of a shape, the shape is looked through.
                budget.add_steps(elements.saturating_mul(paragraphs))
            }
            b"tbl" => budget.add_cells(self.table.extent.area()),
            b"tc" => match self.cell.take() {
                Some(cell) if cell.area > 1 => {
                    budget.add_copied(cell.text_bytes.saturating_mul(cell.area))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn end_part(&mut self, _budget: &mut Budget<'_>) -> Result<()> {
        Ok(())
    }
}
