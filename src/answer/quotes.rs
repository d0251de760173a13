//! Question and passages -> the sentences that answer best.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::signals::QuoteSignals;
use crate::document::{DocumentId, Span};
use crate::embed::{Embedder, batches};
use crate::error::{Error, Result};
use crate::kernel::dot;
use crate::question::QuestionWords;
use crate::retrieve::{Passage, Unit, evidence, units};
use crate::runtime::{Runtime, Task};
use crate::text::terms;

/// The most sentences quoted.
const MAX_QUOTES: usize = 3;
/// A second or third sentence is quoted if it has this share of the best score, or as many of
/// the question's words as the first.
const MIN_QUOTE_SHARE: f32 = 0.85;
/// The least share of common terms, and the fewest, of two sentences that are versions of one.
const MIN_VERSION_SHARE: f32 = 0.6;
const MIN_VERSION_TERMS: usize = 4;
/// Vectors in the cache: 6 MB at 384 dimensions.
const MAX_CACHED_VECTORS: usize = 4096;

/// A unit of a passage: a sentence, a row, an item.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) signals: QuoteSignals,
    pub(crate) terms: BTreeSet<String>,
    /// The terms of what stands above it.
    pub(crate) context: Rc<BTreeSet<String>>,
    pub(crate) embedding: Rc<[f32]>,
    /// The list that it is an item of, if that is short.
    list: Option<Span>,
    /// How much of the question's words it has itself.
    covered: f32,
    /// How well it answers the question.
    pub(crate) score: f32,
}

impl Sentence {
    /// A sentence of the first passage, below no headings.
    #[cfg(test)]
    pub(crate) fn of(span: Span, terms: BTreeSet<String>, embedding: Rc<[f32]>) -> Self {
        let signals = QuoteSignals { span, ..QuoteSignals::default() };
        let (context, list, covered, score) = Default::default();
        Self { signals, terms, context, embedding, list, covered, score }
    }

    /// What is quoted of it: its list, where only what stands above the list is asked for.
    fn quoted(&self) -> Span {
        self.list.filter(|_| self.covered == 0.0).unwrap_or(self.signals.span)
    }

    /// Whether a sentence of another passage has most of its terms too: they may contradict each
    /// other.
    fn is_version_of(&self, other: &Self) -> bool {
        let common = self.terms.intersection(&other.terms).count();
        let all = self.terms.len() + other.terms.len() - common;
        self.signals.passage != other.signals.passage
            && common >= MIN_VERSION_TERMS
            && common as f32 >= MIN_VERSION_SHARE * all as f32
    }

    /// Its terms, and those of what stands above it.
    pub(crate) fn all_terms(&self) -> BTreeSet<String> {
        self.terms.union(&self.context).cloned().collect()
    }
}

/// A cache of sentence vectors, so that a further question about a passage is quick.
#[derive(Debug, Default)]
pub(crate) struct SentenceVectors(HashMap<(DocumentId, Span), Rc<[f32]>>);

impl SentenceVectors {
    fn get(&self, document: DocumentId, span: Span) -> Option<Rc<[f32]>> {
        self.0.get(&(document, span)).cloned()
    }

    fn insert(&mut self, document: DocumentId, span: Span, vector: Rc<[f32]>) {
        if self.0.len() >= MAX_CACHED_VECTORS {
            self.0.clear();
        }
        self.0.insert((document, span), vector);
    }

    /// Removes the vectors of the documents for which `is_removed` returns true.
    pub(crate) fn remove_if(&mut self, is_removed: impl Fn(DocumentId) -> bool) {
        self.0.retain(|(id, _), _| !is_removed(*id));
    }
}

/// A question's vector.
#[derive(Clone, Copy)]
pub(crate) struct QuestionVector<'a> {
    pub(crate) embedding: &'a [f32],
    /// The weight of its cosine with a sentence.
    pub(crate) cosine_weight: f32,
}

/// The sentences of `passages`, scored by how well they answer the question, best first.
/// Embeds sentences that are not in the cache, one batch per step.
pub(crate) async fn rank_sentences(
    passages: &[Passage],
    question: &QuestionWords,
    QuestionVector { embedding, cosine_weight }: QuestionVector<'_>,
    embedder: &Embedder,
    vectors: &std::cell::RefCell<SentenceVectors>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<Vec<Sentence>> {
    let units = units(passages);
    let embeddings = embed_units(&units, passages, embedder, vectors, runtime, task).await?;
    let best = passages.iter().map(|passage| passage.score).fold(f32::MIN_POSITIVE, f32::max);
    let mut ranked: Vec<Sentence> = units
        .into_iter()
        .zip(embeddings)
        .map(|(unit, vector)| {
            let Unit { passage, span, list, context, is_label, is_heading } = unit;
            let Passage { document, score, .. } = &passages[passage];
            let text = &document.text()[span.range()];
            let terms: BTreeSet<_> = terms(text).into_iter().collect();
            let covered = question.rank(&terms, &BTreeSet::new(), 0.0);
            let words = evidence(question, text, &terms, &context);
            // All scores may be negative: a share is none then.
            let passage_share = (score / best).clamp(0.0, 1.0);
            let cosine = dot(embedding, &vector);
            let signals =
                QuoteSignals { passage, span, words, cosine, passage_share, is_label, is_heading };
            let score = signals.score(cosine_weight);
            Sentence { signals, terms, context, embedding: vector, list, covered, score }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(ranked)
}

/// The index of the passage and the span of each quote, of the sentences that
/// [`rank_sentences`] returns.
pub(crate) fn best_quotes(ranked: &[Sentence]) -> Vec<(usize, Span)> {
    let Some(first) = ranked.first() else { return Vec::new() };
    // The share of a negative score is above it.
    let least = first.score.min(first.score * MIN_QUOTE_SHARE);
    let mut quotes: Vec<(usize, Span)> = Vec::new();
    let is_near = |sentence: &&Sentence| {
        sentence.score >= least
            || (sentence.covered >= first.covered && first.covered > 0.0)
            || sentence.is_version_of(first)
    };
    for sentence in ranked.iter().filter(is_near) {
        let span = sentence.quoted();
        let is_part = |&(passage, quoted): &(usize, Span)| {
            passage == sentence.signals.passage
                && quoted.start <= span.start
                && span.end <= quoted.end
        };
        if !quotes.iter().any(is_part) {
            quotes.push((sentence.signals.passage, span));
        }
        if quotes.len() == MAX_QUOTES {
            break;
        }
    }
    quotes
}

/// The vectors of `units`. Embeds those that are not in the cache, one batch per step.
pub(crate) async fn embed_units(
    units: &[Unit],
    passages: &[Passage],
    embedder: &Embedder,
    vectors: &std::cell::RefCell<SentenceVectors>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<Vec<Rc<[f32]>>> {
    let document = |passage: usize| &passages[passage].document;
    // Copied first: an overlapping call may clear the cache while this one waits.
    let mut known: HashMap<(DocumentId, Span), Rc<[f32]>> = HashMap::new();
    let mut missing = Vec::new();
    let mut texts = Vec::new();
    for &Unit { passage, span, .. } in units {
        let place = (document(passage).id(), span);
        if let Some(vector) = vectors.borrow().get(place.0, span) {
            known.insert(place, vector);
        } else {
            missing.push(place);
            let text = &document(passage).text()[span.range()];
            texts.push(embedder.tokenize_passage(text)?);
        }
    }
    let mut missing = missing.into_iter();
    for batch in batches(texts.into_iter().map(Ok)) {
        for (vector, place) in embedder.embed(&batch?)?.into_iter().zip(missing.by_ref()) {
            let vector: Rc<[f32]> = vector.into();
            vectors.borrow_mut().insert(place.0, place.1, vector.clone());
            known.insert(place, vector);
        }
        task.step(runtime).await?;
    }
    units
        .iter()
        .map(|&Unit { passage, span, .. }| {
            known
                .get(&(document(passage).id(), span))
                .cloned()
                .ok_or_else(|| Error::Internal { detail: "a sentence has no vector".to_owned() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn the_first_sentence_is_quoted_although_its_score_is_negative() {
        let span = Span::new(0..1);
        let sentence = Sentence::of(span, BTreeSet::new(), Rc::new([]));
        assert_eq!(best_quotes(&[Sentence { score: -0.5, ..sentence }]), [(0, span)]);
    }
}
