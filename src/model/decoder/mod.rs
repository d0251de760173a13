//! Decoders: tokens become the logits of the next token.
//!
//! One network serves Llama, Qwen 2, Qwen 3 and Gemma 3; [`config`] holds their differences.

mod adapter;
mod cache;
mod config;
mod load;
mod rotary;

use std::rc::Rc;

pub use cache::KvCache;
pub(crate) use load::DecoderLoader;

use self::adapter::{DecoderAdapter, Part, ScaledAdapters, Target};
use self::cache::Workspace;
use self::config::DecoderConfig;
use self::rotary::RotaryTable;
use super::low_rank::AdapterBuffers;
use super::matrix::{Matrix, check_finite};
use super::weights::Weights;
use super::{Gguf, corrupt};
use crate::error::Result;
use crate::kernel::{
    ActivationRows, AttentionMask, HeadLayout, KeyValues, activate_times, add, attend, rms_norm,
    rms_norm_in_place,
};

struct Layer {
    attention_norm: Vec<f32>,
    query: Matrix,
    query_bias: Option<Vec<f32>>,
    query_norm: Option<Vec<f32>>,
    key: Matrix,
    key_bias: Option<Vec<f32>>,
    key_norm: Option<Vec<f32>>,
    value: Matrix,
    value_bias: Option<Vec<f32>>,
    output: Matrix,
    output_norm: Option<Vec<f32>>,
    ffn_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
    down_norm: Option<Vec<f32>>,
}

/// A decoder with its weights, which computing never changes.
pub(crate) struct Decoder {
    config: DecoderConfig,
    embedding: Rc<Matrix>,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    head: Rc<Matrix>,
    adapters: Vec<DecoderAdapter>,
}

impl Decoder {
    /// Tokens that the model was trained to read at once.
    pub(crate) fn context(&self) -> usize {
        self.config.context
    }

    /// Tokens in the vocabulary, and numbers in a row of logits.
    pub(crate) fn vocabulary(&self) -> usize {
        self.config.vocabulary
    }

    /// Adds an adapter after those that are there, from a GGUF file.
    pub(crate) async fn add_gguf_adapter(&mut self, file: &Gguf<'_>) -> Result<()> {
        self.adapters.push(DecoderAdapter::from_gguf(file, &self.config).await?);
        Ok(())
    }

    /// Adds an adapter after those that are there, from PEFT's weights and the text of its config.
    pub(crate) async fn add_peft_adapter(
        &mut self,
        weights: &Weights<'_>,
        settings: &str,
    ) -> Result<()> {
        self.adapters.push(DecoderAdapter::from_peft(weights, settings, &self.config).await?);
        Ok(())
    }

    /// An empty cache, for a text that is read with these scales of the adapters.
    pub(crate) fn new_cache(&self, scales: &[f32]) -> KvCache {
        KvCache::new(&self.config, scales)
    }

    /// Reads a slice of a prompt. On failure the cache is unchanged.
    pub(crate) fn prefill(&self, tokens: &[u32], cache: &mut KvCache) -> Result<()> {
        if tokens.is_empty() {
            return Ok(());
        }
        let mut slice = self.begin_slice(tokens, cache)?;
        while !self.run_next_layer(&mut slice, cache)? {}
        Ok(())
    }

    /// Begins to read a slice of a prompt, of at least one token.
    pub(crate) fn begin_slice(&self, tokens: &[u32], cache: &mut KvCache) -> Result<PrefillSlice> {
        self.embed(tokens, &mut cache.workspace.state)?;
        for (rotary, table) in
            self.config.rotaries().into_iter().zip(&mut cache.workspace.rotary_tables)
        {
            rotary.fill_table(cache.length, tokens.len(), table);
        }
        Ok(PrefillSlice { tokens: tokens.len(), layer: 0, needs_logits: false })
    }

    /// Runs the next layer on a slice. Returns whether that was the last one: then the cache
    /// contains the slice. On failure the cache is unchanged. A caller that abandons a slice must
    /// roll the cache back to its length.
    pub(crate) fn run_next_layer(
        &self,
        slice: &mut PrefillSlice,
        cache: &mut KvCache,
    ) -> Result<bool> {
        let known = cache.length;
        if let Some(layer) = self.layers.get(slice.layer) {
            if let Err(error) = self.run_layer(layer, slice, cache) {
                cache.roll_back(known);
                return Err(error);
            }
            slice.layer += 1;
        }
        if slice.layer < self.layers.len() {
            return Ok(false);
        }
        cache.length = known + slice.tokens;
        Ok(true)
    }

    /// Reads tokens and writes, for each of them, the logits of its next token: a row with a number
    /// for each token of the vocabulary. On failure the cache is unchanged.
    pub(crate) fn decode(
        &self,
        tokens: &[u32],
        cache: &mut KvCache,
        logits: &mut Vec<f32>,
    ) -> Result<()> {
        if tokens.is_empty() {
            logits.clear();
            return Ok(());
        }
        let known = cache.length;
        let mut slice = PrefillSlice { needs_logits: true, ..self.begin_slice(tokens, cache)? };
        while !self.run_next_layer(&mut slice, cache)? {}
        let result = self.logits(cache, logits);
        if result.is_err() {
            cache.roll_back(known);
        }
        result
    }

    fn logits(&self, cache: &mut KvCache, logits: &mut Vec<f32>) -> Result<()> {
        let Workspace { state, normed, adapter, .. } = &mut cache.workspace;
        norm_rows(state, &self.norm, self.config.epsilon, normed);
        self.head.multiply(normed, logits)?;
        let adapters = ScaledAdapters { adapters: &self.adapters, scales: &cache.scales };
        adapters.add_to(Target::Head, normed.values(), logits, adapter)?;
        check_finite(logits)
    }

    fn run_layer(&self, layer: &Layer, slice: &PrefillSlice, cache: &mut KvCache) -> Result<()> {
        let KvCache { layers, length, scales, workspace } = cache;
        let caches = &mut layers[slice.layer];
        let adapters = ScaledAdapters { adapters: &self.adapters, scales };
        let step = Step { config: &self.config, number: slice.layer, start: *length, adapters };
        norm_rows(&workspace.state, &layer.attention_norm, step.epsilon(), &mut workspace.normed);
        step.append_key_values(layer, caches, workspace)?;
        if slice.layer + 1 == self.layers.len() && !slice.needs_logits {
            // Later tokens need only the keys and values.
            return Ok(());
        }
        step.attend(layer, caches, workspace)?;
        norm_rows(&workspace.state, &layer.ffn_norm, step.epsilon(), &mut workspace.normed);
        step.feed_forward(layer, workspace)
    }

    fn embed(&self, tokens: &[u32], state: &mut Vec<f32>) -> Result<()> {
        state.clear();
        for &token in tokens {
            if token as usize >= self.config.vocabulary {
                return Err(corrupt(format!("its tokenizer gave the unknown token {token}")));
            }
            state.extend(self.embedding.row(token as usize));
        }
        let scale = self.config.embedding_scale();
        state.iter_mut().for_each(|x| *x *= scale);
        Ok(())
    }
}

/// A slice of a prompt between two layers.
pub(crate) struct PrefillSlice {
    tokens: usize,
    /// The next layer.
    layer: usize,
    /// Whether its logits are needed.
    needs_logits: bool,
}

/// A slice of tokens in one layer.
struct Step<'a> {
    config: &'a DecoderConfig,
    number: usize,
    /// Tokens read before the slice.
    start: usize,
    adapters: ScaledAdapters<'a>,
}

impl Step<'_> {
    fn epsilon(&self) -> f32 {
        self.config.epsilon
    }

    /// Computes the slice's keys and values and adds them to the caches.
    fn append_key_values(
        &self,
        layer: &Layer,
        caches: &mut [KeyValues],
        workspace: &mut Workspace,
    ) -> Result<()> {
        let Workspace { normed, key, value, rotary_tables, adapter, .. } = workspace;
        let DecoderConfig { kv_heads, head_size, .. } = *self.config;
        self.multiply(Part::Key, &layer.key, normed, key, adapter)?;
        add_bias(key, &layer.key_bias);
        self.multiply(Part::Value, &layer.value, normed, value, adapter)?;
        add_bias(value, &layer.value_bias);
        self.norm_in_place(key, &layer.key_norm);
        self.rotate(key, kv_heads, rotary_tables);
        // Attention would hide a number that is not finite.
        check_finite(key)?;
        check_finite(value)?;
        for (number, cache) in caches.iter_mut().enumerate() {
            for row in 0..normed.count() {
                let first = (row * kv_heads + number) * head_size;
                cache.push(&key[first..first + head_size], &value[first..first + head_size]);
            }
        }
        Ok(())
    }

    fn attend(&self, layer: &Layer, caches: &[KeyValues], workspace: &mut Workspace) -> Result<()> {
        let Workspace { state, normed, attended, query, result, rotary_tables, adapter, .. } =
            workspace;
        let DecoderConfig { heads, kv_heads, head_size, .. } = *self.config;
        self.multiply(Part::Query, &layer.query, normed, query, adapter)?;
        add_bias(query, &layer.query_bias);
        self.norm_in_place(query, &layer.query_norm);
        self.rotate(query, heads, rotary_tables);
        check_finite(query)?;
        let window = self.config.window(self.number).unwrap_or(usize::MAX);
        let mask = AttentionMask::Past { before: self.start, window };
        let width = heads * head_size;
        let heads = HeadLayout {
            stride: width,
            output_stride: width,
            first: 0,
            count: heads / kv_heads,
            scale: 1.0 / (head_size as f32).sqrt(),
        };
        attend(caches, heads, mask, query, attended.begin(normed.count(), width));
        self.multiply(Part::Output, &layer.output, attended, result, adapter)?;
        self.norm_in_place(result, &layer.output_norm);
        add(state, result);
        Ok(())
    }

    /// Computes the products of a matrix of the layer, and what adapters add to them.
    fn multiply(
        &self,
        part: Part,
        matrix: &Matrix,
        input: &mut ActivationRows,
        output: &mut Vec<f32>,
        buffers: &mut AdapterBuffers,
    ) -> Result<()> {
        matrix.multiply(input, output)?;
        let target = Target::Layer(self.number, part);
        self.adapters.add_to(target, input.values(), output, buffers)
    }

    /// Rotates the heads of each row by its position.
    fn rotate(&self, rows: &mut [f32], heads: usize, tables: &[RotaryTable; 2]) {
        let (size, local) = (self.config.head_size, self.config.window(self.number).is_some());
        let local = usize::from(local);
        self.config.rotaries()[local].rotate(rows, heads * size, size, &tables[local]);
    }

    fn feed_forward(&self, layer: &Layer, workspace: &mut Workspace) -> Result<()> {
        let Workspace { state, normed, hidden, gate, up, result, adapter, .. } = workspace;
        self.multiply(Part::Gate, &layer.gate, normed, gate, adapter)?;
        self.multiply(Part::Up, &layer.up, normed, up, adapter)?;
        activate_times(gate, self.config.activation(), up);
        hidden.begin(normed.count(), self.config.hidden).copy_from_slice(gate);
        self.multiply(Part::Down, &layer.down, hidden, result, adapter)?;
        self.norm_in_place(result, &layer.down_norm);
        add(state, result);
        Ok(())
    }

    /// Normalizes each row that is as long as the weights, if there are weights.
    fn norm_in_place(&self, rows: &mut [f32], weights: &Option<Vec<f32>>) {
        if let Some(weights) = weights {
            rms_norm_in_place(rows, weights, self.config.epsilon);
        }
    }
}

fn add_bias(rows: &mut [f32], bias: &Option<Vec<f32>>) {
    if let Some(bias) = bias {
        add(rows, bias);
    }
}

fn norm_rows(state: &[f32], weights: &[f32], epsilon: f32, into: &mut ActivationRows) {
    let rows = into.begin(state.len() / weights.len(), weights.len());
    rms_norm(state, weights, epsilon, rows);
}
