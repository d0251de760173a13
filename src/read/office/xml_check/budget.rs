//! What the parts of a file may take together.

use crate::error::Result;
use crate::read::Input;
use crate::read::office::grid::MAX_GRID_CELLS;
use crate::read::office::package::too_large;

/// Elements that what becomes a block of text counts as: trees hold it several times.
pub(super) const BLOCK_WEIGHT: u64 = 8;
/// What [`MAX_GRID_CELLS`] counts.
pub(super) const GRID_UNIT: &str = "cells between the first and the last one";
/// Steps of work that grow faster than the file. A step is counted as some 10 ns; files at the
/// bound take 0.4 to 1.9 s natively. Real files are far below: at the bound are 6,300 runs of a
/// paragraph without properties, 5,700 lines of code, 3,200 items of a list with an empty
/// paragraph after each, and 6,000 paragraphs of a shape on a slide.
const MAX_STEPS: u64 = 200_000_000;

pub(super) struct Budget<'a> {
    pub(super) input: &'a Input<'a>,
    /// Elements; a block counts more.
    weight: u64,
    /// Cells of all sheets and tables, with those that are repeated or merged.
    cells: u64,
    /// Cells of all sheets and tables, with those that are empty.
    grid: u64,
    /// Bytes of text that is copied.
    copied: u64,
    steps: u64,
}

impl<'a> Budget<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        Self { input, weight: 0, cells: 0, grid: 0, copied: 0, steps: 0 }
    }

    /// How many elements there were so far, with blocks as [`BLOCK_WEIGHT`] of them.
    pub(super) fn weight(&self) -> u64 {
        self.weight
    }

    pub(super) fn add_weight(&mut self, weight: u64) -> Result<()> {
        let limit = u64::from(self.input.limits.objects);
        add(self.input, &mut self.weight, weight, limit, "parts of its text")
    }

    pub(super) fn add_cells(&mut self, cells: u64) -> Result<()> {
        let limit = u64::from(self.input.limits.objects);
        add(self.input, &mut self.cells, cells, limit, "cells")
    }

    /// A sheet or table that is held from the first to the last cell.
    pub(super) fn add_grid(&mut self, area: u64) -> Result<()> {
        add(self.input, &mut self.grid, area, MAX_GRID_CELLS, GRID_UNIT)
    }

    /// Text that is copied to each cell that it covers.
    pub(super) fn add_copied(&mut self, bytes: u64) -> Result<()> {
        let limit = self.input.limits.text_bytes;
        add(self.input, &mut self.copied, bytes, limit, "bytes of text in merged or repeated cells")
    }

    pub(super) fn add_steps(&mut self, steps: u64) -> Result<()> {
        add(self.input, &mut self.steps, steps, MAX_STEPS, "steps to read it")
    }
}

fn add(input: &Input<'_>, sum: &mut u64, more: u64, limit: u64, unit: &'static str) -> Result<()> {
    *sum = sum.saturating_add(more);
    if *sum > limit {
        return Err(too_large(input, *sum, limit, unit));
    }
    Ok(())
}
