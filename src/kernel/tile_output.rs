//! Where the products of a tile are written: eight numbers of each of four rows.

use super::layout::TILE;
use super::simd::{LANES, Lanes};
use super::threads::DisjointSlice;

/// Memory for the products of a tile that lacks rows or columns, at the edge of the output.
pub(super) type EdgeTile = [[f32; LANES]; TILE];

/// The outputs of one panel of weights.
pub(super) struct TileOutput<'a> {
    pub(super) output: &'a DisjointSlice<'a, f32>,
    /// Rows of activations.
    pub(super) count: usize,
    /// Rows of weights, which are the numbers in a row of the output.
    pub(super) width: usize,
    /// The panel's first row of weights: where its numbers begin in a row of the output.
    pub(super) first: usize,
}

impl TileOutput<'_> {
    /// Where to write the eight numbers of each of a tile's rows: in the output, or in `edge` where
    /// the output lacks some of them. Then `edge` must stay as it is until [`Self::finish_tile`].
    ///
    /// # Safety
    /// One part of the work owns the panel's columns.
    #[inline(always)]
    pub(super) unsafe fn tile_pointers(
        &self,
        tile: usize,
        edge: &mut EdgeTile,
    ) -> [*mut f32; TILE] {
        let is_whole = self.is_whole(tile);
        let mut out = [std::ptr::null_mut(); TILE];
        for (row, out) in out.iter_mut().enumerate() {
            let at = self.offset(tile, row);
            *out = match is_whole {
                // SAFETY: the caller guarantees it.
                true => unsafe { self.output.slice_mut(at..at + LANES).as_mut_ptr() },
                false => edge[row].as_mut_ptr(),
            };
        }
        out
    }

    /// Copies the products of an edge tile to the output.
    ///
    /// # Safety
    /// As of [`Self::tile_pointers`].
    #[inline(always)]
    pub(super) unsafe fn finish_tile(&self, tile: usize, edge: &EdgeTile) {
        if self.is_whole(tile) {
            return;
        }
        let (height, columns) = (self.count - tile * TILE, LANES.min(self.width - self.first));
        for (row, numbers) in edge.iter().enumerate().take(height) {
            // SAFETY: the caller guarantees it.
            unsafe { self.output.write(self.offset(tile, row), numbers, columns) };
        }
    }

    /// The first `limit` numbers of a row, or fewer at the end of the row.
    ///
    /// # Safety
    /// One part of the work owns their columns.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub(super) unsafe fn row_mut(&self, row: usize, limit: usize) -> &mut [f32] {
        let at = row * self.width + self.first;
        // SAFETY: the caller guarantees it.
        unsafe { self.output.slice_mut(at..at + limit.min(self.width - self.first)) }
    }

    #[inline(always)]
    fn is_whole(&self, tile: usize) -> bool {
        (tile + 1) * TILE <= self.count && self.first + LANES <= self.width
    }

    #[inline(always)]
    fn offset(&self, tile: usize, row: usize) -> usize {
        (tile * TILE + row) * self.width + self.first
    }
}

/// The sums of a tile of `M` rows: in registers, or in the output, until they are complete.
pub(super) struct Sums<L: Lanes, const M: usize> {
    in_registers: [L::Floats; M],
    out: [*mut f32; TILE],
}

impl<L: Lanes, const M: usize> Sums<L, M> {
    const IN_MEMORY: bool = L::SUMS_IN_MEMORY && M > 1;

    /// All sums are 0.
    ///
    /// # Safety
    /// `out` must have space for eight numbers of each row until [`Self::end`].
    #[inline(always)]
    pub(super) unsafe fn new(out: [*mut f32; TILE]) -> Self {
        let sums = Self { in_registers: [L::splat(0.0); M], out };
        if Self::IN_MEMORY {
            for out in out.into_iter().take(M) {
                // SAFETY: the caller guarantees it.
                unsafe { L::store(out, L::splat(0.0)) };
            }
        }
        sums
    }

    /// The sums of a row.
    ///
    /// # Safety
    /// As of [`Self::new`], here and below.
    #[inline(always)]
    pub(super) unsafe fn get(&self, row: usize) -> L::Floats {
        // SAFETY: the caller guarantees it.
        if Self::IN_MEMORY {
            unsafe { L::load_floats(self.out[row]) }
        } else {
            self.in_registers[row]
        }
    }

    /// # Safety
    /// As of [`Self::new`].
    #[inline(always)]
    pub(super) unsafe fn set(&mut self, row: usize, sum: L::Floats) {
        if Self::IN_MEMORY {
            // SAFETY: the caller guarantees it.
            unsafe { L::store(self.out[row], sum) };
        } else {
            self.in_registers[row] = sum;
        }
    }

    /// Writes the sums to the output.
    ///
    /// # Safety
    /// As of [`Self::new`].
    #[inline(always)]
    pub(super) unsafe fn end(self) {
        if !Self::IN_MEMORY {
            for row in 0..M {
                // SAFETY: the caller guarantees it.
                unsafe { L::store(self.out[row], self.in_registers[row]) };
            }
        }
    }
}
