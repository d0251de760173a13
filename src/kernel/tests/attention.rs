//! Attention: with a key-value cache, and within texts.
#![allow(clippy::unwrap_used)]

use crate::test;

use std::slice;

use super::*;

/// The attention of one query, in f64.
fn attended(query: &[f32], keys: &[Vec<f32>], values: &[Vec<f32>], scale: f64) -> Vec<f64> {
    let weights: Vec<f64> = keys.iter().map(|key| (exact(query, key).0 * scale).exp()).collect();
    let total: f64 = weights.iter().sum();
    (0..query.len())
        .map(|at| weights.iter().zip(values).map(|(w, v)| w * f64::from(v[at]) / total).sum())
        .collect()
}

#[test]
fn attention_follows_its_definition_at_every_size_and_mask() {
    for seed in 1..40 {
        let (size, length, rows) =
            ([4, 8, 20, 64][seed as usize % 4], 1 + seed as usize * 7 % 150, 3);
        let (count, all) = (seed as usize % 3 + 1, seed % 5 == 0);
        let (memory, keys, values) = memory(size, length + rows, seed * 1000);
        let stride = count * size + 3;
        let queries = row(rows * stride, seed);
        let heads = HeadLayout { stride, output_stride: stride, first: 2, count, scale: 0.5 };
        let window = if seed % 2 == 0 { usize::MAX } else { 5 };
        let mask =
            if all { AttentionMask::All } else { AttentionMask::Past { before: length, window } };
        let mut output = vec![7.0; queries.len()];
        attend(&[memory], heads, mask, &queries, &mut output);
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
fn attention_of_a_row_is_bitwise_the_same_in_any_slice_and_after_a_rollback() {
    for seed in 1..10 {
        let (size, length) = (32, 40);
        let (mut memory, keys, values) = memory(size, length, seed * 1000);
        memory.truncate(0);
        let queries = row(length * size, seed);
        let heads =
            HeadLayout { stride: size, output_stride: size, first: 0, count: 1, scale: 0.2 };
        let mut run = |slices: &[usize]| {
            memory.truncate(0);
            let mut output = vec![0.0; queries.len()];
            let mut before = 0;
            for &slice in slices {
                for at in before..before + slice {
                    memory.push(&keys[at], &values[at]);
                }
                let place = before * size..(before + slice) * size;
                let mask = AttentionMask::Past { before, window: 17 };
                let output = &mut output[place.clone()];
                attend(slice::from_ref(&memory), heads, mask, &queries[place], output);
                before += slice;
            }
            output
        };
        let whole = run(&[40]);
        assert_eq!(run(&[1; 40]), whole, "seed {seed}");
        assert_eq!(run(&[3, 16, 20, 1]), whole, "seed {seed}");
    }
}

/// Texts of several lengths, together and one by one.
#[test]
fn attention_within_several_texts_equals_attention_within_each() {
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
