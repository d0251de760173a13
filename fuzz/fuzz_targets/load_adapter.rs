//! Any bytes as an adapter of a small generator, in both formats; it is used where it loads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::AdapterFiles;

#[allow(dead_code)]
#[path = "../../tests/models/using.rs"]
mod using;

const CONFIG: &str = include_str!("../../tests/fixtures/models/random/adapters/llama.json");

fuzz_target!(|file: &[u8]| {
    let _ = using::use_adapter(AdapterFiles::Gguf(&file));
    let _ = using::use_adapter(AdapterFiles::Peft { weights: &file, config: CONFIG });
});
