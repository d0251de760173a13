//! Memory that reading a token takes: buffers are allocated once, keys and values grow in steps,
//! and nothing is copied for each token.

use allocation_counter::{AllocationInfo, measure};
use multimodal_rag::Generator;

use crate::load;

/// Families and types of weights, with real sizes of heads.
const MODELS: [(&str, &[u8]); 4] = [
    ("llama, Q4_K", include_bytes!("../fixtures/models/random/llama-q4_k.gguf")),
    ("llama, Q8_0", include_bytes!("../fixtures/models/random/llama-q8_0.gguf")),
    ("Qwen 3", include_bytes!("../fixtures/models/random/qwen3.gguf")),
    ("Gemma 3", include_bytes!("../fixtures/models/random/gemma3.gguf")),
];
/// Keys and values that memory is allocated for at once.
const GROWTH: usize = 128;
/// Tokens that are read.
const LENGTH: usize = 3 * GROWTH;
/// The most bytes of a row of these models' embeddings.
const LARGEST_ROW: u64 = 2048;

fn each_model(check: impl Fn(&str, &Generator)) {
    for (name, file) in MODELS {
        check(name, &load(file));
    }
}

/// Reads `LENGTH` tokens one by one and returns what each allocated.
fn taken(generator: &Generator) -> Vec<AllocationInfo> {
    let (mut cache, mut logits) = (generator.new_cache(), Vec::new());
    let mut read = || measure(|| generator.decode_each(&[7], &mut cache, &mut logits).unwrap());
    (0..LENGTH).map(|_| read()).collect()
}

#[test]
fn a_token_takes_memory_only_where_keys_and_values_grow() {
    each_model(|name, generator| {
        // The first text also grows the memory for scores, which all texts share.
        taken(generator);
        for (length, taken) in taken(generator).iter().enumerate() {
            let what = format!("{name}, token {length}");
            match length.is_multiple_of(GROWTH) {
                true => assert!(taken.bytes_current > 0, "{what}: {taken:?}"),
                false => check_passing(&what, taken, 1),
            }
        }
    });
}

#[test]
fn a_slice_of_a_prompt_uses_the_buffers_of_the_one_before_it() {
    let slice: Vec<u32> = (0..GROWTH as u32 / 4).map(|at| 5 + at).collect();
    each_model(|name, generator| {
        let mut cache = generator.new_cache();
        generator.prefill(&slice, &mut cache).unwrap();
        generator.prefill(&slice, &mut cache).unwrap();
        cache.roll_back(slice.len());
        let taken = measure(|| generator.prefill(&slice, &mut cache).unwrap());
        check_passing(name, &taken, slice.len() as u64);
    });
}

/// Tokens may take a row of the embedding each, which is freed at once.
fn check_passing(what: &str, taken: &AllocationInfo, tokens: u64) {
    assert!(taken.count_total <= tokens, "{what}: {taken:?}");
    assert!(taken.bytes_total <= tokens * LARGEST_ROW, "{what}: {taken:?}");
    assert_eq!(taken.bytes_current, 0, "{what}: {taken:?}");
}
