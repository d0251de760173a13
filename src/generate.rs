//! A prompt to text, token by token.

use std::cell::RefCell;
use std::fmt;

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as CandleSampling};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::host::{Host, Stage, Task};
use crate::model::{
    ChatTemplate, Decoder, DecoderLoader, FileReader, Fingerprint, Gguf, KvCache, Message,
    ModelFile, Piece, TextTokenizer,
};

/// Tokens of a prompt read in the first step, and the most in any: weights are fetched
/// once a step, so few steps are quicker …
const FIRST_SLICE: usize = 16;
const LARGEST_SLICE: usize = 128;
/// … and a stop is heard between them: what a step is to take.
const STEP_MS: f64 = 70.0;
/// The longest text kept in memory, whatever the model was trained for: keys and
/// values of SmolLM2-135M take 46 kB a token.
const MAX_CONTEXT: usize = 4096;

/// The most that is kept of a prompt for the next one: 1,500 tokens of SmolLM2-135M.
const MAX_KEPT_BYTES: usize = 70_000_000;

/// Below this temperature, odds are beyond what an f32 can hold: the likeliest token
/// has them all.
const COLD: f64 = 1e-3;

/// How the next token is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sampling {
    /// 0: always the likeliest token. Above: how even the odds become; at most 10.
    pub temperature: f64,
    /// Only the so many likeliest tokens; at least 1.
    pub top_k: Option<usize>,
    /// Only the likeliest tokens that together have this probability; above 0, at most 1.
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

    fn processor(self) -> Result<LogitsProcessor> {
        self.check()?;
        let temperature = self.temperature;
        let sampling = match (self.top_k, self.top_p) {
            _ if temperature < COLD => CandleSampling::ArgMax,
            (None, None) => CandleSampling::All { temperature },
            (Some(k), None) => CandleSampling::TopK { k, temperature },
            (None, Some(p)) => CandleSampling::TopP { p, temperature },
            (Some(k), Some(p)) => CandleSampling::TopKThenTopP { k, p, temperature },
        };
        Ok(LogitsProcessor::from_sampling(self.seed, sampling))
    }
}

/// How long a text may become, and how its tokens are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GenerateOptions {
    /// Tokens to generate at most. Default: 200.
    pub max_tokens: usize,
    /// How tokens are chosen. Default: the likeliest.
    #[serde(flatten)]
    pub sampling: Sampling,
    /// Texts that end the generation; they are not part of the result.
    pub stop: Vec<String>,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self { max_tokens: 200, sampling: Sampling::default(), stop: Vec::new() }
    }
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerateEnd {
    /// The model ended it, or a stop text did.
    Stop,
    /// It reached `max_tokens` or the model's context.
    Length,
    /// The caller stopped it.
    Aborted,
}

/// What a text took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GenerateTimings {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Milliseconds to read the prompt, but for what the last one began with alike.
    pub prompt_ms: f64,
    /// Tokens generated.
    pub tokens: usize,
    /// Milliseconds to generate them.
    pub decode_ms: f64,
}

/// What a generator is asked to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GenerateInput {
    /// A conversation, put through the model's chat template.
    Messages(Vec<Message>),
    /// A text to go on with. Its control tokens count, unlike those of messages.
    Prompt(String),
}

/// A decoder, its tokenizer and its chat template.
pub struct Generator {
    model: Decoder,
    tokenizer: TextTokenizer,
    template: ChatTemplate,
    fingerprint: Fingerprint,
    bytes: usize,
    /// The last text read: what the next one begins with alike is not read again.
    last: RefCell<Option<Reading>>,
}

/// Tokens, and what has been made of them.
#[derive(Debug)]
struct Reading {
    tokens: Vec<u32>,
    cache: KvCache,
}

impl Generator {
    /// Loads a GGUF file of one of the families that are known (Llama, Qwen 2 and 3,
    /// Gemma 3), in steps of some milliseconds. Takes 1.1 to 1.3 times the file's bytes
    /// of memory for weights of 4 and 8 bits, up to 1.8 times for those of 5 and 6 bits,
    /// and 4 bytes a weight for those of 2 and 3; the file is not needed afterwards.
    pub async fn load(
        file: &(impl ModelFile + ?Sized),
        host: &dyn Host,
        task: &Task,
    ) -> Result<Self> {
        let reader = FileReader::new(&file, host, task);
        let gguf = Gguf::read(&reader).await?;
        let loader = DecoderLoader::new(&gguf).await?;
        let tokenizer = TextTokenizer::from_gguf(&gguf).await?;
        let begin = tokenizer.begin().and_then(|id| tokenizer.control_text(id)).unwrap_or("");
        let end = tokenizer.end().and_then(|id| tokenizer.control_text(id)).unwrap_or("");
        let template = ChatTemplate::parse(gguf.text("tokenizer.chat_template"), begin, end)?;
        task.step(host).await?;
        let fingerprint = reader.fingerprint().await?;
        Ok(Self {
            model: loader.load().await?,
            tokenizer,
            template,
            fingerprint,
            bytes: file.size() as usize,
            last: RefCell::default(),
        })
    }

    /// Names the model.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Bytes of the model file.
    pub fn file_bytes(&self) -> usize {
        self.bytes
    }

    /// Tokens that a prompt and its answer may have together.
    pub fn context_length(&self) -> usize {
        self.model.context().min(MAX_CONTEXT)
    }

    /// Tokens of plain text.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(self.tokenize(text)?.len())
    }

    /// Ids of plain text, in which nothing has a meaning of its own.
    pub fn tokenize(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        self.tokenizer.append_plain(text, &mut ids)?;
        Ok(ids)
    }

    /// The text of these ids, without control tokens.
    pub fn detokenize(&self, ids: &[u32]) -> Result<String> {
        self.tokenizer.decode(ids)
    }

    /// Ids of a prompt. What the messages say is encoded as plain text.
    pub fn encode(&self, input: &GenerateInput) -> Result<Vec<u32>> {
        match input {
            GenerateInput::Prompt(text) => {
                let mut ids: Vec<u32> = self.tokenizer.begin().into_iter().collect();
                self.tokenizer.append_with_control(text, &mut ids)?;
                Ok(ids)
            }
            GenerateInput::Messages(messages) => self.encode_messages(messages),
        }
    }

    fn encode_messages(&self, messages: &[Message]) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        for piece in self.template.render(messages)? {
            match piece {
                Piece::Template(text) => self.tokenizer.append_with_control(&text, &mut ids)?,
                Piece::Content(number) => {
                    self.tokenizer.append_plain(&messages[number].content, &mut ids)?;
                }
            }
        }
        match self.tokenizer.begin() {
            Some(begin) if ids.first() != Some(&begin) => ids.insert(0, begin),
            _ => {}
        }
        Ok(ids)
    }

    /// A cache for [`Generator::prefill`] and [`Generator::decode`].
    pub fn new_cache(&self) -> KvCache {
        self.model.new_cache()
    }

    /// Reads a slice of a prompt into the cache.
    pub fn prefill(&self, tokens: &[u32], cache: &mut KvCache) -> Result<()> {
        self.model.prefill(tokens, cache)
    }

    /// Reads one token into the cache; returns a logit for each possible next one.
    pub fn decode(&self, token: u32, cache: &mut KvCache) -> Result<Vec<f32>> {
        self.model.decode(token, cache)
    }

    /// Generates text after `prompt`, handing on each piece as soon as its
    /// characters are whole. Reports how much of the prompt is read; a stop is heard
    /// within one slice or token.
    pub async fn generate(
        &self,
        prompt: &[u32],
        options: &GenerateOptions,
        host: &dyn Host,
        task: &Task,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<(GenerateEnd, GenerateTimings)> {
        let mut sampler = options.sampling.processor()?;
        let Some((&last, head)) = prompt.split_last() else {
            return Err(Error::EmptyQuestion);
        };
        let context = self.context_length();
        if prompt.len() >= context {
            return Err(Error::QuestionTooLong { got: prompt.len(), limit: context - 1 });
        }
        let mut timings = GenerateTimings { prompt_tokens: prompt.len(), ..Default::default() };
        let started = host.now_ms();
        let mut cache = self.begin(head);
        let report = |read: usize| {
            let total = prompt.len() as u64;
            task.report(host, Stage::Read, read as u64, total, "tokens", started);
        };
        report(cache.len());
        let (mut rest, mut size) = (&head[cache.len()..], FIRST_SLICE);
        while !rest.is_empty() {
            let (slice, after) = rest.split_at(size.min(rest.len()));
            let began = host.now_ms();
            self.model.prefill(slice, &mut cache)?;
            (rest, size) = (after, next_slice(slice.len(), host.now_ms() - began));
            report(cache.len());
            if task.step(host).await.is_err() {
                self.keep(head, cache);
                return Ok((GenerateEnd::Aborted, timings));
            }
        }
        let mut logits = self.model.decode(last, &mut cache)?;
        report(cache.len());
        timings.prompt_ms = host.now_ms() - started;

        let began = host.now_ms();
        let mut writer = TextWriter::new(self, &options.stop);
        let end = loop {
            if timings.tokens == options.max_tokens || cache.len() >= context {
                break GenerateEnd::Length;
            }
            let token = Tensor::new(logits, &Device::Cpu)
                .and_then(|logits| sampler.sample(&logits))
                .map_err(crate::model::from_candle)?;
            timings.tokens += 1;
            timings.decode_ms = host.now_ms() - began;
            if self.tokenizer.is_end(token) || writer.push(token, on_text)? {
                break GenerateEnd::Stop;
            }
            if task.step(host).await.is_err() {
                break GenerateEnd::Aborted;
            }
            logits = self.model.decode(token, &mut cache)?;
        };
        writer.finish(on_text)?;
        self.keep(head, cache);
        Ok((end, timings))
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
    fn keep(&self, prompt: &[u32], mut cache: KvCache) {
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

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Tokens to text: whole characters only, and nothing that may yet turn out to
/// be the beginning of a stop text.
struct TextWriter<'a> {
    generator: &'a Generator,
    stop: &'a [String],
    ids: Vec<u32>,
    written: usize,
    stopped: bool,
}

impl<'a> TextWriter<'a> {
    fn new(generator: &'a Generator, stop: &'a [String]) -> Self {
        Self { generator, stop, ids: Vec::new(), written: 0, stopped: false }
    }

    /// True once a stop text was met.
    fn push(&mut self, token: u32, on_text: &mut dyn FnMut(&str)) -> Result<bool> {
        self.ids.push(token);
        let text = self.generator.detokenize(&self.ids)?;
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        let stops = self.stop.iter().filter(|stop| !stop.is_empty());
        if let Some(at) = stops.filter_map(|stop| whole.find(stop.as_str())).min() {
            self.stopped = true;
            self.write(&whole[..at], on_text);
        } else {
            self.write(&whole[..whole.len() - self.held_back(whole)], on_text);
        }
        Ok(self.stopped)
    }

    /// Bytes at the end of `text` that a stop text could begin with.
    fn held_back(&self, text: &str) -> usize {
        let begins = |stop: &String| {
            (1..stop.len())
                .rev()
                .filter(|&length| stop.is_char_boundary(length))
                .find(|&length| text.ends_with(&stop[..length]))
        };
        self.stop.iter().filter_map(begins).max().unwrap_or(0)
    }

    fn finish(mut self, on_text: &mut dyn FnMut(&str)) -> Result<()> {
        if !self.stopped {
            let text = self.generator.detokenize(&self.ids)?;
            self.write(&text, on_text);
        }
        Ok(())
    }

    fn write(&mut self, text: &str, on_text: &mut dyn FnMut(&str)) {
        if let Some(new) = text.get(self.written..).filter(|new| !new.is_empty()) {
            self.written = text.len();
            on_text(new);
        }
    }
}
