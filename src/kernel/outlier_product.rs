//! Adds the products of outliers to the products of the codes, which leave outliers out.

use super::activations::QuantizedActivations;
use super::outliers::{OUTLIER_BYTES, read_u32};
use super::simd::{LANES, Lanes, SimdKernel};
use super::tile_output::TileOutput;

/// Panels whose products an outlier is added to at once. In WebAssembly their sums take half of the
/// registers.
pub(super) const PANELS: usize = 4;

/// The weights of some panels in one column that has outliers.
pub(super) type Column = [f32; PANELS * LANES];

/// Adds the products of the outliers of all rows with `P` panels.
pub(super) struct AddOutliers<'a, const P: usize> {
    /// The columns that have outliers in any row, in the order of
    /// [`OutlierColumns`](super::outliers::OutlierColumns).
    pub(super) columns: &'a [Column],
    /// The index of the first panel among those that a column has weights of.
    pub(super) panel: usize,
    pub(super) rows: &'a QuantizedActivations,
    /// The outputs of the first panel; those of the others are next to them. One part of the work
    /// must own them all.
    pub(super) outputs: TileOutput<'a>,
}

impl<const P: usize> SimdKernel for AddOutliers<'_, P> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { columns, panel, rows, outputs } = self;
        assert!(panel + P <= PANELS);
        let mut edge = [[0.0; LANES]; P];
        for row in 0..rows.count {
            let list = rows.layout.outlier_list(&rows.bytes, row);
            // SAFETY: one part of the work owns the panel's columns. The output has all numbers
            // that are added to. The list is as long as its count says, and all its columns have
            // weights of the panels.
            unsafe {
                let out = outputs.row_mut(row, P * LANES);
                if out.len() == P * LANES {
                    add_row::<L, P>(columns, panel, list, out.as_mut_ptr());
                    continue;
                }
                let edge = edge.as_flattened_mut();
                edge[..out.len()].copy_from_slice(out);
                add_row::<L, P>(columns, panel, list, edge.as_mut_ptr());
                out.copy_from_slice(&edge[..out.len()]);
            }
        }
    }
}

/// Adds the products of a row's outliers to `P` times eight numbers.
#[inline(always)]
unsafe fn add_row<L: Lanes, const P: usize>(
    columns: &[Column],
    panel: usize,
    list: &[u8],
    out: *mut f32,
) {
    let mut sums = [L::splat(0.0); P];
    // SAFETY: the caller guarantees it.
    unsafe {
        #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
        for at in 0..P {
            sums[at] = L::load_floats(out.add(at * LANES));
        }
        let mut outlier = list.as_ptr().add(4);
        for _ in 0..read_u32(list) {
            let index = outlier.cast::<u32>().read_unaligned() as usize;
            let number = L::load_splat(outlier.add(4).cast());
            let column = columns.as_ptr().add(index).cast::<f32>().add(panel * LANES);
            #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
            for at in 0..P {
                sums[at] = L::mul_add(L::load_floats(column.add(at * LANES)), number, sums[at]);
            }
            outlier = outlier.add(OUTLIER_BYTES);
        }
        #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
        for at in 0..P {
            L::store(out.add(at * LANES), sums[at]);
        }
    }
}
