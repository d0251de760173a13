//! Any bytes as the file of an embedder, packed or to be packed, which is used where it loads.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/models/using.rs"]
mod using;

fuzz_target!(|file: &[u8]| {
    let _ =
        if file.starts_with(b"E5S1") { using::use_e5s1(file) } else { using::use_embedder(file) };
});
