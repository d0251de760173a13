//! Weight matrices of plain numbers, and products of f32 rows.

use std::ops::Range;

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::lanes::{LANES, Lanes, Work};
use super::platform;
use super::threads::{Places, share};

/// Rows of a tile.
pub(super) const TILE: usize = 4;
/// How much longer a product of floats takes than one of codes.
const FLOAT_COST: usize = 4;

/// Numbers as a file has them; products are of f32.
pub(crate) enum Numbers {
    F32(Vec<f32>),
    F16(Vec<f16>),
    Bf16(Vec<bf16>),
}

/// A matrix of plain numbers. Rows are taken eight at a time, as panels of eight
/// numbers a column; the last panel is filled up with zeros.
pub(crate) struct FloatMatrix {
    rows: usize,
    columns: usize,
    panels: Numbers,
}

impl FloatMatrix {
    /// Lays out numbers that come row by row.
    pub(crate) fn new([rows, columns]: [usize; 2], numbers: &Numbers) -> Self {
        let panels = match numbers {
            Numbers::F32(numbers) => Numbers::F32(lay_out(rows, columns, numbers)),
            Numbers::F16(numbers) => Numbers::F16(lay_out(rows, columns, numbers)),
            Numbers::Bf16(numbers) => Numbers::Bf16(lay_out(rows, columns, numbers)),
        };
        Self { rows, columns, panels }
    }

    /// Rows of weights: numbers in a product.
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
        let places = (0..self.columns).map(|column| (panel * self.columns + column) * LANES + lane);
        match &self.panels {
            Numbers::F32(numbers) => places.map(|at| numbers[at]).collect(),
            Numbers::F16(numbers) => places.map(|at| numbers[at].to_f32()).collect(),
            Numbers::Bf16(numbers) => places.map(|at| numbers[at].to_f32()).collect(),
        }
    }

    /// For each row of `input`, its product with every row of weights. A row's product
    /// is bitwise the same for any number of rows.
    pub(crate) fn multiply(&self, input: &[f32], output: &mut [f32]) {
        let count = input.len() / self.columns;
        assert_eq!(input.len(), count * self.columns, "rows as long as the matrix is wide");
        assert_eq!(output.len(), count * self.rows, "one number for each pair of rows");
        let output = Places::new(output);
        share(self.rows.div_ceil(LANES), FLOAT_COST * count * self.columns * LANES, &|panels| {
            self.multiply_panels(panels, input, &output);
        });
    }

    fn multiply_panels(&self, panels: Range<usize>, input: &[f32], output: &Places<f32>) {
        let size = self.columns * LANES;
        // Room for a panel that is not f32 already.
        let narrow = !matches!(self.panels, Numbers::F32(_));
        let mut widened = vec![0.0; if narrow { size } else { 0 }];
        for panel in panels {
            let part = panel * size..(panel + 1) * size;
            let weights = match &self.panels {
                Numbers::F32(numbers) => &numbers[part],
                Numbers::F16(numbers) => {
                    numbers[part].convert_to_f32_slice(&mut widened);
                    &widened
                }
                Numbers::Bf16(numbers) => {
                    numbers[part].convert_to_f32_slice(&mut widened);
                    &widened
                }
            };
            let (length, first, rows) = (self.columns, panel * LANES, self.rows);
            platform::run(MultiplyPanel { weights, input, length, first, rows, output });
        }
    }
}

fn lay_out<T: Copy + Default>(rows: usize, columns: usize, numbers: &[T]) -> Vec<T> {
    let mut panels = vec![T::default(); rows.next_multiple_of(LANES) * columns];
    for (row, numbers) in numbers.chunks_exact(columns).enumerate() {
        let panel = &mut panels[row / LANES * LANES * columns..];
        for (column, &number) in numbers.iter().enumerate() {
            panel[column * LANES + row % LANES] = number;
        }
    }
    panels
}

struct MultiplyPanel<'a> {
    weights: &'a [f32],
    input: &'a [f32],
    /// Numbers in a row.
    length: usize,
    /// The panel's first row of weights, and how many the matrix has.
    first: usize,
    rows: usize,
    output: &'a Places<'a, f32>,
}

impl Work for MultiplyPanel<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let columns = LANES.min(self.rows - self.first);
        for (number, input) in self.input.chunks(self.length * TILE).enumerate() {
            let height = input.len() / self.length;
            let row = |row: usize| input[row.min(height - 1) * self.length..].as_ptr();
            let rows: [*const f32; TILE] = std::array::from_fn(row);
            // SAFETY: weights have eight numbers, and each row one, for every step.
            let tile = unsafe { tile::<L>(self.weights.as_ptr(), LANES, self.length, rows) };
            for (row, numbers) in tile.iter().enumerate().take(height) {
                let place = (number * TILE + row) * self.rows + self.first;
                // SAFETY: a panel's columns are one part's alone.
                let place = unsafe { self.output.part(place..place + columns) };
                place.copy_from_slice(&numbers[..columns]);
            }
        }
    }
}

/// Products of a few rows with eight columns: `depth` steps, of which each takes one
/// number of every row, and eight of `weights`, which are `stride` apart.
#[inline(always)]
pub(super) unsafe fn tile<L: Lanes>(
    mut weights: *const f32,
    stride: usize,
    depth: usize,
    rows: [*const f32; TILE],
) -> [[f32; LANES]; TILE] {
    let mut out = [[0.0; LANES]; TILE];
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [L::splat(0.0); TILE];
        for step in 0..depth {
            let eight = L::floats(weights);
            for row in 0..TILE {
                sums[row] = L::mul_add(eight, L::splat_at(rows[row].add(step)), sums[row]);
            }
            // After the last step it points to nothing.
            weights = weights.wrapping_add(stride);
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            L::store(out.as_mut_ptr(), sum);
        }
    }
    out
}
