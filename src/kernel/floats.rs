//! Weight matrices of floats, and products of f32 rows.

use std::ops::Range;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::layout::TILE;
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};
use super::tile_output::{EdgeTile, TileOutput};
use super::{platform, try_with_capacity};
use crate::error::Result;

/// The cost of a product of floats, in products of codes.
const FLOAT_COST: usize = 4;

/// Floats of the type that a file has; products are f32.
pub(crate) enum FloatVec {
    F32(Vec<f32>),
    F16(Vec<f16>),
    Bf16(Vec<bf16>),
}

/// A matrix of floats. Eight rows are a panel, column by column; the last panel is filled up with
/// zeros.
pub(crate) struct FloatMatrix {
    rows: usize,
    columns: usize,
    panels: FloatVec,
}

impl FloatMatrix {
    /// A matrix with memory for its rows, of the type of `kind`; [`FloatMatrix::push_rows`] adds
    /// them.
    pub(crate) fn with_capacity([rows, columns]: [usize; 2], kind: &FloatVec) -> Result<Self> {
        let count = rows.next_multiple_of(LANES).saturating_mul(columns);
        let panels = match kind {
            FloatVec::F32(_) => FloatVec::F32(try_with_capacity(count)?),
            FloatVec::F16(_) => FloatVec::F16(try_with_capacity(count)?),
            FloatVec::Bf16(_) => FloatVec::Bf16(try_with_capacity(count)?),
        };
        Ok(Self { rows: 0, columns, panels })
    }

    /// Adds the next rows: whole panels, except at the end of the matrix.
    pub(crate) fn push_rows(&mut self, numbers: &FloatVec) {
        debug_assert!(self.rows.is_multiple_of(LANES));
        let columns = self.columns;
        let count = match (&mut self.panels, numbers) {
            (FloatVec::F32(panels), FloatVec::F32(rows)) => append_panels(columns, rows, panels),
            (FloatVec::F16(panels), FloatVec::F16(rows)) => append_panels(columns, rows, panels),
            (FloatVec::Bf16(panels), FloatVec::Bf16(rows)) => append_panels(columns, rows, panels),
            _ => unreachable!("the rows of a matrix are of one kind"),
        };
        self.rows += count;
    }

    /// Rows of weights, which are the numbers in a product.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers in a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// One row of weights.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        let (panel, lane) = (row / LANES, row % LANES);
        let indices =
            (0..self.columns).map(|column| (panel * self.columns + column) * LANES + lane);
        match &self.panels {
            FloatVec::F32(numbers) => indices.map(|at| numbers[at]).collect(),
            FloatVec::F16(numbers) => indices.map(|at| numbers[at].to_f32()).collect(),
            FloatVec::Bf16(numbers) => indices.map(|at| numbers[at].to_f32()).collect(),
        }
    }

    /// Computes, for each row of `input`, its product with every row of weights. A row's product is
    /// bitwise the same for any number of rows.
    pub(crate) fn multiply(&self, input: &[f32], output: &mut [f32]) {
        let count = input.len() / self.columns;
        assert_eq!(input.len(), count * self.columns, "the length of a row");
        assert_eq!(output.len(), count * self.rows, "a number for each pair of rows");
        let output = DisjointSlice::new(output);
        parallel_for(
            self.rows.div_ceil(LANES),
            FLOAT_COST * count * self.columns * LANES,
            &|panels| {
                self.multiply_panels(panels, input, &output);
            },
        );
    }

    fn multiply_panels(&self, panels: Range<usize>, input: &[f32], output: &DisjointSlice<f32>) {
        let size = self.columns * LANES;
        // Memory for a panel that is converted to f32.
        let is_half = !matches!(self.panels, FloatVec::F32(_));
        let mut widened = vec![0.0; if is_half { size } else { 0 }];
        for panel in panels {
            let part = panel * size..(panel + 1) * size;
            let weights = match &self.panels {
                FloatVec::F32(numbers) => &numbers[part],
                FloatVec::F16(numbers) => {
                    numbers[part].convert_to_f32_slice(&mut widened);
                    &widened
                }
                FloatVec::Bf16(numbers) => {
                    numbers[part].convert_to_f32_slice(&mut widened);
                    &widened
                }
            };
            let (length, first, width) = (self.columns, panel * LANES, self.rows);
            let outputs = TileOutput { output, count: input.len() / length, width, first };
            platform::run(MultiplyPanel { weights, input, length, outputs });
        }
    }
}

/// Appends rows to `panels` and returns how many there were.
fn append_panels<T: Copy + Default>(columns: usize, numbers: &[T], panels: &mut Vec<T>) -> usize {
    let (rows, first) = (numbers.len() / columns, panels.len());
    panels.resize(first + rows.next_multiple_of(LANES) * columns, T::default());
    for (row, numbers) in numbers.chunks_exact(columns).enumerate() {
        let panel = &mut panels[first + row / LANES * LANES * columns..];
        for (column, &number) in numbers.iter().enumerate() {
            panel[column * LANES + row % LANES] = number;
        }
    }
    rows
}

struct MultiplyPanel<'a> {
    weights: &'a [f32],
    input: &'a [f32],
    /// Numbers in a row.
    length: usize,
    outputs: TileOutput<'a>,
}

impl SimdKernel for MultiplyPanel<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { weights, input, length, outputs } = self;
        let mut edge = EdgeTile::default();
        for (number, input) in input.chunks(length * TILE).enumerate() {
            let height = input.len() / length;
            let row = |row: usize| input[row.min(height - 1) * length..].as_ptr();
            let rows: [*const f32; TILE] = std::array::from_fn(row);
            // SAFETY: for every step, weights have eight numbers and each row has one. One part of
            // the work owns the panel's columns.
            unsafe {
                let out = outputs.tile_pointers(number, &mut edge);
                tile::<L>(weights.as_ptr(), LANES, length, rows, out);
                outputs.finish_tile(number, &edge);
            }
        }
    }
}

/// Products of a tile of rows with eight columns, in `depth` steps. A step takes one number of
/// every row and eight of `weights`; these eights are `stride` apart. The products of each row are
/// written to `out`.
#[inline(always)]
pub(super) unsafe fn tile<L: Lanes>(
    mut weights: *const f32,
    stride: usize,
    depth: usize,
    rows: [*const f32; TILE],
    out: [*mut f32; TILE],
) {
    // SAFETY: the caller guarantees it.
    unsafe {
        let mut sums = [L::splat(0.0); TILE];
        for step in 0..depth {
            let eight = L::load_floats(weights);
            for row in 0..TILE {
                sums[row] = L::mul_add(eight, L::load_splat(rows[row].add(step)), sums[row]);
            }
            // After the last step it points past the weights and is not used.
            weights = weights.wrapping_add(stride);
        }
        for (out, sum) in out.into_iter().zip(sums) {
            L::store(out, sum);
        }
    }
}
