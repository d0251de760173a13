//! Adapters in GGUF files, as `convert_lora_to_gguf.py` of llama.cpp writes them.

use super::pairs::{Half, PairTensor, Pairs, mismatch, unsupported};
use super::{DecoderAdapter, Part, Target};
use crate::error::Result;
use crate::model::decoder::config::DecoderConfig;
use crate::model::{Gguf, corrupt};

/// Names of a layer's matrices.
const PARTS: [(&str, Part); Part::COUNT] = [
    ("attn_q", Part::Query),
    ("attn_k", Part::Key),
    ("attn_v", Part::Value),
    ("attn_output", Part::Output),
    ("ffn_gate", Part::Gate),
    ("ffn_up", Part::Up),
    ("ffn_down", Part::Down),
];

const ALPHA: &str = "adapter.lora.alpha";

impl DecoderAdapter {
    /// Reads an adapter of this decoder.
    pub(in crate::model::decoder) async fn from_gguf(
        file: &Gguf<'_>,
        config: &DecoderConfig,
    ) -> Result<Self> {
        check_kind(file, config)?;
        let alpha = if file.has(ALPHA) { file.float(ALPHA)? } else { 0.0 };
        // Without an alpha, llama.cpp takes the product as it is.
        let factor =
            |rank: usize| Ok(if alpha == 0.0 { 1.0 } else { (alpha / rank as f64) as f32 });
        let mut pairs = Pairs::default();
        for (name, shape) in file.tensors() {
            let (target, half) = parse(name)?;
            pairs.push(
                target,
                half,
                PairTensor { name: name.to_owned(), shape: shape.to_vec() },
            )?;
        }
        pairs.read(config, factor, async |_, _, name, shape| file.rows(name, shape).await).await
    }
}

fn check_kind(file: &Gguf<'_>, config: &DecoderConfig) -> Result<()> {
    if file.string("general.type") != Some("adapter") {
        return Err(corrupt("it is not an adapter, by its general.type"));
    }
    match file.string("adapter.type") {
        Some("lora") => {}
        other => {
            return Err(unsupported(format!("the type \"{}\"", other.unwrap_or("none named"))));
        }
    }
    if file.has("adapter.alora.invocation_tokens") {
        return Err(unsupported("tokens that switch it on (aLoRA)"));
    }
    let (got, expected) = (file.string("general.architecture"), config.family.name());
    if got != Some(expected) {
        let got = got.unwrap_or("none named");
        return Err(mismatch(format!("its architecture is {got}, the generator's {expected}")));
    }
    Ok(())
}

/// What a tensor belongs to.
fn parse(name: &str) -> Result<(Target, Half)> {
    let (base, half) = match name.rsplit_once(".lora_") {
        Some((base, "a")) => (base, Half::Down),
        Some((base, "b")) => (base, Half::Up),
        _ => return Err(unsupported(format!("a tensor that is not of a pair ({name})"))),
    };
    if base == "token_embd.weight" {
        return Err(unsupported("changes to the table of token embeddings"));
    }
    let target = target(base).ok_or_else(|| {
        mismatch(format!("it changes {base}, which is no matrix of the generator"))
    })?;
    Ok((target, half))
}

fn target(base: &str) -> Option<Target> {
    if base == "output.weight" {
        return Some(Target::Head);
    }
    let (layer, part) = base.strip_prefix("blk.")?.strip_suffix(".weight")?.split_once('.')?;
    let (_, part) = PARTS.into_iter().find(|(name, _)| *name == part)?;
    Some(Target::Layer(layer.parse().ok()?, part))
}
