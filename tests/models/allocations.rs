//! What reading a token takes of memory: buffers are made once, and keys and values grow in
//! steps, with nothing copied for each token.

use allocation_counter::{AllocationInfo, measure};
use multimodal_rag::Generator;

use crate::load;

/// Families and types of weights, at real shapes of heads.
const MODELS: [(&str, &[u8]); 4] = [
    ("llama, Q4_K", include_bytes!("../fixtures/models/random/llama-q4_k.gguf")),
    ("llama, Q8_0", include_bytes!("../fixtures/models/random/llama-q8_0.gguf")),
    ("Qwen 3", include_bytes!("../fixtures/models/random/qwen3.gguf")),
    ("Gemma 3", include_bytes!("../fixtures/models/random/gemma3.gguf")),
];
/// Keys and values that room is made for at once.
const GROWTH: usize = 128;
/// Tokens that are read.
const LENGTH: usize = 3 * GROWTH;
/// Bytes of a row of these models' embeddings, at most.
const LARGEST_ROW: u64 = 2048;

fn each_model(check: impl Fn(&str, &Generator)) {
    for (name, file) in MODELS {
        check(name, &load(file));
    }
}

/// Reads so many tokens one by one; gives what each took.
fn taken(generator: &Generator) -> Vec<AllocationInfo> {
    let (mut cache, mut logits) = (generator.new_cache(), Vec::new());
    let mut read = || measure(|| generator.decode_each(&[7], &mut cache, &mut logits).unwrap());
    (0..LENGTH).map(|_| read()).collect()
}

#[test]
fn a_token_takes_memory_only_where_keys_and_values_grow() {
    each_model(|name, generator| {
        // The first time, the room for scores grows as well, which all texts share.
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

/// All that tokens may take is a row of the embedding each, given back at once.
fn check_passing(what: &str, taken: &AllocationInfo, tokens: u64) {
    assert!(taken.count_total <= tokens, "{what}: {taken:?}");
    assert!(taken.bytes_total <= tokens * LARGEST_ROW, "{what}: {taken:?}");
    assert_eq!(taken.bytes_current, 0, "{what}: {taken:?}");
}
