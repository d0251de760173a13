//! The BERT encoder (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>),
//! as candle computes it, over texts of unequal length.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};

use super::{Pooling, corrupt, from_candle};
use crate::error::{Error, Result};

/// An encoder with its weights.
pub(crate) struct Bert {
    model: BertModel,
    width: usize,
}

/// Checks the numbers of a BERT `config.json` that computing relies on.
pub(crate) fn parse_config(json: &str) -> Result<Config> {
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|e| corrupt(format!("its config is no JSON: {e}")))?;
    let family = value.get("model_type").and_then(|v| v.as_str()).unwrap_or("bert");
    if family != "bert" {
        return Err(Error::UnsupportedArchitecture { got: family.to_owned(), supported: "bert" });
    }
    let config: Config = serde_json::from_value(value)
        .map_err(|e| corrupt(format!("its config is not that of a BERT encoder: {e}")))?;
    let (width, heads) = (config.hidden_size, config.num_attention_heads);
    if width == 0 || heads == 0 || !width.is_multiple_of(heads) || width > 1 << 16 {
        return Err(corrupt(format!("its config has {heads} heads over {width} dimensions")));
    }
    if config.num_hidden_layers > 1 << 10 || config.max_position_embeddings > 1 << 20 {
        return Err(corrupt("its config has sizes beyond any encoder's"));
    }
    Ok(config)
}

impl Bert {
    /// An encoder over these weights, which are checked against the config.
    pub(crate) fn new(config: &Config, weights: HashMap<String, Tensor>) -> Result<Self> {
        let weights = VarBuilder::from_tensors(weights, DType::F32, &Device::Cpu);
        let model = BertModel::load(weights, config).map_err(from_candle)?;
        Ok(Self { model, width: config.hidden_size })
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// One vector of unit length for each text, given as token ids.
    pub(crate) fn embed(&self, texts: &[Vec<u32>], pooling: Pooling) -> Result<Vec<Vec<f32>>> {
        let length = texts.iter().map(Vec::len).max().unwrap_or(0);
        if length == 0 {
            return Ok(vec![vec![0.0; self.width]; texts.len()]);
        }
        let states = self.states(texts, length).map_err(from_candle)?;
        Ok(texts
            .iter()
            .zip(states.chunks_exact(length * self.width))
            .map(|(text, rows)| {
                normalize(pool(&rows[..text.len() * self.width], self.width, pooling))
            })
            .collect())
    }

    /// The last layer's states, padded to `length` rows a text.
    fn states(&self, texts: &[Vec<u32>], length: usize) -> candle_core::Result<Vec<f32>> {
        let mut ids = Vec::with_capacity(texts.len() * length);
        let mut mask = Vec::with_capacity(texts.len() * length);
        for text in texts {
            ids.extend(text.iter().copied().chain(std::iter::repeat_n(0, length - text.len())));
            mask.extend((0..length).map(|at| u32::from(at < text.len())));
        }
        let shape = (texts.len(), length);
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let kinds = ids.zeros_like()?;
        self.model.forward(&ids, &kinds, Some(&mask))?.flatten_all()?.to_vec1()
    }
}

fn pool(rows: &[f32], width: usize, pooling: Pooling) -> Vec<f32> {
    match pooling {
        Pooling::Cls => rows.iter().take(width).copied().collect(),
        // The scale is lost in the normalization that follows.
        Pooling::Mean => rows.chunks_exact(width).fold(vec![0.0; width], |mut sum, row| {
            crate::kernel::add_scaled(&mut sum, row, 1.0);
            sum
        }),
    }
}

fn normalize(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = crate::kernel::dot(&vector, &vector).sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|x| *x /= norm);
    vector
}
