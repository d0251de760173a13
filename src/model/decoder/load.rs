//! Loads a decoder from its file, one tensor at a time.

use std::rc::Rc;

use super::config::{DecoderConfig, Family};
use super::{Decoder, Layer};
use crate::error::Result;
use crate::kernel::dot;
use crate::model::Gguf;
use crate::model::matrix::Matrix;

const EMBEDDING: &str = "token_embd.weight";
const HEAD: &str = "output.weight";
/// Rows that are compared to tell whether two matrices are one, and the most that each may differ:
/// the square of the difference, as a share of the square of the row. Rows of 4 and of 8 bits of one
/// matrix differ by .01, rows of different matrices by about 1.
const COMPARED_ROWS: usize = 64;
const MAX_DIFFERENCE: f32 = 0.04;

/// A decoder whose config is known and whose weights are still in the file.
pub(crate) struct DecoderLoader<'a> {
    file: &'a Gguf<'a>,
    config: DecoderConfig,
}

impl<'a> DecoderLoader<'a> {
    /// Reads the config. Fails where it is not supported.
    pub(crate) async fn new(file: &'a Gguf<'a>) -> Result<Self> {
        Ok(Self { file, config: DecoderConfig::read(file).await? })
    }

    /// Reads the weights, and reports each layer.
    pub(crate) async fn load(self) -> Result<Decoder> {
        let Self { file, config } = self;
        let since = file.file().now_ms();
        let report = |done| file.file().report_layers(done, config.layers, since);
        report(0);
        let table = [config.vocabulary, config.width];
        let [embedding, head] = load_tables(file, table).await?;
        let norm = file.vector("output_norm.weight", config.width).await?;
        let mut layers = Vec::new();
        for index in 0..config.layers {
            layers.push(load_layer(file, index, &config).await?);
            report(layers.len());
        }
        Ok(Decoder { config, embedding, layers, norm, head, adapters: Vec::new() })
    }
}

/// The matrix of the tokens' embeddings, and the one of the logits. Models with few weights have one
/// for both; some files hold it twice, in different types. It is kept once then, in the type of the
/// logits, which is the finer one.
async fn load_tables(file: &Gguf<'_>, shape: [usize; 2]) -> Result<[Rc<Matrix>; 2]> {
    let names = [EMBEDDING, HEAD];
    if !file.has_tensor(HEAD) || are_same(file, names, shape).await? {
        let name = if file.has_tensor(HEAD) { HEAD } else { EMBEDDING };
        let both = Rc::new(file.matrix(name, shape).await?);
        return Ok([both.clone(), both]);
    }
    let [embedding, head] = names.map(|name| file.matrix(name, shape));
    Ok([Rc::new(embedding.await?), Rc::new(head.await?)])
}

/// Whether two matrices are the same but for the errors of their types, as some rows tell.
async fn are_same(file: &Gguf<'_>, names: [&str; 2], shape: [usize; 2]) -> Result<bool> {
    let step = shape[0].div_ceil(COMPARED_ROWS).max(1);
    for row in (0..shape[0]).step_by(step) {
        let a = file.row(names[0], shape, row).await?;
        let b = file.row(names[1], shape, row).await?;
        let differences: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        // A token that was never trained may have no weights.
        let difference = dot(&differences, &differences);
        if difference > MAX_DIFFERENCE * dot(&a, &a).max(dot(&b, &b)) {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn load_layer(file: &Gguf<'_>, index: usize, config: &DecoderConfig) -> Result<Layer> {
    let DecoderConfig { width, hidden, head_size, family, .. } = *config;
    let (queries, keys) = (config.heads * head_size, config.kv_heads * head_size);
    let name = |part: &str| format!("blk.{index}.{part}.weight");
    let matrix = async |part: &str, config| file.matrix(&name(part), config).await;
    let vector = async |part: &str, length| file.vector(&name(part), length).await;
    let vector_if = async |present: bool, part: &str, length| {
        if present { vector(part, length).await.map(Some) } else { Ok(None) }
    };
    let bias = async |part: &str, length| {
        let name = format!("blk.{index}.{part}.bias");
        if family == Family::Qwen2 { file.vector(&name, length).await.map(Some) } else { Ok(None) }
    };
    let normed_heads = matches!(family, Family::Qwen3 | Family::Gemma3);
    let normed_results = family == Family::Gemma3;
    Ok(Layer {
        attention_norm: vector("attn_norm", width).await?,
        query: matrix("attn_q", [queries, width]).await?,
        query_bias: bias("attn_q", queries).await?,
        query_norm: vector_if(normed_heads, "attn_q_norm", head_size).await?,
        key: matrix("attn_k", [keys, width]).await?,
        key_bias: bias("attn_k", keys).await?,
        key_norm: vector_if(normed_heads, "attn_k_norm", head_size).await?,
        value: matrix("attn_v", [keys, width]).await?,
        value_bias: bias("attn_v", keys).await?,
        output: matrix("attn_output", [width, queries]).await?,
        output_norm: vector_if(normed_results, "post_attention_norm", width).await?,
        ffn_norm: vector("ffn_norm", width).await?,
        gate: matrix("ffn_gate", [hidden, width]).await?,
        up: matrix("ffn_up", [hidden, width]).await?,
        down: matrix("ffn_down", [width, hidden]).await?,
        down_norm: vector_if(normed_results, "post_ffw_norm", width).await?,
    })
}
