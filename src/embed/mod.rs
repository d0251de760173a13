//! Text -> vector of unit length, by an encoder of `model/encoder`; picture or text -> vector in a
//! space of its own, by one of `model/image_encoder`. The dot product of two vectors is their cosine.

mod capitals;
mod image;
mod parallel_embed;

use std::fmt;
use std::ops::Range;

pub use image::ImageEmbedder;
pub(crate) use parallel_embed::parallel_embed;
pub use parallel_embed::{EmbedWorkers, PendingVectors};

use self::capitals::lower_lines_in_capitals;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::model::{
    AnswerReaderWeights, Calibration, EmbedderOptions, EmbedderParts, OriginalFiles, ReaderRow,
    RowLogits, WeightBits, quantize_in_steps,
};
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// The most tokens in a batch, which is one step. It takes a tenth of a second in the
/// slowest browser measured; a cancellation or a question waits no longer.
const BATCH_TOKENS: usize = 256;

/// A text as token ids, the encoder's input.
#[derive(Debug, Clone)]
pub struct TokenizedText(Vec<u32>);

impl TokenizedText {
    /// The tokens, special tokens included.
    pub fn ids(&self) -> &[u32] {
        &self.0
    }
}

/// An encoder, its tokenizer and its options. It is immutable, and takes about as much
/// memory as its file. Of a file of 4 bits, the layers are widened to 8.
pub struct Embedder {
    parts: EmbedderParts,
    bytes: usize,
}

impl Embedder {
    /// Loads an embedder file, which [`quantize`](crate::quantize) makes, in steps of a few
    /// milliseconds.
    pub async fn load(
        file: &(impl ByteSource + ?Sized),
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let parts = EmbedderParts::from_file(&SourceReader::new(&file, runtime, task)).await?;
        Ok(Self { parts, bytes: file.size() as usize })
    }

    /// Loads and quantizes an encoder's original files. The embedder and its fingerprint
    /// equal those of the file that [`quantize`](crate::quantize) makes. Loading takes
    /// twice the memory of that file for a moment.
    pub async fn load_original(
        files: OriginalFiles<'_>,
        options: EmbedderOptions,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let weights = SourceReader::new(&files.weights, runtime, task);
        let OriginalFiles { config, tokenizer, .. } = files;
        let packed = quantize_in_steps(&weights, config, tokenizer, options, WeightBits::Eight);
        let packed = packed.await?;
        Self::load(&packed, runtime, task).await
    }

    /// Loads an encoder's original files at full precision, to measure the loss of
    /// accuracy by quantization.
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

    /// The number of dimensions of a vector.
    pub fn dimensions(&self) -> usize {
        self.parts.model.width()
    }

    /// The most tokens read of a text, special tokens included.
    pub fn token_limit(&self) -> usize {
        self.parts.options.max_tokens
    }

    /// Identifies the model. Vectors of different fingerprints cannot be compared.
    pub fn fingerprint(&self) -> Fingerprint {
        self.parts.fingerprint
    }

    /// The languages that it knows, as tags of BCP 47; none where its file does not state them.
    pub fn languages(&self) -> &[String] {
        &self.parts.options.languages
    }

    /// What was measured for this embedder.
    pub fn calibration(&self) -> &Calibration {
        &self.parts.calibration
    }

    /// The same embedder with another calibration, to measure one.
    ///
    /// # Errors
    /// [`Error::CorruptModel`] where the calibration is not for this embedder.
    pub fn with_calibration(mut self, calibration: Calibration) -> Result<Self> {
        calibration.check(self.dimensions())?;
        self.parts.calibration = calibration;
        Ok(self)
    }

    /// The size of the model file.
    pub fn file_bytes(&self) -> usize {
        self.bytes
    }

    /// The most tokens of a passage, without prefix and special tokens.
    pub fn passage_budget(&self) -> usize {
        self.budget(&self.parts.options.passage_prefix)
    }

    /// The most tokens of a question, without prefix and special tokens.
    pub fn query_budget(&self) -> usize {
        self.budget(&self.parts.options.query_prefix)
    }

    fn budget(&self, prefix: &str) -> usize {
        let overhead = self.parts.tokenizer.count(prefix) + 2;
        self.parts.options.max_tokens.saturating_sub(overhead).max(1)
    }

    /// The number of tokens of `text`, without special tokens.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.parts.tokenizer.count(text)
    }

    /// Whether it has tokens for at least half of the words of `text`. Others are all alike to it.
    pub fn knows(&self, text: &str) -> bool {
        let words = text.split_whitespace();
        let unknown = words.clone().filter(|word| self.parts.tokenizer.has_unknown(word)).count();
        2 * unknown <= words.count()
    }

    /// The first `limit` tokens of `text` without special ones, and of each the bytes of `text` that
    /// it is from.
    pub(crate) fn tokens_with_places(
        &self,
        text: &str,
        limit: usize,
    ) -> Result<Vec<(u32, Range<usize>)>> {
        self.parts.tokenizer.encode_with_places(text, limit)
    }

    /// The tokens that begin and end a text.
    pub(crate) fn special_tokens(&self) -> Result<[u32; 2]> {
        let ids = self.parts.tokenizer.encode("", 2)?;
        let none = || Error::Internal { detail: "a text has no special tokens".to_owned() };
        ids.try_into().map_err(|_| none())
    }

    /// The most tokens of a row of an answer reader.
    pub(crate) fn position_limit(&self) -> usize {
        self.parts.model.position_count()
    }

    /// Reads the file of an answer reader for this embedder.
    pub(crate) async fn load_reader(&self, file: &SourceReader<'_>) -> Result<AnswerReaderWeights> {
        AnswerReaderWeights::from_file(file, &self.parts.model).await
    }

    /// Reads rows with an answer reader of this embedder, in one step.
    pub(crate) fn read_rows(
        &self,
        reader: &AnswerReaderWeights,
        rows: &[ReaderRow],
    ) -> Result<Vec<RowLogits>> {
        reader.read(&self.parts.model, rows)
    }

    /// Tokenizes a passage and truncates it to the token limit.
    pub fn tokenize_passage(&self, text: &str) -> Result<TokenizedText> {
        self.tokenize(&self.parts.options.passage_prefix, text)
    }

    /// Tokenizes a question and truncates it to the token limit.
    pub fn tokenize_query(&self, text: &str) -> Result<TokenizedText> {
        self.tokenize(&self.parts.options.query_prefix, text)
    }

    fn tokenize(&self, prefix: &str, text: &str) -> Result<TokenizedText> {
        let text = lower_lines_in_capitals(text);
        let prefixed = if prefix.is_empty() { text } else { format!("{prefix}{text}").into() };
        self.parts.tokenizer.encode(&prefixed, self.parts.options.max_tokens).map(TokenizedText)
    }

    /// A text of these tokens, which an embedder of the same model made.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more tokens than [`Self::token_limit`].
    pub fn read_ids(&self, ids: Vec<u32>) -> Result<TokenizedText> {
        let (got, limit) = (ids.len() as u64, self.token_limit() as u64);
        if got > limit {
            let (what, unit) = ("The text".to_owned(), "tokens");
            let advice = "Split it into smaller parts.";
            return Err(Error::TooLarge { what, got, limit, unit, advice });
        }
        Ok(TokenizedText(ids))
    }

    /// The vectors of one batch, computed in one step. A text's vector is the same in every
    /// batch.
    pub fn embed(&self, batch: &[TokenizedText]) -> Result<Vec<Vec<f32>>> {
        let ids: Vec<&[u32]> = batch.iter().map(|text| text.0.as_slice()).collect();
        let EmbedderParts { options, calibration, .. } = &self.parts;
        self.parts.model.embed(&ids, options.pooling, &calibration.mean)
    }
}

impl fmt::Debug for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedder")
            .field("fingerprint", &self.parts.fingerprint)
            .finish_non_exhaustive()
    }
}

/// Groups texts, in order, into batches of at most [`BATCH_TOKENS`] tokens; a longer text is
/// a batch itself. Reads only one text ahead. An error follows the batch before it. Sorting
/// by length would gain nothing, as the encoder pads nothing.
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
