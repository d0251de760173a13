//! The knowledge base: all documents and their segments, as one state in memory and as
//! records in a store.
//!
//! A state is immutable: a change makes a new state, and a batch of records that stores it in
//! one commit. A question reads the state that it began with.

use std::collections::HashMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::document::{Document, DocumentId, DocumentInfo, DocumentInfoV1, DocumentV2};
use crate::error::Error;
use crate::feedback::FeedbackList;
use crate::index::Index;
use crate::record::{self, Body, Kind};

mod change;
mod document_cache;
mod export;
mod feedback;
mod graphs;
mod job;
mod load;
mod manifest;
mod merge;
mod original;
mod queue;
mod records;
mod writer;

pub(crate) use change::{
    Addition, Change, Original, add_documents, merge_segments, remove_documents, replace_segments,
    store_manifest,
};
pub(crate) use document_cache::DocumentCache;
pub(crate) use export::{end_import, export, import, remove_unfinished_import};
pub(crate) use feedback::{clear_feedback, store_feedback, stored_feedback};
pub(crate) use graphs::{StoredGraph, decode_graph, find_leftover_graphs, graph_batch, read_graph};
pub(crate) use job::{AddOptions, Job};
pub use load::Preload;
pub(crate) use load::{load, missing_and_unindexed, stored_documents};
pub(crate) use manifest::has_embedder_record;
pub(crate) use merge::{MAX_SEGMENT_CHUNKS, segments_to_merge};
pub(crate) use original::{moved_original, original_owner, original_records, read_original};
pub(crate) use queue::QueuedFile;
pub(crate) use records::{
    document_key, job_key, job_original_key, original_keys_of, queued_key, read_document,
};
pub use writer::KnowledgeBaseWriter;

/// A document as it is stored: what everything else about it can be derived from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// What is known of it.
    pub info: DocumentInfo,
    /// Its text, which spans point into, and the text's parts.
    pub document: Document,
    /// The name of the shipped knowledge base that it was read from; none of the engine's own. It is not stored.
    #[serde(skip)]
    pub shipped: Option<Rc<str>>,
}

/// [`StoredDocument`] in records of version 2.
#[derive(Deserialize)]
struct StoredDocumentV2 {
    info: DocumentInfo,
    document: DocumentV2,
}

impl From<StoredDocumentV2> for StoredDocument {
    fn from(StoredDocumentV2 { info, document }: StoredDocumentV2) -> Self {
        Self::new(info, document.into())
    }
}

impl Body for StoredDocument {
    const KIND: Kind = Kind::Document;

    /// Version 2 had no pictures, and no areas in its places. Version 1 had no places and fewer facts. The first layout of the knowledge base had
    /// version 1 as well: its documents end after the text, and their blocks are found anew.
    fn decode(version: u16, body: &[u8]) -> Result<Self, &'static str> {
        match version {
            1 => {}
            2 => return record::parse::<StoredDocumentV2>(body).map(Self::from),
            _ => return record::parse(body),
        }
        let ((info, text), rest): ((DocumentInfoV1, String), _) = record::parse_prefix(body)?;
        let document = match rest {
            [] => Document::from_paragraphs(text),
            blocks => Document { text, blocks: record::parse(blocks)?, ..Document::default() },
        };
        Ok(Self::new(info.into(), document))
    }
}

impl StoredDocument {
    /// A document of the engine's own knowledge base.
    pub fn new(info: DocumentInfo, document: Document) -> Self {
        Self { info, document, shipped: None }
    }

    /// Its record, with another place in the order of adding.
    pub(crate) fn encode(&self, sequence: u64) -> Vec<u8> {
        let info = DocumentInfo { sequence, ..self.info.clone() };
        record::encode(Kind::Document, &(info, &self.document))
    }

    /// Its id.
    pub fn id(&self) -> DocumentId {
        self.info.id
    }

    /// The text that spans point into.
    pub fn text(&self) -> &str {
        &self.document.text
    }
}

/// A document whose record cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct DamagedDocument {
    /// The document's id; it can be removed by it.
    pub id: DocumentId,
    /// What is wrong.
    pub error: Error,
}

/// One consistent state.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnowledgeBase {
    pub(crate) index: Index,
    pub(crate) feedback: FeedbackList,
    /// How many changes led to this state.
    commit: u64,
    /// A number that no segment has had.
    next_segment: u64,
    /// The place in the order of adding that the next document takes.
    next_sequence: u64,
    /// Segments whose record cannot be read or whose documents are all quarantined. The next
    /// change deletes them.
    unusable: Vec<u64>,
    /// Feedback whose record cannot be read. The next change deletes it.
    unusable_feedback: Vec<u64>,
    /// Whether it was derived from the segments, because no manifest could be read.
    pub(crate) is_derived: bool,
}

impl KnowledgeBase {
    /// Whether `self` came after `other`. A state that was read comes after one that was
    /// derived, even if its count is lower.
    pub(crate) fn is_after(&self, other: &Self) -> bool {
        self.commit > other.commit || (other.is_derived && !self.is_derived)
    }

    /// Leaves out a document that cannot be read.
    pub(crate) fn quarantine(&mut self, id: DocumentId) {
        let index = self.index.without(id);
        let is_kept = |id: u64| index.entries().iter().any(|entry| entry.id == id);
        let gone = self.index.entries().iter().map(|entry| entry.id).filter(|&id| !is_kept(id));
        self.unusable.extend(gone);
        self.index = index;
    }

    /// All documents in the order of adding, members after their container, each with the
    /// number of its chunks.
    pub(crate) fn documents(&self) -> Vec<(&Rc<DocumentInfo>, usize)> {
        let mut documents: Vec<_> = self.index.documents().collect();
        let sequences: HashMap<DocumentId, u64> =
            documents.iter().map(|(info, _)| (info.id, info.sequence)).collect();
        documents.sort_by_key(|(info, _)| {
            let container = info.container.as_ref();
            let first = container.and_then(|container| sequences.get(&container.id));
            (*first.unwrap_or(&info.sequence), container.is_some(), info.sequence)
        });
        documents
    }

    /// The members of a container, in the order of adding.
    pub(crate) fn members_of(&self, id: DocumentId) -> Vec<DocumentId> {
        let is_member =
            |info: &Rc<DocumentInfo>| info.container.as_ref().is_some_and(|of| of.id == id);
        let documents = self.index.documents().map(|(info, _)| info);
        let mut members: Vec<_> = documents.filter(|info| is_member(info)).collect();
        members.sort_by_key(|info| info.sequence);
        members.into_iter().map(|info| info.id).collect()
    }

    /// The documents of this name that are no members, in no particular order.
    pub(crate) fn named(&self, name: &str) -> Vec<DocumentId> {
        let documents = self.index.documents().map(|(info, _)| info);
        let named = documents.filter(|info| info.container.is_none() && info.name == name);
        named.map(|info| info.id).collect()
    }
}
