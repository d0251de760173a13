//! Products with matrices of every scheme.
#![allow(clippy::unwrap_used)]

use crate::test;

use super::*;

/// Rows of input, rows of weights and columns: of odd sizes, up to six panels and three
/// super-blocks.
fn shape(seed: u64) -> (usize, usize, usize) {
    let mut next = numbers(seed);
    let mut below = |end: usize| ((next() + 1.0) / 2.0 * end as f32) as usize;
    (1 + below(11), 1 + below(47), (1 + below(24)) * BLOCK)
}

#[test]
fn a_product_is_exact_up_to_the_rounding_of_activations() {
    for seed in 1..100 {
        let (scheme, bits) = SCHEMES[seed as usize % SCHEMES.len()];
        let (count, rows, columns) = shape(seed);
        let matrix = matrix([rows, columns], (scheme, bits), seed);
        let input = with_outliers(count * columns, seed + 1000);
        let limit = if scheme == QuantScheme::Signed { 1e-3 } else { 0.02 };
        for (place, got) in product(&matrix, &input).iter().enumerate() {
            let input = &input[place / rows * columns..][..columns];
            let (exact, size) = exact(&matrix.row(place % rows), input);
            let error = (f64::from(*got) - exact).abs();
            assert!(error <= size * limit, "seed {seed}: {got}, exactly {exact}");
        }
    }
}

/// Several whole groups of panels, and a part of one.
const ROWS: usize = 43;

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|number| number.to_bits()).collect()
}

#[test]
fn a_product_of_a_row_is_bitwise_the_same_alone_and_among_others() {
    for seed in 1..40 {
        let (_, _, columns) = shape(seed);
        let matrix = matrix([ROWS, columns], SCHEMES[seed as usize % SCHEMES.len()], seed);
        let input = with_outliers(9 * columns, seed);
        let together = product(&matrix, &input);
        let alone: Vec<f32> = input.chunks(columns).flat_map(|row| product(&matrix, row)).collect();
        assert_eq!(bits(&together), bits(&alone), "seed {seed}");
        let floats = float_matrix([ROWS, columns], &FloatVec::F32(row(ROWS * columns, seed)));
        let mut together = vec![0.0; 9 * ROWS];
        floats.multiply(&input, &mut together);
        for (input, together) in input.chunks(columns).zip(together.chunks(ROWS)) {
            let mut alone = vec![0.0; ROWS];
            floats.multiply(input, &mut alone);
            assert_eq!(bits(&alone), bits(together), "seed {seed}");
        }
    }
}

/// As many outliers as can be taken out of a block, and one more, next to rows that have none.
#[test]
fn rows_with_the_most_outliers_multiply_correctly() {
    for seed in 1..20 {
        let (count, rows, columns) = shape(seed);
        let scheme = SCHEMES[seed as usize % SCHEMES.len()];
        let matrix = matrix([rows, columns], scheme, seed);
        let mut next = numbers(seed);
        let number = |at: usize, next: f32| match (at / columns % 3, at % BLOCK % 6) {
            (0, 5) => next.signum(),
            (0, _) => next * 1e-3,
            _ => next,
        };
        let input: Vec<f32> = (0..count * columns).map(|at| number(at, next())).collect();
        let got = product(&matrix, &input);
        let alone: Vec<f32> = input.chunks(columns).flat_map(|row| product(&matrix, row)).collect();
        assert_eq!(bits(&got), bits(&alone), "seed {seed}");
        for (place, got) in got.iter().enumerate() {
            let input = &input[place / rows * columns..][..columns];
            let (exact, size) = exact(&matrix.row(place % rows), input);
            let error = (f64::from(*got) - exact).abs();
            assert!(error <= size * 0.02, "seed {seed}: {got}, exactly {exact}");
        }
    }
}

#[test]
fn a_matrix_takes_little_more_memory_than_its_weights_in_a_file() {
    // Bytes of 256 weights in GGUF: Q4_0, Q5_0, Q4_1, Q5_1, Q4_K, Q5_K, Q6_K and Q8_0.
    let bytes = [144, 176, 160, 192, 144, 176, 210, 272];
    for (scheme, bytes) in SCHEMES.into_iter().zip(bytes) {
        let matrix = matrix([16, 1024], scheme, 1);
        let (laid_out, in_file) = (matrix.bytes.len(), 16 * 4 * bytes);
        assert!(laid_out * 16 <= in_file * 17, "{scheme:?}: {laid_out} bytes, {in_file} in a file");
        assert_eq!(laid_out, matrix.bytes.capacity(), "{scheme:?}");
    }
}

/// The last tile has space for rows that do not exist.
#[test]
fn reused_rows_give_the_same_products_as_new_ones() {
    let columns = 4 * BLOCK;
    let mut used = ActivationRows::default();
    for seed in 1..40 {
        let count = seed as usize % 9 + 1;
        let matrix = matrix([ROWS, columns], SCHEMES[seed as usize % SCHEMES.len()], seed);
        let input = with_outliers(count * columns, seed);
        used.begin(count, columns).copy_from_slice(&input);
        let mut output = vec![0.0; count * ROWS];
        matrix.multiply(&mut used, &mut output).unwrap();
        assert_eq!(output, product(&matrix, &input), "seed {seed}");
    }
}

/// Integer activations and scales of 1 make a product an integer, so it must be exact.
#[test]
fn sums_of_integers_are_exact_on_every_platform() {
    for seed in 1..100 {
        let scheme = SCHEMES[seed as usize % SCHEMES.len()];
        let (count, rows, columns) = shape(seed);
        // Small enough that an f32 holds the sums.
        let columns =
            if scheme.0 == QuantScheme::Signed { columns.min(2 * BLOCK) } else { columns };
        let mut next = numbers(seed);
        let blocks: Vec<WeightBlock> = (0..rows * columns / BLOCK)
            .map(|_| WeightBlock {
                codes: std::array::from_fn(|_| {
                    ((next() + 1.0) / 2.0 * (1 << scheme.1) as f32) as u8
                }),
                scales: [1.0; 2],
                offset: -3.0,
                factors: [1.0; 2],
            })
            .collect();
        let matrix = packed([rows, columns], scheme, &blocks);
        // The largest number of each block makes its scale 1.
        let largest = if scheme.0 == QuantScheme::Signed { 32_767.0 } else { 127.0 };
        let mut input: Vec<f32> = (0..count * columns).map(|_| (next() * 127.0).round()).collect();
        input.chunks_mut(BLOCK).for_each(|block| block[seed as usize % BLOCK] = -largest);
        for (place, got) in product(&matrix, &input).iter().enumerate() {
            let input = &input[place / rows * columns..][..columns];
            let (exact, _) = exact(&matrix.row(place % rows), input);
            assert_eq!(f64::from(*got), exact, "seed {seed}, {scheme:?}");
        }
    }
}

/// The same with one scale for each row of weights, for activations from 0 to 127 in each group.
#[test]
fn sums_of_integers_are_exact_with_one_scale_for_each_row() {
    for seed in 1..100 {
        let mut next = numbers(seed);
        let mut below = |end: usize| ((next() + 1.0) / 2.0 * end as f32) as usize;
        let (count, rows, columns) = (1 + below(11), 1 + below(47), 2 + below(766));
        // As small as weights mostly are, or as large as they can be.
        let largest = [40.0, 127.0][seed as usize % 2];
        let code = |x: &f32| (x * largest).round() as i8;
        let codes: Vec<i8> = row(rows * columns, seed + 1).iter().map(code).collect();
        let matrix = row_scaled(columns, &codes, &vec![1.0; rows], &vec![0.0; rows]);
        let number = |x: &f32| ((x + 1.0) / 2.0 * 127.0).round();
        let mut input: Vec<f32> = row(count * columns, seed + 2).iter().map(number).collect();
        for group in input.chunks_mut(columns).flat_map(|row| row.chunks_mut(64)) {
            (group[group.len() - 1], group[0]) = (127.0, 0.0);
        }
        let mut output = vec![0.0; count * rows];
        matrix.multiply(&input, &mut output).unwrap();
        for (place, got) in output.iter().enumerate() {
            let codes = &codes[place % rows * columns..][..columns];
            let weights: Vec<f32> = codes.iter().copied().map(f32::from).collect();
            let (exact, _) = exact(&weights, &input[place / rows * columns..][..columns]);
            assert_eq!(f64::from(*got), exact, "seed {seed}");
        }
    }
}

#[test]
fn floats_of_every_width_multiply() {
    for seed in 1..20 {
        let (count, rows, columns) = (seed as usize % 6 + 1, seed as usize % 13 + 1, 37);
        let weights = row(rows * columns, seed);
        let kinds = [
            FloatVec::F32(weights.clone()),
            FloatVec::F16(weights.iter().map(|&x| half::f16::from_f32(x)).collect()),
            FloatVec::Bf16(weights.iter().map(|&x| half::bf16::from_f32(x)).collect()),
        ];
        for (kind, loss) in kinds.iter().zip([0.0, 1e-3, 1e-2]) {
            let matrix = float_matrix([rows, columns], kind);
            let input = row(count * columns, seed + 1);
            let mut output = vec![0.0; count * rows];
            matrix.multiply(&input, &mut output);
            for (place, got) in output.iter().enumerate() {
                let input = &input[place / rows * columns..][..columns];
                let (exact, size) = exact(&matrix.row(place % rows), input);
                assert!((f64::from(*got) - exact).abs() <= 1e-5 * size, "seed {seed}");
                let given = &weights[place % rows * columns..][..columns];
                let apart =
                    matrix.row(place % rows).iter().zip(given).any(|(a, b)| (a - b).abs() > loss);
                assert!(!apart, "seed {seed}: a row that was not given");
            }
        }
    }
}

#[test]
fn a_matrix_with_one_scale_a_row_multiplies_within_seven_bits() {
    for seed in 1..30 {
        let (count, rows, columns) =
            (seed as usize % 6 + 1, seed as usize % 19 + 1, [32, 64, 100, 384][seed as usize % 4]);
        let codes: Vec<i8> = row(rows * columns, seed).iter().map(|x| (x * 127.0) as i8).collect();
        let (scales, biases) = (row(rows, seed + 1), row(rows, seed + 2));
        let matrix = row_scaled(columns, &codes, &scales, &biases);
        // Not around zero, so that the minimum of a group matters.
        let input: Vec<f32> = row(count * columns, seed + 3).iter().map(|x| x + 0.7).collect();
        let mut output = vec![0.0; count * rows];
        matrix.multiply(&input, &mut output).unwrap();
        for (place, got) in output.iter().enumerate() {
            let weights: Vec<f32> = codes[place % rows * columns..][..columns]
                .iter()
                .map(|&code| f32::from(code) * scales[place % rows])
                .collect();
            let (exact, size) = exact(&weights, &input[place / rows * columns..][..columns]);
            let error = (f64::from(*got - biases[place % rows]) - exact).abs();
            assert!(error <= 0.01 * size + 1e-5, "seed {seed}: {got}, exactly {exact}");
        }
        let alone: Vec<f32> = input
            .chunks(columns)
            .flat_map(|input| {
                let mut output = vec![0.0; rows];
                matrix.multiply(input, &mut output).unwrap();
                output
            })
            .collect();
        assert_eq!(alone, output, "seed {seed}");
    }
}

/// Codes of two steps may add up to 258 at most: 127 times as much is below 2^15.
#[test]
fn products_that_fill_an_i16_are_exact() {
    let columns = 64;
    // Quantized to 0 and 127, with a scale of 1.
    let input: Vec<f32> = (0..columns).map(|at| if at == 63 { 0.0 } else { 127.0 }).collect();
    for most in [64_i8, 65, 127] {
        for sign in [1, -1] {
            // Four codes of 64 and 2 more are 258; four of 65 are above.
            let code = |at: usize| sign * (most + if most == 64 && at % 8 < 2 { 1 } else { 0 });
            let codes: Vec<i8> = (0..9 * columns).map(code).collect();
            let matrix = row_scaled(columns, &codes, &[1.0; 9], &[0.0; 9]);
            let mut output = vec![0.0; 9];
            matrix.multiply(&input, &mut output).unwrap();
            let exact: i32 = codes[..63].iter().map(|&code| 127 * i32::from(code)).sum();
            assert_eq!(output, vec![exact as f32; 9], "{most}, sign {sign}");
        }
    }
}

/// Quantizing would turn them into numbers that look like any other.
#[test]
fn an_infinite_number_or_nan_is_refused_at_any_place() {
    let columns = 5 * BLOCK;
    let codes = vec![1; 9 * columns];
    let scaled = row_scaled(columns, &codes, &[1.0; 9], &[0.0; 9]);
    for seed in 1..60 {
        let (scheme, bits) = SCHEMES[seed as usize % SCHEMES.len()];
        let (count, matrix) = (seed as usize % 9 + 1, matrix([9, columns], (scheme, bits), seed));
        let is_refused = |input: &[f32]| {
            let mut rows = ActivationRows::default();
            rows.begin(count, columns).copy_from_slice(input);
            let mut output = vec![0.0; count * 9];
            let packed = matrix.multiply(&mut rows, &mut output).is_err();
            assert_eq!(packed, matrix.multiply(&mut rows, &mut output).is_err(), "asked again");
            assert_eq!(packed, scaled.multiply(input, &mut output).is_err(), "seed {seed}");
            packed
        };
        let mut input = with_outliers(count * columns, seed);
        assert!(!is_refused(&input), "seed {seed}");
        let place = seed as usize * 7919 % input.len();
        // 1e30 is finite, but its square is not.
        for (number, refused) in
            [(1e30, false), (f32::NAN, true), (f32::INFINITY, true), (f32::NEG_INFINITY, true)]
        {
            input[place] = number;
            assert_eq!(is_refused(&input), refused, "seed {seed}: {number} at {place}");
        }
    }
}
