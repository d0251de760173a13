//! Whether the retrieved passages can answer a question.

use std::collections::BTreeSet;

use super::question::QuestionWords;
use super::quotes::Sentence;
use crate::kernel::dot;
use crate::retrieve::Passage;
use crate::text::terms;

/// A question is answerable from this sum of the best cosine and the two weighted
/// coverages: of the question's content words by one passage, and by one sentence.
///
/// Measured with 8-bit MiniLM on every eighth question of `squad-1.1-dev-part` (578). With
/// its article in the knowledge base 99 % of the questions are answered; without it
/// 90 % are refused. `multimodal-rag eval --refusal --every 8 FILE` repeats this.
const MIN_ANSWERABLE_SCORE: f32 = 0.70;
const PASSAGE_COVERAGE_WEIGHT: f32 = 0.2;
const SENTENCE_COVERAGE_WEIGHT: f32 = 0.3;
/// A question is also answerable from this cosine alone, as it may use other words than
/// the document.
const MIN_ANSWERABLE_COSINE: f32 = 0.60;

/// Whether `passages`, whose scored sentences are `sentences`, can answer the question.
pub(crate) fn is_answerable(
    question: &QuestionWords,
    embedding: &[f32],
    passages: &[Passage],
    sentences: &[Sentence],
) -> bool {
    let with_context = |passage: &Passage| format!("{}\n{}", passage.context(), passage.text());
    let texts: Vec<String> = passages.iter().map(with_context).collect();
    if question.is_small_talk() || question.misses_code(&texts) {
        return false;
    }
    let passage_terms: Vec<BTreeSet<String>> =
        texts.iter().map(|text| terms(text).into_iter().collect()).collect();
    if passage_terms.iter().any(|terms| question.has_identifier_in(terms)) {
        return true;
    }
    let of_passages = passages.iter().map(|passage| passage.dense);
    let of_sentences = sentences.iter().map(|sentence| dot(embedding, &sentence.embedding));
    let cosine = of_passages.chain(of_sentences).fold(-1.0, f32::max);
    let by_passage = passage_terms.iter().map(|terms| question.coverage(terms)).fold(0.0, f32::max);
    let by_sentence =
        sentences.iter().map(|s| question.coverage(&s.all_terms())).fold(0.0, f32::max);
    let covered = PASSAGE_COVERAGE_WEIGHT * by_passage + SENTENCE_COVERAGE_WEIGHT * by_sentence;
    cosine >= MIN_ANSWERABLE_COSINE || cosine + covered >= MIN_ANSWERABLE_SCORE
}
