//! The embedder file: one safetensors container with everything an encoder needs.
//!
//! ```text
//! tensors   NAME         I8  [rows, columns]   each matrix, row-major
//!           NAME.scale   F32 [rows]            value = code * scale of its row
//!           NAME         F32 …                 everything small: biases, norms, positions
//! metadata  "multimodal_rag": JSON of `EmbedderConfig`: version, config.json and
//!           tokenizer.json unchanged, pooling, prefixes, token limit
//! ```
//! The SHA-256 of the file is the embedder's fingerprint. Equal input gives equal bytes.

use std::collections::HashMap;

use candle_transformers::models::bert::Config;
use futures_util::FutureExt;
use safetensors::{Dtype, tensor::TensorView};
use serde::{Deserialize, Serialize};

use super::bert::{Bert, parse_config};
use super::pooling::Pooling;
use super::tokenizer::{EncoderTokenizer, plain_tokenizer};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::kernel::try_with_capacity;
use crate::model::corrupt;
use crate::model::row_pieces::row_pieces;
use crate::model::weights::Weights;
use crate::runtime::{IdleRuntime, Task};
use crate::source::SourceReader;

const METADATA_KEY: &str = "multimodal_rag";
const VERSION: u32 = 1;
/// Matrices with fewer elements stay f32: they cost nothing, and quantizing would add noise.
const MIN_QUANTIZED_ELEMENTS: usize = 1 << 16;
const DEFAULT_MAX_TOKENS: usize = 256;

/// The files of an encoder as it was published.
#[derive(Debug, Clone, Copy)]
pub struct OriginalFiles<'a> {
    /// `model.safetensors`, of f32, f16 or bf16.
    pub weights: &'a [u8],
    /// `config.json`.
    pub config: &'a str,
    /// `tokenizer.json`.
    pub tokenizer: &'a str,
}

/// How to use an encoder, which its weights do not determine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EmbedderOptions {
    /// How token states become one vector. Default: mean.
    pub pooling: Pooling,
    /// Text before each question, "query: " for e5. Default: none.
    pub query_prefix: String,
    /// Text before each passage, "passage: " for e5. Default: none.
    pub passage_prefix: String,
    /// The most tokens of a text, special tokens included; the rest of the text is not read.
    /// Default: 256.
    pub max_tokens: usize,
}

impl Default for EmbedderOptions {
    fn default() -> Self {
        Self {
            pooling: Pooling::Mean,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            max_tokens: DEFAULT_MAX_TOKENS,
        }
    }
}

/// The metadata of the embedder file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EmbedderConfig {
    version: u32,
    config: String,
    tokenizer: String,
    pub(crate) options: EmbedderOptions,
}

/// An encoder with everything that is needed to use it.
pub(crate) struct EmbedderParts {
    pub(crate) model: Bert,
    pub(crate) options: EmbedderOptions,
    pub(crate) tokenizer: EncoderTokenizer,
    pub(crate) fingerprint: Fingerprint,
}

impl EmbedderParts {
    /// Reads an embedder file.
    pub(crate) async fn from_file(file: &SourceReader<'_>) -> Result<Self> {
        let (weights, texts) = Weights::open(file).await?;
        file.step().await?;
        let EmbedderConfig { config, tokenizer, options, .. } = read_metadata(&texts)?;
        let config = parse_config(&config)?;
        if !fits(options.max_tokens, &config) {
            return Err(corrupt(format!("its token limit is {}", options.max_tokens)));
        }
        Self::assemble(&config, &tokenizer, options, &weights).await
    }

    /// Reads the original files without quantizing them; `file` is that of the weights.
    pub(crate) async fn from_original(
        file: &SourceReader<'_>,
        files: OriginalFiles<'_>,
        options: EmbedderOptions,
    ) -> Result<Self> {
        let (weights, _) = Weights::open(file).await?;
        let config = parse_config(files.config)?;
        check_token_limit(&options, &config)?;
        Self::assemble(&config, files.tokenizer, options, &weights).await
    }

    async fn assemble(
        config: &Config,
        tokenizer: &str,
        options: EmbedderOptions,
        weights: &Weights<'_>,
    ) -> Result<Self> {
        let tokenizer = plain_tokenizer(tokenizer)?;
        weights.file().step().await?;
        let tokenizer = EncoderTokenizer::build(&tokenizer, config.vocab_size)?;
        weights.file().step().await?;
        let fingerprint = weights.file().fingerprint().await?;
        let model = Bert::load(config, weights).await?;
        Ok(Self { model, options, tokenizer, fingerprint })
    }
}

/// Quantizes an encoder into one file of about a byte for each weight. Takes about a second for
/// MiniLM natively, and memory of a little more than twice the bytes of that file.
pub fn quantize(files: OriginalFiles, options: EmbedderOptions) -> Result<Vec<u8>> {
    let task = Task::default();
    let weights = SourceReader::new(&files.weights, &IdleRuntime, &task);
    let file = quantize_in_steps(&weights, files.config, files.tokenizer, options);
    file.now_or_never().unwrap_or_else(|| {
        Err(Error::Internal { detail: "bytes in memory were waited for".to_owned() })
    })
}

/// [`quantize`] in steps, with weights that are read piece by piece.
pub(crate) async fn quantize_in_steps(
    file: &SourceReader<'_>,
    config: &str,
    tokenizer: &str,
    options: EmbedderOptions,
) -> Result<Vec<u8>> {
    let parsed = parse_config(config)?;
    EncoderTokenizer::build(&plain_tokenizer(tokenizer)?, parsed.vocab_size)?;
    check_token_limit(&options, &parsed)?;
    file.step().await?;
    let (weights, _) = Weights::open(file).await?;
    let mut tensors = Vec::new();
    for (name, shape) in weights.float_tensors() {
        // Only classifiers use the pooler.
        if !name.contains("pooler.") {
            quantize_tensor(&weights, name, shape, &mut tensors).await?;
        }
    }
    let (config, tokenizer) = (config.to_owned(), tokenizer.to_owned());
    write(&tensors, &EmbedderConfig { version: VERSION, config, tokenizer, options })
}

/// Whether the encoder has positions for so many tokens, and these suffice for a heading, a prefix
/// and a sentence.
fn fits(max_tokens: usize, config: &Config) -> bool {
    const MIN_TOKENS: usize = 16;
    (MIN_TOKENS..=config.max_position_embeddings).contains(&max_tokens)
}

/// Checks the limit that the caller chose.
fn check_token_limit(options: &EmbedderOptions, config: &Config) -> Result<()> {
    if fits(options.max_tokens, config) {
        return Ok(());
    }
    let got = options.max_tokens.to_string();
    let expected = "16 to as many tokens as the encoder has positions";
    Err(Error::InvalidOption { option: "maxTokens", got, expected })
}

/// A tensor of the file that is written.
struct OutputTensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

async fn quantize_tensor(
    weights: &Weights<'_>,
    name: &str,
    shape: &[usize],
    tensors: &mut Vec<OutputTensor>,
) -> Result<()> {
    let (name, shape) = (name.to_owned(), shape.to_vec());
    let [rows, columns] = shape.as_array().copied().unwrap_or([shape.iter().product(), 1]);
    if shape.len() != 2 || rows * columns < MIN_QUANTIZED_ELEMENTS {
        let numbers = weights.tensor_rows(&name, [rows, columns], 0..rows).await?;
        tensors.push(OutputTensor { name, dtype: Dtype::F32, shape, bytes: le_bytes(&numbers) });
        return Ok(());
    }
    let (mut codes, mut scales) = (try_with_capacity(rows * columns)?, Vec::with_capacity(rows));
    for piece in row_pieces(rows, 4 * columns) {
        let numbers = weights.tensor_rows(&name, [rows, columns], piece).await?;
        for row in numbers.chunks_exact(columns) {
            let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
            let scale = if largest == 0.0 { 1.0 } else { largest / 127.0 };
            codes.extend(row.iter().map(|x| (x / scale).round() as i8 as u8));
            scales.push(scale);
        }
    }
    let scales = OutputTensor {
        name: format!("{name}.scale"),
        dtype: Dtype::F32,
        shape: vec![rows],
        bytes: le_bytes(&scales),
    };
    tensors.push(OutputTensor { name, dtype: Dtype::I8, shape, bytes: codes });
    tensors.push(scales);
    Ok(())
}

fn write(tensors: &[OutputTensor], metadata: &EmbedderConfig) -> Result<Vec<u8>> {
    let internal = |detail: String| Error::Internal { detail };
    let json = serde_json::to_string(metadata).map_err(|e| internal(e.to_string()))?;
    let views = tensors
        .iter()
        .map(|p| Ok((p.name.as_str(), TensorView::new(p.dtype, p.shape.clone(), &p.bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|e| internal(e.to_string()))?;
    // One key only, because the order of several would differ from run to run.
    let metadata = HashMap::from([(METADATA_KEY.to_owned(), json)]);
    safetensors::serialize(views, Some(metadata)).map_err(|e| internal(e.to_string()))
}

fn read_metadata(texts: &HashMap<String, String>) -> Result<EmbedderConfig> {
    let json = texts.get(METADATA_KEY).ok_or_else(|| {
        corrupt("it carries no config and tokenizer; make it with `multimodal-rag quantize`")
    })?;
    let config: EmbedderConfig = serde_json::from_str(json)
        .map_err(|e| corrupt(format!("its metadata cannot be read: {e}")))?;
    if config.version != VERSION {
        let got = config.version;
        return Err(corrupt(format!("embedder file version {got}, expected {VERSION}")));
    }
    Ok(config)
}

fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}
