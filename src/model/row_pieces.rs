//! Matrices are read from their file in pieces of whole rows.

use std::ops::Range;

use crate::kernel::PANEL_ROWS;
use crate::source::PIECE_BYTES;

/// Cuts the rows of a matrix into pieces that are each laid out in one step: as many as
/// kernels take together, or more while that is little.
pub(crate) fn row_pieces(rows: usize, row_bytes: usize) -> impl Iterator<Item = Range<usize>> {
    let panels = PIECE_BYTES / row_bytes.saturating_mul(PANEL_ROWS).max(1);
    let step = panels.max(1) * PANEL_ROWS;
    (0..rows).step_by(step).map(move |first| first..rows.min(first + step))
}
