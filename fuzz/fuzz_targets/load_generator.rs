//! Any bytes as the file of a generator, which is used where it loads.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/models/using.rs"]
mod using;

fuzz_target!(|file: &[u8]| {
    let _ = using::use_generator(file);
});
