//! Sampling: which token comes next.

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::StdRng;

use crate::error::{Error, Result};
use crate::model::corrupt;

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
/// earlier choices, as candle's does.
pub(super) struct Sampler {
    sampling: Sampling,
    rng: StdRng,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Result<Self> {
        sampling.check()?;
        Ok(Self { sampling, rng: StdRng::seed_from_u64(sampling.seed) })
    }

    /// Chooses the next token by its logits, which are finite.
    pub(super) fn choose(&mut self, logits: &[f32]) -> Result<u32> {
        let Sampling { temperature, top_k, top_p, .. } = self.sampling;
        if temperature < COLD {
            return Ok(largest(logits));
        }
        let mut likely = probabilities(logits, temperature);
        let mut tokens: Option<Vec<usize>> = None;
        if let Some(k) = top_k.filter(|&k| k < likely.len()) {
            let mut order: Vec<usize> = (0..likely.len()).collect();
            let (first, ..) =
                order.select_nth_unstable_by(k, |&a, &b| likely[b].total_cmp(&likely[a]));
            likely = first.iter().map(|&token| likely[token]).collect();
            tokens = Some(first.to_vec());
        }
        if let Some(p) = top_p.filter(|&p| p < 1.0) {
            leave_out_unlikely(&mut likely, p as f32);
        }
        let weights =
            WeightedIndex::new(&likely).map_err(|_| corrupt("it gives no token a probability"))?;
        let place = weights.sample(&mut self.rng);
        Ok(tokens.map_or(place, |tokens| tokens[place]) as u32)
    }
}

/// The place of the largest number, the first of equal ones.
fn largest(numbers: &[f32]) -> u32 {
    let last_first = numbers.iter().enumerate().rev();
    last_first.max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(place, _)| place as u32)
}

/// The probability of each token.
fn probabilities(logits: &[f32], temperature: f64) -> Vec<f32> {
    let scale = (1.0 / temperature) as f32;
    let scaled = || logits.iter().map(|logit| logit * scale);
    let most = scaled().fold(f32::NEG_INFINITY, f32::max);
    let mut likely: Vec<f32> = scaled().map(|logit| (logit - most).exp()).collect();
    let sum: f32 = likely.iter().sum();
    likely.iter_mut().for_each(|it| *it /= sum);
    likely
}

/// Sets the probabilities of those that are not among the likeliest ones, which have this probability
/// together, to 0 (Holtzman et al. 2019, <https://arxiv.org/abs/1904.09751>).
fn leave_out_unlikely(likely: &mut [f32], together: f32) {
    let mut order: Vec<usize> = (0..likely.len()).collect();
    order.sort_by(|&a, &b| likely[b].total_cmp(&likely[a]));
    let mut sum = 0.0;
    for place in order {
        if sum >= together {
            likely[place] = 0.0;
        } else {
            sum += likely[place];
        }
    }
}
