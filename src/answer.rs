//! What an answer is made of, in the order in which it comes.

use std::ops::Range;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::document::Span;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::filter::Filter;
use crate::generate::{GenerateEnd, GenerateOptions, Sampling};
use crate::ground::support;
use crate::index::Index;
use crate::knowledge_base::StoredDocument;
use crate::quote::Sentence;
use crate::retrieve::Passage;
use crate::sentence::sentences;

/// What can be chosen about an answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AskOptions {
    /// Passages to answer from, 1 to 20. Default: 3.
    pub limit: usize,
    /// Which documents to answer from. Default: all.
    #[serde(skip)]
    pub filter: Option<Filter>,
    /// Tokens to generate at most; 0 for quotes only. Default: 200.
    pub max_tokens: usize,
    /// How tokens are chosen. Default: the likeliest.
    #[serde(flatten)]
    pub sampling: Sampling,
}

impl Default for AskOptions {
    fn default() -> Self {
        Self { limit: 3, filter: None, max_tokens: 200, sampling: Sampling::default() }
    }
}

impl AskOptions {
    const MAX_LIMIT: usize = 20;

    pub(crate) fn check(&self) -> Result<()> {
        if (1..=Self::MAX_LIMIT).contains(&self.limit) {
            return self.sampling.check();
        }
        let expected = "a whole number from 1 to 20";
        Err(Error::InvalidOption { option: "limit", got: self.limit.to_string(), expected })
    }

    pub(crate) fn generation(&self) -> GenerateOptions {
        let (max_tokens, sampling) = (self.max_tokens, self.sampling);
        GenerateOptions { max_tokens, sampling, ..GenerateOptions::default() }
    }
}

/// A place in a document that something rests on.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
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

/// Follows a text as it is generated, and says of each sentence, once it is
/// complete, what it rests on.
pub(crate) struct AnswerChecker<'a> {
    pub(crate) passages: &'a [Passage],
    pub(crate) sources: &'a [Sentence],
    pub(crate) index: &'a Index,
    pub(crate) embedder: &'a Embedder,
    text: String,
    checked: usize,
}

impl<'a> AnswerChecker<'a> {
    pub(crate) fn new(
        passages: &'a [Passage],
        sources: &'a [Sentence],
        index: &'a Index,
        embedder: &'a Embedder,
    ) -> Self {
        Self { passages, sources, index, embedder, text: String::new(), checked: 0 }
    }

    /// Takes the next piece of text; a sentence is complete when another follows.
    pub(crate) fn push(&mut self, piece: &str, emit: &mut dyn FnMut(AnswerEvent)) -> Result<()> {
        self.text.push_str(piece);
        let mut complete = sentences(&self.text[self.checked..]);
        complete.pop();
        self.check(complete, emit)
    }

    /// Takes the end of the text.
    pub(crate) fn finish(mut self, emit: &mut dyn FnMut(AnswerEvent)) -> Result<()> {
        let rest = sentences(&self.text[self.checked..]);
        self.check(rest, emit)
    }

    fn check(
        &mut self,
        complete: Vec<Range<usize>>,
        emit: &mut dyn FnMut(AnswerEvent),
    ) -> Result<()> {
        let start = self.checked;
        for range in complete {
            let text = start + range.start..start + range.end;
            self.checked = text.end;
            let claim = &self.text[text.clone()];
            emit(match support(claim, self.sources, self.index, self.embedder)? {
                Some((passage, span)) => {
                    let citation = Citation::at(passage, span, self.passages);
                    AnswerEvent::Citation { citation, text }
                }
                None => AnswerEvent::Unsupported { text },
            });
        }
        Ok(())
    }
}
