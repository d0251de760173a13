//! The extent of a table or a sheet that is open.

use super::budget::{Budget, GRID_UNIT};
use crate::error::Result;
use crate::read::office::grid::{Extent, MAX_GRID_CELLS};
use crate::read::office::package::too_large;

#[derive(Default)]
pub(super) struct Table {
    pub(super) extent: Extent,
    pub(super) row: u64,
    pub(super) column: u64,
}

impl Table {
    /// Checks its extent: the crates hold every cell between the first and the last one.
    pub(super) fn check_extent(&self, budget: &Budget<'_>) -> Result<()> {
        let area = self.extent.area();
        if area > MAX_GRID_CELLS {
            return Err(too_large(budget.input, area, MAX_GRID_CELLS, GRID_UNIT));
        }
        Ok(())
    }
}
