//! The decoder, compared with llama.cpp and with candle's decoder.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Generator, KvCache};

use crate::{LLAMA, LLAMA_SPM, cosine, floats, ids, largest, llama_reference, load};

const MODELS: [(&str, &[u8]); 2] = [("tiny-llama", LLAMA), ("tiny-llama-spm", LLAMA_SPM)];

/// A text in tokens of the model.
fn tokens(name: &str) -> Vec<u32> {
    let reference = llama_reference(name);
    [ids(&reference["prompt"]), ids(&reference["given"])].concat()
}

/// The logits after `tokens`, read one by one into a new cache.
fn one_by_one(generator: &Generator, tokens: &[u32]) -> (Vec<f32>, KvCache) {
    let mut cache = generator.new_cache();
    let mut logits = Vec::new();
    for &token in tokens {
        logits = generator.decode(token, &mut cache).unwrap();
    }
    (logits, cache)
}

#[test]
fn logits_agree_with_llama_cpp() {
    for (name, file) in MODELS {
        let generator = load(file);
        let reference = llama_reference(name);
        let (prompt, given) = (ids(&reference["prompt"]), ids(&reference["given"]));
        let (&last, head) = prompt.split_last().unwrap();
        let mut cache = generator.new_cache();
        generator.prefill(head, &mut cache).unwrap();
        let exact = reference["f32Logits"].as_array().unwrap();
        let rounded = reference["logits"].as_array().unwrap();
        let noise = reference["noise"]["f32Activations"].as_f64().unwrap() + 1e-3;
        for (step, token) in [last].into_iter().chain(given).enumerate() {
            let logits = generator.decode(token, &mut cache).unwrap();
            let (exact, rounded) = (floats(&exact[step]), floats(&rounded[step]));
            let near = cosine(&logits, &exact);
            assert!(near >= 0.999, "{name}, step {step}: {near}");
            let apart = |other: &[f32]| {
                logits.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
            };
            assert!(f64::from(apart(&exact)) < noise, "{name}, step {step}: {}", apart(&exact));
            assert!(f64::from(apart(&rounded)) < 2.0 * noise, "{name}, step {step}");
            assert_eq!(largest(&logits), largest(&exact), "{name}, step {step}");
        }
        assert_eq!(cache.len(), prompt.len() + 4);
    }
}

#[test]
fn a_prompt_read_in_any_slices_gives_bitwise_the_same_logits() {
    for (name, file) in MODELS {
        let generator = load(file);
        let tokens = tokens(name);
        let (&last, head) = tokens.split_last().unwrap();
        let (expected, _) = one_by_one(&generator, &tokens);
        for size in 1..=head.len() {
            let mut cache = generator.new_cache();
            for slice in head.chunks(size) {
                generator.prefill(slice, &mut cache).unwrap();
            }
            let logits = generator.decode(last, &mut cache).unwrap();
            assert!(logits == expected, "{name}: slices of {size}");
        }
    }
}

#[test]
fn several_tokens_at_once_give_bitwise_the_logits_of_one_by_one() {
    for (name, file) in MODELS {
        let generator = load(file);
        let tokens = tokens(name);
        let mut rows = Vec::new();
        for count in 1..=tokens.len() {
            let (head, few) = tokens.split_at(tokens.len() - count);
            let (_, mut cache) = one_by_one(&generator, head);
            generator.decode_each(few, &mut cache, &mut rows).unwrap();
            assert_eq!(cache.len(), tokens.len());
            for (row, logits) in rows.chunks(rows.len() / count).enumerate() {
                let (expected, _) = one_by_one(&generator, &tokens[..head.len() + row + 1]);
                assert!(logits == expected, "{name}: row {row} of {count}");
            }
        }
        let mut cache = generator.new_cache();
        generator.decode_each(&[], &mut cache, &mut rows).unwrap();
        assert!(rows.is_empty() && cache.is_empty());
    }
}

#[test]
fn a_rolled_back_cache_equals_one_that_read_no_more() {
    for (name, file) in MODELS {
        let generator = load(file);
        let tokens = tokens(name);
        for kept in [0, 1, 7, tokens.len() - 1, tokens.len(), tokens.len() + 1] {
            let (_, mut cache) = one_by_one(&generator, &tokens);
            cache.roll_back(kept);
            assert_eq!(cache.len(), kept.min(tokens.len()));
            assert_eq!(cache.is_empty(), kept == 0);
            let others: Vec<u32> = tokens.iter().rev().copied().collect();
            let mut text = tokens[..cache.len()].to_vec();
            text.extend(&others);
            generator.prefill(&others[..others.len() - 1], &mut cache).unwrap();
            let logits = generator.decode(others[others.len() - 1], &mut cache).unwrap();
            assert!(logits == one_by_one(&generator, &text).0, "{name}: {kept} kept");
        }
    }
}

#[test]
fn two_caches_of_one_model_do_not_disturb_each_other() {
    let generator = load(LLAMA);
    let tokens = tokens("tiny-llama");
    let (expected, _) = one_by_one(&generator, &tokens);
    let (mut one, mut other) = (generator.new_cache(), generator.new_cache());
    let mut logits = Vec::new();
    for (place, &token) in tokens.iter().enumerate() {
        logits = generator.decode(token, &mut one).unwrap();
        generator.decode(tokens[tokens.len() - 1 - place], &mut other).unwrap();
    }
    assert_eq!(logits, expected);
    let mut copy = one.clone();
    assert_eq!(generator.decode(5, &mut one).unwrap(), generator.decode(5, &mut copy).unwrap());
}

#[test]
fn an_unknown_token_fails_and_leaves_the_cache_unchanged() {
    let generator = load(LLAMA);
    let tokens = tokens("tiny-llama");
    let (_, mut cache) = one_by_one(&generator, &tokens);
    for wrong in [400, 401, u32::MAX] {
        let error = generator.prefill(&[1, 2, wrong], &mut cache).unwrap_err();
        assert_eq!(error.code(), "corrupt_model");
        assert_eq!(generator.decode(wrong, &mut cache).unwrap_err().code(), "corrupt_model");
        let error = generator.decode_each(&[1, wrong], &mut cache, &mut Vec::new()).unwrap_err();
        assert_eq!(error.code(), "corrupt_model");
        assert_eq!(cache.len(), tokens.len());
    }
    let text = [tokens, vec![9]].concat();
    assert_eq!(generator.decode(9, &mut cache).unwrap(), one_by_one(&generator, &text).0);
    generator.prefill(&[], &mut cache).unwrap();
    assert_eq!(cache.len(), text.len());
}

#[test]
fn a_generator_reports_its_size_context_and_fingerprint() {
    let generator = load(LLAMA);
    assert_eq!(generator.context_length(), 512);
    assert_eq!(generator.file_bytes(), LLAMA.len());
    assert_eq!(generator.fingerprint(), multimodal_rag::Fingerprint::of(LLAMA));
    assert_ne!(generator.fingerprint(), load(LLAMA_SPM).fingerprint());
}

/// candle quantizes activations to 8 bits, so it agrees less closely than llama.cpp with f32
/// weights.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn logits_agree_with_candles_own_decoder() {
    use candle_core::quantized::gguf_file::Content;
    use candle_core::{Device, Tensor};
    use candle_transformers::models::quantized_llama::ModelWeights;

    let mut file = std::io::Cursor::new(LLAMA);
    let content = Content::read(&mut file).unwrap();
    let mut model = ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap();
    let generator = load(LLAMA);
    let mut cache = generator.new_cache();
    for (place, token) in tokens("tiny-llama").into_iter().enumerate() {
        let input = Tensor::new(&[[token]], &Device::Cpu).unwrap();
        let theirs = model.forward(&input, place).unwrap().flatten_all().unwrap();
        let ours = generator.decode(token, &mut cache).unwrap();
        let near = cosine(&ours, &theirs.to_vec1::<f32>().unwrap());
        assert!(near >= 0.999, "token {place}: {near}");
    }
}
