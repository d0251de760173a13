//! The kernels of this platform against the simplest code that could be right.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::internals::{
    MAX_DOT_I8, MAX_SIGN_ENTRY, SIGN_ROWS, SIGN_STEP, dot_i8, dot_rows, dot_rows_at,
    max_query_value, sign_offset, sum_table_lookups,
};

#[path = "support/rng.rs"]
mod rng;
use rng::{Rng, seed};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn row(rng: &mut Rng, length: usize) -> Vec<i8> {
    (0..length).map(|_| rng.bits() as i8).collect()
}

fn naive(a: &[i8], b: &[i8]) -> i64 {
    let mut sum = 0;
    for index in 0..a.len() {
        sum += i64::from(a[index]) * i64::from(b[index]);
    }
    sum
}

#[test]
fn dot_products_are_exact_at_every_length() {
    let mut rng = Rng::new(seed());
    for length in (0..100).chain([384, 768, 1023, 1024, 4099]) {
        let (a, b) = (row(&mut rng, length), row(&mut rng, length));
        assert_eq!(i64::from(dot_i8(&a, &b)), naive(&a, &b), "length {length}");
        // Rows of an odd length begin at any address.
        if length > 0 {
            assert_eq!(i64::from(dot_i8(&a[1..], &b[..length - 1])), naive(&a[1..], &b));
        }
    }
}

#[test]
fn the_largest_products_do_not_overflow() {
    for (a, b) in [(-128, -128), (-128, 127), (127, 127)] {
        let (a, b) = (vec![a; MAX_DOT_I8], vec![b; MAX_DOT_I8]);
        assert_eq!(i64::from(dot_i8(&a, &b)), naive(&a, &b));
    }
}

/// Numbers as large as allowed, and smaller ones.
fn query(rng: &mut Rng, length: usize) -> Vec<i16> {
    let largest = i64::from(max_query_value(length));
    let number = |bits: u64| (bits >> 1) as i64 % (2 * largest + 1) - largest;
    (0..length).map(|_| number(rng.bits()) as i16).collect()
}

fn naive_product(query: &[i16], row: &[i8]) -> i64 {
    query.iter().zip(row).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum()
}

#[test]
fn products_of_a_query_with_rows_are_exact_in_any_number_and_order() {
    let mut rng = Rng::new(seed());
    for (length, count) in [(0, 3), (1, 5), (19, 7), (32, 12), (384, 10), (384, 0), (1000, 4)] {
        let query = query(&mut rng, length);
        let rows = row(&mut rng, length * count);
        let expected: Vec<i64> = (0..count)
            .map(|number| naive_product(&query, &rows[number * length..][..length]))
            .collect();
        let mut out = vec![1; count];
        dot_rows(&query, &rows, &mut out);
        assert!(out.iter().map(|&product| i64::from(product)).eq(expected.iter().copied()));

        let numbers: Vec<u32> =
            (0..3 * count).map(|_| (rng.bits() % count as u64) as u32).collect();
        let mut out = vec![1; numbers.len()];
        dot_rows_at(&query, &rows, &numbers, &mut out);
        for (number, product) in numbers.into_iter().zip(out) {
            assert_eq!(i64::from(product), expected[number as usize], "row {number} of {length}");
        }
    }
}

#[test]
fn the_largest_products_of_a_query_do_not_overflow() {
    for length in [1, 384, 768, 16_384] {
        let largest = max_query_value(length);
        for (number, code) in [(largest, -128), (-largest, -128), (largest, 127)] {
            let (query, row) = (vec![number; length], vec![code; length]);
            let mut out = [0];
            dot_rows(&query, &row, &mut out);
            assert_eq!(i64::from(out[0]), naive_product(&query, &row), "length {length}");
        }
    }
}

#[test]
fn every_byte_of_every_row_of_a_block_has_an_offset_of_its_own() {
    let places = (0..SIGN_ROWS).flat_map(|row| (0..48).map(move |byte| sign_offset(row, byte)));
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    assert!(places.into_iter().eq(0..SIGN_ROWS * 48));
}

#[test]
fn table_lookups_of_all_halves_of_bytes_are_summed() {
    let mut rng = Rng::new(seed());
    for (steps, blocks) in [(0, 2), (1, 1), (3, 5), (8, 2), (9, 3), (24, 4), (500, 2)] {
        // The largest entries, and smaller ones.
        let tables: Vec<u8> =
            (0..steps * SIGN_STEP).map(|_| MAX_SIGN_ENTRY.min((rng.bits() % 24) as u8)).collect();
        let bytes: Vec<u8> = (0..blocks * steps * SIGN_STEP).map(|_| rng.bits() as u8).collect();
        let mut out = vec![1; blocks * SIGN_ROWS];
        sum_table_lookups(&tables, &bytes, &mut out);
        for (row, sum) in out.into_iter().enumerate() {
            let block = &bytes[row / SIGN_ROWS * steps * SIGN_STEP..];
            let mut expected = 0;
            for place in 0..2 * steps {
                let byte = usize::from(block[sign_offset(row % SIGN_ROWS, place)]);
                let table = place / 2 * SIGN_STEP + place % 2 * 16;
                expected += u32::from(tables[table + byte % 16]);
                expected += u32::from(tables[table + 32 + byte / 16]);
            }
            assert_eq!(u32::from(sum), expected, "row {row} of {steps} steps");
        }
    }
}
