//! The default models, compared with the implementations that they were made for:
//! sentence-transformers and llama.cpp; the answer reader with numpy. `scripts/reference` and
//! `scripts/reader/reference.py` made the references.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

mod answer_reader;
mod decoder;
mod embedders;

use std::path::Path;

/// multilingual-e5-small in 4 bits: all languages, and two.
const E5: &str = "multilingual-e5-small.q4.safetensors";
const E5_SMALL: &str = "multilingual-e5-small-en-pt.q4.safetensors";

fn model_file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name);
    std::fs::read(&path).unwrap_or_else(|e| {
        panic!("models/{name} cannot be read ({e}): run `make embedder embedder-minilm`")
    })
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// The least and the median cosine. They are printed, so that a run shows the distance to the
/// limits.
fn spread(what: &str, cosines: &[f64]) -> (f64, f64) {
    let mut sorted = cosines.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, median) = (sorted[0], sorted[sorted.len() / 2]);
    println!("{what}: cosine at least {least:.6}, median {median:.6}, of {}", sorted.len());
    (least, median)
}
