//! Adapters of generators: the results of llama.cpp with the same files, and of weights that an
//! adapter was merged into.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    AdapterFiles, Error, GenerateOptions, Generator, KvCache, Result, Sampling, Task,
};
use serde::Deserialize;

use crate::gguf::{F32, F64, Parts, TEXT, text};
use crate::using::use_adapter;
use crate::{cosine, load};

macro_rules! cases {
    ($($adapter:literal on $base:literal),*) => {
        [$(Case {
            name: $adapter,
            base: include_bytes!(concat!("../fixtures/models/random/", $base, ".gguf")),
            gguf: include_bytes!(concat!("../fixtures/models/random/adapters/", $adapter, ".gguf")),
            weights: include_bytes!(
                concat!("../fixtures/models/random/adapters/", $adapter, ".safetensors")
            ),
            config: include_str!(concat!("../fixtures/models/random/adapters/", $adapter, ".json")),
        }),*]
    };
}

/// An adapter in both formats, and its model.
struct Case {
    name: &'static str,
    base: &'static [u8],
    gguf: &'static [u8],
    weights: &'static [u8],
    config: &'static str,
}

/// In the order of the reference.
const CASES: [Case; 4] =
    cases!("llama" on "llama-q8_0", "qwen2" on "qwen2", "qwen3" on "qwen3", "gemma3" on "gemma3");

const PLAIN_LLAMA: &[u8] = include_bytes!("../fixtures/models/random/llama-f32.gguf");
const LOGITS: &[u8] = include_bytes!("../fixtures/reference/adapter_logits.bin");

#[derive(Deserialize)]
struct Reference {
    steps: usize,
    vocabulary: usize,
    adapters: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    adapter: String,
    scale: f32,
    prompt: Vec<u32>,
    chosen: Vec<u32>,
}

impl Reference {
    fn read() -> Self {
        serde_json::from_str(include_str!("../fixtures/reference/adapter_logits.json")).unwrap()
    }

    /// Logits by step of a case.
    fn logits(&self, place: usize) -> Vec<Vec<f32>> {
        let size = 4 * self.steps * self.vocabulary;
        let numbers = LOGITS[place * size..][..size].as_chunks().0;
        let numbers: Vec<f32> = numbers.iter().map(|&four| f32::from_le_bytes(four)).collect();
        numbers.chunks(self.vocabulary).map(<[f32]>::to_vec).collect()
    }
}

impl Case {
    fn peft(&self) -> AdapterFiles<'_> {
        AdapterFiles::Peft { weights: &self.weights, config: self.config }
    }

    fn loaded(&self, scale: f32) -> Generator {
        let mut generator = load(self.base);
        add(&mut generator, AdapterFiles::Gguf(&self.gguf), scale).unwrap();
        generator
    }
}

fn add(generator: &mut Generator, files: AdapterFiles, scale: f32) -> Result<()> {
    pollster::block_on(generator.add_adapter(files, scale, &IdleRuntime, &Task::default()))
}

/// The error of an adapter in a GGUF file that is added to this model.
fn refusal(base: &[u8], adapter: &[u8]) -> Error {
    let mut generator = load(base);
    let error = add(&mut generator, AdapterFiles::Gguf(&adapter.to_vec()), 1.0).unwrap_err();
    assert!(generator.adapter_scales().is_empty(), "nothing is added: {error}");
    error
}

/// Our logits after the prompt and after each of these tokens.
fn logits(generator: &Generator, mut cache: KvCache, run: &Run) -> Vec<Vec<f32>> {
    let (last, head) = run.prompt.split_last().unwrap();
    for slice in head.chunks(7) {
        generator.prefill(slice, &mut cache).unwrap();
    }
    let tokens = [last].into_iter().chain(&run.chosen);
    tokens.map(|&id| generator.decode(id, &mut cache).unwrap()).collect()
}

fn largest_difference(ours: &[Vec<f32>], theirs: &[Vec<f32>]) -> f32 {
    let pairs = ours.iter().flatten().zip(theirs.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn logits_with_an_adapter_agree_with_llama_cpp_in_every_architecture() {
    let reference = Reference::read();
    assert_eq!(reference.adapters.len(), CASES.len());
    for (place, (run, case)) in reference.adapters.iter().zip(&CASES).enumerate() {
        assert_eq!(run.adapter, case.name);
        let generator = case.loaded(run.scale);
        let ours = logits(&generator, generator.new_cache(), run);
        let exact = reference.logits(place);
        let without = logits(&generator, generator.new_cache_with(&[0.0]).unwrap(), run);
        for (step, (ours, exact)) in ours.iter().zip(&exact).enumerate() {
            let near = cosine(ours, exact);
            assert!(near > 0.9999, "{}, step {step}: {near}", case.name);
            let near = cosine(&without[step], exact);
            assert!(near < 0.98, "{} changes nothing in step {step}: {near}", case.name);
        }
        // llama.cpp takes Gemma's GELU from a table of f16 numbers.
        let most = if case.name == "gemma3" { 0.02 } else { 0.005 };
        let apart = largest_difference(&ours, &exact);
        assert!(apart < most, "{}: logits differ by {apart}", case.name);
    }
}

#[test]
fn both_formats_of_an_adapter_give_bitwise_the_same_logits() {
    for (run, case) in Reference::read().adapters.iter().zip(&CASES) {
        let (one, mut other) = (case.loaded(run.scale), load(case.base));
        add(&mut other, case.peft(), run.scale).unwrap();
        let from_gguf = logits(&one, one.new_cache(), run);
        assert!(from_gguf == logits(&other, other.new_cache(), run), "{}", case.name);
    }
}

/// The numbers of a tensor of f32.
fn f32s(parts: &Parts, name: &str) -> Vec<f32> {
    let tensor = parts.tensors.iter().find(|tensor| tensor.name == name).unwrap();
    let count = tensor.shape.iter().product::<u64>() as usize;
    let bytes = &parts.data[tensor.offset as usize..];
    match tensor.kind {
        0 => bytes.as_chunks().0[..count].iter().map(|&x| f32::from_le_bytes(x)).collect(),
        1 => {
            let halves = &bytes.as_chunks().0[..count];
            halves.iter().map(|&x| half::f16::from_le_bytes(x).to_f32()).collect()
        }
        other => panic!("{name} has the type {other}"),
    }
}

/// The adapter of the Llama model, for one layer.
fn adapter_of_one_layer() -> Parts {
    let mut adapter = Parts::read(CASES[0].gguf);
    adapter.tensors.retain(|tensor| tensor.name.starts_with("blk.0."));
    adapter
}

/// The model with the product of each pair added to its weights.
fn merged(base: &[u8], adapter: &Parts, scale: f32) -> Vec<u8> {
    let mut parts = Parts::read(base);
    for tensor in &adapter.tensors {
        let Some(name) = tensor.name.strip_suffix(".lora_a") else { continue };
        let (columns, rank) = (tensor.shape[0] as usize, tensor.shape[1] as usize);
        let (down, up) = (f32s(adapter, &tensor.name), f32s(adapter, &format!("{name}.lora_b")));
        let factor = f64::from(scale) * 8.0 / rank as f64;
        let weights = f32s(&parts, name).into_iter().enumerate().map(|(at, weight)| {
            let (row, column) = (at / columns, at % columns);
            let product =
                |k: usize| f64::from(up[row * rank + k]) * f64::from(down[k * columns + column]);
            (f64::from(weight) + factor * (0..rank).map(product).sum::<f64>()) as f32
        });
        let bytes: Vec<u8> = weights.flat_map(f32::to_le_bytes).collect();
        parts = parts.with_data(name, 0, &bytes);
    }
    parts.write()
}

#[test]
fn an_adapter_gives_the_logits_of_weights_it_is_merged_into() {
    let run = &Reference::read().adapters[0];
    let adapter = adapter_of_one_layer();
    for scale in [1.0, 0.3, -0.5] {
        let mut generator = load(PLAIN_LLAMA);
        add(&mut generator, AdapterFiles::Gguf(&adapter.write()), scale).unwrap();
        let expected = load(&merged(PLAIN_LLAMA, &adapter, scale));
        let expected = logits(&expected, expected.new_cache(), run);
        let ours = logits(&generator, generator.new_cache(), run);
        let apart = largest_difference(&ours, &expected);
        assert!(apart < 1e-3, "scale {scale}: {apart}");
    }
}

#[test]
fn adapters_of_scale_zero_give_bitwise_the_logits_of_the_model_alone() {
    for (run, case) in Reference::read().adapters.iter().zip(&CASES) {
        let alone = load(case.base);
        let expected = logits(&alone, alone.new_cache(), run);
        let off = case.loaded(0.0);
        assert!(logits(&off, off.new_cache(), run) == expected, "{}", case.name);
        let on = case.loaded(1.0);
        let cache = on.new_cache_with(&[0.0]).unwrap();
        assert!(logits(&on, cache, run) == expected, "{}", case.name);
        assert!(logits(&on, on.new_cache(), run) != expected, "{}", case.name);
    }
}

#[test]
fn adapters_that_are_on_together_are_added_up() {
    let run = &Reference::read().adapters[0];
    let mut generator = CASES[0].loaded(0.25);
    add(&mut generator, CASES[0].peft(), 0.75).unwrap();
    assert_eq!(generator.adapter_scales(), [0.25, 0.75]);
    let both = logits(&generator, generator.new_cache(), run);
    for scales in [[1.0, 0.0], [0.0, 1.0], [3.0, -2.0]] {
        let other = logits(&generator, generator.new_cache_with(&scales).unwrap(), run);
        let apart = largest_difference(&both, &other);
        assert!(apart < 1e-2, "{scales:?}: {apart}");
    }
}

#[test]
fn a_prompt_read_with_an_adapter_in_any_slices_gives_bitwise_the_same_logits() {
    for (run, case) in Reference::read().adapters.iter().zip(&CASES) {
        let generator = case.loaded(run.scale);
        let (&last, head) = run.prompt.split_last().unwrap();
        let after = |size: usize| {
            let mut cache = generator.new_cache();
            for slice in head.chunks(size) {
                generator.prefill(slice, &mut cache).unwrap();
            }
            generator.decode(last, &mut cache).unwrap()
        };
        let whole = after(head.len());
        for size in [1, 2, 3, 5, 8] {
            assert!(after(size) == whole, "{}: slices of {size}", case.name);
        }
    }
}

fn text_of(generator: &Generator, scales: Option<&[f32]>, prompt_lookup: bool) -> Result<String> {
    let prompt: Vec<u32> = Reference::read().adapters[0].prompt.repeat(3);
    let adapters = scales.map(<[f32]>::to_vec);
    let sampling = Sampling { temperature: 1.0, seed: 3, ..Default::default() };
    let options =
        GenerateOptions { max_tokens: 40, sampling, prompt_lookup, adapters, ..Default::default() };
    let (mut text, task) = (String::new(), Task::default());
    let mut on_text = |piece: &str| text.push_str(piece);
    let generating = generator.generate(&prompt, &options, &IdleRuntime, &task, &mut on_text);
    pollster::block_on(generating)?;
    Ok(text)
}

#[test]
fn a_text_never_uses_a_prompt_that_was_read_with_other_scales() {
    let generator = CASES[0].loaded(1.0);
    let scales: [Option<&[f32]>; 4] = [None, Some(&[0.0]), Some(&[0.5]), Some(&[1.0])];
    let fresh: Vec<String> = scales
        .iter()
        .map(|&scales| text_of(&CASES[0].loaded(1.0), scales, true).unwrap())
        .collect();
    assert_eq!(fresh[0], fresh[3], "the scale that the adapter was added with is the default");
    assert_eq!(fresh[1], text_of(&load(CASES[0].base), None, true).unwrap());
    assert!(fresh[0] != fresh[1] && fresh[1] != fresh[2]);
    for place in [0, 1, 0, 2, 3, 1, 1, 2, 0] {
        let text = text_of(&generator, scales[place], place % 2 == 0).unwrap();
        assert_eq!(text, fresh[place], "{:?}", scales[place]);
    }
}

#[test]
fn scales_that_do_not_fit_the_adapters_are_invalid() {
    let mut generator = CASES[0].loaded(1.0);
    let wrong: [&[f32]; 6] = [&[], &[1.0, 1.0], &[f32::NAN], &[f32::INFINITY], &[101.0], &[-1e9]];
    for scales in wrong {
        let error = text_of(&generator, Some(scales), true).unwrap_err();
        assert_eq!(error.code(), "invalid_option", "{scales:?}");
        assert_eq!(generator.new_cache_with(scales).err().unwrap().code(), "invalid_option");
    }
    for scale in [f32::NAN, 100.5] {
        let error = add(&mut generator, CASES[0].peft(), scale).unwrap_err();
        assert_eq!(error.code(), "invalid_option");
    }
    for _ in 1..16 {
        add(&mut generator, AdapterFiles::Gguf(&CASES[0].gguf), 0.0).unwrap();
    }
    let error = add(&mut generator, AdapterFiles::Gguf(&CASES[0].gguf), 0.0).unwrap_err();
    assert_eq!(error.code(), "invalid_option");
    assert_eq!(generator.adapter_scales().len(), 16);
}

#[test]
fn an_adapter_of_another_model_is_a_mismatch() {
    for (place, case) in CASES.iter().enumerate() {
        for (other, adapter) in CASES.iter().enumerate() {
            if place == other {
                continue;
            }
            let error = refusal(case.base, adapter.gguf);
            assert_eq!(error.code(), "adapter_mismatch", "{} on {}", adapter.name, case.name);
            assert!(error.to_string().contains(adapter.name), "{error}");
        }
    }
    // PEFT names no architecture, but the shapes differ.
    let mut generator = load(CASES[3].base);
    let error = add(&mut generator, CASES[0].peft(), 1.0).unwrap_err();
    assert_eq!(error.code(), "adapter_mismatch");
}

#[test]
fn matrices_that_the_model_does_not_have_are_a_mismatch() {
    let case = &CASES[0];
    let parts = Parts::read(case.gguf);
    let renamed = |name: &str| {
        let mut parts = parts.clone();
        for half in ["a", "b"] {
            let old = format!("blk.1.ffn_up.weight.lora_{half}");
            parts = parts.with_tensor(&old, |it| it.name = format!("{name}.lora_{half}"));
        }
        refusal(case.base, &parts.write())
    };
    for name in ["blk.2.ffn_up.weight", "blk.0.attn_qkv.weight", "blk.x.ffn_up.weight", "blk.0"] {
        let error = renamed(name);
        assert_eq!(error.code(), "adapter_mismatch");
        assert!(error.to_string().contains(name), "{error}");
    }
    // As wide as the matrix, but of the wrong height.
    assert_eq!(renamed("output.weight").code(), "adapter_mismatch");
    let flat = parts.with_tensor("blk.0.attn_k.weight.lora_b", |it| it.shape.reverse());
    assert_eq!(refusal(case.base, &flat.write()).code(), "adapter_mismatch");
}

#[test]
fn adapters_that_are_more_than_pairs_of_matrices_are_unsupported() {
    let case = &CASES[0];
    let parts = Parts::read(case.gguf);
    let name = "blk.0.attn_q.weight.lora_a";
    let more = [
        parts.with("adapter.type", TEXT, text("control_vector")),
        parts.with("adapter.alora.invocation_tokens", F32, 0.0f32.to_le_bytes()),
        parts.with_tensor(name, |it| it.name = "token_embd.weight.lora_a".to_owned()),
        parts.with_tensor(name, |it| it.name = "blk.0.attn_norm.weight".to_owned()),
    ];
    for (place, parts) in more.iter().enumerate() {
        let error = refusal(case.base, &parts.write());
        assert_eq!(error.code(), "unsupported_adapter", "{place}: {error}");
    }
    let settings = [
        ("\"use_dora\": false", "\"use_dora\": true"),
        ("\"bias\": \"none\"", "\"bias\": \"all\""),
        ("\"modules_to_save\": null", "\"modules_to_save\": [\"embed_tokens\"]"),
        ("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"q_proj\": 3}"),
        ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa_niter_4\""),
        ("\"peft_type\": \"LORA\"", "\"peft_type\": \"LOHA\""),
        ("\"r\": 4", "\"r\": 513"),
    ];
    for (from, to) in settings {
        let error = peft_refusal(&case.config.replace(from, to), case.weights);
        assert_eq!(error.code(), "unsupported_adapter", "{to}: {error}");
    }
    let weights = |from: &str, to: &str| -> Vec<u8> {
        assert_eq!(from.len(), to.len());
        let at = case.weights.windows(from.len()).position(|it| it == from.as_bytes()).unwrap();
        [&case.weights[..at], to.as_bytes(), &case.weights[at + from.len()..]].concat()
    };
    for (from, to) in [("lora_A.weight", "lora_A.magnit"), ("lora_B.weight", "lora_embedd_B")] {
        let error = peft_refusal(case.config, &weights(from, to));
        assert_eq!(error.code(), "unsupported_adapter", "{to}: {error}");
    }
}

fn peft_refusal(config: &str, weights: &[u8]) -> Error {
    let mut generator = load(CASES[0].base);
    add(&mut generator, AdapterFiles::Peft { weights: &weights.to_vec(), config }, 1.0).unwrap_err()
}

#[test]
fn damaged_adapters_are_corrupt() {
    let case = &CASES[0];
    let parts = Parts::read(case.gguf);
    let name = "blk.1.ffn_down.weight.lora_b";
    let mut alone = parts.clone();
    alone.tensors.retain(|tensor| tensor.name != name);
    let mut empty = parts.clone();
    empty.tensors.clear();
    let nan = half::f16::NAN.to_le_bytes();
    let damaged = [
        parts.without("general.type").write(),
        parts.with("adapter.lora.alpha", TEXT, text("8")).write(),
        parts.with("adapter.lora.alpha", F32, f32::NAN.to_le_bytes()).write(),
        parts.with("adapter.lora.alpha", F64, 1e300f64.to_le_bytes()).write(),
        parts.with_data(name, 6, &nan).write(),
        parts.with_data("blk.0.attn_q.weight.lora_a", 0, &nan).write(),
        alone.write(),
        empty.write(),
        case.base.to_vec(),
        case.weights.to_vec(),
        case.gguf[..case.gguf.len() / 2].to_vec(),
        Vec::new(),
    ];
    for (place, file) in damaged.iter().enumerate() {
        let error = refusal(case.base, file);
        assert_eq!(error.code(), "corrupt_model", "{place}: {error}");
    }
    let mut not_finite = case.weights.to_vec();
    let end = not_finite.len();
    not_finite[end - 2..].copy_from_slice(&nan);
    let configs = [
        (case.config.to_owned(), not_finite),
        (case.config.to_owned(), case.weights[..1000].to_vec()),
        (case.config.to_owned(), case.gguf.to_vec()),
        ("{".to_owned(), case.weights.to_vec()),
        (case.config.replace("lora_alpha", "alpha"), case.weights.to_vec()),
        (case.config.replace("\"r\": 4", "\"r\": 8"), case.weights.to_vec()),
    ];
    for (place, (config, weights)) in configs.iter().enumerate() {
        let error = peft_refusal(config, weights);
        assert_eq!(error.code(), "corrupt_model", "{place}: {error}");
    }
}

#[test]
fn an_adapter_with_a_changed_byte_in_its_header_fails_or_works_but_does_not_panic() {
    let Case { gguf, weights, config, .. } = CASES[0];
    let headers = [
        (gguf, Parts::read(gguf).header),
        (weights, 8 + u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize),
    ];
    let mut refused = 0;
    for (file, header) in headers {
        let mut changed = file.to_vec();
        for at in (0..header).step_by(11) {
            let flip = if at % 2 == 0 { 0x01 } else { 0xFF };
            changed[at] ^= flip;
            let files = match file == gguf {
                true => AdapterFiles::Gguf(&changed),
                false => AdapterFiles::Peft { weights: &changed, config },
            };
            refused += usize::from(use_adapter(files).is_err());
            changed[at] ^= flip;
        }
    }
    assert!(refused > 300, "{refused}");
}
