//! Prompts are read in slices, and kept for the next one that begins alike.

use super::Generator;
use crate::error::Result;
use crate::host::{Host, Task};
use crate::model::KvCache;

/// Tokens of a prompt read in the first step, and the most in any: weights are fetched
/// once a step, so few steps are quicker …
const FIRST_SLICE: usize = 16;
const LARGEST_SLICE: usize = 128;
/// … and a stop is heard between them: what a step is to take.
const STEP_MS: f64 = 70.0;

/// The most that is kept of a prompt for the next one: 1,500 tokens of SmolLM2-135M.
const MAX_KEPT_BYTES: usize = 70_000_000;

/// Tokens, and what has been made of them.
#[derive(Debug)]
pub(super) struct Reading {
    tokens: Vec<u32>,
    cache: KvCache,
}

impl Generator {
    /// Reads a prompt, and reports how much is read at first and after each slice. Where
    /// a stop is heard, there is no cache, and what was read until then is kept.
    pub(super) async fn read(
        &self,
        prompt: &[u32],
        host: &dyn Host,
        task: &Task,
        report: &dyn Fn(usize),
    ) -> Result<Option<KvCache>> {
        let mut cache = self.begin(prompt);
        report(cache.len());
        let (mut rest, mut size) = (&prompt[cache.len()..], FIRST_SLICE);
        while !rest.is_empty() {
            let (slice, after) = rest.split_at(size.min(rest.len()));
            let began = host.now_ms();
            self.model.prefill(slice, &mut cache)?;
            (rest, size) = (after, next_slice(slice.len(), host.now_ms() - began));
            report(cache.len());
            if task.step(host).await.is_err() {
                self.keep(prompt, cache);
                return Ok(None);
            }
        }
        Ok(Some(cache))
    }

    /// A cache that holds what the last text and this one begin with alike. While one
    /// text is written, another begins with nothing.
    fn begin(&self, prompt: &[u32]) -> KvCache {
        let Some(Reading { tokens, mut cache }) = self.last.take() else {
            return self.model.new_cache();
        };
        let alike = tokens.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        cache.roll_back(alike);
        cache
    }

    /// Keeps what was read of `prompt` for the next text.
    pub(super) fn keep(&self, prompt: &[u32], mut cache: KvCache) {
        cache.roll_back(prompt.len());
        let tokens = prompt[..cache.len()].to_vec();
        let small = cache.bytes() <= MAX_KEPT_BYTES;
        self.last.replace(small.then_some(Reading { tokens, cache }));
    }
}

/// How many tokens to read in one step, after so many took so long.
fn next_slice(tokens: usize, ms: f64) -> usize {
    if ms <= 0.0 {
        return FIRST_SLICE;
    }
    let fitting = (tokens as f64 * STEP_MS / ms) as usize;
    fitting.clamp(FIRST_SLICE, LARGEST_SLICE)
}
