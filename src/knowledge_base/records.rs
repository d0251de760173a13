//! The keys of records, and the checks of each record that is read.

use crate::document::{Document, DocumentId, MAX_NUMBER};
use crate::error::Result;
use crate::record::{self, corrupt};
use crate::store::Store;

use super::StoredDocument;

pub(super) const KNOWLEDGE_BASE_KEY: &str = "knowledge-base";
pub(super) const EMBEDDER_KEY: &str = "embedder";
pub(super) const DOCUMENT_PREFIX: &str = "document/";
pub(super) const SEGMENT_PREFIX: &str = "segment/";
pub(super) const GRAPH_PREFIX: &str = "graph/";
pub(super) const JOB_PREFIX: &str = "job/";
pub(super) const ORIGINAL_PREFIX: &str = "original/";
pub(super) const QUEUED_PREFIX: &str = "queued/";
pub(super) const FEEDBACK_PREFIX: &str = "feedback/";
/// This record exists while an import writes records that are no knowledge base yet.
pub(super) const IMPORT_KEY: &str = "import";

pub(crate) fn document_key(id: DocumentId) -> String {
    format!("{DOCUMENT_PREFIX}{id}")
}

pub(super) fn segment_key(id: u64) -> String {
    format!("{SEGMENT_PREFIX}{id}")
}

pub(super) fn graph_key(segment: u64) -> String {
    format!("{GRAPH_PREFIX}{segment}")
}

pub(crate) fn job_key(id: DocumentId) -> String {
    format!("{JOB_PREFIX}{id}")
}

/// What the keys of the parts of a document's file begin with.
pub(super) fn original_key(id: DocumentId) -> String {
    format!("{ORIGINAL_PREFIX}{id}")
}

/// What the keys of the parts of a file begin with whose adding is under way.
pub(crate) fn job_original_key(id: DocumentId) -> String {
    format!("{}/original", job_key(id))
}

/// The key of a queued file; those of its parts begin with it.
pub(crate) fn queued_key(number: u64) -> String {
    format!("{QUEUED_PREFIX}{number:016}")
}

/// The key of the feedback of this number.
pub(super) fn feedback_key(number: u64) -> String {
    format!("{FEEDBACK_PREFIX}{number:016}")
}

/// The keys of the segment and the graph that the first layout stored for a document.
pub(super) fn first_layout_keys(id: DocumentId) -> [String; 2] {
    [format!("{SEGMENT_PREFIX}{id}"), format!("{GRAPH_PREFIX}{id}")]
}

/// The keys of the parts of the file of a document, whatever its record holds.
pub(crate) async fn original_keys_of(store: &dyn Store, id: DocumentId) -> Result<Vec<String>> {
    store.keys(&format!("{}/", original_key(id))).await
}

/// The record with this key. A missing one is an error.
pub(super) async fn get_record(store: &dyn Store, key: &str) -> Result<Vec<u8>> {
    store.get(key).await?.ok_or_else(|| corrupt(key, "it is missing"))
}

/// The stored document with this id.
pub(crate) async fn read_document(store: &dyn Store, id: DocumentId) -> Result<StoredDocument> {
    decode_document(id, &get_record(store, &document_key(id)).await?)
}

/// The document with this id that a record holds.
pub(super) fn decode_document(id: DocumentId, record: &[u8]) -> Result<StoredDocument> {
    let key = document_key(id);
    let document: StoredDocument = record::decode(&key, record)?;
    check_document(&key, id, &document)?;
    Ok(document)
}

/// An error unless the record `key` holds the document with this id, and one that can be cut
/// into chunks.
pub(super) fn check_document(key: &str, id: DocumentId, document: &StoredDocument) -> Result<()> {
    if document.id() != id {
        return Err(corrupt(key, "it is the record of another document"));
    }
    let Document { text, blocks, places, pictures } = &document.document;
    if blocks.iter().any(|block| text.get(block.span.range()).is_none()) {
        return Err(corrupt(key, "a block lies outside its text"));
    }
    if !blocks.is_sorted_by(|one, next| one.span.end <= next.span.start) {
        return Err(corrupt(key, "its blocks are not in order"));
    }
    if !places.is_sorted_by(|one, next| one.start < next.start) {
        return Err(corrupt(key, "its places are not in order"));
    }
    if pictures.iter().any(|picture| text.get(picture.span.range()).is_none()) {
        return Err(corrupt(key, "a picture lies outside its text"));
    }
    if document.info.sequence >= MAX_NUMBER {
        return Err(corrupt(key, "its place in the order of adding is out of range"));
    }
    Ok(())
}
