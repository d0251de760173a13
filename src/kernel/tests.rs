//! The kernels against the simplest code that could be right, and against themselves
//! in other slices.
#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::slice;

use super::*;

/// A small generator of numbers between -1 and 1, so that a failure can be repeated.
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

fn row(count: usize, seed: u64) -> Vec<f32> {
    let mut next = numbers(seed);
    (0..count).map(|_| next()).collect()
}

/// Rows in which here and there a number towers over the others, as activations do.
fn towering(count: usize, seed: u64) -> Vec<f32> {
    let mut next = numbers(seed);
    (0..count).map(|at| next() * if at % 89 == 7 { 60.0 } else { 1.0 }).collect()
}

/// Every form, and how many bits its codes have.
const FORMS: [(Form, u32); 6] = [
    (Form::Zero(8), 4),
    (Form::Zero(16), 5),
    (Form::Offset, 4),
    (Form::Offset, 5),
    (Form::Halves(32), 6),
    (Form::Signed, 8),
];

fn matrix([rows, columns]: [usize; 2], (form, bits): (Form, u32), seed: u64) -> PackedMatrix {
    let mut next = numbers(seed);
    let blocks: Vec<Block> = (0..rows * columns / BLOCK)
        .map(|_| Block {
            codes: std::array::from_fn(|_| ((next() + 1.0) / 2.0 * (1 << bits) as f32) as u8),
            scales: [next() * 0.02, next() * 0.02],
            offset: next() * 0.2,
        })
        .collect();
    packed([rows, columns], (form, bits), &blocks)
}

fn packed(
    [rows, columns]: [usize; 2],
    (form, bits): (Form, u32),
    blocks: &[Block],
) -> PackedMatrix {
    let mut matrix = PackedMatrix::with_room([rows, columns], form, bits).unwrap();
    // In two parts, as they come from a file.
    let first = rows.min(PANEL_ROWS);
    let block = |row: usize, place: usize| blocks[row * columns / BLOCK + place];
    matrix.push_rows(first, block);
    if rows > first {
        matrix.push_rows(rows - first, |row, place| block(first + row, place));
    }
    matrix
}

fn plain([rows, columns]: [usize; 2], numbers: &Numbers) -> FloatMatrix {
    let mut matrix = FloatMatrix::with_room([rows, columns], numbers).unwrap();
    let part = PANEL_ROWS * columns;
    let parts: Vec<Numbers> = match numbers {
        Numbers::F32(all) => all.chunks(part).map(|part| Numbers::F32(part.into())).collect(),
        Numbers::F16(all) => all.chunks(part).map(|part| Numbers::F16(part.into())).collect(),
        Numbers::Bf16(all) => all.chunks(part).map(|part| Numbers::Bf16(part.into())).collect(),
    };
    parts.iter().for_each(|part| matrix.push_rows(part));
    matrix
}

fn row_scaled(columns: usize, codes: &[i8], scales: &[f32], biases: &[f32]) -> RowScaledMatrix {
    let mut matrix = RowScaledMatrix::with_room([scales.len(), columns]).unwrap();
    let parts = codes.chunks(PANEL_ROWS * columns);
    let numbers = scales.chunks(PANEL_ROWS).zip(biases.chunks(PANEL_ROWS));
    parts
        .zip(numbers)
        .for_each(|(codes, (scales, biases))| matrix.push_rows(codes, scales, biases));
    matrix
}

fn product(matrix: &PackedMatrix, input: &[f32]) -> Vec<f32> {
    let count = input.len() / matrix.columns();
    let mut rows = Rows::default();
    rows.begin(count, matrix.columns()).copy_from_slice(input);
    let mut output = vec![f32::NAN; count * matrix.rows()];
    matrix.multiply(&mut rows, &mut output);
    output
}

/// The exact product of two rows, and the sum of the magnitudes in it.
fn exact(a: &[f32], b: &[f32]) -> (f64, f64) {
    let products = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
    (products.clone().sum(), products.map(f64::abs).sum())
}

#[test]
fn a_product_is_as_near_as_its_rounding_allows() {
    for seed in 1..40 {
        let (form, bits) = FORMS[seed as usize % FORMS.len()];
        let (count, rows, columns) = (seed as usize % 9 + 1, seed as usize % 19 + 1, 3 * BLOCK);
        let matrix = matrix([rows, columns], (form, bits), seed);
        let input = towering(count * columns, seed + 1000);
        let limit = if form == Form::Signed { 1e-3 } else { 0.02 };
        for (place, got) in product(&matrix, &input).iter().enumerate() {
            let input = &input[place / rows * columns..][..columns];
            let (exact, size) = exact(&matrix.row(place % rows), input);
            let error = (f64::from(*got) - exact).abs();
            assert!(error <= size * limit, "seed {seed}: {got}, exactly {exact}");
        }
    }
}

#[test]
fn a_row_is_bitwise_the_same_alone_and_among_others() {
    for seed in 1..40 {
        let columns = 5 * BLOCK;
        let matrix = matrix([11, columns], FORMS[seed as usize % FORMS.len()], seed);
        let input = towering(9 * columns, seed);
        let together = product(&matrix, &input);
        let alone: Vec<f32> = input.chunks(columns).flat_map(|row| product(&matrix, row)).collect();
        assert_eq!(together, alone, "seed {seed}");
        let floats = plain([11, columns], &Numbers::F32(row(11 * columns, seed)));
        let mut together = vec![0.0; 9 * 11];
        floats.multiply(&input, &mut together);
        for (input, together) in input.chunks(columns).zip(together.chunks(11)) {
            let mut alone = vec![0.0; 11];
            floats.multiply(input, &mut alone);
            assert_eq!(alone, together, "seed {seed}");
        }
    }
}

/// Whole activations and scales of 1 make a product whole: it must be exact.
#[test]
fn sums_of_whole_numbers_are_exact_on_every_platform() {
    for seed in 1..30 {
        let form = FORMS[seed as usize % FORMS.len()];
        let columns = 2 * BLOCK;
        let mut next = numbers(seed);
        let blocks: Vec<Block> = (0..10)
            .map(|_| Block {
                codes: std::array::from_fn(|_| ((next() + 1.0) / 2.0 * (1 << form.1) as f32) as u8),
                scales: [1.0; 2],
                offset: -3.0,
            })
            .collect();
        let matrix = packed([5, columns], form, &blocks);
        // The largest number of each block makes its scale 1.
        let largest = if form.0 == Form::Signed { 32_767.0 } else { 127.0 };
        // Small enough that an f32 holds the sums.
        let mut input: Vec<f32> = (0..3 * columns).map(|_| (next() * 127.0).round()).collect();
        input.chunks_mut(BLOCK).for_each(|block| block[seed as usize % BLOCK] = -largest);
        for (place, got) in product(&matrix, &input).iter().enumerate() {
            let (exact, _) =
                exact(&matrix.row(place % 5), &input[place / 5 * columns..][..columns]);
            assert_eq!(f64::from(*got), exact, "seed {seed}, {form:?}");
        }
    }
}

#[test]
fn plain_numbers_of_every_width_multiply() {
    for seed in 1..20 {
        let (count, rows, columns) = (seed as usize % 6 + 1, seed as usize % 13 + 1, 37);
        let weights = row(rows * columns, seed);
        let kinds = [
            Numbers::F32(weights.clone()),
            Numbers::F16(weights.iter().map(|&x| half::f16::from_f32(x)).collect()),
            Numbers::Bf16(weights.iter().map(|&x| half::bf16::from_f32(x)).collect()),
        ];
        for (kind, loss) in kinds.iter().zip([0.0, 1e-3, 1e-2]) {
            let matrix = plain([rows, columns], kind);
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

fn memory(size: usize, length: usize, seed: u64) -> (KeyValues, Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let mut memory = KeyValues::new(size);
    let keys: Vec<_> = (0..length).map(|at| row(size, seed + 2 * at as u64)).collect();
    let values: Vec<_> = (0..length).map(|at| row(size, seed + 2 * at as u64 + 1)).collect();
    keys.iter().zip(&values).for_each(|(key, value)| memory.push(key, value));
    (memory, keys, values)
}

/// Attention of one query, in f64.
fn attended(query: &[f32], keys: &[Vec<f32>], values: &[Vec<f32>], scale: f64) -> Vec<f64> {
    let weights: Vec<f64> = keys.iter().map(|key| (exact(query, key).0 * scale).exp()).collect();
    let total: f64 = weights.iter().sum();
    (0..query.len())
        .map(|at| weights.iter().zip(values).map(|(w, v)| w * f64::from(v[at]) / total).sum())
        .collect()
}

#[test]
fn attention_is_that_of_its_definition_at_every_size_and_sight() {
    for seed in 1..40 {
        let (size, length, rows) =
            ([4, 8, 20, 64][seed as usize % 4], 1 + seed as usize * 7 % 150, 3);
        let (count, all) = (seed as usize % 3 + 1, seed % 5 == 0);
        let (memory, keys, values) = memory(size, length + rows, seed * 1000);
        let stride = count * size + 3;
        let queries = row(rows * stride, seed);
        let heads = Heads { stride, output_stride: stride, first: 2, count, scale: 0.5 };
        let window = if seed % 2 == 0 { usize::MAX } else { 5 };
        let sight = if all { Sight::All } else { Sight::Past { before: length, window } };
        let mut output = vec![7.0; queries.len()];
        attend(&[memory], heads, sight, &queries, &mut output);
        for row in 0..rows {
            let seen = if all {
                0..length + rows
            } else {
                (length + row + 1).saturating_sub(window)..length + row + 1
            };
            for head in 0..count {
                let place = row * stride + 2 + head * size..row * stride + 2 + (head + 1) * size;
                let expected = attended(
                    &queries[place.clone()],
                    &keys[seen.clone()],
                    &values[seen.clone()],
                    0.5,
                );
                for (got, expected) in output[place].iter().zip(expected) {
                    assert!(
                        (f64::from(*got) - expected).abs() < 1e-5,
                        "seed {seed}: {got} {expected}"
                    );
                }
            }
            assert_eq!(output[row * stride], 7.0, "what belongs to no head stays");
        }
    }
}

#[test]
fn attention_of_a_row_is_bitwise_the_same_in_any_slice_and_after_a_roll_back() {
    for seed in 1..10 {
        let (size, length) = (32, 40);
        let (mut memory, keys, values) = memory(size, length, seed * 1000);
        memory.truncate(0);
        let queries = row(length * size, seed);
        let heads = Heads { stride: size, output_stride: size, first: 0, count: 1, scale: 0.2 };
        let mut run = |slices: &[usize]| {
            memory.truncate(0);
            let mut output = vec![0.0; queries.len()];
            let mut before = 0;
            for &slice in slices {
                for at in before..before + slice {
                    memory.push(&keys[at], &values[at]);
                }
                let place = before * size..(before + slice) * size;
                let sight = Sight::Past { before, window: 17 };
                let output = &mut output[place.clone()];
                attend(slice::from_ref(&memory), heads, sight, &queries[place], output);
                before += slice;
            }
            output
        };
        let whole = run(&[40]);
        assert_eq!(run(&[1; 40]), whole, "seed {seed}");
        assert_eq!(run(&[3, 16, 20, 1]), whole, "seed {seed}");
    }
}

#[test]
fn activations_are_those_of_their_definitions() {
    let inputs: Vec<f32> = (-4000..4000).map(|at| at as f32 / 200.0).collect();
    // The normal distribution up to x, by its series and its continued fraction.
    let normal = |x: f64| {
        let erf = |x: f64| -> f64 {
            if x.abs() < 3.0 {
                let mut term = x;
                let mut sum = x;
                for n in 1..120 {
                    term *= -x * x / f64::from(n);
                    sum += term / f64::from(2 * n + 1);
                }
                sum * 2.0 / std::f64::consts::PI.sqrt()
            } else {
                let tail = (1..60).rev().fold(0.0, |tail, n| f64::from(n) / 2.0 / (x.abs() + tail));
                (1.0 - (-x * x).exp() / std::f64::consts::PI.sqrt() / (x.abs() + tail)).copysign(x)
            }
        };
        (1.0 + erf(x / std::f64::consts::SQRT_2)) / 2.0
    };
    type Definition = fn(f64, &dyn Fn(f64) -> f64) -> f64;
    let definitions: [(Activation, Definition); 3] = [
        (Activation::Silu, |x, _| x / (1.0 + (-x).exp())),
        (Activation::Gelu, |x, normal| x * normal(x)),
        (Activation::GeluTanh, |x, _| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
            x / 2.0 * (1.0 + inner.tanh())
        }),
    ];
    for (activation, definition) in definitions {
        let mut values = inputs.clone();
        activate(&mut values, activation);
        for (x, got) in inputs.iter().zip(&values) {
            let expected = definition(f64::from(*x), &normal);
            let error = (f64::from(*got) - expected).abs();
            assert!(error < 2e-6 * expected.abs().max(1.0), "{activation:?}({x}) {got} {expected}");
        }
        let mut doubled = inputs.clone();
        activate_times(&mut doubled, activation, &vec![2.0; inputs.len()]);
        assert!(doubled.iter().zip(&values).all(|(a, b)| *a == 2.0 * b));
    }
}

#[test]
fn norms_are_those_of_their_definitions() {
    let (input, weights, biases) = (row(3 * 50, 1), row(50, 2), row(50, 3));
    let mut normed = vec![0.0; input.len()];
    rms_norm(&input, &weights, 1e-5, &mut normed);
    let mut layered = input.clone();
    layer_norm(&mut layered, &weights, &biases, 1e-5);
    for (place, x) in input.iter().enumerate() {
        let row = &input[place / 50 * 50..][..50];
        let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / 50.0;
        let square =
            |less: f64| row.iter().map(|&x| (f64::from(x) - less).powi(2)).sum::<f64>() / 50.0;
        let (weight, bias) = (f64::from(weights[place % 50]), f64::from(biases[place % 50]));
        let expected = f64::from(*x) / (square(0.0) + 1e-5).sqrt() * weight;
        assert!((f64::from(normed[place]) - expected).abs() < 1e-5);
        let expected = (f64::from(*x) - mean) / (square(mean) + 1e-5).sqrt() * weight + bias;
        assert!((f64::from(layered[place]) - expected).abs() < 1e-5);
    }
}

#[test]
fn one_number_that_is_none_is_found() {
    let mut values = vec![1.0; 100];
    assert!(all_finite(&values));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        values[77] = bad;
        assert!(!all_finite(&values));
    }
}

/// Whole numbers must come to the same; floats may differ in the last bits.
#[cfg(target_arch = "x86_64")]
#[test]
fn plain_rust_gives_what_the_machine_gives() {
    let on_plain_rust = |work: &dyn Fn() -> Vec<f32>| {
        x86_64::PLAIN.set(true);
        let result = work();
        x86_64::PLAIN.set(false);
        result
    };
    for seed in 1..30 {
        let columns = 4 * BLOCK;
        let input = towering(5 * columns, seed);
        let packed = matrix([11, columns], FORMS[seed as usize % FORMS.len()], seed);
        let floats = plain([11, columns], &Numbers::F32(row(11 * columns, seed)));
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
            &|| multiply(&|output| scaled.multiply(&input, output)),
            &|| {
                let heads = Heads { stride: 40, output_stride: 40, first: 0, count: 2, scale: 0.3 };
                let mut output = vec![0.0; queries.len()];
                attend(&memories, heads, Sight::All, &queries, &mut output);
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

#[test]
fn a_matrix_with_one_scale_a_row_multiplies_within_seven_bits() {
    for seed in 1..30 {
        let (count, rows, columns) =
            (seed as usize % 6 + 1, seed as usize % 19 + 1, [32, 64, 100, 384][seed as usize % 4]);
        let codes: Vec<i8> = row(rows * columns, seed).iter().map(|x| (x * 127.0) as i8).collect();
        let (scales, biases) = (row(rows, seed + 1), row(rows, seed + 2));
        let matrix = row_scaled(columns, &codes, &scales, &biases);
        // Not around zero: the least value of a group counts.
        let input: Vec<f32> = row(count * columns, seed + 3).iter().map(|x| x + 0.7).collect();
        let mut output = vec![0.0; count * rows];
        matrix.multiply(&input, &mut output);
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
                matrix.multiply(input, &mut output);
                output
            })
            .collect();
        assert_eq!(alone, output, "seed {seed}");
    }
}

/// What is done to rows, each by itself.
#[cfg(not(target_arch = "wasm32"))]
type Rowwise<'a> = dyn Fn(&[f32]) -> Vec<f32> + 'a;

/// As large as it takes to be worth several threads.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn what_several_threads_give_is_bitwise_what_one_gives() {
    let (count, rows, columns) = (20, 200, 20 * BLOCK);
    let each = |input: &[f32], of_row: &Rowwise| -> Vec<f32> {
        // A row by itself is too little work to be shared.
        input.chunks(columns).flat_map(of_row).collect()
    };
    for seed in 1..20 {
        let input = towering(count * columns, seed);
        let codes: Vec<i8> = row(rows * columns, seed).iter().map(|x| (x * 127.0) as i8).collect();
        let packed = matrix([rows, columns], FORMS[seed as usize % FORMS.len()], seed);
        let floats = plain([rows, columns], &Numbers::F32(row(rows * columns, seed)));
        let scaled = row_scaled(columns, &codes, &row(rows, seed), &row(rows, seed + 1));
        let multiply = |input: &[f32], work: &dyn Fn(&[f32], &mut [f32])| {
            let mut output = vec![f32::NAN; input.len() / columns * rows];
            work(input, &mut output);
            output
        };
        let works: [&Rowwise; 4] = [
            &|input| product(&packed, input),
            &|input| multiply(input, &|input, output| floats.multiply(input, output)),
            &|input| multiply(input, &|input, output| scaled.multiply(input, output)),
            &|input| {
                let mut values = input.to_vec();
                activate(&mut values, Activation::Silu);
                values
            },
        ];
        for (number, work) in works.into_iter().enumerate() {
            let alone = each(&input, work);
            use_threads(3);
            assert_eq!(work(&input), alone, "seed {seed}, {number}");
        }
    }
}

/// Texts of several lengths, side by side and each by itself.
#[test]
fn attention_within_texts_is_that_of_each_text() {
    for seed in 1..12 {
        let (count, size) = (3, [8, 20, 32][seed as usize % 3]);
        let lengths = [seed as usize % 7 + 1, 33, 1, 90];
        let width = count * size;
        let projected = row(3 * width * lengths.iter().sum::<usize>(), seed);
        let (mut texts, mut end) = (Vec::new(), 0);
        for length in lengths {
            texts.push(end..end + length);
            end += length;
        }
        let mut output = vec![f32::NAN; width * end];
        attend_within(&texts, [count, size], &projected, &mut output);
        for text in texts {
            let of = |kind: usize, row: usize, head: usize| {
                projected[3 * width * row + kind * width + head * size..][..size].to_vec()
            };
            for (row, head) in text.clone().flat_map(|row| (0..count).map(move |head| (row, head)))
            {
                let all = |kind| text.clone().map(|row| of(kind, row, head)).collect::<Vec<_>>();
                let scale = 1.0 / (size as f64).sqrt();
                let expected = attended(&of(0, row, head), &all(1), &all(2), scale);
                let got = &output[width * row + head * size..][..size];
                for (got, expected) in got.iter().zip(expected) {
                    assert!(
                        (f64::from(*got) - expected).abs() < 1e-5,
                        "seed {seed}: {got} {expected}"
                    );
                }
            }
        }
    }
}
