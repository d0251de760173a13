//! `config.json` of a BERT encoder, as transformers publishes it.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::kernel::Activation;
use crate::model::corrupt;

/// The sizes of an encoder.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Config {
    pub(super) vocab_size: usize,
    pub(super) hidden_size: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) intermediate_size: usize,
    hidden_act: String,
    pub(super) max_position_embeddings: usize,
    pub(super) type_vocab_size: usize,
    pub(super) layer_norm_eps: f32,
}

/// Parses a BERT `config.json` and checks the sizes that computing relies on.
pub(crate) fn parse_config(json: &str) -> Result<Config> {
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|e| corrupt(format!("its config is not JSON: {e}")))?;
    let family = value.get("model_type").and_then(|v| v.as_str()).unwrap_or("bert");
    if family != "bert" {
        return Err(unsupported(family));
    }
    let config: Config = serde_json::from_value(value)
        .map_err(|e| corrupt(format!("its config is not that of a BERT encoder: {e}")))?;
    let (width, heads) = (config.hidden_size, config.num_attention_heads);
    if width == 0 || heads == 0 || !width.is_multiple_of(heads) || width > 1 << 16 {
        return Err(corrupt(format!("its config has {heads} heads over {width} dimensions")));
    }
    if config.num_hidden_layers > 1 << 10
        || config.max_position_embeddings > 1 << 20
        || !(1..1 << 20).contains(&config.intermediate_size)
    {
        return Err(corrupt("its config has sizes beyond any encoder's"));
    }
    config.activation()?;
    Ok(config)
}

impl Config {
    /// The function between the last two matrices of a layer.
    pub(super) fn activation(&self) -> Result<Activation> {
        match &*self.hidden_act {
            "gelu" => Ok(Activation::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Ok(Activation::GeluTanh),
            "relu" => Err(unsupported("bert (with relu)")),
            other => {
                Err(corrupt(format!("its config has no activation that is known, but {other}")))
            }
        }
    }
}

fn unsupported(got: &str) -> Error {
    Error::UnsupportedArchitecture { got: got.to_owned(), supported: "bert" }
}
