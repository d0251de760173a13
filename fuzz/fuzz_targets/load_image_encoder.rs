//! Any bytes as the file of an image encoder, which is used where it loads. The first inputs are made
//! here, as the tests make them: packed encoders of random weights.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use multimodal_rag::quantize_image_encoder;

#[path = "../../tests/support/image_encoders.rs"]
mod image_encoders;
#[path = "../../tests/support/rng.rs"]
mod rng;
#[allow(dead_code)]
#[path = "../../tests/models/using.rs"]
mod using;

/// No encoder is shorter: such an input is replaced by a whole one.
const LEAST_BYTES: usize = 64;

fuzz_target!(|file: &[u8]| {
    let _ = using::use_image_encoder(file);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let whole = &packed()[seed as usize % 2];
    if size >= LEAST_BYTES || whole.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..whole.len()].copy_from_slice(whole);
    whole.len()
});

fn packed() -> &'static [Vec<u8>; 2] {
    static PACKED: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    PACKED.get_or_init(|| {
        ["clip", "siglip"].map(|name| {
            let reference = image_encoders::Reference::of(name);
            quantize_image_encoder(reference.files()).expect("the tests pack it too")
        })
    })
}
