//! Pieces of whole rows, in which matrices are read from their file.

use std::ops::Range;

use crate::kernel::PANEL_ROWS;
use crate::source::PIECE_BYTES;

/// Cuts the rows of a matrix into pieces that are each converted in one step: as many rows as
/// kernels take together, or more where these are few bytes.
pub(crate) fn row_pieces(rows: usize, row_bytes: usize) -> impl Iterator<Item = Range<usize>> {
    let panels = PIECE_BYTES / row_bytes.saturating_mul(PANEL_ROWS).max(1);
    let step = panels.max(1) * PANEL_ROWS;
    (0..rows).step_by(step).map(move |first| first..rows.min(first + step))
}
