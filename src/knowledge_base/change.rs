//! Changes of the state, each with the batch of records that stores it.

use super::manifest::{Manifest, encode_embedder};
use super::records::{
    EMBEDDER_KEY, GRAPH_PREFIX, JOB_PREFIX, KNOWLEDGE_BASE_KEY, SEGMENT_PREFIX, document_key,
    first_layout_keys, graph_key, segment_key,
};
use super::{KnowledgeBase, StoredDocument};
use crate::document::DocumentId;
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
    fn new(
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

/// A document to add.
pub(crate) struct Addition<'a> {
    pub(crate) document: &'a StoredDocument,
    pub(crate) segment: &'a Segment,
    /// The document that it replaces.
    pub(crate) replaces: Option<DocumentId>,
    /// Whether it takes the last place in the order of adding, or the one that it has.
    pub(crate) is_new: bool,
}

/// The change that adds a document and its segment. A document with the same id is replaced.
pub(crate) fn add_document(
    state: &KnowledgeBase,
    addition: &Addition<'_>,
    embedder: Fingerprint,
) -> Change {
    let Addition { document, segment, replaces, is_new } = *addition;
    let id = document.id();
    let mut next = state.clone();
    let sequence = if is_new { next.next_sequence } else { document.info.sequence };
    next.next_sequence = next.next_sequence.max(sequence + 1);
    let mut batch = Batch::default();
    next.index = next.index.without(id);
    if let Some(replaced) = replaces.filter(|&replaced| replaced != id) {
        next.index = next.index.without(replaced);
        batch.deletes.push(document_key(replaced));
    }
    if !is_new {
        // Where the document was stored by the first layout, these are its old records.
        batch.deletes.extend(first_layout_keys(id));
    }
    batch.puts.push((document_key(id), document.encode(sequence)));
    put_segment(&mut next, &segment.numbered_from(sequence), none_removed(segment), &mut batch);
    Change::new(state, next, embedder, batch)
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

/// The change that removes a document. The record of one that is in no segment is deleted as
/// well.
pub(crate) fn remove_document(
    state: &KnowledgeBase,
    id: DocumentId,
    embedder: Fingerprint,
) -> Change {
    let mut next = state.clone();
    next.index = next.index.without(id);
    let mut batch = Batch { puts: Vec::new(), deletes: vec![document_key(id)] };
    // Those of a document that the first layout stored and that could not be read.
    batch.deletes.extend(first_layout_keys(id));
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
    for segment in segments.iter().filter(|segment| !segment.documents().is_empty()) {
        put_segment(&mut next, segment, none_removed(segment), &mut batch);
    }
    put_manifest(&next, embedder, &mut batch);
    batch.puts.push((EMBEDDER_KEY.to_owned(), encode_embedder(embedder)));
    Ok(batch)
}
