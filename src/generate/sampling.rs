//! Sampling: which token comes next.

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as CandleSampling};

use crate::error::{Error, Result};
use crate::model::from_candle;

/// Below this temperature an f32 cannot hold the probabilities: the most likely token is taken.
const COLD: f64 = 1e-3;

/// How the next token is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// 0: always the most likely token. Higher values make probabilities more even; at most 10.
    pub temperature: f64,
    /// Consider only the `top_k` most likely tokens; at least 1.
    pub top_k: Option<usize>,
    /// Consider only the most likely tokens that together have this probability; above 0, at most
    /// 1.
    pub top_p: Option<f64>,
    /// Equal seeds give equal texts.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 0.0, top_k: None, top_p: None, seed: 0 }
    }
}

impl Sampling {
    /// Fails where an option is out of its range.
    pub(crate) fn check(self) -> Result<()> {
        let invalid =
            |option, got: String, expected| Error::InvalidOption { option, got, expected };
        let temperature = self.temperature;
        if !(0.0..=10.0).contains(&temperature) {
            return Err(invalid("temperature", temperature.to_string(), "a number from 0 to 10"));
        }
        if self.top_k == Some(0) {
            return Err(invalid("topK", "0".to_owned(), "a whole number of at least 1"));
        }
        match self.top_p.filter(|p| !(*p > 0.0 && *p <= 1.0)) {
            Some(p) => Err(invalid("topP", p.to_string(), "a number above 0 and at most 1")),
            None => Ok(()),
        }
    }
}

/// Chooses one token after another. A choice depends on the seed, the logits and the number of
/// earlier choices.
pub(super) struct Sampler(LogitsProcessor);

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Result<Self> {
        sampling.check()?;
        let temperature = sampling.temperature;
        let kind = match (sampling.top_k, sampling.top_p) {
            _ if temperature < COLD => CandleSampling::ArgMax,
            (None, None) => CandleSampling::All { temperature },
            (Some(k), None) => CandleSampling::TopK { k, temperature },
            (None, Some(p)) => CandleSampling::TopP { p, temperature },
            (Some(k), Some(p)) => CandleSampling::TopKThenTopP { k, p, temperature },
        };
        Ok(Self(LogitsProcessor::from_sampling(sampling.seed, kind)))
    }

    /// Chooses the next token by its logits.
    pub(super) fn choose(&mut self, logits: &[f32]) -> Result<u32> {
        Tensor::new(logits, &Device::Cpu)
            .and_then(|logits| self.0.sample(&logits))
            .map_err(from_candle)
    }
}
