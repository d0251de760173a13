//! Adds the products of outliers, which the codes of a row leave out, to those of its codes.

use super::activations::QuantizedActivations;
use super::outliers::{OUTLIER_BYTES, read_u32};
use super::simd::{LANES, Lanes, SimdKernel};
use super::tile_output::TileOutput;

/// Panels whose products a outlier is added to at once. In WebAssembly their sums are half of
/// the registers.
pub(super) const PANELS: usize = 4;

/// Of a column that has outliers, the weights of some panels.
pub(super) type Column = [f32; PANELS * LANES];

/// Adds the products of the outliers of all rows with `P` panels.
pub(super) struct AddOutliers<'a, const P: usize> {
    /// The columns that the rows have outliers in, in that order.
    pub(super) columns: &'a [Column],
    /// The first of the panels, of those that a column has weights of.
    pub(super) panel: usize,
    pub(super) rows: &'a QuantizedActivations,
    /// Those of the first of the panels; the others' come next to them. They must be one
    /// part's alone.
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
            // SAFETY: a panel's columns are one part's alone. There are as many numbers as are
            // added to; the list is as long as it says, of columns that have weights of the
            // panels.
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
    // SAFETY: the caller's.
    unsafe {
        #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
        for at in 0..P {
            sums[at] = L::load_floats(out.add(at * LANES));
        }
        let mut outlier = list.as_ptr().add(4);
        for _ in 0..read_u32(list) {
            let place = outlier.cast::<u32>().read_unaligned() as usize;
            let number = L::load_splat(outlier.add(4).cast());
            let column = columns.as_ptr().add(place).cast::<f32>().add(panel * LANES);
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
