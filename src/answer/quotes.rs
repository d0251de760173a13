//! A question and passages to the sentences that answer.

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

/// What the best passage's score adds to its sentences', each worth up to 2.
const PASSAGE_WEIGHT: f32 = 1.0;
/// Sentences quoted at most.
const MAX_QUOTES: usize = 3;
/// A further sentence is quoted if it scores this share of the best.
const FURTHER_QUOTE_SHARE: f32 = 0.85;
/// Vectors of sentences kept, so that further questions about a passage are quick:
/// 6 MB at 384 dimensions.
const MAX_KEPT_VECTORS: usize = 4096;

/// Words, each with how much it says.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeightedTerms(BTreeMap<String, f32>);

impl WeightedTerms {
    pub(crate) fn of(text: &str, index: &Index) -> Self {
        let distinct: BTreeSet<String> = terms(text).into_iter().collect();
        Self(
            distinct
                .into_iter()
                .map(|term| (index.idf(&term), term))
                .map(|(w, t)| (t, w))
                .collect(),
        )
    }

    /// The share of the weight whose terms are in `other`; 0 where there are none.
    pub(crate) fn coverage(&self, other: &BTreeSet<String>) -> f32 {
        let total: f32 = self.0.values().sum();
        if total <= 0.0 {
            return 0.0;
        }
        let held = self.0.iter().filter(|(term, _)| other.contains(*term));
        held.map(|(_, weight)| weight).sum::<f32>() / total
    }

    /// Gives words that no document holds the mean weight: where they only word
    /// something differently, their rarity says nothing. Those in `names` keep it.
    pub(crate) fn damp_unknown(&mut self, index: &Index, names: &BTreeSet<String>) {
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
    /// Its passage's place among the passages.
    pub(crate) passage: usize,
    /// Where it stands in the document's text.
    pub(crate) span: Span,
    pub(crate) terms: BTreeSet<String>,
    pub(crate) embedding: Rc<[f32]>,
    /// How well it answers the question.
    pub(crate) score: f32,
}

/// Vectors of sentences computed before.
#[derive(Debug, Default)]
pub(crate) struct SentenceVectors(HashMap<(DocumentId, Span), Rc<[f32]>>);

impl SentenceVectors {
    fn get(&self, document: DocumentId, span: Span) -> Option<Rc<[f32]>> {
        self.0.get(&(document, span)).cloned()
    }

    fn keep(&mut self, document: DocumentId, span: Span, vector: Rc<[f32]>) {
        if self.0.len() >= MAX_KEPT_VECTORS {
            self.0.clear();
        }
        self.0.insert((document, span), vector);
    }

    /// Forgets the sentences of the documents that are `gone`.
    pub(crate) fn forget_if(&mut self, gone: impl Fn(DocumentId) -> bool) {
        self.0.retain(|(id, _), _| !gone(*id));
    }
}

/// The passages' sentences, each once, in the order of the passages.
pub(crate) fn split(passages: &[Passage]) -> Vec<(usize, Span)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (number, passage) in passages.iter().enumerate() {
        let start = passage.span.range().start;
        for range in sentences(passage.text()) {
            let span = Span::new(start + range.start..start + range.end);
            if seen.insert((passage.document.id(), span)) {
                found.push((number, span));
            }
        }
    }
    found
}

/// Embeds and scores the sentences of `passages` for a question; best first. A
/// step for each batch.
pub(crate) async fn rank(
    passages: &[Passage],
    question: &WeightedTerms,
    embedding: &[f32],
    embedder: &Embedder,
    vectors: &std::cell::RefCell<SentenceVectors>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<Vec<Sentence>> {
    let places = split(passages);
    let embeddings = embed_all(&places, passages, embedder, vectors, runtime, task).await?;
    let best = passages.iter().map(|passage| passage.score).fold(f32::MIN_POSITIVE, f32::max);
    let mut ranked: Vec<Sentence> = places
        .into_iter()
        .zip(embeddings)
        .map(|((passage, span), vector)| {
            let source = &passages[passage];
            let terms: BTreeSet<_> =
                terms(&source.document.text()[span.range()]).into_iter().collect();
            let score = question.coverage(&terms)
                + dot(embedding, &vector)
                + PASSAGE_WEIGHT * source.score / best;
            Sentence { passage, span, terms, embedding: vector, score }
        })
        .collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(ranked)
}

/// The sentences worth quoting, of those that [`rank`] found.
pub(crate) fn best_quotes(ranked: &[Sentence]) -> &[Sentence] {
    let Some(first) = ranked.first() else { return ranked };
    let least = first.score * FURTHER_QUOTE_SHARE;
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
    // Taken now: an overlapping call may drop what was kept while this one waits.
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
    let mut waiting = missing.into_iter();
    for batch in batches(texts.into_iter().map(Ok)) {
        for (vector, place) in embedder.embed(&batch?)?.into_iter().zip(waiting.by_ref()) {
            let vector: Rc<[f32]> = vector.into();
            vectors.borrow_mut().keep(place.0, place.1, vector.clone());
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
