//! Where the products of tiles go: of each of four rows, eight numbers.

use super::lanes::LANES;
use super::rows::TILE;
use super::threads::Places;

/// Room for the products of a tile that lacks rows or columns.
pub(super) type Aside = [[f32; LANES]; TILE];

/// The outputs of one panel of weights.
pub(super) struct Outputs<'a> {
    pub(super) places: &'a Places<'a, f32>,
    /// Rows of activations.
    pub(super) count: usize,
    /// Rows of weights: numbers in a row of the output.
    pub(super) width: usize,
    /// The panel's first row of weights: where in a row of the output its numbers begin.
    pub(super) first: usize,
}

impl Outputs<'_> {
    /// Where to write the eight numbers of each of a tile's rows: to their places, or aside
    /// where some of them have none; that is left alone then until the tile ends.
    ///
    /// # Safety
    /// The panel's columns are one part's alone.
    #[inline(always)]
    pub(super) unsafe fn of_tile(&self, tile: usize, aside: &mut Aside) -> [*mut f32; TILE] {
        let is_whole = self.is_whole(tile);
        let mut out = [std::ptr::null_mut(); TILE];
        for (row, out) in out.iter_mut().enumerate() {
            let place = self.place(tile, row);
            *out = match is_whole {
                // SAFETY: the caller's.
                true => unsafe { self.places.part(place..place + LANES).as_mut_ptr() },
                false => aside[row].as_mut_ptr(),
            };
        }
        out
    }

    /// Brings what was written aside to the places that there are.
    ///
    /// # Safety
    /// As of [`Self::of_tile`].
    #[inline(always)]
    pub(super) unsafe fn end_tile(&self, tile: usize, aside: &Aside) {
        if self.is_whole(tile) {
            return;
        }
        let (height, columns) = (self.count - tile * TILE, LANES.min(self.width - self.first));
        for (row, numbers) in aside.iter().enumerate().take(height) {
            // SAFETY: the caller's.
            unsafe { self.places.write(self.place(tile, row), numbers, columns) };
        }
    }

    #[inline(always)]
    fn is_whole(&self, tile: usize) -> bool {
        (tile + 1) * TILE <= self.count && self.first + LANES <= self.width
    }

    #[inline(always)]
    fn place(&self, tile: usize, row: usize) -> usize {
        (tile * TILE + row) * self.width + self.first
    }
}
