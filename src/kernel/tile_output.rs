//! Where the products of tiles go: of each of four rows, eight numbers.

use super::layout::TILE;
use super::simd::{LANES, Lanes};
use super::threads::DisjointSlice;

/// Room for the products of a tile that lacks rows or columns.
pub(super) type EdgeTile = [[f32; LANES]; TILE];

/// The outputs of one panel of weights.
pub(super) struct TileOutput<'a> {
    pub(super) output: &'a DisjointSlice<'a, f32>,
    /// Rows of activations.
    pub(super) count: usize,
    /// Rows of weights: numbers in a row of the output.
    pub(super) width: usize,
    /// The panel's first row of weights: where in a row of the output its numbers begin.
    pub(super) first: usize,
}

impl TileOutput<'_> {
    /// Where to write the eight numbers of each of a tile's rows: to their places, or edge
    /// where some of them have none; that is left alone then until the tile ends.
    ///
    /// # Safety
    /// The panel's columns are one part's alone.
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
                // SAFETY: the caller's.
                true => unsafe { self.output.slice_mut(at..at + LANES).as_mut_ptr() },
                false => edge[row].as_mut_ptr(),
            };
        }
        out
    }

    /// Brings what was written edge to the places that there are.
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
            // SAFETY: the caller's.
            unsafe { self.output.write(self.offset(tile, row), numbers, columns) };
        }
    }

    /// The first `limit` numbers of a row, or as many as there are.
    ///
    /// # Safety
    /// Their columns are one part's alone.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub(super) unsafe fn row_mut(&self, row: usize, limit: usize) -> &mut [f32] {
        let at = row * self.width + self.first;
        // SAFETY: the caller's.
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

/// The sums of a tile of `M` rows while they grow: in registers, or already where they go.
pub(super) struct Sums<L: Lanes, const M: usize> {
    in_registers: [L::Floats; M],
    out: [*mut f32; TILE],
}

impl<L: Lanes, const M: usize> Sums<L, M> {
    const IN_MEMORY: bool = L::SUMS_IN_MEMORY && M > 1;

    /// Nothing yet.
    ///
    /// # Safety
    /// There must be room for eight numbers of each row, until the sums end.
    #[inline(always)]
    pub(super) unsafe fn new(out: [*mut f32; TILE]) -> Self {
        let sums = Self { in_registers: [L::splat(0.0); M], out };
        if Self::IN_MEMORY {
            for out in out.into_iter().take(M) {
                // SAFETY: the caller's.
                unsafe { L::store(out, L::splat(0.0)) };
            }
        }
        sums
    }

    /// Those of a row.
    ///
    /// # Safety
    /// As of [`Self::new`], here and below.
    #[inline(always)]
    pub(super) unsafe fn get(&self, row: usize) -> L::Floats {
        // SAFETY: the caller's.
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
            // SAFETY: the caller's.
            unsafe { L::store(self.out[row], sum) };
        } else {
            self.in_registers[row] = sum;
        }
    }

    /// Writes them where they go.
    ///
    /// # Safety
    /// As of [`Self::new`].
    #[inline(always)]
    pub(super) unsafe fn end(self) {
        if !Self::IN_MEMORY {
            for row in 0..M {
                // SAFETY: the caller's.
                unsafe { L::store(self.out[row], self.in_registers[row]) };
            }
        }
    }
}
