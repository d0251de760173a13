//! The BERT encoder (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>). Texts of a batch
//! follow each other without padding, so a text's vector is bitwise the same in any batch.

use std::cell::RefCell;
use std::ops::Range;

use super::adapter::LayerAdapter;
use super::answer_reader::{AnswerReaderWeights, ReaderRow};
use super::config::Config;
use super::pooling::Pooling;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::kernel::{Activation, activate, add, attend_within};
use crate::model::corrupt;
use crate::model::linear::{EmbeddingTable, Linear};
use crate::model::low_rank::{AdapterBuffers, LowRank};
use crate::model::matrix::{check_finite, normalize};
use crate::model::norm::Norm;
use crate::model::weights::Weights;

/// An encoder with its weights.
pub(crate) struct Bert {
    width: usize,
    between: usize,
    heads: usize,
    activation: Activation,
    word_embeddings: EmbeddingTable,
    position_embeddings: EmbeddingTable,
    /// The embedding of the first token type, which every token gets.
    type_embedding: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Queries, keys and values in one matrix.
    projections: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

impl Bert {
    /// Reads the weights, checks them against the config, and reports each layer.
    pub(crate) async fn load(config: &Config, weights: &Weights<'_>) -> Result<Self> {
        let activation = config.activation()?;
        let (width, total) = (config.hidden_size, config.num_hidden_layers);
        let since = weights.file().now_ms();
        let report = |done| weights.file().report_layers(done, total, since);
        report(0);
        let table = async |part: &str, rows| {
            weights.table(&format!("embeddings.{part}_embeddings.weight"), [rows, width]).await
        };
        let type_embeddings = table("token_type", config.type_vocab_size.max(1)).await?;
        let mut type_embedding = vec![0.0; width];
        type_embeddings.add_row(0, &mut type_embedding);
        let word_embeddings = table("word", config.vocab_size).await?;
        let position_embeddings = table("position", config.max_position_embeddings).await?;
        let norm = read_norm(weights, "embeddings.LayerNorm", config).await?;
        let mut layers = Vec::new();
        for number in 0..total {
            layers.push(Layer::read(weights, number, config).await?);
            report(layers.len());
        }
        let heads = config.num_attention_heads;
        Ok(Self {
            width,
            between: config.intermediate_size,
            heads,
            activation,
            word_embeddings,
            position_embeddings,
            type_embedding,
            norm,
            layers,
        })
    }

    /// Numbers in a vector.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Numbers in a token's state, and between the last two matrices of a layer.
    pub(super) fn widths(&self) -> [usize; 2] {
        [self.width, self.between]
    }

    pub(super) fn layer_count(&self) -> usize {
        self.layers.len()
    }

    /// The most tokens of a text.
    pub(crate) fn position_count(&self) -> usize {
        self.position_embeddings.count()
    }

    /// A fingerprint of the norms of all layers. Files of one encoder with different vocabularies
    /// have the same.
    pub(super) fn norms_fingerprint(&self) -> Fingerprint {
        let norms =
            self.layers.iter().flat_map(|layer| [&layer.attention_norm, &layer.output_norm]);
        let numbers = norms.flat_map(Norm::numbers);
        let bytes: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        Fingerprint::of(&bytes)
    }

    /// One vector of unit length for each text. Texts are token ids, at most as many as the encoder
    /// has positions. `mean` is subtracted from vectors of unit length, if it has numbers. Fails
    /// where a result is not finite.
    pub(crate) fn embed(
        &self,
        texts: &[&[u32]],
        pooling: Pooling,
        mean: &[f32],
    ) -> Result<Vec<Vec<f32>>> {
        let states = self.states(texts, &[], |_, _| None)?;
        check_finite(&states)?;
        let mut rest = states.as_slice();
        let vectors = texts.iter().map(|text| {
            let (rows, after) = rest.split_at(text.len() * self.width);
            rest = after;
            let vector = normalize(pooling.pool(rows, self.width))?;
            if mean.is_empty() { Ok(vector) } else { normalize(subtract(vector, mean)) }
        });
        vectors.collect()
    }

    /// The states of the last layer with an adapter, a row for each token of all rows.
    pub(super) fn adapted_states(
        &self,
        rows: &[ReaderRow],
        reader: &AnswerReaderWeights,
    ) -> Result<Vec<f32>> {
        let texts: Vec<&[u32]> = rows.iter().map(|row| row.ids.as_slice()).collect();
        self.states(&texts, reader.layers(), |row, place| Some(reader.added(&rows[row], place)))
    }

    /// The states of the last layer, a row for each token. `adapters` are of all layers, or none;
    /// `added` is added to the embedding of a text's token at a place.
    fn states<'a>(
        &self,
        texts: &[&[u32]],
        adapters: &[LayerAdapter],
        added: impl Fn(usize, usize) -> Option<&'a [f32]>,
    ) -> Result<Vec<f32>> {
        if let Some(id) =
            texts.iter().flat_map(|text| *text).find(|id| !self.word_embeddings.has(**id))
        {
            return Err(corrupt(format!("its tokenizer gave the unknown token {id}")));
        }
        let mut states = self.embeddings(texts, added);
        if states.is_empty() {
            return Ok(states);
        }
        let texts = row_ranges(texts);
        WORKSPACE.with_borrow_mut(|workspace| {
            self.layers.iter().enumerate().try_for_each(|(number, layer)| {
                self.run_layer(layer, adapters.get(number), &texts, &mut states, workspace)
            })
        })?;
        Ok(states)
    }

    /// Runs a layer on the states.
    fn run_layer(
        &self,
        layer: &Layer,
        adapter: Option<&LayerAdapter>,
        texts: &[Range<usize>],
        states: &mut [f32],
        workspace: &mut Workspace,
    ) -> Result<()> {
        let of = |part: fn(&LayerAdapter) -> &LowRank| adapter.map(part);
        let Workspace { projected, attended, intermediate, result, adapter } = workspace;
        adapted(&layer.projections, of(|it| &it.projections), states, projected, adapter)?;
        // Attention would hide a number that is not finite.
        check_finite(projected)?;
        attended.resize(states.len(), 0.0);
        attend_within(texts, [self.heads, self.width / self.heads], projected, attended);
        adapted(&layer.attention_output, of(|it| &it.attention_output), attended, result, adapter)?;
        layer.attention_norm.add_and_normalize(states, result);
        adapted(&layer.intermediate, of(|it| &it.intermediate), states, intermediate, adapter)?;
        activate(intermediate, self.activation);
        adapted(&layer.output, of(|it| &it.output), intermediate, result, adapter)?;
        layer.output_norm.add_and_normalize(states, result);
        Ok(())
    }

    fn embeddings<'a>(
        &self,
        texts: &[&[u32]],
        added: impl Fn(usize, usize) -> Option<&'a [f32]>,
    ) -> Vec<f32> {
        let tokens: usize = texts.iter().map(|text| text.len()).sum();
        let mut states = vec![0.0; tokens * self.width];
        let mut rows = states.chunks_exact_mut(self.width);
        for (number, text) in texts.iter().enumerate() {
            for ((position, &token), row) in text.iter().enumerate().zip(&mut rows) {
                self.word_embeddings.add_row(token as usize, row);
                self.position_embeddings.add_row(position, row);
                add(row, &self.type_embedding);
                if let Some(numbers) = added(number, position) {
                    add(row, numbers);
                }
            }
        }
        self.norm.apply(&mut states);
        states
    }
}

/// The products of a matrix, and what its adapter adds to them.
fn adapted(
    matrix: &Linear,
    adapter: Option<&LowRank>,
    input: &[f32],
    output: &mut Vec<f32>,
    buffers: &mut AdapterBuffers,
) -> Result<()> {
    matrix.multiply(input, output)?;
    adapter.map_or(Ok(()), |adapter| adapter.add_to(input, 1.0, output, buffers))
}

/// The rows of each text.
fn row_ranges(texts: &[&[u32]]) -> Vec<Range<usize>> {
    let ends = texts.iter().scan(0, |end, text| {
        *end += text.len();
        Some(*end - text.len()..*end)
    });
    ends.collect()
}

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Buffers of the layers, which are allocated once for all texts.
#[derive(Default)]
struct Workspace {
    projected: Vec<f32>,
    attended: Vec<f32>,
    intermediate: Vec<f32>,
    result: Vec<f32>,
    adapter: AdapterBuffers,
}

impl Layer {
    async fn read(weights: &Weights<'_>, number: usize, config: &Config) -> Result<Self> {
        let (width, intermediate) = (config.hidden_size, config.intermediate_size);
        let name = |part: &str| format!("encoder.layer.{number}.{part}");
        let own = ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        let linear = async |part: &str, shape| weights.linear(&[name(part)], shape).await;
        let norm = async |part: &str| read_norm(weights, &name(part), config).await;
        Ok(Self {
            projections: weights.linear(&own, [width, width]).await?,
            attention_output: linear("attention.output.dense", [width, width]).await?,
            attention_norm: norm("attention.output.LayerNorm").await?,
            intermediate: linear("intermediate.dense", [intermediate, width]).await?,
            output: linear("output.dense", [width, intermediate]).await?,
            output_norm: norm("output.LayerNorm").await?,
        })
    }
}

/// Reads a norm of an encoder.
async fn read_norm(weights: &Weights<'_>, name: &str, config: &Config) -> Result<Norm> {
    Norm::read(weights, name, config.hidden_size, config.layer_norm_eps).await
}

fn subtract(mut vector: Vec<f32>, mean: &[f32]) -> Vec<f32> {
    vector.iter_mut().zip(mean).for_each(|(x, mean)| *x -= mean);
    vector
}
