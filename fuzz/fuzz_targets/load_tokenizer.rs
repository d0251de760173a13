//! Any text as the tokenizer.json of a small encoder, which is used where it loads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{EmbedderOptions, OriginalFiles, Pooling};

#[allow(dead_code)]
#[path = "../../tests/models/using.rs"]
mod using;

fuzz_target!(|tokenizer: &str| {
    let files = OriginalFiles {
        weights: include_bytes!("../../tests/fixtures/models/tiny-bert/model.safetensors"),
        config: include_str!("../../tests/fixtures/models/tiny-bert/config.json"),
        tokenizer,
    };
    let options =
        EmbedderOptions { pooling: Pooling::Mean, max_tokens: 64, ..EmbedderOptions::default() };
    let _ = using::use_original(files, options);
});
