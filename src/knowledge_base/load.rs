//! Reads the state from the records of a store.

use std::collections::BTreeSet;
use std::pin::pin;
use std::rc::Rc;

use futures_util::stream::{self, StreamExt};

use super::KnowledgeBase;
use super::feedback::read_feedback;
use super::manifest::{LiveSegment, Manifest, check_embedder, check_embedder_record};
use super::records::{DOCUMENT_PREFIX, SEGMENT_PREFIX, get_record, segment_key};
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::index::{BitSet, Entry, Segment};
use crate::record::{self, corrupt};
use crate::runtime::{Runtime, Stage, Task};
use crate::store::Store;

/// How often reading begins again because another tab changed what was being read.
const LOAD_TRIES: usize = 8;

/// How many segment records are read at the same time: the store reads the next ones while one
/// is verified. Each takes up to 20 MB of memory.
const CONCURRENT_READS: usize = 3;

/// Reads the state. Segments of `known` that are still live are not read again. Segments that
/// cannot be read are left out; a manifest that cannot be read is derived from the segments.
pub(crate) async fn load(
    store: &dyn Store,
    embedder: Fingerprint,
    known: &KnowledgeBase,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<KnowledgeBase> {
    for _ in 0..LOAD_TRIES {
        let manifest = match Manifest::read(store).await {
            Ok(Some(manifest)) => manifest,
            Ok(None) | Err(Error::CorruptStorage { .. }) => {
                let mut state = derive(store, embedder, runtime, task).await?;
                read_feedback(store, known, &mut state).await?;
                return Ok(state);
            }
            Err(error) => return Err(error),
        };
        check_embedder(&manifest.embedder, embedder)?;
        let mut state = read_segments(store, &manifest, known, runtime, task).await?;
        read_feedback(store, known, &mut state).await?;
        // Another tab may have merged the missing segments meanwhile. Then the manifest is
        // another one.
        let is_whole = state.unusable.is_empty();
        if is_whole || Manifest::read(store).await.is_ok_and(|now| now.as_ref() == Some(&manifest))
        {
            return Ok(state);
        }
    }
    let detail = "other tabs keep writing to it".to_owned();
    Err(Error::StorageFailed { action: "read the knowledge base", detail })
}

/// The state of a store, read before its embedder was loaded. Opening reads the manifest
/// again, and reuses the segments that are still live.
#[derive(Debug, Default)]
pub struct Preload {
    pub(crate) state: KnowledgeBase,
    /// The documents with a record; none where they were not listed.
    documents: Option<BTreeSet<DocumentId>>,
}

impl Preload {
    /// Reads what can be read. Errors are ignored: opening reads the same records and reports
    /// them.
    pub async fn of(store: &dyn Store, runtime: &dyn Runtime, task: &Task) -> Self {
        Self::try_of(store, runtime, task).await.unwrap_or_default()
    }

    async fn try_of(store: &dyn Store, runtime: &dyn Runtime, task: &Task) -> Result<Self> {
        let Some(manifest) = Manifest::read(store).await? else { return Ok(Self::default()) };
        let known = KnowledgeBase::default();
        let state = read_segments(store, &manifest, &known, runtime, task).await?;
        Ok(Self { state, documents: Some(stored_documents(store).await?) })
    }

    /// Whether the store had a record of every document of a state, and of no other.
    pub(crate) fn has_all_of(&self, state: &KnowledgeBase) -> bool {
        self.documents.as_ref() == Some(&live_documents(state))
    }
}

async fn read_segments(
    store: &dyn Store,
    manifest: &Manifest,
    known: &KnowledgeBase,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<KnowledgeBase> {
    let mut state = KnowledgeBase {
        commit: manifest.commit,
        next_segment: manifest.next_segment,
        next_sequence: manifest.next_sequence,
        ..KnowledgeBase::default()
    };
    let (since, total) = (runtime.now_ms(), manifest.segments.len() as u64);
    let same: Vec<_> = manifest.segments.iter().map(|live| find_known(known, live)).collect();
    let unknown = manifest.segments.iter().zip(&same).filter(|(_, same)| same.is_none());
    let fetched = unknown.map(|(live, _)| fetch(store, live));
    let mut fetched = pin!(stream::iter(fetched).buffered(CONCURRENT_READS));
    for (done, (live, same)) in (1..).zip(manifest.segments.iter().zip(&same)) {
        if let Some((same, removed)) = same {
            state.index = state.index.with_known(same, removed.clone());
            continue;
        }
        let record = fetched.next().await.unwrap_or_else(|| Ok(Vec::new()));
        let verified = record.and_then(|record| verify(live, record));
        match verified {
            Ok((segment, removed)) => {
                state.index = state.index.with_stored(live.id, live.checksum, segment, removed);
            }
            Err(Error::CorruptStorage { .. }) => state.unusable.push(live.id),
            Err(error) => return Err(error),
        }
        task.report(runtime, Stage::Load, done, total, "segments", since);
        task.step(runtime).await?;
    }
    Ok(state)
}

/// The segment of `known` that this live segment is, and the documents removed from it.
fn find_known<'a>(known: &'a KnowledgeBase, live: &LiveSegment) -> Option<(&'a Rc<Entry>, BitSet)> {
    let mut entries = known.index.entries().iter();
    let same = entries.find(|e| e.id == live.id && e.checksum == live.checksum)?;
    Some((same, live.removed(same.segment.documents().len())?))
}

async fn fetch(store: &dyn Store, live: &LiveSegment) -> Result<Vec<u8>> {
    get_record(store, &segment_key(live.id)).await
}

fn verify(live: &LiveSegment, record: Vec<u8>) -> Result<(Segment, BitSet)> {
    let key = segment_key(live.id);
    // First of all: a record of a newer version is not damage.
    let segment = Segment::from_bytes(&key, &record)?;
    if record::stated_checksum(&record) != live.checksum {
        return Err(corrupt(&key, "it is not the segment that the manifest lists"));
    }
    let removed = live
        .removed(segment.documents().len())
        .ok_or_else(|| corrupt(&key, "the manifest lists documents that it does not have"))?;
    Ok((segment, removed))
}

/// Derives the state from the segments and documents: a commit writes and deletes them
/// together, so they hold all that the manifest held. Of a document in two segments, the later
/// one is right.
async fn derive(
    store: &dyn Store,
    embedder: Fingerprint,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<KnowledgeBase> {
    let id = |key: &String| key[SEGMENT_PREFIX.len()..].parse::<u64>().ok();
    let mut ids: Vec<u64> = store.keys(SEGMENT_PREFIX).await?.iter().filter_map(id).collect();
    if ids.is_empty() {
        return Ok(KnowledgeBase::default());
    }
    check_embedder_record(store, embedder).await?;
    ids.sort_unstable();
    let mut unseen = stored_documents(store).await?;
    let mut state = KnowledgeBase {
        // Later than every commit that was counted.
        commit: runtime.unix_ms() as u64,
        next_segment: ids.last().map_or(0, |last| last + 1),
        is_derived: true,
        ..KnowledgeBase::default()
    };
    for &id in ids.iter().rev() {
        let key = segment_key(id);
        let record = get_record(store, &key).await?;
        match Segment::from_bytes(&key, &record) {
            Ok(segment) => {
                let mut removed = BitSet::none(segment.documents().len());
                for (place, info) in segment.documents().iter().enumerate() {
                    if !unseen.remove(&info.id) {
                        removed.set(place, true);
                    }
                    state.next_sequence = state.next_sequence.max(info.sequence + 1);
                }
                let checksum = record::stated_checksum(&record);
                state.index = state.index.with_stored(id, checksum, segment, removed);
            }
            Err(Error::CorruptStorage { .. }) => state.unusable.push(id),
            Err(error) => return Err(error),
        }
        task.step(runtime).await?;
    }
    Ok(state)
}

/// The ids of all documents that have a record.
pub(crate) async fn stored_documents(store: &dyn Store) -> Result<BTreeSet<DocumentId>> {
    let keys = store.keys(DOCUMENT_PREFIX).await?;
    Ok(keys.iter().filter_map(|key| DocumentId::parse(&key[DOCUMENT_PREFIX.len()..])).collect())
}

/// Documents of a state without a record, and documents with a record that are in none of its
/// segments.
pub(crate) async fn missing_and_unindexed(
    store: &dyn Store,
    state: &KnowledgeBase,
) -> Result<(Vec<DocumentId>, Vec<DocumentId>)> {
    let stored = stored_documents(store).await?;
    let live = live_documents(state);
    Ok((live.difference(&stored).copied().collect(), stored.difference(&live).copied().collect()))
}

fn live_documents(state: &KnowledgeBase) -> BTreeSet<DocumentId> {
    state.index.documents().map(|(info, _)| info.id).collect()
}
