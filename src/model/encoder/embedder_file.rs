//! The embedder file: one safetensors container with everything an encoder needs.
//!
//! ```text
//! tensors   NAME         I8  [rows, columns]   each matrix, row-major
//!           NAME.scale   F32 [rows]            value = code * scale of its row
//!           NAME         F32 …                 everything small: biases, norms, positions
//! metadata  "multimodal_rag": JSON of `EmbedderConfig`: version, config.json and
//!           tokenizer.json unchanged, pooling, prefixes, token limit
//! ```
//! Version 2 may have a calibration and languages among its options, matrices of 4 bits, and the
//! tables of a Unigram tokenizer instead of a tokenizer.json, which would take twice the bytes. The
//! metadata then names its special tokens.
//!
//! ```text
//! tensors   NAME                      U8  [rows, columns / 32, 18]   blocks as in `q4_0`
//!           tokenizer.pieces          U8  [bytes]                    see `UnigramTables`
//!           tokenizer.lengths         U8  [pieces]
//!           tokenizer.scores          F32 [pieces]
//!           tokenizer.replacements    U32 [numbers]
//! ```
//! A file that needs nothing of version 2 is of version 1, so that equal input gives
//! the bytes, and the fingerprint, that it gave before. The SHA-256 of the file is the
//! embedder's fingerprint.

use std::collections::HashMap;

use safetensors::Dtype;
use serde::{Deserialize, Serialize};

use super::bert::Bert;
use super::calibration::Calibration;
use super::config::{Config, parse_config};
use super::pooling::Pooling;
use super::tokenizer::{EncoderTokenizer, plain_tokenizer};
use super::unigram::{SpecialTokens, Unigram, UnigramTables};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::model::corrupt;
use crate::model::tensor_file::{OutputTensor, serialize};
use crate::model::weights::Weights;
use crate::source::SourceReader;

const METADATA_KEY: &str = "multimodal_rag";
/// The versions that are read.
const FIRST_VERSION: u32 = 1;
const LATEST_VERSION: u32 = 2;
const PIECES: &str = "tokenizer.pieces";
const LENGTHS: &str = "tokenizer.lengths";
const SCORES: &str = "tokenizer.scores";
const REPLACEMENTS: &str = "tokenizer.replacements";
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
    /// The languages that it knows, as tags of BCP 47. Default: none, and then nothing is said
    /// about them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// What was measured for this embedder. Default: none, and then [`Calibration::default`] is
    /// used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

impl Default for EmbedderOptions {
    fn default() -> Self {
        Self {
            pooling: Pooling::Mean,
            query_prefix: String::new(),
            passage_prefix: String::new(),
            max_tokens: DEFAULT_MAX_TOKENS,
            languages: Vec::new(),
            calibration: None,
        }
    }
}

/// The metadata of the embedder file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EmbedderConfig {
    version: u32,
    config: String,
    /// tokenizer.json. Empty where the tokenizer is of tables.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    tokenizer: String,
    options: EmbedderOptions,
    /// The special tokens of a tokenizer of tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unigram: Option<SpecialTokens>,
}

/// The tokenizer of a file that is written.
pub(super) enum OutputTokenizer {
    /// tokenizer.json.
    Json(String),
    Unigram(UnigramTables, SpecialTokens),
}

/// An encoder with everything that is needed to use it.
pub(crate) struct EmbedderParts {
    pub(crate) model: Bert,
    pub(crate) options: EmbedderOptions,
    pub(crate) calibration: Calibration,
    pub(crate) tokenizer: EncoderTokenizer,
    pub(crate) fingerprint: Fingerprint,
}

impl EmbedderParts {
    /// Reads an embedder file.
    pub(crate) async fn from_file(file: &SourceReader<'_>) -> Result<Self> {
        let (weights, texts) = Weights::open(file).await?;
        file.step().await?;
        let metadata = read_metadata(&texts)?;
        let EmbedderConfig { config, tokenizer, options, unigram, .. } = metadata;
        let config = parse_config(&config)?;
        if !fits(options.max_tokens, &config) {
            return Err(corrupt(format!("its token limit is {}", options.max_tokens)));
        }
        let tokenizer = match unigram {
            Some(special) => read_unigram(&weights, special, config.vocab_size).await?,
            None => build_tokenizer(&tokenizer, &config, &weights).await?,
        };
        Self::assemble(&config, tokenizer, options, &weights).await
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
        let tokenizer = build_tokenizer(files.tokenizer, &config, &weights).await?;
        Self::assemble(&config, tokenizer, options, &weights).await
    }

    async fn assemble(
        config: &Config,
        tokenizer: EncoderTokenizer,
        mut options: EmbedderOptions,
        weights: &Weights<'_>,
    ) -> Result<Self> {
        weights.file().step().await?;
        let fingerprint = weights.file().fingerprint().await?;
        let known = options.calibration.take().or_else(|| Calibration::of_file(fingerprint));
        let calibration = known.unwrap_or_default();
        calibration.check(config.hidden_size)?;
        let model = Bert::load(config, weights).await?;
        Ok(Self { model, options, calibration, tokenizer, fingerprint })
    }
}

/// Builds the tokenizer of a tokenizer.json.
async fn build_tokenizer(
    json: &str,
    config: &Config,
    weights: &Weights<'_>,
) -> Result<EncoderTokenizer> {
    let json = plain_tokenizer(json)?;
    weights.file().step().await?;
    EncoderTokenizer::build(&json, config.vocab_size)
}

/// Reads the tokenizer that is of tables.
async fn read_unigram(
    weights: &Weights<'_>,
    special: SpecialTokens,
    vocabulary: usize,
) -> Result<EncoderTokenizer> {
    let fours = async |name, dtype| weights.list(name, dtype).await;
    let (scores, replacements) =
        (fours(SCORES, Dtype::F32).await?, fours(REPLACEMENTS, Dtype::U32).await?);
    let tables = UnigramTables {
        pieces: weights.list(PIECES, Dtype::U8).await?,
        lengths: weights.list(LENGTHS, Dtype::U8).await?,
        scores: scores.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect(),
        replacements: replacements.as_chunks().0.iter().map(|&x| u32::from_le_bytes(x)).collect(),
    };
    weights.file().step().await?;
    Unigram::build(tables, special, vocabulary).map(EncoderTokenizer::Unigram)
}

/// Whether the encoder has positions for so many tokens, and these suffice for a heading, a prefix
/// and a sentence.
pub(super) fn fits(max_tokens: usize, config: &Config) -> bool {
    const MIN_TOKENS: usize = 16;
    (MIN_TOKENS..=config.max_position_embeddings).contains(&max_tokens)
}

/// Checks the limit that the caller chose.
pub(super) fn check_token_limit(options: &EmbedderOptions, config: &Config) -> Result<()> {
    if fits(options.max_tokens, config) {
        return Ok(());
    }
    let got = options.max_tokens.to_string();
    let expected = "16 to as many tokens as the encoder has positions";
    Err(Error::InvalidOption { option: "maxTokens", got, expected })
}

/// Writes the file, of the lowest version that has what it needs.
pub(super) fn write(
    mut tensors: Vec<OutputTensor>,
    config: String,
    tokenizer: OutputTokenizer,
    options: EmbedderOptions,
) -> Result<Vec<u8>> {
    let (tokenizer, unigram) = match tokenizer {
        OutputTokenizer::Json(json) => (json, None),
        OutputTokenizer::Unigram(tables, special) => {
            let scores =
                OutputTensor::floats(SCORES.to_owned(), vec![tables.scores.len()], &tables.scores);
            let replacements = tables.replacements.iter().flat_map(|x| x.to_le_bytes()).collect();
            tensors.extend([
                scores,
                OutputTensor::list(PIECES, Dtype::U8, tables.pieces),
                OutputTensor::list(LENGTHS, Dtype::U8, tables.lengths),
                OutputTensor::list(REPLACEMENTS, Dtype::U32, replacements),
            ]);
            (String::new(), Some(special))
        }
    };
    let has_bytes = tensors.iter().any(|tensor| tensor.dtype == Dtype::U8);
    let has_more = options.calibration.is_some() || !options.languages.is_empty();
    let version = if has_bytes || has_more { LATEST_VERSION } else { FIRST_VERSION };
    let metadata = EmbedderConfig { version, config, tokenizer, options, unigram };
    let internal = |detail: String| Error::Internal { detail };
    let json = serde_json::to_string(&metadata).map_err(|e| internal(e.to_string()))?;
    serialize(&tensors, METADATA_KEY, json)
}

fn read_metadata(texts: &HashMap<String, String>) -> Result<EmbedderConfig> {
    let json = texts.get(METADATA_KEY).ok_or_else(|| {
        corrupt("it carries no config and tokenizer; make it with `multimodal-rag quantize`")
    })?;
    let config: EmbedderConfig = serde_json::from_str(json)
        .map_err(|e| corrupt(format!("its metadata cannot be read: {e}")))?;
    if !(FIRST_VERSION..=LATEST_VERSION).contains(&config.version) {
        let got = config.version;
        return Err(corrupt(format!("embedder file version {got}, expected {LATEST_VERSION}")));
    }
    Ok(config)
}
