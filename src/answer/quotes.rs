//! Question and passages -> the sentences that answer best.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::chunk::sentences;
use crate::document::{DocumentId, Span};
use crate::embed::{Embedder, batches};
use crate::error::{Error, Result};
use crate::index::{Index, terms};
use crate::kernel::dot;
use crate::retrieve::Passage;
use crate::runtime::{Runtime, Task};

/// The weight of a passage's score, relative to the best one, in the scores of its
/// sentences. The two other parts of a score are at most 1 each.
const PASSAGE_WEIGHT: f32 = 1.0;
/// The most sentences quoted.
const MAX_QUOTES: usize = 3;
/// A second or third sentence is quoted if it has this share of the best score.
const MIN_QUOTE_SHARE: f32 = 0.85;
/// Vectors in the cache: 6 MB at 384 dimensions.
const MAX_CACHED_VECTORS: usize = 4096;

/// Distinct terms, each weighted by its inverse document frequency.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeightedTerms(BTreeMap<String, f32>);

impl WeightedTerms {
    pub(crate) fn new(text: &str, index: &Index) -> Self {
        let distinct: BTreeSet<String> = terms(text).into_iter().collect();
        let weighted = |term: String| {
            let weight = index.idf(&term);
            (term, weight)
        };
        Self(distinct.into_iter().map(weighted).collect())
    }

    /// The share of the total weight that belongs to terms in `other`; 0 without any terms.
    pub(crate) fn coverage(&self, other: &BTreeSet<String>) -> f32 {
        let total: f32 = self.0.values().sum();
        if total <= 0.0 {
            return 0.0;
        }
        let covered = self.0.iter().filter(|(term, _)| other.contains(*term));
        covered.map(|(_, weight)| weight).sum::<f32>() / total
    }

    /// Limits the weight of terms that no document contains to the mean weight: such a term
    /// may only be another word for the same thing. Terms in `names` keep their weight.
    pub(crate) fn limit_unknown(&mut self, index: &Index, names: &BTreeSet<String>) {
        let mean = self.0.values().sum::<f32>() / self.0.len().max(1) as f32;
        for (term, weight) in &mut self.0 {
            if !names.contains(term) && !index.knows(term) {
                *weight = weight.min(mean);
            }
        }
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A sentence of a passage.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    /// The index of its passage.
    pub(crate) passage: usize,
    /// Its span in the document's text.
    pub(crate) span: Span,
    pub(crate) terms: BTreeSet<String>,
    pub(crate) embedding: Rc<[f32]>,
    /// How well it answers the question.
    pub(crate) score: f32,
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

/// The distinct sentences of the passages, in order, each with the index of its passage.
/// Boilerplate is in none of them.
fn split_sentences(passages: &[Passage]) -> Vec<(usize, Span)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (number, passage) in passages.iter().enumerate() {
        let document = &passage.document.document;
        for part in document.content(passage.span) {
            let start = part.range().start;
            for range in sentences(document.slice(part)) {
                let span = Span::new(start + range.start..start + range.end);
                if seen.insert((passage.document.id(), span)) {
                    found.push((number, span));
                }
            }
        }
    }
    found
}

/// The sentences of `passages`, scored by how well they answer the question, best first.
/// Embeds sentences that are not in the cache, one batch per step.
pub(crate) async fn rank_sentences(
    passages: &[Passage],
    question: &WeightedTerms,
    embedding: &[f32],
    embedder: &Embedder,
    vectors: &std::cell::RefCell<SentenceVectors>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<Vec<Sentence>> {
    let places = split_sentences(passages);
    let embeddings = embed_all(&places, passages, embedder, vectors, runtime, task).await?;
    let best = passages.iter().map(|passage| passage.score).fold(f32::MIN_POSITIVE, f32::max);
    let mut ranked: Vec<Sentence> = places
        .into_iter()
        .zip(embeddings)
        .map(|((passage, span), vector)| {
            let Passage { document, score, .. } = &passages[passage];
            let terms: BTreeSet<_> = terms(&document.text()[span.range()]).into_iter().collect();
            let score =
                question.coverage(&terms) + dot(embedding, &vector) + PASSAGE_WEIGHT * score / best;
            Sentence { passage, span, terms, embedding: vector, score }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(ranked)
}

/// The sentences to quote, of those that [`rank_sentences`] returns.
pub(crate) fn best_quotes(ranked: &[Sentence]) -> &[Sentence] {
    let Some(first) = ranked.first() else { return ranked };
    let least = first.score * MIN_QUOTE_SHARE;
    let count = ranked.iter().take(MAX_QUOTES).take_while(|s| s.score >= least).count();
    &ranked[..count]
}

async fn embed_all(
    places: &[(usize, Span)],
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
    for &(passage, span) in places {
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
    places
        .iter()
        .map(|&(passage, span)| {
            known
                .get(&(document(passage).id(), span))
                .cloned()
                .ok_or_else(|| Error::Internal { detail: "a sentence has no vector".to_owned() })
        })
        .collect()
}
