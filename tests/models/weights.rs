//! Every type of weights that a generator file may have.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor as Numbers};
use multimodal_rag::Generator;

use crate::gguf::{Parts, Tensor, U32};
use crate::rng::Rng;
use crate::{LLAMA, cosine, load, try_load};

/// Each type with its number in the format. For these types, activations keep at least 14 bits.
const EXACT: [(GgmlDType, u32); 6] = [
    (GgmlDType::F32, 0),
    (GgmlDType::F16, 1),
    (GgmlDType::Q8_0, 8),
    (GgmlDType::Q2K, 10),
    (GgmlDType::Q3K, 11),
    (GgmlDType::BF16, 30),
];
/// For these types, most activations are quantized to 8 bits.
const ROUNDED: [(GgmlDType, u32); 7] = [
    (GgmlDType::Q4_0, 2),
    (GgmlDType::Q4_1, 3),
    (GgmlDType::Q5_0, 6),
    (GgmlDType::Q5_1, 7),
    (GgmlDType::Q4K, 12),
    (GgmlDType::Q5K, 13),
    (GgmlDType::Q6K, 14),
];

/// Wide enough for types with blocks of 256.
const WIDTH: usize = 256;
const SHAPE: [(&str, u32); 5] = [
    ("llama.embedding_length", WIDTH as u32),
    ("llama.feed_forward_length", WIDTH as u32),
    ("llama.block_count", 1),
    ("llama.rope.dimension_count", 64),
    ("llama.attention.head_count_kv", 2),
];

/// Random numbers from -1 to below 1, different ones for each name.
fn numbers(name: &str, count: usize) -> Vec<f32> {
    let mut rng = Rng::new(u64::from(crc32fast::hash(name.as_bytes())));
    (0..count).map(|_| rng.signed_fraction()).collect()
}

/// A model of one layer whose matrices have the type `dtype`, and one with the same quantized
/// weights as f32.
fn files(dtype: GgmlDType, kind: u32) -> (Vec<u8>, Vec<u8>) {
    let mut typed = SHAPE
        .iter()
        .fold(Parts::read(LLAMA), |parts, (key, value)| parts.with(key, U32, value.to_le_bytes()));
    (typed.tensors, typed.data) = (Vec::new(), Vec::new());
    let mut plain = typed.clone();
    let rows = |name: &str| match name {
        "token_embd" => 400,
        "blk.0.attn_k" | "blk.0.attn_v" => WIDTH / 2,
        _ => WIDTH,
    };
    let matrices = ["q", "k", "v", "output"].map(|part| format!("blk.0.attn_{part}"));
    let others = ["blk.0.ffn_gate", "blk.0.ffn_up", "blk.0.ffn_down", "token_embd"];
    for name in matrices.iter().map(String::as_str).chain(others) {
        let numbers: Vec<f32> =
            numbers(name, rows(name) * WIDTH).iter().map(|x| x * 0.15).collect();
        let tensor = Numbers::from_vec(numbers, (rows(name), WIDTH), &Device::Cpu).unwrap();
        let rounded = QTensor::quantize(&tensor, dtype).unwrap();
        let shape = vec![WIDTH as u64, rows(name) as u64];
        let floats = rounded.dequantize(&Device::Cpu).unwrap();
        let floats: Vec<f32> = floats.flatten_all().unwrap().to_vec1().unwrap();
        push(&mut typed, name, shape.clone(), kind, &rounded.data().unwrap());
        push(&mut plain, name, shape, 0, &bytes(&floats));
    }
    for name in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] {
        for parts in [&mut typed, &mut plain] {
            push(parts, name, vec![WIDTH as u64], 0, &bytes(&[1.0; WIDTH]));
        }
    }
    (typed.write(), plain.write())
}

fn push(parts: &mut Parts, name: &str, shape: Vec<u64>, kind: u32, data: &[u8]) {
    let name = format!("{name}.weight");
    parts.data.resize(parts.data.len().next_multiple_of(32), 0);
    parts.tensors.push(Tensor { name, shape, kind, offset: parts.data.len() as u64 });
    parts.data.extend(data);
}

fn bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn logits(generator: &Generator, slice: usize) -> Vec<f32> {
    let tokens = generator.tokenize("The keeper of the lighthouse lit the lamp.").unwrap();
    let (&last, head) = tokens.split_last().unwrap();
    let mut cache = generator.new_cache();
    for slice in head.chunks(slice) {
        generator.prefill(slice, &mut cache).unwrap();
    }
    generator.decode(last, &mut cache).unwrap()
}

#[test]
fn weights_of_every_type_compute_like_their_dequantized_numbers() {
    let exact = EXACT.map(|(dtype, kind)| (dtype, kind, 0.999_99));
    let rounded = ROUNDED.map(|(dtype, kind)| (dtype, kind, 0.999));
    for (dtype, kind, least) in exact.into_iter().chain(rounded) {
        let (typed, plain) = files(dtype, kind);
        let (typed, plain) = (load(&typed), load(&plain));
        let near = cosine(&logits(&typed, 5), &logits(&plain, 5));
        assert!(near >= least, "{dtype:?}: {near}");
    }
}

#[test]
fn weights_of_every_type_compute_bitwise_the_same_in_any_slices() {
    for (dtype, kind) in EXACT.into_iter().chain(ROUNDED) {
        let generator = load(&files(dtype, kind).0);
        let whole = logits(&generator, 1000);
        for slice in [1, 2, 3, 4, 7] {
            assert!(logits(&generator, slice) == whole, "{dtype:?}: slices of {slice}");
        }
    }
}

/// Offsets of the scales and of the offset in a block.
fn scales(dtype: GgmlDType) -> &'static [usize] {
    match dtype {
        GgmlDType::Q4_1 | GgmlDType::Q5_1 | GgmlDType::Q4K | GgmlDType::Q5K => &[0, 2],
        GgmlDType::Q2K => &[80, 82],
        GgmlDType::Q3K => &[108],
        GgmlDType::Q6K => &[208],
        _ => &[0],
    }
}

#[test]
fn a_nan_scale_of_any_type_is_refused_at_load() {
    for (dtype, kind) in EXACT.into_iter().chain(ROUNDED) {
        let parts = Parts::read(&files(dtype, kind).0);
        let numbers: [Vec<u8>; 3] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY].map(|x| {
            let half = half::f16::from_f32(x).to_le_bytes().to_vec();
            match dtype {
                GgmlDType::F32 => x.to_le_bytes().to_vec(),
                GgmlDType::BF16 => half::bf16::from_f32(x).to_le_bytes().to_vec(),
                _ => half,
            }
        });
        for name in ["token_embd.weight", "blk.0.attn_k.weight", "blk.0.ffn_down.weight"] {
            let shape = &parts.tensors.iter().find(|tensor| tensor.name == name).unwrap().shape;
            let blocks = shape.iter().product::<u64>() as usize / dtype.block_size();
            for block in [0, blocks / 2, blocks - 1] {
                for (at, bytes) in
                    scales(dtype).iter().flat_map(|at| numbers.iter().map(move |n| (at, n)))
                {
                    let changed = parts.with_data(name, block * dtype.type_size() + at, bytes);
                    let error = try_load(&changed.write()).err();
                    let code = error.map(|error| error.code());
                    assert_eq!(code, Some("corrupt_model"), "{dtype:?}, block {block} of {name}");
                }
            }
        }
        for norm in ["blk.0.attn_norm.weight", "output_norm.weight"] {
            let changed = parts.with_data(norm, 4 * (WIDTH - 1), &f32::NAN.to_le_bytes());
            assert_eq!(try_load(&changed.write()).err().unwrap().code(), "corrupt_model");
        }
    }
}
