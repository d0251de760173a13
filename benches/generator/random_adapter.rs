//! A LoRA adapter of random numbers for SmolLM2-135M, in the two files of PEFT.

use crate::rng::Rng;

/// The rank that is usual for adapters of small models.
pub(crate) const RANK: usize = 16;

const LAYERS: usize = 30;
/// Names of a layer's matrices, with rows and columns.
const MATRICES: [(&str, [usize; 2]); 7] = [
    ("self_attn.q_proj", [576, 576]),
    ("self_attn.k_proj", [192, 576]),
    ("self_attn.v_proj", [192, 576]),
    ("self_attn.o_proj", [576, 576]),
    ("mlp.gate_proj", [1536, 576]),
    ("mlp.up_proj", [1536, 576]),
    ("mlp.down_proj", [576, 1536]),
];

/// The text of `adapter_config.json`.
pub(crate) fn config() -> String {
    format!(r#"{{ "peft_type": "LORA", "r": {RANK}, "lora_alpha": {RANK} }}"#)
}

/// The bytes of `adapter_model.safetensors`: all matrices of all layers.
pub(crate) fn weights() -> Vec<u8> {
    let (mut rng, mut header, mut data) = (Rng::new(5), serde_json::Map::new(), Vec::new());
    for layer in 0..LAYERS {
        for (name, [rows, columns]) in MATRICES {
            for (half, shape) in [("A", [RANK, columns]), ("B", [rows, RANK])] {
                let name =
                    format!("base_model.model.model.layers.{layer}.{name}.lora_{half}.weight");
                let start = data.len();
                let numbers = (0..shape[0] * shape[1]).map(|_| 0.01 * rng.signed_fraction());
                data.extend(numbers.flat_map(f32::to_le_bytes));
                let tensor = serde_json::json!({
                    "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]
                });
                header.insert(name, tensor);
            }
        }
    }
    let header = serde_json::Value::Object(header).to_string();
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), &data].concat()
}
