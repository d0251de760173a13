//! A question to the passages that may answer it.

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use crate::document::{DocumentId, Span};
use crate::error::{Error, Result};
use crate::index::{Filter, Hit, Phrase, VectorIndex, terms};
use crate::knowledge_base::{DocumentCache, KnowledgeBase, StoredDocument};
use crate::store::Store;

/// Chunks in a passage at most.
const MAX_PASSAGE_CHUNKS: u32 = 3;
/// Words that follow each other, of which each is compared with those of other passages.
const SHINGLE: usize = 3;
/// Passages that share so many of all their shingles say the same.
const NEAR_DUPLICATE: f32 = 0.7;
/// Chunks looked at first, for each passage that is wanted.
const HITS_A_PASSAGE: usize = 2;

/// A part of a document that may answer a question: a chunk, or neighbouring ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// The document it is of.
    pub document: Rc<StoredDocument>,
    /// The place of its best chunk among the document's chunks.
    pub chunk: u32,
    /// The places of all of its chunks.
    pub chunks: Range<u32>,
    /// Where it stands in the document's text.
    pub span: Span,
    /// The headings above it, joined by " > "; empty where there are none.
    pub headings: String,
    /// What it is ranked by; only to be compared within one question.
    pub score: f32,
    /// The cosine of its best chunk's vector and the question's.
    pub dense: f32,
    /// The BM25 score of its best chunk for the question's words.
    pub lexical: f32,
}

impl Passage {
    /// The passage itself.
    pub fn text(&self) -> &str {
        &self.document.text()[self.span.range()]
    }

    fn holds(&self, phrase: &Phrase) -> bool {
        phrase.is_in(self.text()) || phrase.is_in(&self.headings)
    }

    fn id(&self) -> DocumentId {
        self.document.id()
    }

    /// Takes in `other`, of the same document, where it is a neighbour below the same
    /// headings.
    fn join(&mut self, other: &Self) -> bool {
        let (ours, theirs) = (&self.chunks, &other.chunks);
        let chunks = ours.start.min(theirs.start)..ours.end.max(theirs.end);
        let is_neighbour = ours.end == theirs.start || theirs.end == ours.start;
        let is_near = self.id() == other.id() && self.headings == other.headings;
        if !is_near || !is_neighbour || chunks.len() > MAX_PASSAGE_CHUNKS as usize {
            return false;
        }
        self.span.start = self.span.start.min(other.span.start);
        self.span.end = self.span.end.max(other.span.end);
        self.chunks = chunks;
        true
    }
}

/// A document that the state holds but that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) id: DocumentId,
    pub(crate) error: Error,
}

/// Where passages come from.
pub(crate) struct Sources<'a> {
    pub(crate) state: &'a KnowledgeBase,
    pub(crate) store: &'a dyn Store,
    pub(crate) document_cache: &'a DocumentCache,
    pub(crate) filter: Option<&'a Filter>,
    pub(crate) vector_index: VectorIndex,
}

impl Sources<'_> {
    /// The `limit` best passages, best first. Chunks beside each other become one, and of
    /// those that say the same only the best is there. What is in quotation marks must
    /// stand in them, if it stands anywhere.
    pub(crate) async fn retrieve(
        &self,
        question: &str,
        embedding: &[f32],
        limit: usize,
    ) -> Result<Result<Vec<Passage>, Unreadable>> {
        let phrases = Phrase::all_in(question);
        if !phrases.is_empty() {
            let found = self.retrieve_with(question, &phrases, embedding, limit).await?;
            if !matches!(&found, Ok(passages) if passages.is_empty()) {
                return Ok(found);
            }
        }
        self.retrieve_with(question, &[], embedding, limit).await
    }

    /// Those in which all `phrases` stand.
    async fn retrieve_with(
        &self,
        question: &str,
        phrases: &[Phrase],
        embedding: &[f32],
        limit: usize,
    ) -> Result<Result<Vec<Passage>, Unreadable>> {
        let (index, vector_index) = (&self.state.index, self.vector_index);
        let mut count = limit.saturating_mul(HITS_A_PASSAGE);
        loop {
            let hits = index.search_with(
                embedding,
                question,
                phrases,
                count,
                self.filter,
                vector_index,
            )?;
            let was_all = hits.len() < count;
            let found = self.gather(hits, phrases, limit).await?;
            if was_all || !matches!(&found, Ok(passages) if passages.len() < limit) {
                return Ok(found);
            }
            count = count.saturating_mul(4);
        }
    }

    async fn gather(
        &self,
        hits: Vec<Hit>,
        phrases: &[Phrase],
        limit: usize,
    ) -> Result<Result<Vec<Passage>, Unreadable>> {
        let mut passages: Vec<Passage> = Vec::new();
        let mut seen: Vec<HashSet<Vec<String>>> = Vec::new();
        for hit in hits {
            if passages.len() == limit {
                break;
            }
            let passage = match self.passage(hit).await {
                Err(error @ Error::CorruptStorage { .. }) => {
                    return Ok(Err(Unreadable { id: hit.document, error }));
                }
                other => other?,
            };
            if !phrases.iter().all(|phrase| passage.holds(phrase)) {
                continue;
            }
            if passages.iter_mut().any(|earlier| earlier.join(&passage)) {
                continue;
            }
            let shingles = shingles(passage.text());
            if seen.iter().any(|earlier| says_the_same(earlier, &shingles)) {
                continue;
            }
            seen.push(shingles);
            passages.push(passage);
        }
        Ok(Ok(passages))
    }

    async fn passage(&self, hit: Hit) -> Result<Passage> {
        let gone = || Error::Internal { detail: "a chunk was found of no document".to_owned() };
        let found = self.state.index.find(hit.document).ok_or_else(gone)?;
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
        })
    }
}

/// Every few words that follow each other; all words, where there are fewer.
fn shingles(text: &str) -> HashSet<Vec<String>> {
    let words = terms(text);
    if words.len() < SHINGLE {
        return HashSet::from([words]);
    }
    words.windows(SHINGLE).map(<[String]>::to_vec).collect()
}

fn says_the_same(a: &HashSet<Vec<String>>, b: &HashSet<Vec<String>>) -> bool {
    let (small, large) = if a.len() < b.len() { (a, b) } else { (b, a) };
    // Sets of such different size cannot share enough.
    if (small.len() as f32) < NEAR_DUPLICATE * large.len() as f32 {
        return false;
    }
    let common = small.iter().filter(|shingle| large.contains(*shingle)).count();
    common as f32 >= NEAR_DUPLICATE * (a.len() + b.len() - common) as f32
}
