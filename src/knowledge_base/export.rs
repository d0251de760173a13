//! A whole knowledge base as one file.
//!
//! The file holds the records of one state (numbers with the lowest byte first):
//!
//! ```text
//! "mmrx", version (2 bytes), as in the envelope of a record
//! for each record:  length of its key (1), key, length (4), record
//! then:             0 (1), number of records (4), CRC-32 of all that comes before (4)
//! ```
//!
//! The first record is the embedder's. The documents follow, each with the parts of its file after
//! it, then the segments, the feedback and the manifest.
//! Each record has its own checksum as well. Graphs are derived data and are left out.

use std::collections::BTreeSet;

use super::KnowledgeBase;
use super::feedback::parse_number;
use super::manifest::{LiveSegment, Manifest, check_embedder, decode_embedder, encode_embedder};
use super::original::{check_part, original_keys};
use super::records::{
    DOCUMENT_PREFIX, EMBEDDER_KEY, FEEDBACK_PREFIX, IMPORT_KEY, KNOWLEDGE_BASE_KEY,
    ORIGINAL_PREFIX, SEGMENT_PREFIX, decode_document, document_key, feedback_key, get_record,
    segment_key,
};
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::feedback::Feedback;
use crate::fingerprint::Fingerprint;
use crate::index::Segment;
use crate::record::{self, Kind};
use crate::runtime::{Runtime, Stage, Task};
use crate::source::{ByteSource, SourceReader};
use crate::store::{Batch, Lease, Store};

/// Bytes of records in one commit of an import.
const BATCH_BYTES: usize = 8 << 20;
/// Bytes of one read. Few large reads are faster than many small ones.
const PIECE_BYTES: u64 = 1 << 20;

/// Receives the file piece by piece.
pub(crate) type Write<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

/// Writes a state. Fails with [`Error::CorruptStorage`] for a document that cannot be read or
/// was removed meanwhile.
pub(crate) async fn export(
    state: &KnowledgeBase,
    store: &dyn Store,
    embedder: Fingerprint,
    write: Write<'_>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<()> {
    let mut file = ExportWriter::begin(write)?;
    file.put(EMBEDDER_KEY, &encode_embedder(embedder))?;
    let (documents, since) = (state.documents(), runtime.now_ms());
    let total = documents.len() as u64;
    for (done, (info, _)) in (1..).zip(documents) {
        let key = document_key(info.id);
        let record = get_record(store, &key).await?;
        // Encoded again: an export holds no older version than today's.
        let document = decode_document(info.id, &record)?;
        file.put(&key, &document.encode(document.info.sequence))?;
        for key in original_keys(&document.info) {
            // A part that cannot be read is left out: the document itself is whole.
            let record = store.get(&key).await?.unwrap_or_default();
            if check_part(&key, &record).is_ok() {
                file.put(&key, &record)?;
            }
            task.step(runtime).await?;
        }
        task.report(runtime, Stage::Index, done, total, "documents", since);
        task.step(runtime).await?;
    }
    let mut manifest = Manifest::of(state, embedder);
    for (entry, live) in state.index.entries().iter().zip(&mut manifest.segments) {
        let record = entry.segment.to_bytes();
        // One that an older version stored has another checksum now.
        live.checksum = record::stated_checksum(&record);
        file.put(&segment_key(entry.id), &record)?;
        task.step(runtime).await?;
    }
    for (number, feedback) in state.feedback.iter() {
        file.put(&feedback_key(number), &feedback.encode())?;
    }
    file.put(KNOWLEDGE_BASE_KEY, &manifest.encode())?;
    file.finish()
}

/// Writes the file of an export.
pub(super) struct ExportWriter<'a> {
    write: Write<'a>,
    hasher: crc32fast::Hasher,
    records: u32,
}

impl<'a> ExportWriter<'a> {
    pub(super) fn begin(write: Write<'a>) -> Result<Self> {
        let mut file = Self { write, hasher: crc32fast::Hasher::new(), records: 0 };
        file.push(&record::prefix(Kind::Export))?;
        Ok(file)
    }

    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        (self.write)(bytes)
    }

    pub(super) fn put(&mut self, key: &str, record: &[u8]) -> Result<()> {
        self.records += 1;
        self.push(&[key.len() as u8])?;
        self.push(key.as_bytes())?;
        self.push(&(record.len() as u32).to_le_bytes())?;
        self.push(record)
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.push(&[0])?;
        self.push(&self.records.to_le_bytes())?;
        let checksum = self.hasher.clone().finalize();
        (self.write)(&checksum.to_le_bytes())
    }
}

/// Puts an exported knowledge base into an empty store, after checking each record. The records
/// of an import that failed are no knowledge base; [`remove_unfinished_import`] deletes them.
///
/// # Errors
/// [`Error::CorruptExport`], [`Error::RecordTooNew`], [`Error::AlreadyExists`],
/// [`Error::ImportInProgress`], [`Error::EmbedderMismatch`], and errors of the store.
pub(crate) async fn import(
    file: &dyn ByteSource,
    store: &dyn Store,
    embedder: Option<Fingerprint>,
    runtime: &dyn Runtime,
    task: &Task,
) -> Result<()> {
    let _lock = store.try_lock(IMPORT_KEY).await?.ok_or(Error::ImportInProgress)?;
    // Checked again under the lease: another tab may have written until then.
    check_empty(store).await?;
    let lease = task.unless_cancelled(store.lease()).await??;
    check_empty(store).await?;
    let imported = ImportReader::new(file, runtime, task).run(store, &lease, embedder).await;
    if imported.is_err() {
        // Where this fails, the next opening deletes the records. Where the lease was lost, the
        // records may be those of another tab, and the store refuses the commit.
        let _ = delete_all(store, &lease).await;
    }
    imported
}

/// Deletes the records of an import that was interrupted.
pub(crate) async fn remove_unfinished_import(store: &dyn Store) -> Result<()> {
    if store.get(IMPORT_KEY).await?.is_none() {
        return Ok(());
    }
    // Without the lock, another tab is importing.
    let _lock = store.try_lock(IMPORT_KEY).await?.ok_or(Error::ImportInProgress)?;
    end_import(store, &store.lease().await?).await
}

/// The same, under a lease: a running import has the lease until its end.
pub(crate) async fn end_import(store: &dyn Store, lease: &Lease) -> Result<()> {
    if store.get(IMPORT_KEY).await?.is_some() {
        delete_all(store, lease).await?;
    }
    Ok(())
}

async fn check_empty(store: &dyn Store) -> Result<()> {
    if store.keys("").await?.is_empty() { Ok(()) } else { Err(Error::AlreadyExists) }
}

async fn delete_all(store: &dyn Store, lease: &Lease) -> Result<()> {
    let deletes = store.keys("").await?;
    store.commit(Batch { puts: Vec::new(), deletes }, lease).await
}

struct ImportReader<'a> {
    file: SourceReader<'a>,
    runtime: &'a dyn Runtime,
    task: &'a Task,
    at: u64,
    /// The last read, and how many of its bytes come before `at`.
    piece: Vec<u8>,
    used: usize,
    hasher: crc32fast::Hasher,
    since: f64,
    batch: Batch,
    batch_bytes: usize,
}

impl<'a> ImportReader<'a> {
    fn new(file: &'a dyn ByteSource, runtime: &'a dyn Runtime, task: &'a Task) -> Self {
        Self {
            file: SourceReader::of_export(file, runtime, task),
            runtime,
            task,
            at: 0,
            piece: Vec::new(),
            used: 0,
            hasher: crc32fast::Hasher::new(),
            since: runtime.now_ms(),
            batch: Batch::default(),
            batch_bytes: 0,
        }
    }

    async fn run(
        mut self,
        store: &dyn Store,
        lease: &Lease,
        embedder: Option<Fingerprint>,
    ) -> Result<()> {
        let prefix = self.take(record::PREFIX_BYTES as u64).await?;
        if !record::is_of_kind(Kind::Export, &prefix) {
            return Err(corrupt_export("it is no exported knowledge base"));
        }
        record::check_version(Kind::Export, "The file", &prefix)?;
        self.batch.puts.push((IMPORT_KEY.to_owned(), record::encode(Kind::Import, &())));
        let mut records = Records::default();
        while let Some((key, record)) = self.next_record().await? {
            records.check(&key, &record, embedder)?;
            self.batch_bytes += record.len();
            self.batch.puts.push((key, record));
            if self.batch_bytes >= BATCH_BYTES && records.manifest.is_none() {
                store.commit(std::mem::take(&mut self.batch), lease).await?;
                self.batch_bytes = 0;
            }
            self.task.report(
                self.runtime,
                Stage::Load,
                self.at,
                self.file.size(),
                "bytes",
                self.since,
            );
        }
        self.check_tail(records.count).await?;
        records.check_whole()?;
        let begun = self.batch.puts.iter().position(|(key, _)| key == IMPORT_KEY);
        match begun {
            // All records fit into one commit.
            Some(place) => drop(self.batch.puts.remove(place)),
            None => self.batch.deletes.push(IMPORT_KEY.to_owned()),
        }
        store.commit(self.batch, lease).await
    }

    async fn take(&mut self, count: u64) -> Result<Vec<u8>> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.file.size());
        let end = end.ok_or_else(|| corrupt_export("it is cut short"))?;
        let mut bytes = Vec::with_capacity(count as usize);
        while self.at < end {
            if self.used == self.piece.len() {
                self.piece.resize(PIECE_BYTES.min(self.file.size() - self.at) as usize, 0);
                self.file.read(self.at, &mut self.piece).await?;
                self.used = 0;
            }
            let rest = &self.piece[self.used..];
            let taken = rest.len().min((end - self.at) as usize);
            bytes.extend_from_slice(&rest[..taken]);
            self.used += taken;
            self.at += taken as u64;
        }
        self.hasher.update(&bytes);
        Ok(bytes)
    }

    async fn next_record(&mut self) -> Result<Option<(String, Vec<u8>)>> {
        let length = self.take(1).await?[0];
        if length == 0 {
            return Ok(None);
        }
        let key = String::from_utf8(self.take(length.into()).await?);
        let key = key.map_err(|_| corrupt_export("the key of a record is not UTF-8"))?;
        let length = self.take(4).await?;
        let length = length.try_into().map_or(0, u32::from_le_bytes);
        Ok(Some((key, self.take(length.into()).await?)))
    }

    async fn check_tail(&mut self, count: u32) -> Result<()> {
        if self.take(4).await? != count.to_le_bytes() {
            return Err(corrupt_export("records are missing"));
        }
        let checksum = self.hasher.clone().finalize();
        if self.take(4).await? != checksum.to_le_bytes() {
            return Err(corrupt_export("its checksum is wrong"));
        }
        if self.at < self.file.size() { Err(corrupt_export("it is too long")) } else { Ok(()) }
    }
}

/// The records of a file that were checked so far.
#[derive(Default)]
struct Records {
    count: u32,
    embedder: Option<String>,
    documents: BTreeSet<DocumentId>,
    /// The keys of the parts of the last document's file that may follow.
    parts: BTreeSet<String>,
    segments: Vec<(u64, u32, Segment)>,
    manifest: Option<Manifest>,
}

impl Records {
    fn check(&mut self, key: &str, record: &[u8], ours: Option<Fingerprint>) -> Result<()> {
        self.count += 1;
        // The advice of a stored record is not that of an export.
        let wrong = |error: Error| match error {
            Error::CorruptStorage { record, detail } => {
                corrupt_export(&format!("{record}: {detail}"))
            }
            other => other,
        };
        if self.manifest.is_some() {
            return Err(corrupt_export("a record follows the last one"));
        }
        if key == EMBEDDER_KEY && self.count == 1 {
            let embedder = decode_embedder(record).map_err(wrong)?;
            ours.map_or(Ok(()), |ours| check_embedder(&embedder, ours))?;
            self.embedder = Some(embedder);
        } else if let Some(id) = key.strip_prefix(DOCUMENT_PREFIX) {
            let id = DocumentId::parse(id)
                .ok_or_else(|| corrupt_export("the key of a document record is malformed"))?;
            let document = decode_document(id, record).map_err(wrong)?;
            self.parts = original_keys(&document.info).collect();
            if !self.documents.insert(id) {
                return Err(corrupt_export("a document is in it twice"));
            }
        } else if key.starts_with(ORIGINAL_PREFIX) {
            if !self.parts.remove(key) {
                return Err(corrupt_export("a part of a file does not follow its document"));
            }
            check_part(key, record).map_err(wrong)?;
        } else if let Some(id) = key.strip_prefix(SEGMENT_PREFIX) {
            let id = id
                .parse()
                .map_err(|_| corrupt_export("the key of a segment record is malformed"))?;
            let segment = Segment::from_bytes(key, record).map_err(wrong)?;
            self.segments.push((id, record::stated_checksum(record), segment));
        } else if let Some(number) = key.strip_prefix(FEEDBACK_PREFIX) {
            parse_number(number)
                .ok_or_else(|| corrupt_export("the key of a feedback record is malformed"))?;
            record::decode::<Feedback>(key, record).map_err(wrong)?;
        } else if key == KNOWLEDGE_BASE_KEY {
            self.manifest = Some(Manifest::decode(record).map_err(wrong)?);
        } else {
            return Err(corrupt_export("it holds a record of an unknown kind"));
        }
        Ok(())
    }

    /// An error unless manifest, segments and documents belong together.
    fn check_whole(&self) -> Result<()> {
        let manifest = self
            .manifest
            .as_ref()
            .ok_or_else(|| corrupt_export("its last record, the manifest, is missing"))?;
        if Some(&manifest.embedder) != self.embedder.as_ref() {
            return Err(corrupt_export(
                "its manifest names another embedder than its first record",
            ));
        }
        let same = |(live, (id, checksum, _)): (&LiveSegment, &(u64, u32, _))| {
            live.id == *id && live.checksum == *checksum
        };
        let are_same = manifest.segments.len() == self.segments.len()
            && manifest.segments.iter().zip(&self.segments).all(same);
        if !are_same {
            return Err(corrupt_export("its segments do not match its manifest"));
        }
        let mut live = BTreeSet::new();
        for (listed, (_, _, segment)) in manifest.segments.iter().zip(&self.segments) {
            let removed = listed.removed(segment.documents().len());
            let removed =
                removed.ok_or_else(|| corrupt_export("it lists documents that are not there"))?;
            let kept = segment.documents().iter().enumerate();
            for (_, info) in kept.filter(|(place, _)| !removed.get(*place)) {
                if !live.insert(info.id) {
                    return Err(corrupt_export("a document is in two of its segments"));
                }
            }
        }
        if live != self.documents {
            return Err(corrupt_export("its documents do not match its segments"));
        }
        Ok(())
    }
}

fn corrupt_export(detail: &str) -> Error {
    Error::CorruptExport { detail: detail.to_owned() }
}
