//! Records with random damage, several at once, and wrong bodies with valid checksums. A short
//! version of the fuzz test, from a seed that is printed.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::mutation::{MUTATION_BYTES, Original, mutate};
use crate::rng::{Rng, seed};

/// Tries of each test. Fewer as wasm, where they take longer.
const TRIES: usize = if cfg!(target_arch = "wasm32") { 40 } else { 400 };

/// The bytes of one to four mutations.
fn random_mutations(rng: &mut Rng) -> Vec<u8> {
    let count = 1 + rng.bits() as usize % 4;
    (0..count * MUTATION_BYTES).map(|_| rng.bits() as u8).collect()
}

#[test]
fn records_with_random_damage_never_give_a_wrong_answer() {
    let (original, mut rng) = (Original::new(), Rng::new(seed()));
    for _ in 0..TRIES {
        original.check_damaged_records(&random_mutations(&mut rng));
    }
}

#[test]
fn an_export_with_random_damage_is_refused() {
    let (original, mut rng) = (Original::new(), Rng::new(seed()));
    for _ in 0..TRIES {
        original.check_damaged_file(&random_mutations(&mut rng));
    }
}

#[test]
fn a_wrong_body_with_a_valid_checksum_causes_no_panic() {
    let (original, mut rng) = (Original::new(), Rng::new(seed()));
    let records: Vec<&Vec<u8>> = original.records.values().chain([&original.file]).collect();
    for round in 0..TRIES {
        let mut record = records[round % records.len()].clone();
        for mutation in random_mutations(&mut rng).as_chunks::<MUTATION_BYTES>().0 {
            // The magic stays: without it the kind of the record is not known.
            let magic = record.drain(..4.min(record.len())).collect::<Vec<u8>>();
            let [_, mutation @ ..] = mutation;
            mutate(&mut record, *mutation);
            record.splice(..0, magic);
        }
        original.use_with_valid_checksum(&record);
    }
}
