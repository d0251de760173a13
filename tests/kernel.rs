//! The kernels of this platform against the simplest code that could be right.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{MAX_DOT_I8, dot_i8, dot_rows, dot_rows_at, largest_of_query, sign_distances};

#[path = "index/chance.rs"]
mod chance;
use chance::{Chance, seed};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn row(chance: &mut Chance, length: usize) -> Vec<i8> {
    (0..length).map(|_| chance.bits() as i8).collect()
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
    let mut chance = Chance::new(seed());
    for length in (0..100).chain([384, 768, 1023, 1024, 4099]) {
        let (a, b) = (row(&mut chance, length), row(&mut chance, length));
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

/// Numbers as large as they may be, and smaller ones.
fn query(chance: &mut Chance, length: usize) -> Vec<i16> {
    let largest = i64::from(largest_of_query(length));
    let number = |bits: u64| (bits >> 1) as i64 % (2 * largest + 1) - largest;
    (0..length).map(|_| number(chance.bits()) as i16).collect()
}

fn naive_product(query: &[i16], row: &[i8]) -> i64 {
    query.iter().zip(row).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum()
}

#[test]
fn a_query_has_the_product_with_each_row_in_any_number_of_rows_and_order() {
    let mut chance = Chance::new(seed());
    for (length, count) in [(0, 3), (1, 5), (19, 7), (32, 12), (384, 10), (384, 0), (1000, 4)] {
        let query = query(&mut chance, length);
        let rows = row(&mut chance, length * count);
        let expected: Vec<i64> = (0..count)
            .map(|number| naive_product(&query, &rows[number * length..][..length]))
            .collect();
        let mut out = vec![1; count];
        dot_rows(&query, &rows, &mut out);
        assert!(out.iter().map(|&product| i64::from(product)).eq(expected.iter().copied()));

        let numbers: Vec<u32> =
            (0..3 * count).map(|_| (chance.bits() % count as u64) as u32).collect();
        let mut out = vec![1; numbers.len()];
        dot_rows_at(&query, &rows, &numbers, &mut out);
        for (number, product) in numbers.into_iter().zip(out) {
            assert_eq!(i64::from(product), expected[number as usize], "row {number} of {length}");
        }
    }
}

#[test]
fn the_largest_products_of_a_query_do_not_overflow() {
    for length in [1, 384, 768, 65_535] {
        let largest = largest_of_query(length);
        for (number, code) in [(largest, -128), (-largest, -128), (largest, 127)] {
            let (query, row) = (vec![number; length], vec![code; length]);
            let mut out = [0];
            dot_rows(&query, &row, &mut out);
            assert_eq!(i64::from(out[0]), naive_product(&query, &row), "length {length}");
        }
    }
}

#[test]
fn signs_differ_in_as_many_bits_as_are_counted_one_by_one() {
    let mut chance = Chance::new(seed());
    for (words, count) in [(0, 2), (1, 3), (5, 9), (6, 100), (12, 7), (16, 5), (1024, 2)] {
        let query: Vec<u64> = (0..words).map(|_| chance.bits()).collect();
        let mut rows: Vec<u64> = (0..words * count).map(|_| chance.bits()).collect();
        // The last row differs in every bit, but for one: no more are counted in 1,024 words.
        let last = rows.len() - words;
        rows[last..].iter_mut().zip(&query).for_each(|(bits, query)| *bits = !query);
        rows[last..].iter_mut().take(1).for_each(|bits| *bits ^= 1);
        let mut out = vec![1; count];
        sign_distances(&query, &rows, &mut out);
        for (number, distance) in out.into_iter().enumerate() {
            let row = &rows[number * words..][..words];
            let bit = |bits: &[u64], at: usize| bits[at / 64] >> (at % 64) & 1;
            let expected = (0..64 * words).filter(|&at| bit(&query, at) != bit(row, at)).count();
            assert_eq!(usize::from(distance), expected, "row {number} of {words} words");
        }
    }
}
