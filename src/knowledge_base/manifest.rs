//! The manifest: the record that lists the live segments.

use serde::{Deserialize, Serialize};

use super::KnowledgeBase;
use super::records::{EMBEDDER_KEY, KNOWLEDGE_BASE_KEY};
use crate::document::MAX_NUMBER;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::index::BitSet;
use crate::record::{self, Body, Kind, corrupt};
use crate::store::Store;

/// A state without the contents of its segments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Fingerprint of the embedder that made the vectors.
    pub(super) embedder: String,
    pub(super) commit: u64,
    pub(super) next_segment: u64,
    pub(super) next_sequence: u64,
    pub(super) segments: Vec<LiveSegment>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct LiveSegment {
    pub(super) id: u64,
    /// The checksum of its record, so that no other record is taken for it.
    pub(super) checksum: u32,
    /// The places of its removed documents, each as the distance from the previous one.
    removed: Vec<u32>,
}

impl LiveSegment {
    pub(super) fn new(id: u64, checksum: u32, removed: &BitSet) -> Self {
        let mut last = 0;
        let distance = |place: usize| place as u32 - std::mem::replace(&mut last, place as u32);
        Self { id, checksum, removed: removed.iter().map(distance).collect() }
    }

    /// The removed places among `documents` places; none where they are out of range.
    pub(super) fn removed(&self, documents: usize) -> Option<BitSet> {
        let mut removed = BitSet::none(documents);
        let mut place = 0_u32;
        for distance in &self.removed {
            place = place.checked_add(*distance).filter(|&place| (place as usize) < documents)?;
            removed.set(place as usize, true);
        }
        Some(removed)
    }
}

impl Manifest {
    pub(super) fn of(state: &KnowledgeBase, embedder: Fingerprint) -> Self {
        let segment = |entry: &std::rc::Rc<crate::index::Entry>| {
            LiveSegment::new(entry.id, entry.checksum, &entry.removed)
        };
        Self {
            embedder: embedder.to_string(),
            commit: state.commit,
            next_segment: state.next_segment,
            next_sequence: state.next_sequence,
            segments: state.index.entries().iter().map(segment).collect(),
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        record::encode(Kind::Manifest, self)
    }

    /// The manifest, if the store holds one.
    pub(super) async fn read(store: &dyn Store) -> Result<Option<Self>> {
        let record = store.get(KNOWLEDGE_BASE_KEY).await?;
        record.map(|record| Self::decode(&record)).transpose()
    }

    /// The manifest that a record holds.
    pub(super) fn decode(record: &[u8]) -> Result<Self> {
        let manifest: Self = record::decode(KNOWLEDGE_BASE_KEY, record)?;
        let counted = [manifest.commit, manifest.next_segment, manifest.next_sequence];
        let is_later = |live: &LiveSegment| live.id < manifest.next_segment;
        if counted.iter().any(|&count| count >= MAX_NUMBER)
            || !manifest.segments.iter().all(is_later)
        {
            return Err(corrupt(KNOWLEDGE_BASE_KEY, "its counts are out of range"));
        }
        Ok(manifest)
    }
}

impl Body for Manifest {
    const KIND: Kind = Kind::Manifest;

    /// The first layout of the knowledge base had version 1 as well: its manifest is the
    /// embedder's fingerprint alone. Its segments cannot be read, and none is live.
    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        let (embedder, rest): (String, _) = record::parse_prefix(body)?;
        if !rest.is_empty() {
            return record::parse(body);
        }
        Ok(Self { embedder, commit: 0, next_segment: 0, next_sequence: 0, segments: Vec::new() })
    }
}

/// The body of the embedder's record: its fingerprint.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct EmbedderName(String);

impl Body for EmbedderName {
    const KIND: Kind = Kind::Embedder;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

/// The fingerprint that the embedder's record holds.
pub(super) fn decode_embedder(record: &[u8]) -> Result<String> {
    record::decode(EMBEDDER_KEY, record).map(|EmbedderName(name)| name)
}

/// The embedder's record, which names the embedder again for the case that the manifest is lost.
pub(super) fn encode_embedder(embedder: Fingerprint) -> Vec<u8> {
    record::encode(Kind::Embedder, &embedder.to_string())
}

/// Whether a store has the embedder's record.
pub(crate) async fn has_embedder_record(store: &dyn Store) -> Result<bool> {
    Ok(store.get(EMBEDDER_KEY).await?.is_some())
}

/// An error where the embedder's record names another embedder.
pub(super) async fn check_embedder_record(store: &dyn Store, embedder: Fingerprint) -> Result<()> {
    let Some(record) = store.get(EMBEDDER_KEY).await? else { return Ok(()) };
    check_embedder(&decode_embedder(&record)?, embedder)
}

/// An error unless `expected` is the fingerprint of `embedder`.
pub(super) fn check_embedder(expected: &str, embedder: Fingerprint) -> Result<()> {
    let got = embedder.to_string();
    if expected == got {
        return Ok(());
    }
    Err(Error::EmbedderMismatch { expected: expected.to_owned(), got })
}
