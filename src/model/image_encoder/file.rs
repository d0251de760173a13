//! The file of an image encoder: one safetensors container with everything it needs.
//!
//! ```text
//! tensors   NAME         I8  [rows, columns]   each matrix, row-major; patches as rows of all their
//!                                              colours
//!           NAME.scale   F32 [rows]            value = code * scale of its row
//!           NAME         F32 …                 everything small: biases, norms, positions
//! metadata  "multimodal_rag_image": JSON of `ImageEncoderFile`: version, and the configuration, the
//!           tokenizer.json and the preprocessor_config.json, unchanged
//! ```
//! The SHA-256 of the file is the encoder's fingerprint.

use std::collections::HashMap;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::read_tokenizer;
use crate::error::{Error, Result};
use crate::model::corrupt;
use crate::model::quantized_tensors::{MIN_QUANTIZED_ELEMENTS, QuantizedTensors};
use crate::model::tensor_file::serialize;
use crate::model::weights::Weights;
use crate::runtime::{IdleRuntime, Task};
use crate::source::SourceReader;

const METADATA_KEY: &str = "multimodal_rag_image";
const VERSION: u32 = 1;

/// The files of an image encoder as transformers or open_clip publishes it.
#[derive(Debug, Clone, Copy)]
pub struct OriginalImageEncoder<'a> {
    /// `model.safetensors`, or `open_clip_model.safetensors`, of f32, f16 or bf16.
    pub weights: &'a [u8],
    /// `config.json`, or `open_clip_config.json`.
    pub config: &'a str,
    /// `tokenizer.json`.
    pub tokenizer: &'a str,
    /// `preprocessor_config.json`, which open_clip has not.
    pub preprocessor: Option<&'a str>,
}

/// The metadata of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ImageEncoderFile {
    pub(super) version: u32,
    pub(super) config: String,
    pub(super) tokenizer: String,
    pub(super) preprocessor: Option<String>,
}

/// Packs an image encoder into one file of about a byte for each weight: 150 MB for CLIP ViT-B/32.
/// Takes memory of a little more than twice the bytes of that file.
///
/// # Errors
/// [`Error::CorruptModel`] and [`Error::UnsupportedArchitecture`] name what does not fit.
pub fn quantize_image_encoder(files: OriginalImageEncoder<'_>) -> Result<Vec<u8>> {
    let task = Task::default();
    let weights = SourceReader::new(&files.weights, &IdleRuntime, &task);
    quantize_image_encoder_in_steps(&weights, files).now_or_never().unwrap_or_else(|| {
        Err(Error::Internal { detail: "bytes in memory were waited for".to_owned() })
    })
}

/// [`quantize_image_encoder`] in steps, with weights that are read piece by piece.
pub(crate) async fn quantize_image_encoder_in_steps(
    file: &SourceReader<'_>,
    files: OriginalImageEncoder<'_>,
) -> Result<Vec<u8>> {
    let config = Config::parse(files.config, files.preprocessor)?;
    read_tokenizer(files.tokenizer, &config)?;
    file.step().await?;
    let (weights, _) = Weights::open(file).await?;
    let mut quantized = QuantizedTensors::new(&weights);
    for (name, shape) in weights.float_tensors() {
        let elements: usize = shape.iter().product();
        let rows = shape.first().copied().unwrap_or(1);
        if !is_matrix(name, shape) || elements < MIN_QUANTIZED_ELEMENTS {
            quantized.push_floats(name, shape).await?;
        } else {
            quantized.push_codes(name, [rows, elements / rows]).await?;
        }
    }
    let metadata = ImageEncoderFile {
        version: VERSION,
        config: files.config.to_owned(),
        tokenizer: files.tokenizer.to_owned(),
        preprocessor: files.preprocessor.map(str::to_owned),
    };
    let json =
        serde_json::to_string(&metadata).map_err(|e| Error::Internal { detail: e.to_string() })?;
    serialize(&quantized.tensors, METADATA_KEY, json)
}

/// Whether a tensor is a matrix of weights.
fn is_matrix(name: &str, shape: &[usize]) -> bool {
    // Matrices that are stored as kernels of a convolution. Other kernels of a FastViT are one of
    // several branches, or of few numbers.
    let kernels = [".patch_embedding.weight", ".fc1.weight", ".fc2.weight"];
    // Positions are few, and all pictures have the same. The last one is not read by rows.
    let others = ["position_embedding", "positional_embedding", "text.text_projection"];
    let is_matrix = shape.len() == 2 || kernels.iter().any(|end| name.ends_with(end));
    is_matrix && !others.iter().any(|part| name.contains(part))
}

pub(super) fn read_metadata(texts: &HashMap<String, String>) -> Result<ImageEncoderFile> {
    let json = texts.get(METADATA_KEY).ok_or_else(|| {
        corrupt("it is no packed image encoder; make it with `multimodal-rag quantize`")
    })?;
    let file: ImageEncoderFile = serde_json::from_str(json)
        .map_err(|e| corrupt(format!("its metadata cannot be read: {e}")))?;
    if file.version == VERSION {
        return Ok(file);
    }
    let got = file.version;
    Err(corrupt(format!("image encoder file version {got}, expected {VERSION}")))
}
