//! What an answer is made of, in the order in which it comes.

use std::ops::Range;
use std::rc::Rc;

use serde::Serialize;

use crate::document::Span;
use crate::generate::GenerateEnd;
use crate::knowledge_base::StoredDocument;
use crate::retrieve::Passage;

/// A place in a document that something rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    /// The number of the passage it is in, from 1.
    pub number: usize,
    /// The document.
    pub document: Rc<StoredDocument>,
    /// The chunk's place among the document's chunks.
    pub chunk: u32,
    /// The place in the document's text.
    pub span: Span,
}

impl Citation {
    /// A place in the passage with this place among `passages`.
    pub(crate) fn at(passage: usize, span: Span, passages: &[Passage]) -> Self {
        let source = &passages[passage];
        let (document, chunk) = (source.document.clone(), source.chunk);
        Self { number: passage + 1, document, chunk, span }
    }

    /// The cited text.
    pub fn text(&self) -> &str {
        &self.document.text()[self.span.range()]
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It is complete.
    Stop,
    /// It reached the most tokens allowed.
    Length,
    /// The caller stopped it.
    Aborted,
    /// Nothing found is near enough to the question.
    NoAnswer,
    /// Quotes only: no generator is there, or no tokens were asked for.
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

/// What each stage of an answer took; a stage that was not reached has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AskTimings {
    /// Milliseconds to embed the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embed_ms: Option<f64>,
    /// Milliseconds to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_ms: Option<f64>,
    /// Milliseconds to find the quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_ms: Option<f64>,
    /// Milliseconds until the generator was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<f64>,
    /// Tokens of the prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<usize>,
    /// Milliseconds to read the prompt, but for what the last one began with alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_ms: Option<f64>,
    /// Tokens generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<usize>,
    /// Milliseconds to generate them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decode_ms: Option<f64>,
}

/// A part of an answer. Ranges are bytes of the generated text so far.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerEvent {
    /// What was retrieved, best first. Comes first.
    Passages(Vec<Passage>),
    /// A sentence that answers. All quotes come before any generated text.
    Quote(Citation),
    /// The next piece of generated text.
    Text(String),
    /// A sentence of the generated text, and what it rests on.
    Citation {
        /// What it rests on.
        citation: Citation,
        /// The sentence.
        text: Range<usize>,
    },
    /// A sentence of the generated text that no passage supports.
    Unsupported {
        /// The sentence.
        text: Range<usize>,
    },
    /// The end. Comes once, last.
    End {
        /// Why it ended.
        reason: EndReason,
        /// What it took.
        timings: AskTimings,
    },
}
