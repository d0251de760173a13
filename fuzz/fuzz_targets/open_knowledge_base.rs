//! A knowledge base with mutated records. An input that begins like a record replaces a record,
//! with a valid checksum: no operation may panic. Any other input is a list of mutations: no
//! answer may be wrong, and every lost document must be reported.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/engine/harness.rs"]
mod harness;
#[path = "../../tests/engine/history.rs"]
mod history;
#[allow(dead_code)]
#[path = "../../tests/engine/mutation.rs"]
mod mutation;
#[path = "../../tests/support/record.rs"]
mod record;
#[path = "../../tests/engine/valid_checksum.rs"]
mod valid_checksum;

thread_local!(static ORIGINAL: mutation::Original = mutation::Original::new());

fuzz_target!(|input: &[u8]| {
    ORIGINAL.with(|original| {
        if input.starts_with(b"mmr") {
            return original.use_with_valid_checksum(input);
        }
        original.check_damaged_records(input);
        original.check_damaged_file(input);
    });
});
