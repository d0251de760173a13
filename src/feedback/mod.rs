//! Feedback: which passages were good or bad for a question, and what a knowledge base learns of it.
//!
//! The question is kept as its vector, not as its text. What is learned is not stored: it follows from the
//! feedback and the vectors of the index.

mod adapter;
mod examples;
#[cfg(test)]
mod tests;
mod training;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::document::DocumentId;
use crate::kernel::dot;
use crate::record::{self, Body, Kind};

pub(crate) use adapter::Adapter;
pub(crate) use examples::Examples;
pub use training::HeldOut;
pub(crate) use training::{Trained, Training};

/// The most questions whose feedback is kept. The oldest go.
pub(crate) const MAX_QUESTIONS: usize = 1000;
/// The most passages that one feedback may name.
pub(crate) const MAX_NAMED: usize = 100;
/// Passages that were found for the question, kept to be compared with those that the feedback names.
pub(crate) const KEPT_PASSAGES: usize = 20;
/// How much the length of a question's vector may differ from 1.
const LENGTH_TOLERANCE: f32 = 0.01;
/// The cosine from which two questions are the same one.
const SAME_QUESTION: f32 = 0.9999;
/// The largest share of a score that words can have. Far above any.
const MAX_WORDS: f32 = 1e3;

/// What was said of a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Judgement {
    /// Nothing: it was found for the question.
    None,
    /// It answers the question.
    Good,
    /// It does not.
    Bad,
}

/// A passage of a question with feedback.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct JudgedPassage {
    pub(crate) document: DocumentId,
    /// The index of its best chunk among the document's chunks.
    pub(crate) chunk: u32,
    /// Its score without the part of its cosine.
    pub(crate) words: f32,
    pub(crate) judgement: Judgement,
}

/// The feedback on one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Feedback {
    /// The question's vector.
    pub(crate) question: Vec<f32>,
    /// Those that the feedback names, and others that were found.
    pub(crate) passages: Vec<JudgedPassage>,
}

impl Body for Feedback {
    const KIND: Kind = Kind::Feedback;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        let feedback: Self = record::parse(body)?;
        if !has_unit_length(&feedback.question) {
            return Err("its question has no vector of unit length");
        }
        if !feedback.passages.iter().all(|it| (-MAX_WORDS..=MAX_WORDS).contains(&it.words)) {
            return Err("the score of a passage is out of range");
        }
        if feedback.passages.len() > KEPT_PASSAGES + 2 * MAX_NAMED {
            return Err("it has too many passages");
        }
        Ok(feedback)
    }
}

impl Feedback {
    /// Its record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        record::encode(Kind::Feedback, self)
    }

    /// The feedback without a document; none where it judges a passage of that.
    fn without(&self, document: DocumentId) -> Option<Self> {
        let of_document = |passage: &&JudgedPassage| passage.document == document;
        let mut gone = self.passages.iter().filter(of_document);
        if gone.any(|passage| passage.judgement != Judgement::None) {
            return None;
        }
        let mut kept = self.clone();
        kept.passages.retain(|passage| passage.document != document);
        Some(kept)
    }

    fn has(&self, document: DocumentId) -> bool {
        self.passages.iter().any(|passage| passage.document == document)
    }
}

/// The feedback of a knowledge base, oldest first. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeedbackList {
    by_number: Rc<BTreeMap<u64, Rc<Feedback>>>,
}

impl FromIterator<(u64, Rc<Feedback>)> for FeedbackList {
    fn from_iter<I: IntoIterator<Item = (u64, Rc<Feedback>)>>(feedback: I) -> Self {
        Self { by_number: Rc::new(feedback.into_iter().collect()) }
    }
}

impl FeedbackList {
    /// How many questions have feedback.
    pub(crate) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// The feedback, with the numbers of its records.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Rc<Feedback>)> {
        self.by_number.iter().map(|(&number, feedback)| (number, feedback))
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Rc<Feedback>> {
        self.by_number.get(&number)
    }

    /// Whether both are one list, and not only alike.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.by_number, &other.by_number)
    }

    /// The list with one more, whose number is above all others. It takes the place of what was said of
    /// the same question before.
    pub(crate) fn with(&self, number: u64, feedback: Feedback) -> Self {
        let mut by_number = BTreeMap::clone(&self.by_number);
        let is_same = |other: &Feedback| dot(&other.question, &feedback.question) >= SAME_QUESTION;
        by_number.retain(|_, other| !is_same(other));
        by_number.insert(number, Rc::new(feedback));
        while by_number.len() > MAX_QUESTIONS {
            by_number.pop_first();
        }
        Self { by_number: Rc::new(by_number) }
    }

    /// The list without what was said of a document's passages, and without its id in the rest.
    pub(crate) fn without(&self, document: DocumentId) -> Self {
        if !self.by_number.values().any(|feedback| feedback.has(document)) {
            return self.clone();
        }
        let kept = |(&number, feedback): (&u64, &Rc<Feedback>)| match feedback.has(document) {
            false => Some((number, feedback.clone())),
            true => Some((number, Rc::new(feedback.without(document)?))),
        };
        self.by_number.iter().filter_map(kept).collect()
    }
}

/// Whether a vector has the length of those that can be compared.
pub(crate) fn has_unit_length(vector: &[f32]) -> bool {
    // A number that is none is in no range.
    let range = 1.0 - LENGTH_TOLERANCE..=1.0 + LENGTH_TOLERANCE;
    range.contains(&dot(vector, vector).sqrt())
}
