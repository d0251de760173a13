//! Damaged and unusual embedder files: an error that says what is wrong, never a panic.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::HashMap;

use multimodal_rag::{Embedder, OriginalFiles, quantize};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use crate::using::use_embedder;
use crate::{BERT, bert_options, load_full_precision, try_load_embedder};

const METADATA: &str = "multimodal_rag";
const TABLE: &str = "embeddings.word_embeddings.weight";

/// The parts of a safetensors file.
#[derive(Clone)]
struct Parts {
    tensors: HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>,
    metadata: Option<Value>,
}

impl Parts {
    fn read(file: &[u8]) -> Self {
        let (_, header) = SafeTensors::read_metadata(file).unwrap();
        let metadata = header.metadata().as_ref().and_then(|known| known.get(METADATA));
        let tensors = SafeTensors::deserialize(file).unwrap().tensors();
        Self {
            tensors: tensors
                .into_iter()
                .map(|(name, view)| {
                    (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec()))
                })
                .collect(),
            metadata: metadata.map(|json| serde_json::from_str(json).unwrap()),
        }
    }

    fn write(&self) -> Vec<u8> {
        let views = self.tensors.iter().map(|(name, (dtype, shape, bytes))| {
            (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        let metadata = self.metadata.as_ref();
        let metadata =
            metadata.map(|json| HashMap::from([(METADATA.to_owned(), json.to_string())]));
        safetensors::serialize(views, metadata).unwrap()
    }

    /// The quantized file of the small encoder.
    fn packed() -> Self {
        Self::read(&quantize(BERT, bert_options()).unwrap())
    }

    /// The same, with its word table quantized to 8 bits by hand.
    fn with_codes(scales: usize) -> Self {
        let mut parts = Self::packed();
        let (_, shape, _) = parts.tensors[TABLE].clone();
        let codes = vec![1; shape[0] * shape[1]];
        parts.tensors.insert(TABLE.to_owned(), (Dtype::I8, shape, codes));
        let bytes = 0.5f32.to_le_bytes().repeat(scales);
        parts.tensors.insert(format!("{TABLE}.scale"), (Dtype::F32, vec![scales], bytes));
        parts
    }

    /// The file with another value in its config.
    fn with_config(&self, key: &str, value: Value) -> Self {
        let mut parts = self.clone();
        let metadata = parts.metadata.as_mut().unwrap();
        let mut config: Value = serde_json::from_str(metadata["config"].as_str().unwrap()).unwrap();
        config[key] = value;
        metadata["config"] = config.to_string().into();
        parts
    }

    fn with_metadata(&self, key: &str, value: Value) -> Self {
        let mut parts = self.clone();
        parts.metadata.as_mut().unwrap()[key] = value;
        parts
    }

    /// The file with the first number of a tensor changed.
    fn with_number(&self, name: &str, number: f32) -> Self {
        let mut parts = self.clone();
        parts.tensors.get_mut(name).unwrap().2[..4].copy_from_slice(&number.to_le_bytes());
        parts
    }
}

fn code(parts: &Parts) -> &'static str {
    use_embedder(&parts.write()).err().map_or("none", |error| error.code())
}

fn header_length(file: &[u8]) -> usize {
    8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize
}

#[test]
fn a_file_written_again_from_its_parts_is_the_same_embedder() {
    assert_eq!(code(&Parts::packed()), "none");
    let rows = Parts::packed().tensors[TABLE].1[0];
    assert_eq!(code(&Parts::with_codes(rows)), "none");
}

#[test]
fn a_file_truncated_anywhere_is_corrupt() {
    let file = quantize(BERT, bert_options()).unwrap();
    let header = header_length(&file);
    let data = (header..file.len()).step_by(997).chain([file.len() - 1]);
    for length in (0..header).chain(data) {
        let error = try_load_embedder(&file[..length]).err().unwrap();
        assert_eq!(error.code(), "corrupt_model", "{length} of {} bytes", file.len());
    }
    for length in (0..BERT.weights.len()).step_by(499) {
        let cut = OriginalFiles { weights: &BERT.weights[..length], ..BERT };
        assert_eq!(quantize(cut, bert_options()).unwrap_err().code(), "corrupt_model");
        let error = load_full_precision(cut, bert_options()).unwrap_err();
        assert_eq!(error.code(), "corrupt_model");
    }
}

#[test]
fn a_file_with_a_changed_byte_in_its_header_fails_or_works_but_does_not_panic() {
    let mut file = quantize(BERT, bert_options()).unwrap();
    let header = header_length(&file);
    let mut refused = 0;
    for at in 0..header {
        // All bytes of the sizes, and some of the many words of the vocabulary.
        if at > 64 && at < header - 4096 && at % 5 != 0 {
            continue;
        }
        file[at] ^= 0x01;
        refused += usize::from(use_embedder(&file).is_err());
        file[at] ^= 0x01;
    }
    assert!(refused > header / 40, "{refused} of {header}");
}

#[test]
fn bytes_of_other_formats_are_a_corrupt_embedder() {
    let huge = u64::MAX.to_le_bytes();
    let gguf = crate::LLAMA;
    for file in [&b""[..], b"{}", &huge, &[0; 64], gguf, BERT.weights, b"\x02\0\0\0\0\0\0\0{}"] {
        assert_eq!(try_load_embedder(file).err().unwrap().code(), "corrupt_model");
    }
}

/// A file with this header before so many bytes of tensors.
fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.resize(file.len() + data, 0);
    file
}

#[test]
fn false_sizes_in_a_header_are_corrupt_and_take_no_memory() {
    let tensor = |shape: &str, offsets: &str| {
        format!(r#"{{"a":{{"dtype":"F32","shape":[{shape}],"data_offsets":[{offsets}]}}}}"#)
    };
    let headers = [
        tensor("2", "0,16"),
        tensor("4", "16,0"),
        tensor("4", "0,1099511627776"),
        tensor("4", "8,24"),
        tensor("0", "0,16"),
        tensor("-4", "0,16"),
        tensor("4", "-16,0"),
        tensor("4294967296,4294967296", "0,16"),
        tensor("18446744073709551615,18446744073709551615", "0,16"),
        tensor("4", "0,16").replace("F32", "F3"),
        format!(r#"{{"__metadata__":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000)),
        r#"{"__metadata__":{"multimodal_rag":{}}}"#.to_owned(),
        r#"{"__metadata__":{"multimodal_rag":"{}"}}"#.to_owned(),
        r#"{"__metadata__":{"multimodal_rag":"[[[["}}"#.to_owned(),
    ];
    for header in headers {
        for data in [0, 16] {
            let error = try_load_embedder(&with_header(&header, data)).err().unwrap();
            assert_eq!(error.code(), "corrupt_model", "{header:.80}");
        }
    }
    let mut file = quantize(BERT, bert_options()).unwrap();
    for length in [0, 1, 1 << 20, 1 << 27, 1 << 40, u64::MAX - 7, u64::MAX] {
        file[..8].copy_from_slice(&length.to_le_bytes());
        assert_eq!(try_load_embedder(&file).err().unwrap().code(), "corrupt_model", "{length}");
    }
}

#[test]
fn a_config_that_does_not_fit_the_weights_is_corrupt() {
    let parts = Parts::packed();
    let wrong = [
        ("hidden_size", json!(0)),
        ("hidden_size", json!(64)),
        ("hidden_size", json!(-1)),
        ("hidden_size", json!("wide")),
        ("num_attention_heads", json!(0)),
        ("num_attention_heads", json!(3)),
        ("num_hidden_layers", json!(3)),
        ("num_hidden_layers", json!(u64::MAX)),
        ("intermediate_size", json!(u32::MAX)),
        ("vocab_size", json!(10)),
        ("vocab_size", json!(u32::MAX)),
        ("max_position_embeddings", json!(64)),
        ("max_position_embeddings", json!(u64::MAX)),
        ("type_vocab_size", json!(0)),
        ("hidden_act", json!("none such")),
    ];
    for (key, value) in wrong {
        assert_eq!(code(&parts.with_config(key, value.clone())), "corrupt_model", "{key} {value}");
    }
    for config in ["", "[]", "{}", "{\"model_type\": \"bert\"}"] {
        assert_eq!(code(&parts.with_metadata("config", config.into())), "corrupt_model");
    }
    assert_eq!(code(&parts.with_metadata("version", json!(3))), "corrupt_model");
    assert_eq!(code(&parts.with_metadata("options", json!({ "maxTokens": 500 }))), "corrupt_model");
    assert_eq!(code(&Parts { metadata: None, ..parts }), "corrupt_model");
}

#[test]
fn another_architecture_is_named_in_the_error() {
    let parts = Parts::packed();
    for name in ["roberta", "deberta-v2", ""] {
        let changed = parts.with_config("model_type", name.into());
        let error = try_load_embedder(&changed.write()).err().unwrap();
        assert_eq!(error.code(), "unsupported_architecture");
        assert!(error.to_string().contains(&format!("\"{name}\"")), "{error}");
    }
}

#[test]
fn a_tokenizer_that_is_missing_or_does_not_fit_is_an_error() {
    let parts = Parts::packed();
    for json in ["", "{}", "null", "{\"model\": {\"type\": \"none such\"}}"] {
        let changed = parts.with_metadata("tokenizer", json.into());
        assert_eq!(code(&changed), "unsupported_tokenizer", "{json}");
        let files = OriginalFiles { tokenizer: json, ..BERT };
        let error = quantize(files, bert_options()).unwrap_err();
        assert_eq!(error.code(), "unsupported_tokenizer", "{json}");
    }
    let beyond = BERT.tokenizer.replace("\"keeper\":", "\"keeper\":9");
    assert_ne!(beyond, BERT.tokenizer);
    let changed = parts.with_metadata("tokenizer", beyond.into());
    assert_eq!(code(&changed), "corrupt_model", "an id beyond the table");
}

#[test]
fn a_damaged_table_of_characters_is_an_error() {
    let with = |normalizer: Value| {
        let mut tokenizer: Value = serde_json::from_str(BERT.tokenizer).unwrap();
        tokenizer["normalizer"] = normalizer;
        code(&Parts::packed().with_metadata("tokenizer", tokenizer.to_string().into()))
    };
    // A kilobyte of units that lead nowhere, without texts.
    let sound = format!("AAQAA{}=", "A".repeat(1366));
    let table = |table: Value| json!({ "type": "Precompiled", "precompiled_charsmap": table });
    assert_eq!(with(table(json!(sound))), "none");
    let endless = format!("AAQAAP{}8=", "/".repeat(1364));
    for broken in
        [json!(""), json!("AAAA"), json!("/////w=="), json!(endless), json!(null), json!(7)]
    {
        assert_eq!(with(table(broken.clone())), "unsupported_tokenizer", "{broken}");
        let nested = json!({ "type": "Sequence", "normalizers": [table(broken.clone())] });
        assert_eq!(with(nested), "unsupported_tokenizer", "{broken}");
        let unnamed = json!({ "precompiled_charsmap": broken });
        assert_eq!(with(unnamed), "unsupported_tokenizer", "{broken}");
    }
    assert_eq!(with(json!({ "type": "Precompiled" })), "unsupported_tokenizer");
}

#[test]
fn missing_or_nan_weights_are_corrupt() {
    let parts = Parts::packed();
    let names: Vec<String> = parts.tensors.keys().cloned().collect();
    for name in &names {
        let mut without = parts.clone();
        without.tensors.remove(name);
        assert_eq!(code(&without), "corrupt_model", "without {name}");
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(code(&parts.with_number(name, bad)), "corrupt_model", "{bad} in {name}");
        }
    }
    let rows = parts.tensors[TABLE].1[0];
    let coded = Parts::with_codes(rows);
    assert_eq!(code(&coded.with_number(&format!("{TABLE}.scale"), f32::NAN)), "corrupt_model");
    for scales in [0, rows - 1, rows + 1] {
        assert_eq!(code(&Parts::with_codes(scales)), "corrupt_model", "{scales} scales");
    }
    let mut without = coded.clone();
    without.tensors.remove(&format!("{TABLE}.scale"));
    assert_eq!(code(&without), "corrupt_model");
    let original = Parts::read(BERT.weights).with_number(TABLE, f32::NAN).write();
    let files = OriginalFiles { weights: &original, ..BERT };
    assert_eq!(quantize(files, bert_options()).unwrap_err().code(), "corrupt_model");
}

#[test]
fn a_damaged_calibration_is_an_error() {
    let packed = Parts::packed();
    let measured = |mean: Value| {
        let mut options = packed.metadata.as_ref().unwrap()["options"].clone();
        options["calibration"] = json!({ "mean": mean });
        code(&packed.with_metadata("options", options))
    };
    let width = load_embedder_of(&packed).dimensions();
    assert_eq!(measured(json!(vec![0.1; width])), "none");
    assert_eq!(measured(json!([])), "none");
    assert_eq!(measured(json!([0.1, 0.2])), "corrupt_model", "of another embedder");
    assert_eq!(measured(json!("none")), "corrupt_model");
    assert_eq!(measured(json!(vec![1e300; width])), "corrupt_model", "no number of 32 bits");
}

fn load_embedder_of(parts: &Parts) -> Embedder {
    try_load_embedder(&parts.write()).unwrap()
}
