//! A question to the passages that may answer it.

use std::rc::Rc;

use crate::document::Span;
use crate::error::Result;
use crate::index::Hit;
use crate::knowledge_base::{KnowledgeBase, StoredDocument};

/// What a passage must reach for its document to count as near enough: the best cosine,
/// plus [`COVERAGE_WEIGHT`] times the largest share of the question's words held …
///
/// Measured with 8-bit MiniLM on every eighth question of `squad-1.1-dev-part` (578),
/// asked with their article there and again with it taken out: 98 % are answered in
/// the first case, and 82 % refused in the second. Stricter limits refuse more, and
/// questions in other words than the document's among them.
/// `multimodal-rag eval --refusal --every 8 FILE` repeats it.
const NEAR: f32 = 0.60;
const COVERAGE_WEIGHT: f32 = 0.6;
/// … or the cosine alone, for questions in other words than the document's.
const NEAR_COSINE: f32 = 0.46;

/// A chunk that may answer a question.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The document it is of.
    pub document: Rc<StoredDocument>,
    /// Its place among the document's chunks.
    pub chunk: u32,
    /// Where it stands in the document's text.
    pub span: Span,
    /// The headings above it, joined by " > "; empty where there are none.
    pub headings: String,
    /// What it is ranked by; only to be compared within one question.
    pub score: f32,
    /// The cosine of its vector and the question's.
    pub dense: f32,
    /// Its BM25 score for the question's words.
    pub lexical: f32,
}

impl Passage {
    /// The passage itself.
    pub fn text(&self) -> &str {
        &self.document.text[self.span.range()]
    }

    fn of(hit: Hit, state: &KnowledgeBase) -> Option<Self> {
        let document = state.document(hit.document)?.clone();
        let chunk = state.index.segment(hit.document)?.chunks().get(hit.chunk as usize)?;
        Some(Self {
            document,
            chunk: hit.chunk,
            span: chunk.span,
            headings: chunk.headings.clone(),
            score: hit.score,
            dense: hit.dense,
            lexical: hit.lexical,
        })
    }
}

/// The `limit` best passages, best first.
pub(crate) fn retrieve(
    state: &KnowledgeBase,
    question: &str,
    embedding: &[f32],
    limit: usize,
) -> Result<Vec<Passage>> {
    let hits = state.index.search(embedding, question, limit)?;
    Ok(hits.into_iter().filter_map(|hit| Passage::of(hit, state)).collect())
}

/// Whether the best of `passages` is near enough to be answered from; `coverage`
/// is the largest share of the question's words that one of them holds.
pub(crate) fn is_near(passages: &[Passage], coverage: f32) -> bool {
    let cosine = passages.iter().map(|passage| passage.dense).fold(-1.0, f32::max);
    cosine >= NEAR_COSINE || cosine + COVERAGE_WEIGHT * coverage >= NEAR
}
