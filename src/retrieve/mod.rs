//! Question -> the passages that may answer it.

pub(crate) mod conditions;
mod versions;

use std::ops::Range;
use std::rc::Rc;

use crate::document::{DocumentId, Span};
use crate::error::{Error, Result};
use crate::index::{Filter, Hit, Phrase, VectorIndex};
use crate::knowledge_base::{DocumentCache, KnowledgeBase, StoredDocument};
use crate::store::Store;

use conditions::Conditions;
use versions::Versions;

/// The most chunks in a passage.
const MAX_PASSAGE_CHUNKS: u32 = 3;
/// Chunks that the first search asks for, per passage. A search that yields too few
/// passages is repeated with more.
const HITS_PER_PASSAGE: usize = 2;
/// The factor by which a repeated search asks for more chunks.
const HITS_GROWTH: usize = 4;

/// A part of a document that may answer a question: a chunk, or neighbouring ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// The document that contains it.
    pub document: Rc<StoredDocument>,
    /// The index of its best chunk among the document's chunks.
    pub chunk: u32,
    /// The indices of all its chunks.
    pub chunks: Range<u32>,
    /// Its span in the document's text.
    pub span: Span,
    /// The headings above it, joined by " > "; empty if there are none.
    pub headings: String,
    /// The score that ranks it, comparable only within one question.
    pub score: f32,
    /// The cosine of its best chunk's vector and the question's vector.
    pub dense: f32,
    /// The BM25 score of its best chunk for the question's words.
    pub lexical: f32,
    /// The names of other documents that have the same text.
    pub also_in: Vec<String>,
}

impl Passage {
    /// The text of the passage.
    pub fn text(&self) -> &str {
        &self.document.text()[self.span.range()]
    }

    /// Whether it is the chunk with this index.
    pub(crate) fn is_chunk(&self, document: &StoredDocument, chunk: usize) -> bool {
        self.id() == document.id() && self.chunk as usize == chunk
    }

    /// What says what the passage is about, beside its text: the headings above it, the title
    /// and the name of its document.
    pub(crate) fn context(&self) -> String {
        format!("{}\n{}", self.headings, self.document.info.outside_text())
    }

    fn contains(&self, phrase: &Phrase) -> bool {
        phrase.is_in(self.text()) || phrase.is_in(&self.headings)
    }

    fn id(&self) -> DocumentId {
        self.document.id()
    }

    /// Extends the passage by `other` if both are neighbours in one document, below the
    /// same headings. Returns whether it did.
    fn merge(&mut self, other: &Self) -> bool {
        let (ours, theirs) = (&self.chunks, &other.chunks);
        let chunks = ours.start.min(theirs.start)..ours.end.max(theirs.end);
        let is_neighbour = ours.end == theirs.start || theirs.end == ours.start;
        let same_section = self.id() == other.id() && self.headings == other.headings;
        if !same_section || !is_neighbour || chunks.len() > MAX_PASSAGE_CHUNKS as usize {
            return false;
        }
        self.span.start = self.span.start.min(other.span.start);
        self.span.end = self.span.end.max(other.span.end);
        self.chunks = chunks;
        true
    }
}

/// The result of a retrieval.
#[derive(Debug)]
pub(crate) enum Retrieved {
    /// The best passages, best first.
    Passages(Vec<Passage>),
    /// The knowledge base lists a document, but its record is damaged. Nothing was retrieved.
    DamagedDocument { id: DocumentId, error: Error },
}

impl Retrieved {
    fn has_fewer_than(&self, limit: usize) -> bool {
        matches!(self, Self::Passages(passages) if passages.len() < limit)
    }
}

/// Retrieves passages from a knowledge base.
pub(crate) struct Retriever<'a> {
    pub(crate) state: &'a KnowledgeBase,
    pub(crate) store: &'a dyn Store,
    pub(crate) document_cache: &'a DocumentCache,
    pub(crate) filter: Option<&'a Filter>,
    pub(crate) vector_index: VectorIndex,
    pub(crate) conditions: &'a Conditions,
}

impl Retriever<'_> {
    /// The `limit` best passages, best first. Neighbouring chunks are merged into one
    /// passage. Copies of a text are one passage; versions of it follow each other, the newest
    /// first unless the question has a number, which may choose one. Passages must contain the
    /// quoted phrases of the question, unless no passage does.
    pub(crate) async fn retrieve(
        &self,
        question: &str,
        embedding: &[f32],
        limit: usize,
    ) -> Result<Retrieved> {
        let phrases = Phrase::all_in(question);
        if !phrases.is_empty() {
            let retrieved = self.retrieve_with(question, &phrases, embedding, limit).await?;
            if !retrieved.has_fewer_than(1) {
                return Ok(retrieved);
            }
        }
        self.retrieve_with(question, &[], embedding, limit).await
    }

    /// The best passages that contain all `phrases`.
    async fn retrieve_with(
        &self,
        question: &str,
        phrases: &[Phrase],
        embedding: &[f32],
        limit: usize,
    ) -> Result<Retrieved> {
        let (index, vector_index) = (&self.state.index, self.vector_index);
        let by_age = !question.contains(char::is_numeric);
        let mut count = limit.saturating_mul(HITS_PER_PASSAGE);
        loop {
            let hits = index.search_with(
                embedding,
                question,
                phrases,
                count,
                self.filter,
                vector_index,
            )?;
            let are_all_hits = hits.len() < count;
            let retrieved = self.passages(hits, phrases, limit, by_age).await?;
            if are_all_hits || !retrieved.has_fewer_than(limit) {
                return Ok(retrieved);
            }
            count = count.saturating_mul(HITS_GROWTH);
        }
    }

    /// Makes at most `limit` passages of `hits`, which are best first.
    async fn passages(
        &self,
        hits: Vec<Hit>,
        phrases: &[Phrase],
        limit: usize,
        by_age: bool,
    ) -> Result<Retrieved> {
        let mut found = Versions::default();
        for hit in hits {
            if found.len() == limit {
                break;
            }
            let passage = match self.passage(hit).await {
                Err(error @ Error::CorruptStorage { .. }) => {
                    return Ok(Retrieved::DamagedDocument { id: hit.document, error });
                }
                other => other?,
            };
            let holds_phrases = phrases.iter().all(|phrase| passage.contains(phrase));
            if !holds_phrases || !self.conditions.allow(&passage) {
                continue;
            }
            if !found.merge(&passage) {
                found.add(passage);
            }
        }
        Ok(Retrieved::Passages(found.into_passages(by_age)))
    }

    async fn passage(&self, hit: Hit) -> Result<Passage> {
        let missing = || Error::Internal { detail: "a found chunk has no document".to_owned() };
        let found = self.state.index.find(hit.document).ok_or_else(missing)?;
        let document = self.document_cache.get(self.store, &found).await?;
        let chunk = found.segment().chunk(found.chunks().start + hit.chunk as usize);
        Ok(Passage {
            document,
            chunk: hit.chunk,
            chunks: hit.chunk..hit.chunk + 1,
            span: chunk.span,
            headings: chunk.headings,
            score: hit.score,
            dense: hit.dense,
            lexical: hit.lexical,
            also_in: Vec::new(),
        })
    }
}
