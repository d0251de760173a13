//! A knowledge base that was changed behind its back. What begins like a record is put in the
//! place of one, under a checksum that is right: it is used where it opens. Anything else says
//! which bytes are damaged: nothing false is answered, and nothing lost without being reported.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/engine/changed.rs"]
mod changed;
#[path = "../../tests/engine/forged.rs"]
mod forged;
#[path = "../../tests/engine/past.rs"]
mod past;
#[path = "../../tests/support/record.rs"]
mod record;
#[allow(dead_code)]
#[path = "../../tests/engine/world.rs"]
mod world;

thread_local!(static ORIGINAL: changed::Original = changed::Original::new());

fuzz_target!(|input: &[u8]| {
    ORIGINAL.with(|original| {
        if input.starts_with(b"mmr") {
            return original.use_forged(input);
        }
        original.check_damaged_records(input);
        original.check_damaged_file(input);
    });
});
