//! The kernels, compared with the simplest code that could be right, and with themselves in other
//! slices.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rng::Rng;

mod attention;
mod products;
mod vectors;

/// Random numbers from -1 to below 1.
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut rng = Rng::new(seed);
    move || rng.signed_fraction()
}

fn row(count: usize, seed: u64) -> Vec<f32> {
    let mut next = numbers(seed);
    (0..count).map(|_| next()).collect()
}

/// Rows with a few outliers, as activations have them.
fn with_outliers(count: usize, seed: u64) -> Vec<f32> {
    let mut next = numbers(seed);
    (0..count).map(|at| next() * if at % 89 == 7 { 60.0 } else { 1.0 }).collect()
}

/// Every scheme, with the bits of its codes.
const SCHEMES: [(QuantScheme, u32); 8] = [
    (QuantScheme::Zero(8), 4),
    (QuantScheme::Zero(16), 5),
    (QuantScheme::Offset, 4),
    (QuantScheme::Offset, 5),
    (QuantScheme::SuperOffset, 4),
    (QuantScheme::SuperOffset, 5),
    (QuantScheme::SuperHalves(32), 6),
    (QuantScheme::Signed, 8),
];

/// A matrix with scales and offsets of every magnitude that the scheme allows.
fn matrix(
    [rows, columns]: [usize; 2],
    (scheme, bits): (QuantScheme, u32),
    seed: u64,
) -> PackedMatrix {
    let mut next = numbers(seed);
    let mut factors = [1.0; 2];
    let blocks: Vec<WeightBlock> = (0..rows * columns / BLOCK)
        .map(|block| {
            let codes = std::array::from_fn(|_| ((next() + 1.0) / 2.0 * (1 << bits) as f32) as u8);
            let [first, second, offset] = [next() * 0.02, next() * 0.02, next() * 0.2];
            if !matches!(scheme, QuantScheme::SuperOffset | QuantScheme::SuperHalves(_)) {
                let scales = [as_half(first), as_half(second)];
                return WeightBlock { codes, scales, offset: as_half(offset), factors };
            }
            if (block % (columns / BLOCK)).is_multiple_of(layout::SUPER_BLOCK) {
                factors = [next() * 0.02, next() * 0.2];
            }
            let [first, second, offset] = [first * 50.0, second * 50.0, offset * 5.0].map(as_whole);
            WeightBlock { codes, scales: [first, second], offset, factors }
        })
        .collect();
    packed([rows, columns], (scheme, bits), &blocks)
}

/// An integer of a signed byte, from a number between -1 and 1.
fn as_whole(number: f32) -> f32 {
    (number * 128.0).floor()
}

fn as_half(number: f32) -> f32 {
    half::f16::from_f32(number).to_f32()
}

/// The matrix of `blocks`, row by row.
fn packed(
    [rows, columns]: [usize; 2],
    (scheme, bits): (QuantScheme, u32),
    blocks: &[WeightBlock],
) -> PackedMatrix {
    let mut matrix = PackedMatrix::with_capacity([rows, columns], scheme, bits).unwrap();
    // In two parts, as if read from a file.
    let first = rows.min(PANEL_ROWS);
    let block = |row: usize, place: usize| blocks[row * columns / BLOCK + place];
    matrix.push_rows(first, block);
    if rows > first {
        matrix.push_rows(rows - first, |row, place| block(first + row, place));
    }
    matrix
}

fn float_matrix([rows, columns]: [usize; 2], numbers: &FloatVec) -> FloatMatrix {
    let mut matrix = FloatMatrix::with_capacity([rows, columns], numbers).unwrap();
    let part = PANEL_ROWS * columns;
    let parts: Vec<FloatVec> = match numbers {
        FloatVec::F32(all) => all.chunks(part).map(|part| FloatVec::F32(part.into())).collect(),
        FloatVec::F16(all) => all.chunks(part).map(|part| FloatVec::F16(part.into())).collect(),
        FloatVec::Bf16(all) => all.chunks(part).map(|part| FloatVec::Bf16(part.into())).collect(),
    };
    parts.iter().for_each(|part| matrix.push_rows(part));
    matrix
}

fn row_scaled(columns: usize, codes: &[i8], scales: &[f32], biases: &[f32]) -> RowScaledMatrix {
    let mut matrix = RowScaledMatrix::with_capacity([scales.len(), columns]).unwrap();
    let parts = codes.chunks(PANEL_ROWS * columns);
    let numbers = scales.chunks(PANEL_ROWS).zip(biases.chunks(PANEL_ROWS));
    parts
        .zip(numbers)
        .for_each(|(codes, (scales, biases))| matrix.push_rows(codes, scales, biases));
    matrix
}

fn product(matrix: &PackedMatrix, input: &[f32]) -> Vec<f32> {
    let count = input.len() / matrix.columns();
    let mut rows = ActivationRows::default();
    rows.begin(count, matrix.columns()).copy_from_slice(input);
    let mut output = vec![f32::NAN; count * matrix.rows()];
    matrix.multiply(&mut rows, &mut output).unwrap();
    output
}

/// The exact product of two rows, and the sum of the magnitudes in it.
fn exact(a: &[f32], b: &[f32]) -> (f64, f64) {
    let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
    (products.clone().sum(), products.map(f64::abs).sum())
}

fn memory(size: usize, length: usize, seed: u64) -> (KeyValues, Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let mut memory = KeyValues::new(size);
    let keys: Vec<_> = (0..length).map(|at| row(size, seed + 2 * at as u64)).collect();
    let values: Vec<_> = (0..length).map(|at| row(size, seed + 2 * at as u64 + 1)).collect();
    keys.iter().zip(&values).for_each(|(key, value)| memory.push(key, value));
    (memory, keys, values)
}

/// Integers must be equal; floats may differ in the last bits.
#[cfg(target_arch = "x86_64")]
#[test]
fn portable_code_agrees_with_the_instructions_of_the_machine() {
    let on_plain_rust = |work: &dyn Fn() -> Vec<f32>| {
        x86_64::PLAIN.set(true);
        let result = work();
        x86_64::PLAIN.set(false);
        result
    };
    for seed in 1..30 {
        let columns = 4 * BLOCK;
        let input = with_outliers(5 * columns, seed);
        let packed = matrix([43, columns], SCHEMES[seed as usize % SCHEMES.len()], seed);
        let floats = float_matrix([11, columns], &FloatVec::F32(row(11 * columns, seed)));
        let codes: Vec<i8> = row(11 * columns, seed).iter().map(|x| (x * 127.0) as i8).collect();
        let scaled = row_scaled(columns, &codes, &row(11, seed), &row(11, seed + 1));
        let memories = [memory(20, 50, seed * 1000).0];
        let queries = row(3 * 40, seed);
        let multiply = |work: &dyn Fn(&mut [f32])| {
            let mut output = vec![0.0; 5 * 11];
            work(&mut output);
            output
        };
        let works: [&dyn Fn() -> Vec<f32>; 5] = [
            &|| product(&packed, &input),
            &|| multiply(&|output| floats.multiply(&input, output)),
            &|| multiply(&|output| scaled.multiply(&input, output).unwrap()),
            &|| {
                let heads =
                    HeadLayout { stride: 40, output_stride: 40, first: 0, count: 2, scale: 0.3 };
                let mut output = vec![0.0; queries.len()];
                attend(&memories, heads, AttentionMask::All, &queries, &mut output);
                output
            },
            &|| {
                let mut values = input.clone();
                activate(&mut values, Activation::Gelu);
                values
            },
        ];
        for (number, work) in works.into_iter().enumerate() {
            let (machine, plain) = (work(), on_plain_rust(work));
            for (machine, plain) in machine.iter().zip(&plain) {
                let apart = (machine - plain).abs();
                assert!(
                    apart <= 1e-4 * plain.abs().max(1.0),
                    "seed {seed}, {number}: {machine} {plain}"
                );
            }
        }
    }
}

/// An operation on each row alone.
#[cfg(not(target_arch = "wasm32"))]
type Rowwise<'a> = dyn Fn(&[f32]) -> Vec<f32> + 'a;

/// Large enough to be worth several threads.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn several_threads_compute_bitwise_what_one_computes() {
    let (count, rows, columns) = (20, 200, 20 * BLOCK);
    let each = |input: &[f32], of_row: &Rowwise| -> Vec<f32> {
        // A single row is too little work to be shared.
        input.chunks(columns).flat_map(of_row).collect()
    };
    for seed in 1..20 {
        let input = with_outliers(count * columns, seed);
        let codes: Vec<i8> = row(rows * columns, seed).iter().map(|x| (x * 127.0) as i8).collect();
        let packed = matrix([rows, columns], SCHEMES[seed as usize % SCHEMES.len()], seed);
        let floats = float_matrix([rows, columns], &FloatVec::F32(row(rows * columns, seed)));
        let scaled = row_scaled(columns, &codes, &row(rows, seed), &row(rows, seed + 1));
        let multiply = |input: &[f32], work: &dyn Fn(&[f32], &mut [f32])| {
            let mut output = vec![f32::NAN; input.len() / columns * rows];
            work(input, &mut output);
            output
        };
        let (weights, biases) = (row(columns, seed + 2), row(columns, seed + 3));
        let works: [&Rowwise; 5] = [
            &|input| product(&packed, input),
            &|input| multiply(input, &|input, output| floats.multiply(input, output)),
            &|input| multiply(input, &|input, output| scaled.multiply(input, output).unwrap()),
            &|input| {
                let mut values = input.to_vec();
                activate(&mut values, Activation::Silu);
                values
            },
            &|input| {
                let mut values = input.to_vec();
                add_and_layer_norm(&mut values, input, &weights, &biases, 1e-5);
                values
            },
        ];
        for (number, work) in works.into_iter().enumerate() {
            let alone = each(&input, work);
            use_threads(3);
            let together = work(&input);
            let differ = together.iter().zip(&alone).any(|(a, b)| a.to_bits() != b.to_bits());
            assert!(!differ && together.len() == alone.len(), "seed {seed}, {number}");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn several_threads_find_a_single_nan() {
    use_threads(3);
    let mut values = vec![1.0; 1 << 20];
    assert!(all_finite(&values));
    for place in (0..values.len()).step_by(99_991) {
        values[place] = f32::NAN;
        assert!(!all_finite(&values), "at {place}");
        values[place] = 1.0;
    }
}
