//! A decoder from its file, one layer at a time, so that loading is made of steps.

use std::rc::Rc;

use super::shape::{Family, Shape};
use super::{Decoder, Layer};
use crate::error::Result;
use crate::model::Gguf;

/// Loads a decoder.
pub(crate) struct DecoderLoader {
    model: Decoder,
}

impl DecoderLoader {
    /// Reads the shape and the weights outside the layers.
    pub(crate) fn new(file: &Gguf) -> Result<Self> {
        let shape = Shape::read(file)?;
        let table = [shape.vocabulary, shape.width];
        let embedding = Rc::new(file.matrix("token_embd.weight", table)?);
        let head = if file.has_tensor("output.weight") {
            Rc::new(file.matrix("output.weight", table)?)
        } else {
            embedding.clone()
        };
        let norm = file.vector("output_norm.weight", shape.width)?;
        let layers = Vec::with_capacity(shape.layers);
        Ok(Self { model: Decoder { shape, embedding, layers, norm, head } })
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
    pub(crate) fn finish(self) -> Decoder {
        self.model
    }
}

fn load_layer(file: &Gguf, index: usize, shape: &Shape) -> Result<Layer> {
    let Shape { width, hidden, head_size, family, .. } = *shape;
    let (queries, keys) = (shape.heads * head_size, shape.kv_heads * head_size);
    let name = |part: &str| format!("blk.{index}.{part}.weight");
    let matrix = |part: &str, shape| file.matrix(&name(part), shape);
    let vector_if = |present: bool, name: String, length| {
        present.then(|| file.vector(&name, length)).transpose()
    };
    let has_biases = family == Family::Qwen2;
    let bias =
        |part: &str, length| vector_if(has_biases, format!("blk.{index}.{part}.bias"), length);
    let normed_heads = matches!(family, Family::Qwen3 | Family::Gemma3);
    let normed_results = family == Family::Gemma3;
    Ok(Layer {
        attention_norm: file.vector(&name("attn_norm"), width)?,
        query: matrix("attn_q", [queries, width])?,
        query_bias: bias("attn_q", queries)?,
        query_norm: vector_if(normed_heads, name("attn_q_norm"), head_size)?,
        key: matrix("attn_k", [keys, width])?,
        key_bias: bias("attn_k", keys)?,
        key_norm: vector_if(normed_heads, name("attn_k_norm"), head_size)?,
        value: matrix("attn_v", [keys, width])?,
        value_bias: bias("attn_v", keys)?,
        output: matrix("attn_output", [width, queries])?,
        output_norm: vector_if(normed_results, name("post_attention_norm"), width)?,
        ffn_norm: file.vector(&name("ffn_norm"), width)?,
        gate: matrix("ffn_gate", [hidden, width])?,
        up: matrix("ffn_up", [hidden, width])?,
        down: matrix("ffn_down", [width, hidden])?,
        down_norm: vector_if(normed_results, name("post_ffw_norm"), width)?,
    })
}
