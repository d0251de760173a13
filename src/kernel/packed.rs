//! Weight matrices in blocks of 32 small whole numbers, and their product with rows
//! of activations.
//!
//! A weight is `code * scale + offset` of its block, exactly as the GGUF types Q4_0,
//! Q4_1, Q5_0, Q5_1 and Q8_0 define it. Activations are rounded to 16 bits a block,
//! which costs a two-hundredth of the noise of 8 bits and the same instructions.
//!
//! **Contract**: a row's product is bitwise the same for any number of rows.

use super::{dot, platform};

/// Weights in a block.
pub(crate) const BLOCK: usize = 32;

/// Rows of activations that share one pass over the weights.
const ROWS_AT_ONCE: usize = 4;

/// The largest code of an activation. With codes of weights within -128..128, a sum
/// over a block stays within an `i32`.
const MAX_ACTIVATION: f32 = 32_767.0;

/// A matrix of weights, row by row.
pub(crate) struct PackedMatrix {
    blocks_a_row: usize,
    codes: Vec<[i8; BLOCK]>,
    scales: Vec<f32>,
    /// One a block, or empty where all are zero.
    offsets: Vec<f32>,
}

/// Rows of activations, rounded.
struct PackedRows {
    codes: Vec<[i16; BLOCK]>,
    scales: Vec<f32>,
    /// The sum of each block, for the weights' offsets.
    sums: Vec<f32>,
}

impl PackedMatrix {
    /// A matrix of `columns / 32` blocks a row; offsets may be empty.
    pub(crate) fn new(
        columns: usize,
        codes: Vec<[i8; BLOCK]>,
        scales: Vec<f32>,
        offsets: Vec<f32>,
    ) -> Self {
        debug_assert!(columns > 0 && columns.is_multiple_of(BLOCK));
        debug_assert!(scales.len() == codes.len());
        debug_assert!(offsets.is_empty() || offsets.len() == codes.len());
        Self { blocks_a_row: columns / BLOCK, codes, scales, offsets }
    }

    fn rows(&self) -> usize {
        self.codes.len() / self.blocks_a_row
    }

    /// The weights of one row as plain numbers.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        let blocks = row * self.blocks_a_row..(row + 1) * self.blocks_a_row;
        let mut values = Vec::with_capacity(self.blocks_a_row * BLOCK);
        for block in blocks {
            let scale = self.scales[block];
            let offset = self.offsets.get(block).copied().unwrap_or(0.0);
            values.extend(self.codes[block].iter().map(|&code| f32::from(code) * scale + offset));
        }
        values
    }

    /// For each row of `input` (as long as a row of weights), its product with every
    /// row of weights.
    pub(crate) fn multiply(&self, input: &[f32]) -> Vec<f32> {
        let packed = PackedRows::new(input);
        let count = input.len() / (self.blocks_a_row * BLOCK);
        let mut output = vec![0.0; count * self.rows()];
        for first in (0..count).step_by(ROWS_AT_ONCE) {
            match count - first {
                1 => self.multiply_rows::<1>(&packed, first, &mut output),
                2 => self.multiply_rows::<2>(&packed, first, &mut output),
                3 => self.multiply_rows::<3>(&packed, first, &mut output),
                _ => self.multiply_rows::<ROWS_AT_ONCE>(&packed, first, &mut output),
            }
        }
        output
    }

    fn multiply_rows<const N: usize>(&self, input: &PackedRows, first: usize, output: &mut [f32]) {
        let blocks = self.blocks_a_row;
        let part = |row: usize| (first + row) * blocks..(first + row + 1) * blocks;
        let codes: [_; N] = std::array::from_fn(|row| &input.codes[part(row)]);
        let scales: [_; N] = std::array::from_fn(|row| &input.scales[part(row)]);
        let rows = self.rows();
        for weight_row in 0..rows {
            let place = weight_row * blocks..(weight_row + 1) * blocks;
            let weights = (&self.codes[place.clone()], &self.scales[place.clone()]);
            let mut products = platform::dot_blocks(weights.0, weights.1, codes, scales);
            if !self.offsets.is_empty() {
                let offsets = &self.offsets[place];
                for (row, product) in products.iter_mut().enumerate() {
                    *product += dot(offsets, &input.sums[part(row)]);
                }
            }
            for (row, product) in products.into_iter().enumerate() {
                output[(first + row) * rows + weight_row] = product;
            }
        }
    }
}

impl PackedRows {
    fn new(values: &[f32]) -> Self {
        let blocks = values.as_chunks::<BLOCK>().0;
        let mut packed = Self {
            codes: Vec::with_capacity(blocks.len()),
            scales: Vec::with_capacity(blocks.len()),
            sums: Vec::with_capacity(blocks.len()),
        };
        for block in blocks {
            let largest = block.iter().fold(0f32, |most, x| most.max(x.abs()));
            let scale = largest / MAX_ACTIVATION;
            let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
            let codes = block.map(|x| (x * inverse).round_ties_even() as i16);
            let sum: i32 = codes.iter().copied().map(i32::from).sum();
            packed.codes.push(codes);
            packed.scales.push(scale);
            packed.sums.push(sum as f32 * scale);
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// A small generator of numbers, so that a failure can be repeated.
    fn numbers(seed: u64) -> impl FnMut() -> f32 {
        let mut state = seed;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        }
    }

    fn random(rows: usize, columns: usize, offsets: bool, seed: u64) -> PackedMatrix {
        let mut next = numbers(seed);
        let blocks = rows * columns / BLOCK;
        let codes = (0..blocks).map(|_| std::array::from_fn(|_| (next() * 127.0) as i8)).collect();
        let scales = (0..blocks).map(|_| next() * 0.02).collect();
        let offsets = (0..if offsets { blocks } else { 0 }).map(|_| next() * 0.5).collect();
        PackedMatrix::new(columns, codes, scales, offsets)
    }

    #[test]
    fn a_product_equals_that_of_plain_numbers() {
        for seed in 1..40 {
            let (count, rows, columns) = (seed % 7 + 1, seed % 5 + 1, (seed % 4 + 1) * BLOCK);
            let matrix = random(rows, columns, seed % 2 == 0, seed as u64);
            let mut next = numbers(seed as u64 + 1000);
            let input: Vec<f32> = (0..count * columns).map(|_| next() * 3.0).collect();
            let output = matrix.multiply(&input);
            for (place, got) in output.iter().enumerate() {
                let row = matrix.row(place % rows);
                let input = &input[place / rows * columns..][..columns];
                let exact: f64 = row.iter().zip(input).map(|(w, x)| f64::from(w * x)).sum();
                let size: f64 = row.iter().zip(input).map(|(w, x)| f64::from((w * x).abs())).sum();
                let error = (f64::from(*got) - exact).abs();
                assert!(error <= size * 1e-4, "seed {seed}: {got}, exactly {exact}");
            }
        }
    }

    #[test]
    fn the_platform_agrees_with_the_portable_form() {
        for seed in 1..20 {
            let matrix = random(1, 4 * BLOCK, false, seed);
            let mut next = numbers(seed + 500);
            let input: Vec<f32> = (0..2 * 4 * BLOCK).map(|_| next()).collect();
            let rows = PackedRows::new(&input);
            let (first, second) = rows.codes.split_at(4);
            let scales = [&rows.scales[..4], &rows.scales[4..]];
            let (codes, weight_scales) = (&matrix.codes, &matrix.scales);
            let got = platform::dot_blocks(codes, weight_scales, [first, second], scales);
            let expected =
                super::super::portable::dot_blocks(codes, weight_scales, [first, second], scales);
            for (got, expected) in got.iter().zip(expected) {
                assert!((got - expected).abs() < 1e-3, "seed {seed}: {got}, {expected}");
            }
        }
    }

    #[test]
    fn a_row_is_bitwise_the_same_alone_and_among_others() {
        for seed in 1..20 {
            let columns = 3 * BLOCK;
            let matrix = random(6, columns, true, seed);
            let mut next = numbers(seed);
            let input: Vec<f32> = (0..9 * columns).map(|_| next()).collect();
            let together = matrix.multiply(&input);
            let alone: Vec<f32> =
                input.chunks(columns).flat_map(|row| matrix.multiply(row)).collect();
            assert_eq!(together, alone, "seed {seed}");
        }
    }
}
