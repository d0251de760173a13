//! Records -> the state that they hold.

use std::collections::BTreeSet;
use std::pin::pin;
use std::rc::Rc;

use futures_util::stream::{self, StreamExt};

use super::KnowledgeBase;
use super::manifest::{LiveSegment, Manifest, check, check_second};
use super::records::{DOCUMENT_PREFIX, SEGMENT_PREFIX, get_record, segment_key};
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::index::{BitSet, Entry, Segment};
use crate::record::{self, corrupt};
use crate::runtime::{Runtime, Stage, Task};
use crate::store::Store;

/// How often reading begins again because another tab changed what was being read.
const TRIES: usize = 8;

/// Segments' records that are read or at hand at once: the store has time for the next ones
/// while one is verified, and no more than these are in memory, up to 20 MB each.
const RECORDS_AHEAD: usize = 3;

/// Reads the state, taking over those segments of `known` that are still live. What
/// cannot be read is left out; a manifest that is lost is made of the segments.
pub(crate) async fn load(
    store: &dyn Store,
    embedder: Fingerprint,
    known: &KnowledgeBase,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<KnowledgeBase> {
    for _ in 0..TRIES {
        let manifest = match Manifest::read(store).await {
            Ok(Some(manifest)) => manifest,
            Ok(None) | Err(Error::CorruptStorage { .. }) => {
                return rebuild(store, embedder, runtime, task).await;
            }
            Err(error) => return Err(error),
        };
        check(&manifest.embedder, embedder)?;
        let state = read_segments(store, &manifest, known, runtime, task).await?;
        // What is missing may have been merged in the meantime; then there is another
        // manifest.
        let is_whole = state.useless.is_empty();
        if is_whole || Manifest::read(store).await.is_ok_and(|now| now.as_ref() == Some(&manifest))
        {
            return Ok(state);
        }
    }
    let detail = "others write to it all the time".to_owned();
    Err(Error::StorageFailed { action: "read the knowledge base", detail })
}

/// What a store holds, read while it was not known yet with which embedder. It is asked for
/// anew, and counts as far as it is still the same.
#[derive(Debug, Default)]
pub struct Preload {
    pub(crate) state: KnowledgeBase,
    /// Those that have a record, if that was found out.
    documents: Option<BTreeSet<DocumentId>>,
}

impl Preload {
    /// Reads as much as can be read; what cannot fails when it is asked for.
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
    let same: Vec<_> = manifest.segments.iter().map(|live| take_over(known, live)).collect();
    let unknown = manifest.segments.iter().zip(&same).filter(|(_, same)| same.is_none());
    let fetched = unknown.map(|(live, _)| fetch(store, live));
    let mut fetched = pin!(stream::iter(fetched).buffered(RECORDS_AHEAD));
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
            Err(Error::CorruptStorage { .. }) => state.useless.push(live.id),
            Err(error) => return Err(error),
        }
        task.report(runtime, Stage::Load, done, total, "segments", since);
        task.step(runtime).await?;
    }
    Ok(state)
}

/// What `known` has of a segment, if it is this one.
fn take_over<'a>(known: &'a KnowledgeBase, live: &LiveSegment) -> Option<(&'a Rc<Entry>, BitSet)> {
    let mut entries = known.index.entries().iter();
    let same = entries.find(|e| e.id == live.id && e.checksum == live.checksum)?;
    Some((same, live.removed(same.segment.documents().len())?))
}

async fn fetch(store: &dyn Store, live: &LiveSegment) -> Result<Vec<u8>> {
    get_record(store, &segment_key(live.id)).await
}

fn verify(live: &LiveSegment, record: Vec<u8>) -> Result<(Segment, BitSet)> {
    let key = segment_key(live.id);
    if record::stated_checksum(&record) != live.checksum {
        return Err(corrupt(&key, "it is another segment than the one that was written"));
    }
    let segment = Segment::from_bytes(&key, &record)?;
    let removed = live.removed(segment.documents().len());
    let removed = removed.ok_or_else(|| corrupt(&key, "other documents were removed from it"))?;
    Ok((segment, removed))
}

/// The state by the segments and documents that are there: a commit writes and deletes
/// them together, so that they say all that the manifest did. Of a document that was
/// added again the later segment counts.
async fn rebuild(
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
    check_second(store, embedder).await?;
    ids.sort_unstable();
    let mut unseen = stored_documents(store).await?;
    let mut state = KnowledgeBase {
        // Later than all that was ever counted.
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
            Err(_) => state.useless.push(id),
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

/// Documents of a state that the store has no record of, and documents that it has a
/// record of but that are in no segment which could be read.
pub(crate) async fn missing_and_lost(
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
