//! Adapters in the two files that PEFT writes: `adapter_model.safetensors` and
//! `adapter_config.json`.

use serde_json::Value;

use super::pairs::{Half, MAX_RANK, PairTensor, Pairs, mismatch, unsupported};
use super::{DecoderAdapter, Part, Target};
use crate::error::Result;
use crate::kernel::try_with_capacity;
use crate::model::corrupt;
use crate::model::decoder::config::{DecoderConfig, Family};
use crate::model::weights::Weights;

/// Names of a layer's matrices.
const PARTS: [(&str, Part); Part::COUNT] = [
    ("self_attn.q_proj", Part::Query),
    ("self_attn.k_proj", Part::Key),
    ("self_attn.v_proj", Part::Value),
    ("self_attn.o_proj", Part::Output),
    ("mlp.gate_proj", Part::Gate),
    ("mlp.up_proj", Part::Up),
    ("mlp.down_proj", Part::Down),
];

/// What comes before the number of a layer: the last two where the decoder is a part of a model
/// that also sees images.
const LAYERS: [&str; 3] =
    ["model.layers.", "model.language_model.layers.", "language_model.model.layers."];

/// Settings that make an adapter more than pairs of matrices, and what it then has.
const UNSUPPORTED: [(&str, &str); 13] = [
    ("use_dora", "magnitudes (DoRA)"),
    ("bias", "biases"),
    ("lora_bias", "biases"),
    ("modules_to_save", "whole modules (modules_to_save)"),
    ("rank_pattern", "several ranks (rank_pattern)"),
    ("alpha_pattern", "several scales (alpha_pattern)"),
    ("fan_in_fan_out", "transposed matrices (fan_in_fan_out)"),
    ("layer_replication", "repeated layers (layer_replication)"),
    ("trainable_token_indices", "token embeddings of its own (trainable_token_indices)"),
    ("target_parameters", "changes to experts (target_parameters)"),
    ("use_qalora", "shared columns (QALoRA)"),
    ("alora_invocation_tokens", "tokens that switch it on (aLoRA)"),
    ("megatron_config", "matrices in parts (Megatron)"),
];

/// Ways to begin a training that also change the model's own weights.
const CHANGES_MODEL: [&str; 4] = ["pissa", "olora", "loftq", "corda"];

/// The settings of an adapter.
struct PeftConfig {
    rank: usize,
    factor: f32,
}

impl PeftConfig {
    fn parse(text: &str) -> Result<Self> {
        let config: Value = serde_json::from_str(text)
            .map_err(|error| corrupt(format!("its adapter config is not JSON ({error})")))?;
        match config["peft_type"].as_str() {
            Some("LORA") => {}
            other => {
                return Err(unsupported(format!("the type \"{}\"", other.unwrap_or("none named"))));
            }
        }
        if let Some((_, what)) = UNSUPPORTED.iter().find(|(key, _)| is_set(&config[*key])) {
            return Err(unsupported(*what));
        }
        let start = config["init_lora_weights"].as_str().unwrap_or_default().to_lowercase();
        if CHANGES_MODEL.iter().any(|way| start.starts_with(way)) {
            return Err(unsupported(format!("changes to the model itself ({start})")));
        }
        let rank = config["r"].as_u64().and_then(|rank| usize::try_from(rank).ok()).unwrap_or(0);
        if !(1..=MAX_RANK).contains(&rank) {
            let rank = &config["r"];
            return Err(unsupported(format!("a rank of {rank} (1 to {MAX_RANK} is possible)")));
        }
        let Some(alpha) = config["lora_alpha"].as_f64() else {
            return Err(corrupt("its adapter config has no lora_alpha"));
        };
        let divisor = rank as f64;
        let divisor = if is_set(&config["use_rslora"]) { divisor.sqrt() } else { divisor };
        Ok(Self { rank, factor: (alpha / divisor) as f32 })
    }

    /// What a pair of this rank is multiplied with.
    fn factor(&self, rank: usize) -> Result<f32> {
        if rank == self.rank {
            return Ok(self.factor);
        }
        let expected = self.rank;
        Err(corrupt(format!("a matrix has the rank {rank}, its adapter config says {expected}")))
    }
}

/// Whether a setting has an effect.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::Number(_) => true,
        Value::String(text) => !matches!(text.as_str(), "" | "none"),
        Value::Array(items) => !items.is_empty(),
        Value::Object(entries) => !entries.is_empty(),
    }
}

impl DecoderAdapter {
    /// Reads an adapter of this decoder. `settings`: the text of `adapter_config.json`.
    pub(in crate::model::decoder) async fn from_peft(
        weights: &Weights<'_>,
        settings: &str,
        config: &DecoderConfig,
    ) -> Result<Self> {
        let settings = PeftConfig::parse(settings)?;
        let mut pairs = Pairs::default();
        for (name, shape) in weights.float_tensors() {
            let (target, half) = parse(name)?;
            let shape = shape.iter().map(|&n| n as u64).collect();
            pairs.push(target, half, PairTensor { name: name.to_owned(), shape })?;
        }
        let read = async |target, half, name: &str, shape: [usize; 2]| {
            let rows = weights.tensor_rows(name, shape, 0..shape[0]).await?;
            match (half, target) {
                (Half::Up, Target::Layer(_, part)) => interleave(rows, shape, part, config),
                _ => Ok(rows),
            }
        };
        pairs.read(config, |rank| settings.factor(rank), read).await
    }
}

/// What a tensor belongs to.
fn parse(name: &str) -> Result<(Target, Half)> {
    let whole = || unsupported(format!("a tensor that is not of a pair ({name})"));
    let base = name.strip_prefix("base_model.model.").ok_or_else(whole)?;
    let (base, half) = if let Some(base) = base.strip_suffix(".lora_A.weight") {
        (base, Half::Down)
    } else if let Some(base) = base.strip_suffix(".lora_B.weight") {
        (base, Half::Up)
    } else if base.contains(".lora_embedding_") {
        return Err(unsupported("changes to the table of token embeddings"));
    } else if base.ends_with(".lora_magnitude_vector") {
        return Err(unsupported("magnitudes (DoRA)"));
    } else {
        return Err(whole());
    };
    let target = target(base).ok_or_else(|| {
        mismatch(format!("it changes {base}, which is no matrix of the generator"))
    })?;
    Ok((target, half))
}

fn target(base: &str) -> Option<Target> {
    if matches!(base, "lm_head" | "language_model.lm_head") {
        return Some(Target::Head);
    }
    let place = LAYERS.iter().find_map(|prefix| base.strip_prefix(prefix))?;
    let (layer, part) = place.split_once('.')?;
    let (_, part) = PARTS.into_iter().find(|(name, _)| *name == part)?;
    Some(Target::Layer(layer.parse().ok()?, part))
}

/// The rows of a matrix in the order of the decoder's file. In files of the Llama family, the rows
/// of queries and keys are those of both halves of a head in turn: its rotations have other pairs
/// than PyTorch's.
fn interleave(
    rows: Vec<f32>,
    [count, rank]: [usize; 2],
    part: Part,
    config: &DecoderConfig,
) -> Result<Vec<f32>> {
    let is_rotated = matches!(part, Part::Query | Part::Key);
    if config.family != Family::Llama || !is_rotated {
        return Ok(rows);
    }
    let size = config.head_size;
    let mut interleaved = try_with_capacity(rows.len())?;
    for row in 0..count {
        let (head, within) = (row / size, row % size);
        let from = head * size + within % 2 * (size / 2) + within / 2;
        interleaved.extend_from_slice(&rows[from * rank..][..rank]);
    }
    Ok(interleaved)
}
