//! Whether the retrieved passages can answer a question.

use std::collections::BTreeSet;

use super::quotes::Sentence;
use crate::index::ForeignSearch;
use crate::model::{AnswerableThresholds, ReaderCalibration};
use crate::question::QuestionWords;
use crate::retrieve::Passage;
use crate::text::terms;

/// A sentence with so many of the question's words answers it, whatever its vector is. Of 1,168
/// questions to the even articles of `squad-1.1-dev-part`, 20 % have one; of the same questions
/// without their articles, .2 %.
const SUFFICIENT_COVERAGE: f32 = 0.9;

/// What a passage in the question's language usually has of its words; one in another language is
/// taken to have as much.
const FOREIGN_WORDS: f32 = 0.7;

/// What decides whether passages can answer a question.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Answerability {
    /// What needs no threshold: small talk is never answered, nor a code that no passage has; an
    /// identifier that one has always is.
    pub certain: Option<bool>,
    /// The best cosine of a passage or a sentence.
    pub cosine: f32,
    /// The most of the question's words that the documents have, and of its pairs of words, that
    /// one sentence has: 0 to 1.5.
    pub evidence: f32,
    /// The most of its content that one sentence has, with what stands above it: 0 to 1.
    pub coverage: f32,
    /// Whether all passages are in another language than the question, and so cannot have its words.
    pub is_foreign: bool,
}

impl Answerability {
    /// That of a question to `passages`, whose scored sentences are `sentences`.
    pub(crate) fn of(
        question: &QuestionWords,
        passages: &[Passage],
        sentences: &[Sentence],
    ) -> Self {
        let with_context = |passage: &Passage| format!("{}\n{}", passage.context(), passage.text());
        let texts: Vec<String> = passages.iter().map(with_context).collect();
        let passage_terms: Vec<BTreeSet<String>> =
            texts.iter().map(|text| terms(text).into_iter().collect()).collect();
        let certain = if question.is_small_talk() || question.misses_code(&texts) {
            Some(false)
        } else {
            passage_terms.iter().any(|terms| question.has_identifier_in(terms)).then_some(true)
        };
        let foreign = question.foreign_search();
        let is_foreign_to = |foreign: &ForeignSearch, passage: &Passage| {
            foreign.is_foreign(passage.document.info.details.language.as_deref())
        };
        let is_foreign = foreign.is_some_and(|foreign| {
            !passages.is_empty() && passages.iter().all(|passage| is_foreign_to(&foreign, passage))
        });
        let of_passages = passages.iter().map(|passage| passage.dense);
        let of_sentences = sentences.iter().map(|sentence| sentence.signals.cosine);
        let of_units = sentences.iter().filter(|sentence| !sentence.signals.is_label);
        let evidence = of_units.clone().map(|sentence| sentence.signals.words).fold(0.0, f32::max);
        let coverages = of_units.map(|sentence| question.coverage(&sentence.all_terms()));
        let coverage = coverages.fold(0.0, f32::max);
        Self {
            certain,
            cosine: of_passages.chain(of_sentences).fold(-1.0, f32::max),
            evidence,
            coverage,
            is_foreign,
        }
    }

    /// Whether it reaches the thresholds.
    pub fn is_answerable(&self, thresholds: AnswerableThresholds) -> bool {
        self.margin(thresholds) >= 0.0
    }

    /// Whether it reaches the thresholds, and the answer reader has nothing against it; or the
    /// reader is sure. `confidence` is that of the reader's answer.
    pub(crate) fn with_reader(
        &self,
        thresholds: AnswerableThresholds,
        confidence: f32,
        calibration: &ReaderCalibration,
    ) -> bool {
        let margin = self.margin(thresholds);
        if margin.is_infinite() {
            return margin > 0.0;
        }
        confidence >= calibration.sure_from
            || (margin >= 0.0 && confidence >= calibration.refused_below)
    }

    /// How far it is above the thresholds; below 0 it does not reach them. Infinite where it is
    /// certain.
    pub fn margin(&self, thresholds: AnswerableThresholds) -> f32 {
        match self.certain {
            Some(true) => return f32::INFINITY,
            Some(false) => return f32::NEG_INFINITY,
            None if self.coverage >= SUFFICIENT_COVERAGE => return f32::INFINITY,
            None => {}
        }
        let by_cosine = self.cosine - thresholds.cosine;
        // Where only words count, a text without them is no answer in any language.
        let is_excused = self.is_foreign && thresholds.cosine_weight > 0.0;
        let missing = if is_excused { FOREIGN_WORDS * thresholds.words_weight } else { 0.0 };
        by_cosine.max(self.sum(thresholds) + missing - thresholds.score)
    }

    /// What one sentence has of the question's words: the geometric mean, so that it is little where
    /// the documents have few of them.
    fn words(&self) -> f32 {
        (self.evidence * self.coverage).sqrt()
    }

    /// The weighted sum of cosine and words.
    pub fn sum(&self, thresholds: AnswerableThresholds) -> f32 {
        thresholds.cosine_weight * self.cosine + thresholds.words_weight * self.words()
    }
}
