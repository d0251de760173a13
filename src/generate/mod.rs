//! Text generation: a prompt becomes text, token by token.

mod adapters;
mod external;
mod generation;
mod options;
mod prefill;
mod prompt_lookup;
mod sampling;
mod speculative;
#[cfg(test)]
mod tests;
mod text_writer;
mod token_bound;

use std::cell::RefCell;
use std::fmt;

pub use adapters::AdapterFiles;
pub(crate) use adapters::check_scales;
pub use external::{ExternalGenerator, ExternalText};
pub use generation::Generation;
pub use options::{GenerateEnd, GenerateInput, GenerateOptions, GenerateTimings};
pub use sampling::Sampling;
pub use token_bound::TokenBound;

use self::prefill::CachedPrompt;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::model::{
    ChatTemplate, Decoder, DecoderLoader, Gguf, KvCache, Message, Piece, TextTokenizer,
};
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// The longest text in memory, even for models that were trained for more: keys and values of
/// SmolLM2-135M take 46 kB for each token.
const MAX_CONTEXT: usize = 4096;

/// A decoder, its tokenizer and its chat template.
pub struct Generator {
    model: Decoder,
    tokenizer: TextTokenizer,
    template: ChatTemplate,
    fingerprint: Fingerprint,
    bytes: usize,
    /// The scale of each adapter of the model, for texts that choose none.
    scales: Vec<f32>,
    /// The last text. The next one does not read their common beginning again.
    last: RefCell<Option<CachedPrompt>>,
}

impl Generator {
    /// Loads a GGUF file of the Llama, Qwen 2, Qwen 3 or Gemma 3 family, in steps of some
    /// milliseconds. Takes at most 1.1 times the file's bytes of memory for weights of 4 to 8 bits,
    /// and 4 bytes for each weight of 2 or 3 bits. The file is not needed afterwards.
    pub async fn load(
        file: &(impl ByteSource + ?Sized),
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let reader = SourceReader::new(&file, runtime, task);
        let gguf = Gguf::read(&reader).await?;
        let loader = DecoderLoader::new(&gguf).await?;
        let tokenizer = TextTokenizer::from_gguf(&gguf).await?;
        let begin = tokenizer.begin().and_then(|id| tokenizer.control_text(id)).unwrap_or("");
        let end = tokenizer.end().and_then(|id| tokenizer.control_text(id)).unwrap_or("");
        let template = ChatTemplate::parse(gguf.string("tokenizer.chat_template"), begin, end)?;
        task.step(runtime).await?;
        let fingerprint = reader.fingerprint().await?;
        Ok(Self {
            model: loader.load().await?,
            tokenizer,
            template,
            fingerprint,
            bytes: file.size() as usize,
            scales: Vec::new(),
            last: RefCell::default(),
        })
    }

    /// The SHA-256 of the model file.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Bytes of the model file.
    pub fn file_bytes(&self) -> usize {
        self.bytes
    }

    /// The most tokens of a prompt and its answer together.
    pub fn context_length(&self) -> usize {
        self.model.context().min(MAX_CONTEXT)
    }

    /// The number of tokens of plain text.
    pub fn count_tokens(&self, text: &str) -> Result<usize> {
        Ok(self.tokenize(text)?.len())
    }

    /// Ids of plain text; control tokens in it have no effect.
    pub fn tokenize(&self, text: &str) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        self.tokenizer.append_plain(text, &mut ids)?;
        Ok(ids)
    }

    /// The text of these ids, without control tokens.
    pub fn detokenize(&self, ids: &[u32]) -> Result<String> {
        self.tokenizer.decode(ids)
    }

    /// Ids of a prompt. The contents of messages are encoded as plain text.
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
        self.model.new_cache(&self.scales)
    }

    /// Reads a slice of a prompt into the cache.
    pub fn prefill(&self, tokens: &[u32], cache: &mut KvCache) -> Result<()> {
        self.model.prefill(tokens, cache)
    }

    /// Reads one token into the cache; returns a logit for each possible next token.
    pub fn decode(&self, token: u32, cache: &mut KvCache) -> Result<Vec<f32>> {
        let mut logits = Vec::new();
        self.decode_each(&[token], cache, &mut logits)?;
        Ok(logits)
    }

    /// Reads tokens into the cache. Writes the results that [`Generator::decode`] would return for
    /// each, bitwise, one after another. Faster than reading the tokens one by one.
    pub fn decode_each(
        &self,
        tokens: &[u32],
        cache: &mut KvCache,
        logits: &mut Vec<f32>,
    ) -> Result<()> {
        self.model.decode(tokens, cache, logits)
    }

    /// Generates text after `prompt`, and calls `on_text` with each piece as soon as its characters
    /// are complete. Reports how much of the prompt is read. Can be cancelled after each slice of
    /// the prompt and after each token.
    pub async fn generate(
        &self,
        prompt: &[u32],
        options: &GenerateOptions,
        runtime: &dyn Runtime,
        task: &Task,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<(GenerateEnd, GenerateTimings)> {
        let mut generation = self.begin(prompt, options, runtime, task).await?;
        while let Some(piece) = generation.next(runtime, task).await? {
            on_text(&piece);
        }
        Ok(generation.finish())
    }

    /// All of a prompt but its last token. Fails where the prompt is empty, or where the context
    /// has no space for another token.
    fn check_length<'a>(&self, prompt: &'a [u32]) -> Result<&'a [u32]> {
        let limit = self.context_length() - 1;
        match prompt.split_last() {
            None => Err(Error::EmptyQuestion),
            Some(_) if prompt.len() > limit => {
                Err(Error::QuestionTooLong { got: prompt.len(), limit })
            }
            Some((_, head)) => Ok(head),
        }
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}
