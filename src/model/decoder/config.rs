//! The configuration of a decoder, from its file.

use super::rotary::{Rotary, RotaryLayout};
use crate::error::{Error, Result};
use crate::kernel::Activation;
use crate::model::{Gguf, StringArray, corrupt};

const SUPPORTED: &str = "llama, qwen2, qwen3, gemma3";

/// In Gemma 3, one layer in so many sees the whole text.
const GEMMA_GLOBAL_EVERY: usize = 6;
/// The base of the rotations in its other layers.
const GEMMA_LOCAL_BASE: f64 = 10_000.0;

/// Families that differ in more than sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Llama, SmolLM, SmolLM2, TinyLlama …: Touvron et al. 2023,
    /// <https://arxiv.org/abs/2302.13971>, with grouped-query attention.
    Llama,
    /// Biases on queries, keys and values: <https://arxiv.org/abs/2407.10671>.
    Qwen2,
    /// Norms of queries and keys: <https://arxiv.org/abs/2505.09388>.
    Qwen3,
    /// As Qwen 3, with norms after each part and with windows: <https://arxiv.org/abs/2503.19786>.
    Gemma3,
}

impl Family {
    const ALL: [Self; 4] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::Gemma3];

    /// Its name in files, which their keys begin with.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma3 => "gemma3",
        }
    }
}

/// The sizes that all layers share.
#[derive(Debug, Clone)]
pub(super) struct DecoderConfig {
    pub(super) family: Family,
    pub(super) context: usize,
    pub(super) layers: usize,
    pub(super) width: usize,
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_size: usize,
    pub(super) hidden: usize,
    pub(super) vocabulary: usize,
    pub(super) epsilon: f32,
    /// Tokens that a layer with a window sees.
    window: Option<usize>,
    rotary: Rotary,
    /// The rotations of layers with a window.
    local_rotary: Rotary,
}

impl DecoderConfig {
    pub(super) async fn read(file: &Gguf<'_>) -> Result<Self> {
        let keys = Keys::read(file)?;
        let width = keys.integer("embedding_length", 1..1 << 17)?;
        let heads = keys.integer("attention.head_count", 1..1 << 12)?;
        let kv_heads = keys.integer_or("attention.head_count_kv", 1..heads + 1, heads)?;
        let head_size = keys.integer_or("attention.key_length", 1..1 << 12, width / heads)?;
        let rotated = keys.integer_or("rope.dimension_count", 2..head_size + 1, head_size)?;
        if !heads.is_multiple_of(kv_heads) || !rotated.is_multiple_of(2) || head_size == 0 {
            return Err(corrupt(format!("{heads} heads over {kv_heads}, {rotated} rotated")));
        }
        let value_size = keys.integer_or("attention.value_length", 1..1 << 12, head_size)?;
        if value_size != head_size {
            return Err(keys.unsupported("values of another size than keys"));
        }
        let vocabulary = file.strings("tokenizer.ggml.tokens").map_or(0, StringArray::len);
        if vocabulary == 0 {
            let detail = "the file has no tokens".to_owned();
            return Err(Error::UnsupportedTokenizer { detail });
        }
        let window = match keys.family {
            Family::Gemma3 => Some(keys.integer("attention.sliding_window", 1..1 << 24)?),
            _ => None,
        };
        Ok(Self {
            family: keys.family,
            context: keys.integer("context_length", 1..1 << 24)?,
            layers: keys.integer("block_count", 1..1 << 12)?,
            width,
            heads,
            kv_heads,
            head_size,
            hidden: keys.integer("feed_forward_length", 1..1 << 20)?,
            vocabulary,
            epsilon: keys.float("attention.layer_norm_rms_epsilon")? as f32,
            window,
            rotary: keys.rotary(rotated).await?,
            local_rotary: Rotary::new(keys.rotary_layout(), rotated, GEMMA_LOCAL_BASE),
        })
    }

    /// The window of a layer, if it has one.
    pub(super) fn window(&self, layer: usize) -> Option<usize> {
        self.window.filter(|_| !(layer + 1).is_multiple_of(GEMMA_GLOBAL_EVERY))
    }

    /// The rotations of queries and keys: in layers that see everything, and in layers with a
    /// window.
    pub(super) fn rotaries(&self) -> [&Rotary; 2] {
        [&self.rotary, &self.local_rotary]
    }

    pub(super) fn activation(&self) -> Activation {
        match self.family {
            Family::Gemma3 => Activation::GeluTanh,
            _ => Activation::Silu,
        }
    }

    /// The factor of a token's embedding.
    pub(super) fn embedding_scale(&self) -> f32 {
        match self.family {
            Family::Gemma3 => (self.width as f32).sqrt(),
            _ => 1.0,
        }
    }
}

/// The metadata of one family, whose keys begin with its name.
struct Keys<'a> {
    file: &'a Gguf<'a>,
    family: Family,
    prefix: String,
}

impl<'a> Keys<'a> {
    fn read(file: &'a Gguf<'a>) -> Result<Self> {
        let prefix = file.string("general.architecture").unwrap_or("none named").to_owned();
        let Some(family) = Family::ALL.into_iter().find(|family| family.name() == prefix) else {
            return Err(Error::UnsupportedArchitecture { got: prefix, supported: SUPPORTED });
        };
        let keys = Self { file, family, prefix };
        if keys.integer_or("expert_count", 0..1, 0).is_err() {
            return Err(keys.unsupported("mixture of experts"));
        }
        if file.has_tensor("blk.0.attn_q.bias") != (family == Family::Qwen2) {
            let variant = if family == Family::Qwen2 { "without biases" } else { "with biases" };
            return Err(keys.unsupported(variant));
        }
        if keys.float_or("final_logit_softcapping", 0.0)? != 0.0 {
            return Err(keys.unsupported("capped logits"));
        }
        Ok(keys)
    }

    fn unsupported(&self, variant: &str) -> Error {
        let got = format!("{} ({variant})", self.prefix);
        Error::UnsupportedArchitecture { got, supported: SUPPORTED }
    }

    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn integer(&self, name: &str, range: std::ops::Range<usize>) -> Result<usize> {
        self.file.integer(&self.key(name), range)
    }

    fn integer_or(
        &self,
        name: &str,
        range: std::ops::Range<usize>,
        absent: usize,
    ) -> Result<usize> {
        let key = self.key(name);
        if self.file.has(&key) { self.file.integer(&key, range) } else { Ok(absent) }
    }

    fn float(&self, name: &str) -> Result<f64> {
        self.file.float(&self.key(name))
    }

    fn float_or(&self, name: &str, absent: f64) -> Result<f64> {
        if self.file.has(&self.key(name)) { self.float(name) } else { Ok(absent) }
    }

    /// Llama files interleave the numbers of pairs, all others split them into halves.
    fn rotary_layout(&self) -> RotaryLayout {
        if self.family == Family::Llama {
            RotaryLayout::Interleaved
        } else {
            RotaryLayout::SplitHalves
        }
    }

    /// The rotations of layers that see everything, scaled where the file says so.
    async fn rotary(&self, rotated: usize) -> Result<Rotary> {
        let mut rotary =
            Rotary::new(self.rotary_layout(), rotated, self.float_or("rope.freq_base", 10_000.0)?);
        if self.file.has_tensor("rope_freqs.weight") {
            let factors = self.file.vector("rope_freqs.weight", rotated / 2).await?;
            rotary.divide(|pair| factors[pair]);
        }
        match self.file.string(&self.key("rope.scaling.type")) {
            None | Some("none") => {}
            Some("linear") => {
                let factor = self.float("rope.scaling.factor")? as f32;
                rotary.divide(|_| factor);
            }
            Some(other) => return Err(self.unsupported(&format!("positions scaled by {other}"))),
        }
        if !rotary.is_finite() {
            return Err(corrupt("its positions turn by angles that are not finite"));
        }
        Ok(rotary)
    }
}
