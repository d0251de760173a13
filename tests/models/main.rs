//! Model files become embedders and generators: their results are compared with other
//! implementations, and damaged files with errors.
//!
//! The models are small ones of random weights, made by `scripts/reference`.
#![allow(clippy::unwrap_used)]

mod adapters;
// Only native allocations are counted: as wasm it is the same code.
#[cfg(not(target_arch = "wasm32"))]
mod allocations;
mod answer_reader;
mod damaged_embedder;
mod damaged_generator;
mod damaged_header;
mod decoder;
mod e5;
mod embedder;
mod families;
mod generation;
mod gguf;
mod image_encoder;
#[path = "../support/image_encoders.rs"]
mod image_encoders;
mod loading;
mod mutated;
#[path = "../support/rng.rs"]
mod rng;
mod tokenizer;
mod using;
mod weights;

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{Embedder, EmbedderOptions, Generator, OriginalFiles, Result, Task, quantize};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const BERT: OriginalFiles<'static> = OriginalFiles {
    weights: include_bytes!("../fixtures/models/tiny-bert/model.safetensors"),
    config: include_str!("../fixtures/models/tiny-bert/config.json"),
    tokenizer: include_str!("../fixtures/models/tiny-bert/tokenizer.json"),
};
const BERT_TOKENS: usize = 128;
const TINY_E5: &[u8] = include_bytes!("../fixtures/models/tiny-e5.bin");
const LLAMA: &[u8] = include_bytes!("../fixtures/models/tiny-llama.gguf");
const LLAMA_SPM: &[u8] = include_bytes!("../fixtures/models/tiny-llama-spm.gguf");
const LLAMA_REFERENCE: &str = include_str!("../fixtures/reference/tiny_logits.json");

fn bert_options() -> EmbedderOptions {
    EmbedderOptions { max_tokens: BERT_TOKENS, ..Default::default() }
}

fn try_load(file: &[u8]) -> Result<Generator> {
    pollster::block_on(Generator::load(file, &IdleRuntime, &Task::default()))
}

fn load(file: &[u8]) -> Generator {
    try_load(file).unwrap()
}

fn try_load_embedder(file: &[u8]) -> Result<Embedder> {
    pollster::block_on(Embedder::load(file, &IdleRuntime, &Task::default()))
}

/// The small encoder, quantized with these options.
fn load_embedder(options: EmbedderOptions) -> Embedder {
    try_load_embedder(&quantize(BERT, options).unwrap()).unwrap()
}

fn load_full_precision(files: OriginalFiles, options: EmbedderOptions) -> Result<Embedder> {
    pollster::block_on(Embedder::load_full_precision(
        files,
        options,
        &IdleRuntime,
        &Task::default(),
    ))
}

/// The results of llama.cpp for a model, by the model's name.
fn llama_reference(name: &str) -> serde_json::Value {
    let reference: serde_json::Value = serde_json::from_str(LLAMA_REFERENCE).unwrap();
    reference["models"][name].clone()
}

fn ids(value: &serde_json::Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

fn floats(value: &serde_json::Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// The index of the largest number, the first of equal ones.
fn largest(values: &[f32]) -> u32 {
    let (place, _) = values
        .iter()
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (at, &x)| if x > best.1 { (at, x) } else { best });
    place as u32
}
