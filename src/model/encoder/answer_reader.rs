//! The answer reader: an adapter of an encoder, and heads that tell where in a passage a question
//! is answered, and whether.
//!
//! A row is one question and one passage: `begin, question, end, passage, end`; or a claim in the
//! place of the question, to tell whether the passage supports it. Its file is a safetensors
//! container.
//!
//! ```text
//! tensors   layer.N.PART.down.weight   I8  [rank, columns]    with .scale, F32 [rank]
//!           layer.N.PART.up.weight     I8  [rows, rank]       with .scale, F32 [rows]; PART is
//!                                      projections, attention_output, intermediate or output
//!           kinds                      F32 [3, width]         added to the embeddings of tokens of
//!                                                             a question, a passage, a claim
//!           span.weight, span.bias     F32 [2, width], [2]    start and end of the answer
//!           pool.weight, pool.bias     I8  [width, width]     of the first token, then tanh
//!           decide.weight, .bias       F32 [3, width], [3]    answerable, relevant, supported
//! metadata  "multimodal_rag": JSON of `Described`
//! ```

use serde::Deserialize;

use super::adapter::LayerAdapter;
use super::bert::Bert;
use super::reader_calibration::ReaderCalibration;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::kernel::{add, dot};
use crate::model::corrupt;
use crate::model::linear::Linear;
use crate::model::matrix::check_finite;
use crate::model::weights::Weights;
use crate::source::SourceReader;

const METADATA_KEY: &str = "multimodal_rag";
const VERSION: u32 = 1;
const KIND: &str = "answer reader";
/// The largest rank of an adapter. Beyond it, an adapter is as large as its encoder.
const MAX_RANK: usize = 256;
/// Rows of `kinds`.
const KINDS: usize = 3;
/// Numbers that the first token decides.
const DECISIONS: usize = 3;

/// The metadata of the file.
#[derive(Deserialize)]
struct Described {
    version: u32,
    kind: String,
    rank: usize,
    /// SHA-256 of the norms of the encoder's layers, in hexadecimal digits.
    trunk: String,
    #[serde(default)]
    calibration: ReaderCalibration,
}

/// What a passage is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadKind {
    Question,
    Claim,
}

/// A question or a claim with a passage, as tokens.
#[derive(Debug, Clone)]
pub(crate) struct ReaderRow {
    pub(crate) ids: Vec<u32>,
    /// Tokens before the passage.
    pub(crate) head: usize,
    pub(crate) kind: HeadKind,
}

/// What the reader tells of a row.
#[derive(Debug, Clone)]
pub(crate) struct RowLogits {
    /// Start and end of an answer at each token of the passage.
    pub(crate) spans: Vec<[f32; 2]>,
    /// Start and end where the passage has no answer.
    pub(crate) none: [f32; 2],
    /// Whether the passage answers the question.
    pub(crate) answerable: f32,
    /// Whether the passage is about what is asked.
    pub(crate) relevant: f32,
    /// Whether the passage supports the claim.
    pub(crate) supported: f32,
}

/// The adapter and the heads.
pub(crate) struct AnswerReaderWeights {
    calibration: ReaderCalibration,
    layers: Vec<LayerAdapter>,
    kinds: [Vec<f32>; KINDS],
    span: [Vec<f32>; 2],
    span_biases: Vec<f32>,
    pool: Linear,
    decide: [Vec<f32>; DECISIONS],
    decide_biases: Vec<f32>,
}

impl AnswerReaderWeights {
    /// Reads a file, which must be for this encoder.
    pub(crate) async fn from_file(file: &SourceReader<'_>, encoder: &Bert) -> Result<Self> {
        let (weights, texts) = Weights::open(file).await?;
        let Described { rank, calibration, .. } = described(texts.get(METADATA_KEY), encoder)?;
        let [width, between] = encoder.widths();
        let mut layers = Vec::new();
        for number in 0..encoder.layer_count() {
            layers.push(LayerAdapter::read(&weights, number, [width, between], rank).await?);
        }
        Ok(Self {
            calibration,
            layers,
            kinds: weights.rows("kinds", width).await?,
            span: weights.rows("span.weight", width).await?,
            span_biases: weights.vector("span.bias", 2).await?,
            pool: weights.linear(&["pool".to_owned()], [width, width]).await?,
            decide: weights.rows("decide.weight", width).await?,
            decide_biases: weights.vector("decide.bias", DECISIONS).await?,
        })
    }

    /// What was measured for it.
    pub(crate) fn calibration(&self) -> &ReaderCalibration {
        &self.calibration
    }

    /// The adapters of the encoder's layers.
    pub(super) fn layers(&self) -> &[LayerAdapter] {
        &self.layers
    }

    /// What is added to the embedding of a row's token at this place.
    pub(super) fn added(&self, row: &ReaderRow, place: usize) -> &[f32] {
        let [question, passage, claim] = &self.kinds;
        match row.kind {
            _ if place >= row.head => passage,
            HeadKind::Question => question,
            HeadKind::Claim => claim,
        }
    }

    /// Reads rows in one step, one pass of the encoder over all of them.
    pub(crate) fn read(&self, encoder: &Bert, rows: &[ReaderRow]) -> Result<Vec<RowLogits>> {
        let width = encoder.widths()[0];
        let states = encoder.adapted_states(rows, self)?;
        check_finite(&states)?;
        let mut rest = states.as_slice();
        let logits = rows.iter().map(|row| {
            let (own, after) = rest.split_at(row.ids.len() * width);
            rest = after;
            self.logits(row, own, width)
        });
        logits.collect()
    }

    fn logits(&self, row: &ReaderRow, states: &[f32], width: usize) -> Result<RowLogits> {
        let span = |state: &[f32]| {
            [0, 1].map(|side| dot(&self.span[side], state) + self.span_biases[side])
        };
        let first = &states[..width];
        // The last token ends the row.
        let passage = &states[row.head * width..states.len() - width];
        let mut pooled = Vec::new();
        self.pool.multiply(first, &mut pooled)?;
        pooled.iter_mut().for_each(|x| *x = x.tanh());
        let mut decisions = [0, 1, 2].map(|at| dot(&self.decide[at], &pooled));
        add(&mut decisions, &self.decide_biases);
        let [answerable, relevant, supported] = decisions;
        let spans = passage.chunks_exact(width).map(span).collect();
        Ok(RowLogits { spans, none: span(first), answerable, relevant, supported })
    }
}

/// Parses the metadata. Fails where it is of a reader for another encoder.
fn described(metadata: Option<&String>, encoder: &Bert) -> Result<Described> {
    let json = metadata.ok_or_else(|| corrupt("it is no answer reader of this project"))?;
    let described: Described = serde_json::from_str(json)
        .map_err(|e| corrupt(format!("its metadata is not that of an answer reader: {e}")))?;
    if described.kind != KIND || described.version != VERSION {
        let Described { kind, version, .. } = described;
        return Err(corrupt(format!("it is {kind:?} of version {version}, not {KIND:?} of 1")));
    }
    if !(1..=MAX_RANK).contains(&described.rank) {
        return Err(corrupt(format!("its rank is {}, not 1 to {MAX_RANK}", described.rank)));
    }
    if !described.calibration.is_finite() {
        return Err(corrupt("its calibration has numbers that are not finite"));
    }
    if Fingerprint::parse(&described.trunk) != Some(encoder.norms_fingerprint()) {
        return Err(Error::ReaderMismatch);
    }
    Ok(described)
}
