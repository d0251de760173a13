//! A question to the passages that may answer it.

use std::rc::Rc;

use crate::document::Span;
use crate::error::Result;
use crate::index::Hit;
use crate::knowledge_base::{KnowledgeBase, StoredDocument};

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
