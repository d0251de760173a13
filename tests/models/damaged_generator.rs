//! Damaged and unusual generator files: an error that says what is wrong, never a panic.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::gguf::{ARRAY, F32, Parts, TEXT, U32, array, text};
use crate::using::use_generator;
use crate::{LLAMA, LLAMA_SPM, try_load};

fn code(file: &Parts) -> &'static str {
    try_load(&file.write()).err().map_or("none", |error| error.code())
}

#[test]
fn a_file_written_again_from_its_parts_is_the_same() {
    for file in [LLAMA, LLAMA_SPM] {
        assert!(Parts::read(file).write() == file);
        use_generator(file).unwrap();
    }
}

#[test]
fn a_file_with_a_changed_byte_in_its_header_fails_or_works_but_does_not_panic() {
    for file in [LLAMA, LLAMA_SPM] {
        let header = Parts::read(file).header;
        let mut changed = file.to_vec();
        let mut refused = 0;
        for at in 0..header {
            // All bytes of the sizes, and some of the many words of the vocabulary.
            if (1024..header - 2048).contains(&at) && at % 31 != 0 {
                continue;
            }
            let flip = if at % 2 == 0 { 0x01 } else { 0xFF };
            changed[at] ^= flip;
            refused += usize::from(use_generator(&changed).is_err());
            changed[at] ^= flip;
        }
        assert!(refused > 1000, "{refused} of {header}");
    }
}

#[test]
fn shapes_that_contradict_each_other_are_corrupt() {
    let parts = Parts::read(LLAMA);
    let number = |n: u32| n.to_le_bytes();
    let wrong = [
        ("llama.embedding_length", 0),
        ("llama.embedding_length", 65),
        ("llama.attention.head_count", 0),
        ("llama.attention.head_count", 3),
        ("llama.attention.head_count_kv", 0),
        ("llama.attention.head_count_kv", 3),
        ("llama.attention.head_count_kv", 8),
        ("llama.attention.key_length", 8),
        ("llama.rope.dimension_count", 0),
        ("llama.rope.dimension_count", 3),
        ("llama.rope.dimension_count", 18),
        ("llama.block_count", 0),
        ("llama.block_count", 3),
        ("llama.feed_forward_length", 64),
        ("llama.context_length", 0),
    ];
    for (key, value) in wrong {
        assert_eq!(code(&parts.with(key, U32, number(value))), "corrupt_model", "{key} {value}");
        assert_eq!(code(&parts.with(key, TEXT, text("many"))), "corrupt_model", "{key}");
    }
    for key in ["llama.embedding_length", "llama.block_count", "llama.context_length"] {
        assert_eq!(code(&parts.without(key)), "corrupt_model", "{key} missing");
    }
    let flat = parts.with_tensor("token_embd.weight", |tensor| tensor.shape.reverse());
    assert_eq!(code(&flat), "corrupt_model");
    let renamed = parts.with_tensor("blk.1.ffn_up.weight", |tensor| tensor.name.push('x'));
    assert_eq!(code(&renamed), "corrupt_model");
    let unknown = parts.with_tensor("blk.1.ffn_up.weight", |tensor| tensor.kind = 99);
    assert_eq!(code(&unknown), "corrupt_model");
}

#[test]
fn nan_weights_are_corrupt_and_generate_no_text() {
    let half = |x: f32| half::f16::from_f32(x).to_le_bytes().to_vec();
    let parts = Parts::read(LLAMA);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let single = bad.to_le_bytes().to_vec();
        let places = [
            ("token_embd.weight", half(bad)),
            ("blk.0.attn_q.weight", half(bad)),
            ("blk.0.attn_v.weight", half(bad)),
            ("blk.0.ffn_gate.weight", half(bad)),
            ("blk.0.attn_output.weight", half(bad)),
            ("blk.1.attn_q.weight", single.clone()),
            ("blk.1.ffn_up.weight", half(bad)),
            ("blk.1.ffn_down.weight", half(bad)),
            ("blk.1.attn_norm.weight", single.clone()),
            ("output_norm.weight", single.clone()),
        ];
        for (name, bytes) in places {
            // Some token reads each row of the table.
            let row_of_first_token = if name == "token_embd.weight" { 68 } else { 0 };
            let changed = parts.with_data(name, row_of_first_token, &bytes);
            let error = use_generator(&changed.write()).err();
            assert_eq!(error.map(|error| error.code()), Some("corrupt_model"), "{name} {bad}");
        }
    }
    for base in [f32::NAN, 0.0, -1e4] {
        let changed = parts.with("llama.rope.freq_base", F32, base.to_le_bytes());
        assert_eq!(code(&changed), "corrupt_model", "{base}");
    }
}

#[test]
fn another_architecture_is_named_in_the_error() {
    let parts = Parts::read(LLAMA);
    for name in ["mamba", "gemma", "bert", ""] {
        let error = try_load(&parts.with("general.architecture", TEXT, text(name)).write());
        let error = error.err().unwrap();
        assert_eq!(error.code(), "unsupported_architecture");
        assert!(error.to_string().contains(&format!("\"{name}\"")), "{error}");
    }
    assert_eq!(code(&parts.without("general.architecture")), "unsupported_architecture");
    let experts = parts.with("llama.expert_count", U32, 8u32.to_le_bytes());
    assert_eq!(code(&experts), "unsupported_architecture");
    let mut biased = parts.clone();
    let mut bias = biased.tensors[0].clone();
    bias.name = "blk.0.attn_q.bias".to_owned();
    bias.offset = biased.data.len().next_multiple_of(32) as u64;
    biased.data.resize(2 * biased.data.len(), 0);
    biased.tensors.push(bias);
    assert_eq!(code(&biased), "unsupported_architecture");
}

#[test]
fn a_tokenizer_that_is_missing_or_unknown_is_named_in_the_error() {
    let (bytes, pieces) = (Parts::read(LLAMA), Parts::read(LLAMA_SPM));
    let strange = [
        bytes.without("tokenizer.ggml.model"),
        bytes.without("tokenizer.ggml.tokens"),
        bytes.without("tokenizer.ggml.merges"),
        bytes.without("tokenizer.ggml.pre"),
        bytes.with("tokenizer.ggml.model", TEXT, text("rwkv")),
        bytes.with("tokenizer.ggml.pre", TEXT, text("qwen9")),
        bytes.with("tokenizer.ggml.pre", TEXT, text("")),
        bytes.with("tokenizer.ggml.merges", ARRAY, array(TEXT, &[text("one")])),
        bytes.with("tokenizer.ggml.merges", ARRAY, array(TEXT, &[text("no ne")])),
        bytes.with("tokenizer.ggml.tokens", ARRAY, array(TEXT, &[])),
        pieces.without("tokenizer.ggml.scores"),
        pieces.with("tokenizer.ggml.scores", ARRAY, array(F32, &[vec![0; 4]])),
    ];
    for (place, file) in strange.iter().enumerate() {
        assert_eq!(code(file), "unsupported_tokenizer", "case {place}");
    }
    let unknown = bytes.with("tokenizer.ggml.pre", TEXT, text("deepseek-v9"));
    let error = try_load(&unknown.write()).err().unwrap().to_string();
    assert!(error.contains("\"deepseek-v9\""), "{error}");
    for known in ["gpt-2", "smollm", "llama-bpe", "qwen2"] {
        assert_eq!(code(&bytes.with("tokenizer.ggml.pre", TEXT, text(known))), "none");
    }
}

#[test]
fn a_broken_endless_or_missing_chat_template_does_no_harm() {
    let parts = Parts::read(LLAMA);
    let with = |template: &str| parts.with("tokenizer.chat_template", TEXT, text(template));
    for broken in ["{% for message in messages %}", "{{ 1 +", "{% no_such_tag %}"] {
        assert_eq!(code(&with(broken)), "corrupt_model", "{broken}");
    }
    let failing = [
        "{{ raise_exception('never') }}",
        "{{ nothing.of.this }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
    ];
    for template in failing {
        let error = use_generator(&with(template).write()).err().unwrap();
        assert_eq!(error.code(), "corrupt_model", "{template}");
    }
    use_generator(&parts.without("tokenizer.chat_template").write()).unwrap();
}
