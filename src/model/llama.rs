//! The Llama family of decoders (Llama, SmolLM, SmolLM2, TinyLlama …).
//!
//! Architecture: Touvron et al. 2023, <https://arxiv.org/abs/2302.13971>, with
//! grouped-query attention.

use std::rc::Rc;

use super::matrix::{Matrix, check_finite};
use super::{Gguf, corrupt};
use crate::error::{Error, Result};
use crate::kernel::{add_scaled, dot};

const SUPPORTED: &str = "llama";

/// Keys and values of the tokens read so far; owned by whoever generates, so
/// that one model serves several texts, and a text can be rolled back.
///
/// Grows by `2 * layers * key-value heads * head size * 4` bytes a token.
#[derive(Debug, Clone)]
pub struct KvCache {
    layers: Vec<LayerCache>,
    length: usize,
}

/// For each key-value head, its rows one after the other.
#[derive(Debug, Clone)]
struct LayerCache {
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
}

impl KvCache {
    /// Tokens held.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether no token is held.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Forgets all tokens after the first `length`.
    pub fn roll_back(&mut self, length: usize) {
        if length >= self.length {
            return;
        }
        for head in self.layers.iter_mut().flat_map(|l| l.keys.iter_mut().chain(&mut l.values)) {
            let head_size = head.len() / self.length;
            head.truncate(length * head_size);
        }
        self.length = length;
    }
}

/// The numbers that shape the network.
#[derive(Debug, Clone)]
struct Shape {
    layers: usize,
    width: usize,
    heads: usize,
    kv_heads: usize,
    head_size: usize,
    hidden: usize,
    vocabulary: usize,
    rotated: usize,
    epsilon: f32,
}

struct Layer {
    attention_norm: Vec<f32>,
    query: Matrix,
    key: Matrix,
    value: Matrix,
    output: Matrix,
    ffn_norm: Vec<f32>,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// A decoder with its weights. Computing never changes it.
pub(crate) struct Llama {
    shape: Shape,
    context: usize,
    embedding: Rc<Matrix>,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    head: Rc<Matrix>,
    /// Angle of each rotated pair for one position.
    frequencies: Vec<f32>,
}

/// Loads a decoder one layer at a time, so that loading is made of steps.
pub(crate) struct LlamaLoader {
    model: Llama,
}

impl LlamaLoader {
    /// Reads the shape and the weights outside the layers.
    pub(crate) fn new(file: &Gguf) -> Result<Self> {
        let shape = read_shape(file)?;
        let context = file.integer("llama.context_length", 1..1 << 24)?;
        let table = [shape.vocabulary, shape.width];
        let embedding = Rc::new(file.matrix("token_embd.weight", table)?);
        let head = if file.has_tensor("output.weight") {
            Rc::new(file.matrix("output.weight", table)?)
        } else {
            embedding.clone()
        };
        let norm = file.vector("output_norm.weight", shape.width)?;
        let frequencies = read_frequencies(file, shape.rotated)?;
        let layers = Vec::with_capacity(shape.layers);
        Ok(Self { model: Llama { shape, context, embedding, layers, norm, head, frequencies } })
    }

    /// Layers in the file, and layers loaded.
    pub(crate) fn progress(&self) -> (usize, usize) {
        (self.model.shape.layers, self.model.layers.len())
    }

    /// Loads one layer; false when there was none left.
    pub(crate) fn step(&mut self, file: &Gguf) -> Result<bool> {
        let (total, loaded) = self.progress();
        if loaded == total {
            return Ok(false);
        }
        self.model.layers.push(load_layer(file, loaded, &self.model.shape)?);
        Ok(true)
    }

    /// The model, once every layer is loaded.
    pub(crate) fn finish(self) -> Llama {
        self.model
    }
}

fn read_shape(file: &Gguf) -> Result<Shape> {
    let architecture = file.text("general.architecture").unwrap_or("none named");
    if architecture != "llama" {
        let got = architecture.to_owned();
        return Err(Error::UnsupportedArchitecture { got, supported: SUPPORTED });
    }
    for (key, variant) in [("llama.expert_count", "mixture of experts")] {
        if file.value(key).is_some_and(|_| file.integer(key, 0..1).is_err()) {
            let got = format!("llama ({variant})");
            return Err(Error::UnsupportedArchitecture { got, supported: SUPPORTED });
        }
    }
    if file.has_tensor("blk.0.attn_q.bias") {
        let got = "llama (with biases)".to_owned();
        return Err(Error::UnsupportedArchitecture { got, supported: SUPPORTED });
    }
    let width = file.integer("llama.embedding_length", 1..1 << 17)?;
    let heads = file.integer("llama.attention.head_count", 1..1 << 12)?;
    let kv_heads = match file.value("llama.attention.head_count_kv") {
        None => heads,
        Some(_) => file.integer("llama.attention.head_count_kv", 1..heads + 1)?,
    };
    let head_size = match file.value("llama.attention.key_length") {
        None => width / heads,
        Some(_) => file.integer("llama.attention.key_length", 1..1 << 12)?,
    };
    let rotated = match file.value("llama.rope.dimension_count") {
        None => head_size,
        Some(_) => file.integer("llama.rope.dimension_count", 2..head_size + 1)?,
    };
    if !heads.is_multiple_of(kv_heads) || !rotated.is_multiple_of(2) || head_size == 0 {
        return Err(corrupt(format!("{heads} heads over {kv_heads}, {rotated} rotated")));
    }
    let tokens = file.array("tokenizer.ggml.tokens").map_or(0, <[_]>::len);
    if tokens == 0 {
        let detail = "the file holds no tokens".to_owned();
        return Err(Error::UnsupportedTokenizer { detail });
    }
    Ok(Shape {
        layers: file.integer("llama.block_count", 1..1 << 12)?,
        width,
        heads,
        kv_heads,
        head_size,
        hidden: file.integer("llama.feed_forward_length", 1..1 << 20)?,
        vocabulary: tokens,
        rotated,
        epsilon: file.float("llama.attention.layer_norm_rms_epsilon")? as f32,
    })
}

/// Angles by RoPE (<https://arxiv.org/abs/2104.09864>), stretched where the file
/// says so.
fn read_frequencies(file: &Gguf, rotated: usize) -> Result<Vec<f32>> {
    let base = match file.value("llama.rope.freq_base") {
        None => 10_000.0,
        Some(_) => file.float("llama.rope.freq_base")?,
    };
    let mut frequencies: Vec<f32> = (0..rotated / 2)
        .map(|pair| base.powf(-2.0 * pair as f64 / rotated as f64) as f32)
        .collect();
    if file.has_tensor("rope_freqs.weight") {
        let factors = file.vector("rope_freqs.weight", rotated / 2)?;
        frequencies.iter_mut().zip(factors).for_each(|(angle, factor)| *angle /= factor);
    }
    if file.text("llama.rope.scaling.type") == Some("linear") {
        let factor = file.float("llama.rope.scaling.factor")? as f32;
        frequencies.iter_mut().for_each(|angle| *angle /= factor);
    }
    Ok(frequencies)
}

fn load_layer(file: &Gguf, index: usize, shape: &Shape) -> Result<Layer> {
    let name = |part: &str| format!("blk.{index}.{part}.weight");
    let Shape { width, hidden, heads, kv_heads, head_size, .. } = *shape;
    Ok(Layer {
        attention_norm: file.vector(&name("attn_norm"), width)?,
        query: file.matrix(&name("attn_q"), [heads * head_size, width])?,
        key: file.matrix(&name("attn_k"), [kv_heads * head_size, width])?,
        value: file.matrix(&name("attn_v"), [kv_heads * head_size, width])?,
        output: file.matrix(&name("attn_output"), [width, heads * head_size])?,
        ffn_norm: file.vector(&name("ffn_norm"), width)?,
        gate: file.matrix(&name("ffn_gate"), [hidden, width])?,
        up: file.matrix(&name("ffn_up"), [hidden, width])?,
        down: file.matrix(&name("ffn_down"), [width, hidden])?,
    })
}

impl Llama {
    /// Tokens that the model was trained to read at once.
    pub(crate) fn context(&self) -> usize {
        self.context
    }

    /// A cache that holds nothing.
    pub(crate) fn new_cache(&self) -> KvCache {
        let heads = vec![Vec::new(); self.shape.kv_heads];
        let layer = LayerCache { keys: heads.clone(), values: heads };
        KvCache { layers: vec![layer; self.shape.layers], length: 0 }
    }

    /// Reads a slice of a prompt. On failure the cache is as it was.
    pub(crate) fn prefill(&self, tokens: &[u32], cache: &mut KvCache) -> Result<()> {
        self.forward(tokens, cache).map(|_| ())
    }

    /// Reads one token and returns the logits of the next, one for each token of
    /// the vocabulary. On failure the cache is as it was.
    pub(crate) fn decode(&self, token: u32, cache: &mut KvCache) -> Result<Vec<f32>> {
        let state = self.forward(&[token], cache)?;
        let normed = rms_norm(&state, &self.norm, self.shape.epsilon);
        let logits = self.head.multiply(&normed)?;
        check_finite(&logits)?;
        Ok(logits)
    }

    /// The last layer's output, a row a token.
    fn forward(&self, tokens: &[u32], cache: &mut KvCache) -> Result<Vec<f32>> {
        let known = cache.length;
        let result = self.run_layers(tokens, cache);
        match &result {
            Ok(_) => cache.length = known + tokens.len(),
            Err(_) => self.forget_beyond(cache, known),
        }
        result
    }

    /// Cuts what a failed step left in some of the layers.
    fn forget_beyond(&self, cache: &mut KvCache, length: usize) {
        for layer in &mut cache.layers {
            for head in layer.keys.iter_mut().chain(&mut layer.values) {
                head.truncate(length * self.shape.head_size);
            }
        }
    }

    fn run_layers(&self, tokens: &[u32], cache: &mut KvCache) -> Result<Vec<f32>> {
        let mut state = Vec::with_capacity(tokens.len() * self.shape.width);
        for &token in tokens {
            if token as usize >= self.shape.vocabulary {
                return Err(corrupt(format!("its tokenizer gave the unknown token {token}")));
            }
            state.extend(self.embedding.row(token)?);
        }
        let start = cache.length;
        for (layer, cache) in self.layers.iter().zip(&mut cache.layers) {
            let rows = tokens.len();
            let normed = rms_norm(&state, &layer.attention_norm, self.shape.epsilon);
            let attended = self.attend(layer, &normed, rows, start, cache)?;
            add_scaled(&mut state, &layer.output.multiply(&attended)?, 1.0);
            let normed = rms_norm(&state, &layer.ffn_norm, self.shape.epsilon);
            add_scaled(&mut state, &feed_forward(layer, &normed)?, 1.0);
        }
        Ok(state)
    }

    fn attend(
        &self,
        layer: &Layer,
        normed: &[f32],
        rows: usize,
        start: usize,
        cache: &mut LayerCache,
    ) -> Result<Vec<f32>> {
        let Shape { heads, kv_heads, head_size, .. } = self.shape;
        let mut query = layer.query.multiply(normed)?;
        let mut key = layer.key.multiply(normed)?;
        let value = layer.value.multiply(normed)?;
        self.rotate(&mut query, heads, start);
        self.rotate(&mut key, kv_heads, start);
        for row in 0..rows {
            for head in 0..kv_heads {
                let from = (row * kv_heads + head) * head_size;
                cache.keys[head].extend_from_slice(&key[from..from + head_size]);
                cache.values[head].extend_from_slice(&value[from..from + head_size]);
            }
        }
        let mut output = vec![0.0; rows * heads * head_size];
        let mut scores = Vec::new();
        for (place, out) in output.chunks_exact_mut(head_size).enumerate() {
            let (row, head) = (place / heads, place % heads);
            let group = head / (heads / kv_heads);
            let query = &query[place * head_size..][..head_size];
            let visible = (start + row + 1) * head_size;
            let keys = &cache.keys[group][..visible];
            let values = &cache.values[group][..visible];
            attend_one(query, keys, values, &mut scores, out);
        }
        Ok(output)
    }

    /// Rotates neighbouring pairs, as the Llama files of this format are laid out.
    fn rotate(&self, states: &mut [f32], heads: usize, start: usize) {
        let head_size = self.shape.head_size;
        for (row, state) in states.chunks_exact_mut(heads * head_size).enumerate() {
            let position = (start + row) as f32;
            let turns: Vec<_> = self.frequencies.iter().map(|f| (position * f).sin_cos()).collect();
            for head in state.chunks_exact_mut(head_size) {
                for (pair, &(sin, cos)) in head.as_chunks_mut::<2>().0.iter_mut().zip(&turns) {
                    let [a, b] = *pair;
                    *pair = [a * cos - b * sin, a * sin + b * cos];
                }
            }
        }
    }
}

fn feed_forward(layer: &Layer, normed: &[f32]) -> Result<Vec<f32>> {
    let mut gate = layer.gate.multiply(normed)?;
    let up = layer.up.multiply(normed)?;
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + (-*gate).exp()) * up;
    }
    layer.down.multiply(&gate)
}

/// One query against all keys that it may see; writes the mix of their values.
fn attend_one(query: &[f32], keys: &[f32], values: &[f32], scores: &mut Vec<f32>, out: &mut [f32]) {
    let scale = 1.0 / (query.len() as f32).sqrt();
    scores.clear();
    scores.extend(keys.chunks_exact(query.len()).map(|key| dot(query, key) * scale));
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        total += *score;
    }
    for (score, value) in scores.iter().zip(values.chunks_exact(query.len())) {
        add_scaled(out, value, score / total);
    }
}

fn rms_norm(states: &[f32], weight: &[f32], epsilon: f32) -> Vec<f32> {
    let mut normed = Vec::with_capacity(states.len());
    for row in states.chunks_exact(weight.len()) {
        let mean = dot(row, row) / row.len() as f32;
        let scale = 1.0 / (mean + epsilon).sqrt();
        normed.extend(row.iter().zip(weight).map(|(x, w)| x * scale * w));
    }
    normed
}
