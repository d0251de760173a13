//! Reads prompts in slices, and keeps the last one for a next one with the same beginning.

use super::Generator;
use crate::error::Result;
use crate::model::KvCache;
use crate::runtime::{Runtime, Task};

/// The first and the largest number of prompt tokens that go through the layers together. Weights
/// are loaded and unpacked once for all of them.
const FIRST_SLICE: usize = 16;
const LARGEST_SLICE: usize = 64;
/// The target time of a step. Between layers a step can end and a cancel take effect.
const STEP_MS: f64 = 70.0;

/// The largest cache that is kept for the next prompt: 1,500 tokens of SmolLM2-135M.
const MAX_KEPT_BYTES: usize = 70_000_000;

/// Tokens, and the cache that contains them.
#[derive(Debug)]
pub(super) struct CachedPrompt {
    tokens: Vec<u32>,
    cache: KvCache,
}

impl Generator {
    /// Reads a prompt with these scales of adapters. Reports how much is read, at first and after each slice. Returns no cache
    /// where it was cancelled; the part that was read is kept for the next prompt.
    pub(super) async fn read(
        &self,
        prompt: &[u32],
        scales: &[f32],
        runtime: &dyn Runtime,
        task: &Task,
        report: &dyn Fn(usize),
    ) -> Result<Option<KvCache>> {
        let mut cache = self.cache_for(prompt, scales);
        report(cache.len());
        let (mut rest, mut size) = (&prompt[cache.len()..], FIRST_SLICE);
        while !rest.is_empty() {
            let (slice, after) = rest.split_at(size.min(rest.len()));
            let Some(layer_ms) = self.read_slice(slice, &mut cache, runtime, task).await? else {
                self.keep(prompt, cache);
                return Ok(None);
            };
            (rest, size) = (after, next_slice(slice.len(), layer_ms));
            report(cache.len());
            if task.step(runtime).await.is_err() {
                self.keep(prompt, cache);
                return Ok(None);
            }
        }
        Ok(Some(cache))
    }

    /// Reads one slice. Returns the time of its slowest layer, or `None` where it was cancelled
    /// between two layers.
    async fn read_slice(
        &self,
        tokens: &[u32],
        cache: &mut KvCache,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Option<f64>> {
        let mut slice = self.model.begin_slice(tokens, cache)?;
        let (mut slowest, mut began) = (0.0_f64, runtime.now_ms());
        let mut layer_began = began;
        loop {
            let is_read = self.model.run_next_layer(&mut slice, cache)?;
            let now = runtime.now_ms();
            slowest = slowest.max(now - layer_began);
            if is_read {
                return Ok(Some(slowest));
            }
            layer_began = now;
            if now - began + slowest > STEP_MS {
                if task.step(runtime).await.is_err() {
                    return Ok(None);
                }
                began = runtime.now_ms();
                layer_began = began;
            }
        }
    }

    /// A cache with the common beginning of the last text and this one. It is empty where the last
    /// text was read with other scales, and while another text is generated.
    fn cache_for(&self, prompt: &[u32], scales: &[f32]) -> KvCache {
        let last = self.last.take().filter(|last| last.cache.scales() == scales);
        let Some(CachedPrompt { tokens, mut cache }) = last else {
            return self.model.new_cache(scales);
        };
        let shared = tokens.iter().zip(prompt).take_while(|(a, b)| a == b).count();
        cache.roll_back(shared);
        cache
    }

    /// Keeps the cache of `prompt` for the next text.
    pub(super) fn keep(&self, prompt: &[u32], mut cache: KvCache) {
        cache.roll_back(prompt.len());
        let tokens = prompt[..cache.len()].to_vec();
        let small = cache.bytes() <= MAX_KEPT_BYTES;
        self.last.replace(small.then_some(CachedPrompt { tokens, cache }));
    }
}

/// How many tokens to read together, after a layer took `layer_ms` for `tokens`.
fn next_slice(tokens: usize, layer_ms: f64) -> usize {
    if layer_ms <= 0.0 {
        return LARGEST_SLICE;
    }
    let fitting = (tokens as f64 * STEP_MS / layer_ms) as usize;
    fitting.clamp(FIRST_SLICE, LARGEST_SLICE)
}
