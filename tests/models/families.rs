//! Every weight type and every architecture, compared with llama.cpp, on small models of random
//! weights whose heads have the sizes of real ones.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::Generator;
use serde::Deserialize;

use crate::{cosine, largest, load};

macro_rules! models {
    ($($name:literal),*) => {
        [$(($name, include_bytes!(concat!("../fixtures/models/random/", $name, ".gguf")) as &[u8])),*]
    };
}

/// In the order of the reference.
const MODELS: [(&str, &[u8]); 14] = models![
    "gemma3",
    "llama-bf16",
    "llama-f16",
    "llama-f32",
    "llama-q4_0",
    "llama-q4_1",
    "llama-q4_k",
    "llama-q5_0",
    "llama-q5_1",
    "llama-q5_k",
    "llama-q6_k",
    "llama-q8_0",
    "qwen2",
    "qwen3"
];

const LOGITS: &[u8] = include_bytes!("../fixtures/reference/random_logits.bin");

/// The least cosine to llama.cpp with the same weights as f32.
const MIN_COSINE: f64 = 0.999;

#[derive(Deserialize)]
struct Reference {
    vocabulary: usize,
    steps: usize,
    models: Vec<Model>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    name: String,
    prompt: Vec<u32>,
    chosen: Vec<u32>,
    /// Smaller leads prove nothing, because llama.cpp's own rounding changes a lead by as much.
    lead_noise: f32,
    #[serde(default)]
    texts: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    text: String,
    ids: Vec<u32>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../fixtures/reference/random_logits.json")).unwrap()
}

impl Reference {
    /// Logits by step of a model with its weights as f32.
    fn exact(&self, place: usize) -> Vec<Vec<f32>> {
        let size = 4 * self.steps * self.vocabulary;
        let numbers = LOGITS[place * size..][..size].as_chunks().0;
        let numbers: Vec<f32> = numbers.iter().map(|&four| f32::from_le_bytes(four)).collect();
        numbers.chunks(self.vocabulary).map(<[f32]>::to_vec).collect()
    }
}

/// Our logits after the prompt and after each of llama.cpp's tokens.
fn logits(generator: &Generator, model: &Model) -> Vec<Vec<f32>> {
    let (&last, head) = model.prompt.split_last().unwrap();
    let mut cache = generator.new_cache();
    for slice in head.chunks(7) {
        generator.prefill(slice, &mut cache).unwrap();
    }
    let given = &model.chosen[..model.chosen.len() - 1];
    [last].iter().chain(given).map(|&id| generator.decode(id, &mut cache).unwrap()).collect()
}

#[test]
fn logits_of_every_type_and_architecture_agree_with_llama_cpp() {
    let reference = reference();
    assert_eq!((reference.models.len(), reference.steps), (MODELS.len(), 64));
    for (place, (model, (name, file))) in reference.models.iter().zip(MODELS).enumerate() {
        assert_eq!(model.name, name);
        let (ours, exact) = (logits(&load(file), model), reference.exact(place));
        let cosines: Vec<f64> = ours.iter().zip(&exact).map(|(a, b)| cosine(a, b)).collect();
        let least = cosines.iter().copied().fold(f64::INFINITY, f64::min);
        println!("{name}: cosine at least {least:.6}");
        assert!(least >= MIN_COSINE, "{name}: {least}");
        let mut proven = 0;
        for (step, (ours, exact)) in ours.iter().zip(&exact).enumerate() {
            let first = largest(exact) as usize;
            let others = exact.iter().enumerate().filter(|(at, _)| *at != first);
            let second = others.fold(f32::NEG_INFINITY, |most, (_, &x)| most.max(x));
            if exact[first] - second > model.lead_noise {
                assert_eq!(largest(ours) as usize, first, "{name}, step {step}");
                proven += 1;
            }
        }
        assert!(proven >= 30, "{name}: only {proven} leads mean anything");
    }
}

#[test]
fn tokens_read_together_give_the_logits_of_tokens_read_one_by_one() {
    for (model, (name, file)) in reference().models.iter().zip(MODELS) {
        let generator = load(file);
        // Longer than the window of the family that has one.
        let (head, rest) = model.prompt.split_at(model.prompt.len() - 6);
        let (mut one, mut several) = (generator.new_cache(), generator.new_cache());
        generator.prefill(head, &mut one).unwrap();
        generator.prefill(head, &mut several).unwrap();
        let one_by_one: Vec<Vec<f32>> =
            rest.iter().map(|&id| generator.decode(id, &mut one).unwrap()).collect();
        let mut rows = Vec::new();
        for count in 1..=rest.len() {
            generator.decode_each(&rest[..count], &mut several, &mut rows).unwrap();
            assert!(rows == one_by_one[..count].concat(), "{name}: {count} tokens");
            several.roll_back(head.len());
        }
    }
}

#[test]
fn token_ids_of_other_families_agree_with_llama_cpp() {
    let mut texts = 0;
    for (model, (name, file)) in reference().models.iter().zip(MODELS) {
        if model.texts.is_empty() {
            continue;
        }
        let generator = load(file);
        for Text { text, ids } in &model.texts {
            assert_eq!(&generator.tokenize(text).unwrap(), ids, "{name}: {text:?}");
            texts += 1;
        }
    }
    assert!(texts >= 40, "{texts} texts");
}
