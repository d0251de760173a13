//! Attribution: a sentence of an answer -> the sentences of a passage that support it.
//!
//! With an answer reader that has learned what claims are, it and a few checks of numbers, names and
//! opposites decide (`by_reader.rs`). Else words and likeness do (`by_words.rs`).

mod by_reader;
mod by_words;
mod claim;
mod evidence;
mod names;
mod numbers;
mod opposites;
mod wording;

use super::events::Citation;
use super::quotes::Sentence;
use super::reader::AnswerReader;
use crate::document::Span;
use crate::embed::Embedder;
use crate::error::Result;
use crate::index::Index;
use crate::retrieve::Passage;
use crate::runtime::{Runtime, Task};

use claim::Claim;
use evidence::in_order;

/// What a claim is held against.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) passages: &'a [Passage],
    /// The sentences of the passages.
    pub(crate) sentences: &'a [Sentence],
    pub(crate) index: &'a Index,
}

/// What judges claims.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) embedder: &'a Embedder,
    pub(crate) reader: Option<&'a AnswerReader>,
    pub(crate) runtime: &'a dyn Runtime,
    pub(crate) task: &'a Task,
}

/// Whether passages support a claim.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimSupport {
    /// The place that supports it best; none for an unsupported claim.
    pub citation: Option<Citation>,
    /// How much speaks for the claim, where an answer reader judges:
    /// [`ClaimCalibration`](crate::ClaimCalibration) says from where on it is supported.
    pub score: Option<f32>,
}

/// What is known of a claim.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// The index of the passage, and the span in it, that support the claim best; none for an
    /// unsupported claim.
    pub(crate) place: Option<(usize, Span)>,
    /// How sure that is, where an answer reader was asked.
    pub(crate) score: Option<f32>,
}

impl Verdict {
    const UNSUPPORTED: Self = Self { place: None, score: None };
}

/// Judges a sentence of an answer by all sentences that it may be from. Where an answer reader is
/// asked, that is a step of its own.
pub(crate) async fn judge_claim(
    text: &str,
    sources: Sources<'_>,
    judge: Judge<'_>,
) -> Result<Verdict> {
    let claim = Claim::new(text, sources.index, judge.embedder)?;
    if claim.words.terms().next().is_none() {
        return Ok(Verdict::UNSUPPORTED);
    }
    let sentences = in_order(sources.sentences);
    let calibrated = judge.reader.and_then(|it| Some((it, it.calibration().claims.as_ref()?)));
    // Words that the embedder has no tokens for are all alike to the reader too.
    if let Some((reader, calibration)) = calibrated
        && judge.embedder.knows(&claim.text)
    {
        return by_reader::judge(&claim, &sentences, sources, reader, calibration, judge).await;
    }
    let supporting =
        by_words::supporting(&claim, &sentences, &judge.embedder.calibration().support);
    Ok(Verdict { place: supporting.map(|evidence| evidence.place()), score: None })
}
