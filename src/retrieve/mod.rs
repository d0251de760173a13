//! Question -> the passages that may answer it.

pub(crate) mod conditions;
mod evidence;
mod labels;
mod records;
mod units;
mod versions;

use std::ops::Range;
use std::rc::Rc;

use crate::document::{DocumentId, DocumentInfo, Span, chunk_id};
use crate::error::{Error, Result};
use crate::index::{
    Filter, ForeignSearch, Hit, ImageQuery, Phrase, PictureMatch, Search, VectorIndex,
};
use crate::knowledge_base::{DocumentCache, KnowledgeBase, StoredDocument};
use crate::question::QuestionWords;
use crate::store::Store;

use conditions::Conditions;
use evidence::best_evidence;
pub(crate) use evidence::evidence;
pub(crate) use units::{Unit, units};
use versions::Versions;

/// The most chunks in a passage.
const MAX_PASSAGE_CHUNKS: u32 = 3;
/// Chunks that the first search asks for, per passage. A search that yields too few
/// passages is repeated with more.
const HITS_PER_PASSAGE: usize = 2;
/// The factor by which a repeated search asks for more chunks.
const HITS_GROWTH: usize = 4;
/// The best chunks, whose order also depends on what their best sentences have of the question.
const RERANKED_CHUNKS: usize = 20;
/// The weight of this evidence in a score. The best lexical score has the weight 1.
///
/// Chosen on the even articles of `squad-1.1-dev-part`, where 1.5 to 3 do about as well.
const EVIDENCE_WEIGHT: f32 = 2.0;
/// What a picture has more than text, where a question asks for one.
const PICTURE_WEIGHT: f32 = 0.5;

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
    /// The likeliest picture in its best chunk that the question belongs to, by an image encoder.
    pub picture: Option<PictureMatch>,
}

impl Passage {
    /// A chunk of a plain text.
    #[cfg(test)]
    pub(crate) fn of_document(name: &str, text: &str, span: Span, chunk: u32) -> Self {
        let kind = crate::document::FileKind::PLAIN_TEXT;
        let info = DocumentInfo {
            id: DocumentId::of(kind, name.as_bytes()),
            name: name.to_owned(),
            kind,
            bytes: 0,
            sequence: 0,
            added_at: 0.0,
            metadata: String::new(),
            details: Default::default(),
            container: None,
            has_original: false,
        };
        let document = crate::document::Document { text: text.to_owned(), ..Default::default() };
        Self {
            document: Rc::new(StoredDocument::new(info, document)),
            chunk,
            chunks: chunk..chunk + 1,
            span,
            headings: String::new(),
            score: 1.0,
            dense: 0.0,
            lexical: 0.0,
            also_in: Vec::new(),
            picture: None,
        }
    }

    /// The text of the passage.
    pub fn text(&self) -> &str {
        &self.document.text()[self.span.range()]
    }

    /// The id of its best chunk, by which feedback names the passage.
    pub fn chunk_id(&self) -> String {
        chunk_id(self.id(), self.chunk)
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

    /// Whether there is a picture in it or beside it.
    fn has_picture(&self) -> bool {
        self.document.document.has_picture(self.span)
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
        self.picture = self.picture.or(other.picture);
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

/// A document that could not be read, and why.
type Unread = (DocumentId, Error);

/// Retrieves passages from a knowledge base.
pub(crate) struct Retriever<'a> {
    /// The words of the question.
    pub(crate) words: &'a QuestionWords,
    pub(crate) state: &'a KnowledgeBase,
    pub(crate) store: &'a dyn Store,
    pub(crate) document_cache: &'a DocumentCache,
    pub(crate) filter: Option<&'a Filter>,
    pub(crate) vector_index: VectorIndex,
    pub(crate) conditions: &'a Conditions,
    /// The question in the space of an image encoder, if there is one.
    pub(crate) images: Option<&'a ImageQuery<'a>>,
    /// The weight of a cosine in a score.
    pub(crate) dense_weight: f32,
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
        let foreign = self.words.foreign_search();
        let by_age = !question.contains(char::is_numeric);
        let is_chosen = |info: &DocumentInfo| self.conditions.allow_document(info);
        let chosen = self.conditions.choose_documents().then_some(&is_chosen as _);
        let mut count = limit.saturating_mul(HITS_PER_PASSAGE).max(RERANKED_CHUNKS);
        loop {
            let hits = index.search_with(&Search {
                embedding,
                dense_weight: self.dense_weight,
                question,
                foreign: foreign.as_ref(),
                phrases,
                limit: count,
                filter: self.filter,
                // The index knows them: no record is read to find that a document is not meant.
                documents: chosen,
                vector_index,
                images: self.images,
            })?;
            let are_all_hits = hits.len() < count;
            let found = match self.passages(hits, foreign.as_ref(), phrases, limit).await {
                Ok(found) => found,
                Err((id, error @ Error::CorruptStorage { .. })) => {
                    return Ok(Retrieved::DamagedDocument { id, error });
                }
                Err((_, error)) => return Err(error),
            };
            if are_all_hits || found.len() >= limit {
                return Ok(Retrieved::Passages(found.into_passages(by_age)));
            }
            count = count.saturating_mul(HITS_GROWTH);
        }
    }

    /// Makes at most `limit` passages of `hits`, which are best first.
    async fn passages(
        &self,
        hits: Vec<Hit>,
        foreign: Option<&ForeignSearch>,
        phrases: &[Phrase],
        limit: usize,
    ) -> std::result::Result<Versions, Unread> {
        let mut hits = hits.into_iter();
        let mut best = Vec::new();
        for hit in hits.by_ref() {
            best.extend(self.allowed_passage(hit, phrases).await?);
            if best.len() == RERANKED_CHUNKS {
                break;
            }
        }
        rerank(&mut best, self.words, foreign);
        let mut found = Versions::default();
        for passage in best {
            found.place(passage, limit);
        }
        for hit in hits {
            if found.len() == limit {
                break;
            }
            if let Some(passage) = self.allowed_passage(hit, phrases).await? {
                found.place(passage, limit);
            }
        }
        Ok(found)
    }

    /// The passage of a hit, unless a phrase or an excluded word leaves it out.
    async fn allowed_passage(
        &self,
        hit: Hit,
        phrases: &[Phrase],
    ) -> std::result::Result<Option<Passage>, Unread> {
        let passage = passage_of(hit, self.state, self.store, self.document_cache).await;
        let passage = passage.map_err(|error| (hit.document, error))?;
        let holds_phrases = phrases.iter().all(|phrase| passage.contains(phrase));
        Ok((holds_phrases && self.conditions.allow_text(&passage)).then_some(passage))
    }
}

/// The passage of a chunk that was found.
pub(crate) async fn passage_of(
    hit: Hit,
    state: &KnowledgeBase,
    store: &dyn Store,
    document_cache: &DocumentCache,
) -> Result<Passage> {
    let missing = || Error::Internal { detail: "a found chunk has no document".to_owned() };
    let found = state.index.find(hit.document).ok_or_else(missing)?;
    let document = document_cache.get(store, &found).await?;
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
        picture: hit.picture,
    })
}

/// Adds to the scores what the best sentence of each passage has of the question.
fn rerank(passages: &mut [Passage], words: &QuestionWords, foreign: Option<&ForeignSearch>) {
    for passage in &mut *passages {
        let language = passage.document.info.details.language.as_deref();
        // A sentence in another language has few of the question's words by anything but chance.
        let weight = match foreign {
            Some(foreign) if foreign.is_foreign(language) => foreign.weight,
            _ => 1.0,
        };
        passage.score += EVIDENCE_WEIGHT * weight * best_evidence(words, passage);
        if words.asks_for_picture() && passage.has_picture() {
            passage.score += PICTURE_WEIGHT;
        }
    }
    passages.sort_by(|a, b| b.score.total_cmp(&a.score));
}
