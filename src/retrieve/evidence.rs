//! How much of a question one sentence of a passage has.
//!
//! BM25 counts words wherever they are in a chunk. An answer has them together: in one sentence,
//! and some of them in the question's order.

use std::collections::BTreeSet;

use super::{Passage, units};
use crate::question::QuestionWords;
use crate::text::{terms, words};

/// How much a word counts that stands above a sentence only: in a heading, the header of a
/// table, the document's title or name.
const CONTEXT_WEIGHT: f32 = 0.8;
/// The weight of words that follow each other as in the question, beside 1 for the words.
const PAIRS_WEIGHT: f32 = 0.5;

/// The largest evidence of a unit of the passage. Questions and labels are none: they answer
/// nothing.
pub(super) fn best_evidence(question: &QuestionWords, passage: &Passage) -> f32 {
    let units = units(std::slice::from_ref(passage));
    let of_units = units.iter().filter(|unit| !unit.is_label).map(|unit| {
        let text = &passage.document.text()[unit.span.range()];
        let terms: BTreeSet<String> = terms(text).into_iter().collect();
        evidence(question, text, &terms, &unit.context)
    });
    of_units.fold(0.0, f32::max)
}

/// The share of the question's words, and of its pairs of words, that a text with these terms
/// has: from 0 to 1.5. `context` are the terms of what stands above it.
pub(crate) fn evidence(
    question: &QuestionWords,
    text: &str,
    terms: &BTreeSet<String>,
    context: &BTreeSet<String>,
) -> f32 {
    let covered = question.rank(terms, context, CONTEXT_WEIGHT);
    covered + PAIRS_WEIGHT * question.share_of_pairs(&words(text))
}
