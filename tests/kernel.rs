//! The kernels of this platform against the simplest code that could be right.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{MAX_DOT_I8, dot_i8, dot_i8_rows};

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

#[test]
fn many_rows_give_what_each_row_gives() {
    let mut chance = Chance::new(seed());
    for (length, count) in [(0, 3), (1, 5), (19, 7), (384, 10), (384, 0)] {
        let query = row(&mut chance, length);
        let rows = row(&mut chance, length * count);
        let mut out = vec![1; count];
        dot_i8_rows(&query, &rows, &mut out);
        for (index, product) in out.into_iter().enumerate() {
            let row = &rows[index * length..][..length];
            assert_eq!(i64::from(product), naive(&query, row), "row {index} of {length}");
        }
    }
}
