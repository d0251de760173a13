//! From one state to the next: what changes in the store, all at once.

use super::manifest::{Manifest, encode_embedder};
use super::records::{
    EMBEDDER_KEY, JOB_PREFIX, KNOWLEDGE_BASE_KEY, SEGMENT_PREFIX, document_key, segment_key,
};
use super::{KnowledgeBase, StoredDocument};
use crate::document::{DocumentId, DocumentInfo};
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::index::{BitSet, Segment};
use crate::record;
use crate::store::{Batch, Store};

/// The batch that takes a store from one state to another, and that other.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) batch: Batch,
    pub(crate) next: KnowledgeBase,
}

impl Change {
    /// To `next`, with the records of documents that change with it.
    fn to(
        before: &KnowledgeBase,
        mut next: KnowledgeBase,
        embedder: Fingerprint,
        mut batch: Batch,
    ) -> Self {
        next.commit = before.commit + 1;
        next.is_derived = false;
        let is_kept = |id: u64| next.index.entries().iter().any(|entry| entry.id == id);
        let gone = before.index.entries().iter().map(|entry| entry.id).filter(|&id| !is_kept(id));
        for id in gone.chain(next.useless.drain(..)) {
            batch.deletes.push(segment_key(id));
        }
        let manifest = Manifest::of(&next, embedder).encode();
        batch.puts.push((KNOWLEDGE_BASE_KEY.to_owned(), manifest));
        batch.puts.push((EMBEDDER_KEY.to_owned(), encode_embedder(embedder)));
        Self { batch, next }
    }
}

/// Adds a document with its segment, in place of another one where one is named. A
/// document that was there before under the same id is replaced as well. What has a place
/// in the order of adding keeps it; what is new comes last.
pub(crate) fn adding(
    state: &KnowledgeBase,
    document: &StoredDocument,
    segment: &Segment,
    replaces: Option<DocumentId>,
    is_new: bool,
    embedder: Fingerprint,
) -> Change {
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
    let info = DocumentInfo { sequence, ..document.info.clone() };
    let document = StoredDocument { info, document: document.document.clone() };
    batch.puts.push((document_key(id), record::encode(&document)));
    put_segment(&mut next, &segment.numbered_from(sequence), none_of(segment), &mut batch);
    Change::to(state, next, embedder, batch)
}

/// The documents of a segment, none of them marked.
fn none_of(segment: &Segment) -> BitSet {
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

/// Removes a document; one that no segment holds loses its record.
pub(crate) fn removing(state: &KnowledgeBase, id: DocumentId, embedder: Fingerprint) -> Change {
    let mut next = state.clone();
    next.index = next.index.without(id);
    let batch = Batch { puts: Vec::new(), deletes: vec![document_key(id)] };
    Change::to(state, next, embedder, batch)
}

/// Puts `merged` in place of the segments of these numbers that it was made of. What was
/// removed since then is marked. None where one of them is no longer there, or a document
/// of theirs was put into another segment since: `merged` would come after that.
pub(crate) fn merging(
    state: &KnowledgeBase,
    sources: &[u64],
    merged: &Segment,
    embedder: Fingerprint,
) -> Option<Change> {
    let entries = state.index.entries();
    let is_there = |id: &u64| entries.iter().any(|entry| entry.id == *id);
    if !sources.iter().all(is_there) {
        return None;
    }
    let is_in = |id: DocumentId, of_sources: bool| {
        let mut entries = entries.iter();
        entries.any(|e| sources.contains(&e.id) == of_sources && e.find(id).is_some())
    };
    let mut removed = none_of(merged);
    for (place, info) in merged.documents().iter().enumerate() {
        match (is_in(info.id, true), is_in(info.id, false)) {
            (true, false) => {}
            (false, true) => return None,
            // In both, it is damage: it stays in one.
            (false, false) | (true, true) => removed.set(place, true),
        }
    }
    let mut next = state.clone();
    next.index = next.index.without_segments(sources);
    let mut batch = Batch::default();
    if removed.count() < removed.len() {
        put_segment(&mut next, merged, removed, &mut batch);
    }
    Some(Change::to(state, next, embedder, batch))
}

/// Writes a manifest for a state that was derived without one.
pub(crate) fn writing_down(state: &KnowledgeBase, embedder: Fingerprint) -> Change {
    Change::to(state, state.clone(), embedder, Batch::default())
}

/// What puts these segments, of all documents, in place of whatever segments there are,
/// by whichever embedder.
pub(crate) async fn replacing_all(
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
    batch.deletes.extend(store.keys(JOB_PREFIX).await?);
    for segment in segments.iter().filter(|segment| !segment.documents().is_empty()) {
        put_segment(&mut next, segment, none_of(segment), &mut batch);
    }
    let manifest = Manifest::of(&next, embedder).encode();
    batch.puts.push((KNOWLEDGE_BASE_KEY.to_owned(), manifest));
    batch.puts.push((EMBEDDER_KEY.to_owned(), encode_embedder(embedder)));
    Ok(batch)
}
