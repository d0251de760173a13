//! Text to vectors of unit length, whose dot product is their similarity.

mod parallel_embed;

use std::fmt;

pub(crate) use parallel_embed::parallel_embed;
pub use parallel_embed::{EmbedWorkers, PendingVectors};

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::model::{EmbedderOptions, EmbedderParts, OriginalFiles, quantize_in_steps};
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// Tokens computed in one step: a tenth of a second in the slowest browser measured, so
/// that a stop or a question is heard within it.
const BATCH_TOKENS: usize = 256;

/// A text as the encoder reads it: token ids.
#[derive(Debug, Clone)]
pub struct TokenizedText(Vec<u32>);

impl TokenizedText {
    /// The tokens, special ones included.
    pub fn ids(&self) -> &[u32] {
        &self.0
    }
}

/// An encoder, its tokenizer, and how they are to be used. Computing never
/// changes it. Holds about as many bytes as its file.
pub struct Embedder {
    parts: EmbedderParts,
    bytes: usize,
}

impl Embedder {
    /// Loads an embedder file, as [`quantize`](crate::quantize) makes it, in steps of some
    /// milliseconds.
    pub async fn load(
        file: &(impl ByteSource + ?Sized),
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let parts = EmbedderParts::from_file(&SourceReader::new(&file, runtime, task)).await?;
        Ok(Self { parts, bytes: file.size() as usize })
    }

    /// Loads an encoder's original files, quantized on the way: the same embedder,
    /// fingerprint included, as from the file that [`quantize`](crate::quantize) makes.
    /// Unlike loading that, it takes some bytes more than twice those of such a file for a
    /// while.
    pub async fn load_original(
        files: OriginalFiles<'_>,
        options: EmbedderOptions,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let weights = SourceReader::new(&files.weights, runtime, task);
        let packed = quantize_in_steps(&weights, files.config, files.tokenizer, options).await?;
        Self::load(&packed, runtime, task).await
    }

    /// Loads an encoder's original files at full precision: the yardstick for
    /// what quantizing costs.
    pub async fn load_full_precision(
        files: OriginalFiles<'_>,
        options: EmbedderOptions,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let file = SourceReader::new(&files.weights, runtime, task);
        let parts = EmbedderParts::from_original(&file, files, options).await?;
        Ok(Self { parts, bytes: files.weights.len() })
    }

    /// Numbers in a vector.
    pub fn dimensions(&self) -> usize {
        self.parts.model.width()
    }

    /// Tokens read of a text, special tokens included.
    pub fn token_limit(&self) -> usize {
        self.parts.options.max_tokens
    }

    /// Names the model: vectors of two fingerprints cannot be compared.
    pub fn fingerprint(&self) -> Fingerprint {
        self.parts.fingerprint
    }

    /// Bytes of the model file.
    pub fn file_bytes(&self) -> usize {
        self.bytes
    }

    /// Tokens that a passage may have, prefix and special tokens taken off.
    pub fn passage_budget(&self) -> usize {
        self.budget(&self.parts.options.passage_prefix)
    }

    /// Tokens that a question may have, prefix and special tokens taken off.
    pub fn query_budget(&self) -> usize {
        self.budget(&self.parts.options.query_prefix)
    }

    fn budget(&self, prefix: &str) -> usize {
        let overhead = self.parts.tokenizer.count(prefix) + 2;
        self.parts.options.max_tokens.saturating_sub(overhead).max(1)
    }

    /// Tokens of `text`, without special ones.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.parts.tokenizer.count(text)
    }

    /// Reads a passage; what is beyond the token limit is left out.
    pub fn tokenize_passage(&self, text: &str) -> Result<TokenizedText> {
        self.tokenize(&self.parts.options.passage_prefix, text)
    }

    /// Reads a question; what is beyond the token limit is left out.
    pub fn tokenize_query(&self, text: &str) -> Result<TokenizedText> {
        self.tokenize(&self.parts.options.query_prefix, text)
    }

    fn tokenize(&self, prefix: &str, text: &str) -> Result<TokenizedText> {
        let prefixed = if prefix.is_empty() { text } else { &format!("{prefix}{text}") };
        self.parts.tokenizer.encode(prefixed, self.parts.options.max_tokens).map(TokenizedText)
    }

    /// A text given as the tokens that an embedder of the same model made of it.
    pub fn read_ids(&self, ids: Vec<u32>) -> Result<TokenizedText> {
        let (got, limit) = (ids.len() as u64, self.token_limit() as u64);
        if got > limit {
            let (what, unit) = ("The text".to_owned(), "tokens");
            let advice = "Split it into smaller parts.";
            return Err(Error::TooLarge { what, got, limit, unit, advice });
        }
        Ok(TokenizedText(ids))
    }

    /// The vectors of one batch, computed in one go. Deterministic: a text's vector is
    /// the same in any batch.
    pub fn embed(&self, batch: &[TokenizedText]) -> Result<Vec<Vec<f32>>> {
        let ids: Vec<&[u32]> = batch.iter().map(|text| text.0.as_slice()).collect();
        self.parts.model.embed(&ids, self.parts.options.pooling)
    }
}

impl fmt::Debug for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedder")
            .field("fingerprint", &self.parts.fingerprint)
            .finish_non_exhaustive()
    }
}

/// Cuts texts into batches that each take one step. Reads no further ahead than that;
/// a text that cannot be read comes after those before it. They stay in their order:
/// nothing is padded, so a batch of like lengths would take as long.
pub(crate) fn batches(
    texts: impl Iterator<Item = Result<TokenizedText>>,
) -> impl Iterator<Item = Result<Vec<TokenizedText>>> {
    let mut texts = texts.peekable();
    std::iter::from_fn(move || {
        let first = match texts.next()? {
            Ok(text) => text,
            Err(error) => return Some(Err(error)),
        };
        let mut tokens = first.0.len();
        let mut batch = vec![first];
        let fits = |next: &Result<TokenizedText>, tokens: usize| match next {
            Ok(next) => tokens + next.0.len() <= BATCH_TOKENS,
            Err(_) => false,
        };
        while let Some(Ok(text)) = texts.next_if(|next| fits(next, tokens)) {
            tokens += text.0.len();
            batch.push(text);
        }
        Some(Ok(batch))
    })
}
