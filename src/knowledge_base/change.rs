//! Changes of the state, each with the batch of records that stores it.

use std::collections::HashSet;

use super::feedback::put_feedback;
use super::manifest::{Manifest, encode_embedder};
use super::original::original_keys;
use super::records::{
    EMBEDDER_KEY, FEEDBACK_PREFIX, GRAPH_PREFIX, JOB_PREFIX, KNOWLEDGE_BASE_KEY, SEGMENT_PREFIX,
    document_key, first_layout_keys, graph_key, segment_key,
};
use super::{KnowledgeBase, StoredDocument};
use crate::document::{DocumentId, DocumentInfo};
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::index::{BitSet, Segment};
use crate::record;
use crate::store::{Batch, Store};

/// A new state, and the batch that takes the store there from the state before.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) batch: Batch,
    pub(crate) next: KnowledgeBase,
}

impl Change {
    /// Completes `batch`, which holds the changed documents and segments, for the change from
    /// `before` to `next`.
    pub(super) fn new(
        before: &KnowledgeBase,
        mut next: KnowledgeBase,
        embedder: Fingerprint,
        mut batch: Batch,
    ) -> Self {
        next.commit = before.commit + 1;
        next.is_derived = false;
        let is_live = |id: u64| next.index.entries().iter().any(|entry| entry.id == id);
        let gone = before.index.entries().iter().map(|entry| entry.id).filter(|&id| !is_live(id));
        for id in gone.chain(next.unusable.drain(..)) {
            batch.deletes.extend([segment_key(id), graph_key(id)]);
        }
        put_feedback(before, &mut next, &mut batch);
        put_manifest(&next, embedder, &mut batch);
        // Written again with each commit, so that a damaged one does not stay.
        batch.puts.push((EMBEDDER_KEY.to_owned(), encode_embedder(embedder)));
        Self { batch, next }
    }
}

fn put_manifest(state: &KnowledgeBase, embedder: Fingerprint, batch: &mut Batch) {
    let manifest = Manifest::of(state, embedder).encode();
    batch.puts.push((KNOWLEDGE_BASE_KEY.to_owned(), manifest));
}

/// Documents to add: that of a file, then those of its members.
pub(crate) struct Addition<'a> {
    pub(crate) documents: &'a [StoredDocument],
    /// The segment of all of them, in the same order.
    pub(crate) segment: &'a Segment,
    /// The documents that the same commit removes.
    pub(crate) removed: &'a [DocumentId],
    /// Whether those whose ids are not in the state take the last places in the order of adding,
    /// or the places that they state.
    pub(crate) is_new: bool,
    pub(crate) original: Original,
}

/// What becomes of the file of documents that are added.
pub(crate) enum Original {
    /// These records are written. None where the file is not kept.
    Written(Vec<(String, Vec<u8>)>),
    /// It stays as it is stored.
    Unchanged,
}

/// The change that adds documents and their segment. Documents with the same ids are replaced.
pub(crate) fn add_documents(
    state: &KnowledgeBase,
    addition: Addition<'_>,
    embedder: Fingerprint,
) -> Change {
    let Addition { documents, segment, removed, is_new, original } = addition;
    let mut next = state.clone();
    let mut batch = Batch::default();
    for &id in removed {
        remove(&mut next, id, &mut batch);
    }
    if let Original::Unchanged = original {
        let kept: Vec<String> = original_keys(&documents[0].info).collect();
        batch.deletes.retain(|key| !kept.contains(key));
    }
    let mut infos = Vec::with_capacity(documents.len());
    for document in documents {
        let id = document.id();
        let sequence = match state.index.find(id) {
            Some(before) => before.info().sequence,
            None if is_new => next.next_sequence,
            None => document.info.sequence,
        };
        next.next_sequence = next.next_sequence.max(sequence + 1);
        if state.index.find(id).is_some() {
            // Its chunks may be others now.
            next.feedback = next.feedback.without(id);
        }
        next.index = next.index.without(id);
        if !is_new {
            // Where the document was stored by the first layout, these are its old records.
            batch.deletes.extend(first_layout_keys(id));
        }
        batch.puts.push((document_key(id), document.encode(sequence)));
        infos.push(DocumentInfo { sequence, ..document.info.clone() });
    }
    put_segment(&mut next, &segment.with_infos(infos), none_removed(segment), &mut batch);
    if let Original::Written(records) = original {
        batch.puts.extend(records);
    }
    keep_puts(&mut batch);
    Change::new(state, next, embedder, batch)
}

/// Removes a document from `next`, and its records by `batch`.
fn remove(next: &mut KnowledgeBase, id: DocumentId, batch: &mut Batch) {
    if let Some(found) = next.index.find(id) {
        batch.deletes.extend(original_keys(found.info()));
    }
    next.index = next.index.without(id);
    next.feedback = next.feedback.without(id);
    batch.deletes.push(document_key(id));
}

/// Leaves out the deletion of what is written, and those that are there twice.
fn keep_puts(batch: &mut Batch) {
    let mut seen: HashSet<String> = batch.puts.iter().map(|(key, _)| key.clone()).collect();
    batch.deletes.retain(|key| seen.insert(key.clone()));
}

/// No document of a segment is removed.
fn none_removed(segment: &Segment) -> BitSet {
    BitSet::none(segment.documents().len())
}

fn put_segment(next: &mut KnowledgeBase, segment: &Segment, removed: BitSet, batch: &mut Batch) {
    let id = next.next_segment;
    next.next_segment += 1;
    let record = segment.to_bytes();
    let checksum = record::stated_checksum(&record);
    next.index = next.index.with_stored(id, checksum, segment.clone(), removed);
    batch.puts.push((segment_key(id), record));
}

/// The change that removes documents. The record of one that is in no segment is deleted as
/// well. `originals` are keys of files that no readable record names.
pub(crate) fn remove_documents(
    state: &KnowledgeBase,
    ids: &[DocumentId],
    originals: &[String],
    embedder: Fingerprint,
) -> Change {
    let mut next = state.clone();
    let mut batch = Batch { puts: Vec::new(), deletes: originals.to_vec() };
    for &id in ids {
        remove(&mut next, id, &mut batch);
        // Those of a document that the first layout stored and that could not be read.
        batch.deletes.extend(first_layout_keys(id));
    }
    keep_puts(&mut batch);
    Change::new(state, next, embedder, batch)
}

/// The change that replaces the segments with the ids `sources` by `merged`, which was made from
/// them.
/// Documents that were removed meanwhile are marked in it. None where a source is no longer
/// live, or one of its documents is in another segment now: that one is newer.
pub(crate) fn merge_segments(
    state: &KnowledgeBase,
    sources: &[u64],
    merged: &Segment,
    embedder: Fingerprint,
) -> Option<Change> {
    let entries = state.index.entries();
    let is_live = |id: &u64| entries.iter().any(|entry| entry.id == *id);
    if !sources.iter().all(is_live) {
        return None;
    }
    let is_in = |id: DocumentId, of_sources: bool| {
        let mut entries = entries.iter();
        entries.any(|e| sources.contains(&e.id) == of_sources && e.find(id).is_some())
    };
    let mut removed = none_removed(merged);
    for (place, info) in merged.documents().iter().enumerate() {
        match (is_in(info.id, true), is_in(info.id, false)) {
            (true, false) => {}
            (false, true) => return None,
            // A document in both is damage: it stays in the other one.
            (false, false) | (true, true) => removed.set(place, true),
        }
    }
    let mut next = state.clone();
    next.index = next.index.without_segments(sources);
    let mut batch = Batch::default();
    if removed.count() < removed.len() {
        put_segment(&mut next, merged, removed, &mut batch);
    }
    Some(Change::new(state, next, embedder, batch))
}

/// The change that stores the manifest of a state that was derived without one.
pub(crate) fn store_manifest(state: &KnowledgeBase, embedder: Fingerprint) -> Change {
    Change::new(state, state.clone(), embedder, Batch::default())
}

/// The batch that replaces all segments, of any embedder, by these, which hold all documents.
pub(crate) async fn replace_segments(
    store: &dyn Store,
    segments: Vec<Segment>,
    embedder: Fingerprint,
) -> Result<Batch> {
    let keys = store.keys(SEGMENT_PREFIX).await?;
    let last = keys.iter().filter_map(|key| key[SEGMENT_PREFIX.len()..].parse::<u64>().ok()).max();
    let sequences = segments.iter().flat_map(Segment::documents).map(|info| info.sequence + 1);
    let old = Manifest::read(store).await.ok().flatten();
    let mut next = KnowledgeBase {
        commit: old.map_or(0, |old| old.commit + 1),
        next_segment: last.map_or(0, |last| last + 1),
        next_sequence: sequences.max().unwrap_or(0),
        ..KnowledgeBase::default()
    };
    let mut batch = Batch { puts: Vec::new(), deletes: keys };
    batch.deletes.extend(store.keys(GRAPH_PREFIX).await?);
    batch.deletes.extend(store.keys(JOB_PREFIX).await?);
    // Its vectors are of the embedder before.
    batch.deletes.extend(store.keys(FEEDBACK_PREFIX).await?);
    for segment in segments.iter().filter(|segment| !segment.documents().is_empty()) {
        put_segment(&mut next, segment, none_removed(segment), &mut batch);
    }
    put_manifest(&next, embedder, &mut batch);
    batch.puts.push((EMBEDDER_KEY.to_owned(), encode_embedder(embedder)));
    Ok(batch)
}
