//! A text that is generated piece by piece, when its caller asks for the next one.

use super::options::{GenerateEnd, GenerateOptions, GenerateTimings};
use super::prompt_lookup::PromptLookup;
use super::sampling::Sampler;
use super::speculative::SpeculativeDecoder;
use super::text_writer::TextWriter;
use super::{Generator, TokenBound};
use crate::error::Result;
use crate::runtime::{Runtime, Stage, Task};

/// A text that is being generated. Nothing is computed between two calls of [`Generation::next`].
pub struct Generation<'a> {
    generator: &'a Generator,
    /// All of the prompt but its last token, which the cache keeps for the next prompt.
    head: &'a [u32],
    sampler: Sampler,
    bound: Option<&'a TokenBound>,
    writer: TextWriter<'a>,
    /// `None` where it was cancelled before the prompt was read.
    decoder: Option<SpeculativeDecoder<'a>>,
    max_tokens: usize,
    /// Why it ended; `None` while there may be more.
    end: Option<GenerateEnd>,
    /// The time up to which `timings` tells of the tokens.
    counted: f64,
    timings: GenerateTimings,
}

impl Generator {
    /// Reads `prompt` and begins a text after it. Reports how much of the prompt is read. Where it is
    /// cancelled meanwhile, the text ends before it begins.
    pub async fn begin<'a>(
        &'a self,
        prompt: &'a [u32],
        options: &'a GenerateOptions,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Generation<'a>> {
        let scales = self.chosen_scales(options.adapters.as_deref())?;
        let head = self.check_length(prompt)?;
        let mut generation = Generation {
            generator: self,
            head,
            sampler: Sampler::new(options.sampling)?,
            bound: options.bound.as_deref(),
            writer: TextWriter::new(&self.tokenizer, &options.stop),
            decoder: None,
            max_tokens: options.max_tokens.min(self.context_length() - prompt.len()),
            end: None,
            counted: 0.0,
            timings: GenerateTimings { prompt_tokens: prompt.len(), ..Default::default() },
        };
        let started = runtime.now_ms();
        let report = |read: usize| {
            let total = prompt.len() as u64;
            task.report(runtime, Stage::Read, read as u64, total, "tokens", started);
        };
        let Some(cache) = self.read(head, scales, runtime, task, &report).await? else {
            generation.end = Some(GenerateEnd::Aborted);
            return Ok(generation);
        };
        let drafter = options.prompt_lookup.then(PromptLookup::new);
        let mut decoder = SpeculativeDecoder::new(&self.model, cache, prompt, drafter);
        decoder.logits(generation.max_tokens)?;
        report(prompt.len());
        generation.decoder = Some(decoder);
        generation.timings.prompt_ms = runtime.now_ms() - started;
        Ok(generation)
    }
}

impl Generation<'_> {
    /// The next piece of text, at least one character; none at the end.
    pub async fn next(&mut self, runtime: &dyn Runtime, task: &Task) -> Result<Option<String>> {
        let mut piece = String::new();
        self.counted = runtime.now_ms();
        while piece.is_empty() && self.end.is_none() {
            self.end = self.push_token(&mut piece, runtime)?;
            if self.end.is_none() && task.step(runtime).await.is_err() {
                self.end = Some(GenerateEnd::Aborted);
            }
        }
        if piece.is_empty() {
            self.writer.finish(&mut |text| piece.push_str(text))?;
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }

    /// Chooses the next token and appends the text that it completes to `piece`. Returns the end if
    /// it is one.
    fn push_token(
        &mut self,
        piece: &mut String,
        runtime: &dyn Runtime,
    ) -> Result<Option<GenerateEnd>> {
        let left = self.max_tokens - self.timings.tokens;
        let Some(decoder) = self.decoder.as_mut().filter(|_| left > 0) else {
            return Ok(Some(GenerateEnd::Length));
        };
        let logits = decoder.logits(left)?;
        let token = match self.bound {
            Some(bound) => self.sampler.choose(&bound.held(logits))?,
            None => self.sampler.choose(logits)?,
        };
        self.timings.tokens += 1;
        let now = runtime.now_ms();
        self.timings.decode_ms += now - self.counted;
        self.counted = now;
        let is_end = self.generator.tokenizer.is_end(token)
            || self.writer.push(token, &mut |text| piece.push_str(text))?;
        if is_end {
            return Ok(Some(GenerateEnd::Stop));
        }
        decoder.push(token);
        Ok(None)
    }

    /// Whether it was cancelled: its last words may be cut off.
    pub fn is_aborted(&self) -> bool {
        self.end == Some(GenerateEnd::Aborted)
    }

    /// Ends the text, also before its end, and keeps the prompt for a next one. Returns why it ended,
    /// and what it took.
    pub fn finish(self) -> (GenerateEnd, GenerateTimings) {
        let mut timings = self.timings;
        if let Some(decoder) = self.decoder {
            (timings.drafted_tokens, timings.accepted_tokens) = (decoder.drafted, decoder.accepted);
            self.generator.keep(self.head, decoder.into_cache());
        }
        (self.end.unwrap_or(GenerateEnd::Stop), timings)
    }
}
