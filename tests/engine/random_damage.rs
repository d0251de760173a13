//! Records damaged at random, several at once, and records that are wrong under a right
//! checksum. What the fuzzer does for minutes, in small, from a seed that is printed.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::changed::{CHANGE_BYTES, Original, change};
use crate::rng::{Rng, seed};

/// Tries of each kind; as wasm, where they take longer, fewer.
const TRIES: usize = if cfg!(target_arch = "wasm32") { 40 } else { 400 };

/// What says how to make a few changes.
fn changes(rng: &mut Rng) -> Vec<u8> {
    let count = 1 + rng.bits() as usize % 4;
    (0..count * CHANGE_BYTES).map(|_| rng.bits() as u8).collect()
}

#[test]
fn nothing_false_is_answered_from_records_damaged_at_random() {
    let (original, mut rng) = (Original::new(), Rng::new(seed()));
    for _ in 0..TRIES {
        original.check_damaged_records(&changes(&mut rng));
    }
}

#[test]
fn an_exported_file_damaged_at_random_is_refused() {
    let (original, mut rng) = (Original::new(), Rng::new(seed()));
    for _ in 0..TRIES {
        original.check_damaged_file(&changes(&mut rng));
    }
}

#[test]
fn what_is_wrong_under_a_right_checksum_does_no_harm() {
    let (original, mut rng) = (Original::new(), Rng::new(seed()));
    let records: Vec<&Vec<u8>> = original.records.values().chain([&original.file]).collect();
    for round in 0..TRIES {
        let mut record = records[round % records.len()].clone();
        for change_bytes in changes(&mut rng).as_chunks::<CHANGE_BYTES>().0 {
            // The magic stays, or there is no telling what the rest should be.
            let magic = record.drain(..4.min(record.len())).collect::<Vec<u8>>();
            let [_, change_bytes @ ..] = change_bytes;
            change(&mut record, *change_bytes);
            record.splice(..0, magic);
        }
        original.use_forged(&record);
    }
}
