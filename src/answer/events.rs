//! The events of an answer, in the order in which they are emitted.

use std::ops::Range;
use std::rc::Rc;

use serde::Serialize;

use super::cited_pictures::CitedPicture;
use super::computed::ComputedAnswer;
use crate::document::{Picture, Span};
use crate::generate::GenerateEnd;
use crate::knowledge_base::StoredDocument;
use crate::question::Correction;
use crate::retrieve::Passage;

/// A place in a document that supports a quote or a sentence of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    /// The number of its passage, from 1.
    pub number: usize,
    /// The document.
    pub document: Rc<StoredDocument>,
    /// The index of its chunk among the document's chunks.
    pub chunk: u32,
    /// Its span in the document's text.
    pub span: Span,
    /// The headings above it, joined by " > "; empty if there are none.
    pub headings: String,
}

impl Citation {
    /// The citation of `span`, which lies in the passage with this index in `passages`.
    pub(crate) fn at(passage: usize, span: Span, passages: &[Passage]) -> Self {
        let Passage { document, chunk, headings, .. } = &passages[passage];
        let (document, headings) = (document.clone(), headings.clone());
        Self { number: passage + 1, document, chunk: *chunk, span, headings }
    }

    /// The cited text.
    pub fn text(&self) -> &str {
        &self.document.text()[self.span.range()]
    }

    /// The picture that the cited text is of, or was read in.
    pub fn picture(&self) -> Option<&Picture> {
        self.document.document.picture(self.span)
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The answer is complete.
    Stop,
    /// The answer reached the limit of tokens.
    Length,
    /// The caller stopped it.
    Aborted,
    /// The passages cannot answer the question. Pictures may be shown all the same.
    NoAnswer,
    /// Quotes only: there is no generator, or the limit of tokens is 0.
    NoGenerator,
}

impl From<GenerateEnd> for EndReason {
    fn from(end: GenerateEnd) -> Self {
        match end {
            GenerateEnd::Stop => Self::Stop,
            GenerateEnd::Length => Self::Length,
            GenerateEnd::Aborted => Self::Aborted,
        }
    }
}

/// The times of an answer's stages; none for a stage that was not reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskTimings {
    /// Milliseconds to embed the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embed_ms: Option<f64>,
    /// Milliseconds to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_ms: Option<f64>,
    /// Milliseconds to read the best passages with the answer reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_ms: Option<f64>,
    /// Milliseconds to find the quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_ms: Option<f64>,
    /// Milliseconds to load the generator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<f64>,
    /// Tokens of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<usize>,
    /// Milliseconds to prefill the prompt, without the beginning it shares with the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_ms: Option<f64>,
    /// Tokens generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<usize>,
    /// Milliseconds to generate them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode_ms: Option<f64>,
    /// Milliseconds to find what each sentence of the text rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check_ms: Option<f64>,
}

/// A part of an answer. Ranges are bytes of all text shown so far.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerEvent {
    /// The retrieved passages, best first. The first event.
    Passages(Vec<Passage>),
    /// The question was asked again with these words, because nothing answered it.
    Corrections(Vec<Correction>),
    /// The answer that was computed from a table. At most one, before the quotes.
    Table(Box<ComputedAnswer>),
    /// The answer in a few words, which are part of a quote. At most one, before the quotes.
    Answer {
        /// These words.
        citation: Citation,
        /// The probability that they answer: 0 to 1.
        confidence: f32,
    },
    /// A sentence of a passage that answers the question. All quotes precede the text.
    Quote(Citation),
    /// A picture that a quote is of, or that the question belongs to by an image encoder. At most one
    /// for each picture, after the quotes.
    Image(CitedPicture),
    /// The next piece of generated text, as it is shown.
    Text(String),
    /// A sentence of the generated text, and its evidence.
    Citation {
        /// The evidence.
        citation: Citation,
        /// The sentence.
        text: Range<usize>,
    },
    /// A sentence of the generated text that no passage supports.
    Unsupported {
        /// Its place: of the sentence, or of the "…" that is shown instead.
        text: Range<usize>,
        /// The sentence.
        sentence: String,
    },
    /// The end: exactly one, and the last event.
    End {
        /// Why the answer ended.
        reason: EndReason,
        /// The times of the stages.
        timings: AskTimings,
    },
}
