//! Jobs: adds that are under way, stored so that they can be resumed after the tab was closed.
//!
//! Search does not see them. A job is the documents, parts with the vectors of their first
//! chunks, and the file where it is to be kept. The commit that adds the documents deletes them.

use serde::{Deserialize, Serialize};

use super::records::{JOB_PREFIX, check_document, job_key};
use super::{StoredDocument, StoredDocumentV2};
use crate::document::{Block, Document, DocumentId, DocumentInfoV1};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::index::QuantizedVectors;
use crate::record::{self, Body, Kind};
use crate::store::{Batch, Store};

/// What an add does besides adding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AddOptions {
    /// The document that it replaces.
    pub(crate) replaces: Option<DocumentId>,
    /// Whether it replaces documents of the same name.
    pub(crate) replaces_same_name: bool,
    /// The number of the queued file that it adds.
    pub(crate) queued: Option<u64>,
}

/// Documents that are being added: that of a file, then those of its members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) documents: Vec<StoredDocument>,
    pub(crate) options: AddOptions,
    /// Fingerprint of the embedder of its vectors.
    embedder: String,
}

/// A job in records of version 1.
type JobV1 = (DocumentInfoV1, String, Vec<Block>, Option<DocumentId>, String);

/// The same of version 2.
type JobV2 = (Vec<StoredDocumentV2>, AddOptions, String);

impl Body for Job {
    const KIND: Kind = Kind::Job;

    fn decode(version: u16, body: &[u8]) -> Result<Self, &'static str> {
        match version {
            1 => {}
            2 => {
                let (documents, options, embedder): JobV2 = record::parse(body)?;
                let documents = documents.into_iter().map(StoredDocument::from).collect();
                return Ok(Self { documents, options, embedder });
            }
            _ => return record::parse(body),
        }
        let (info, text, blocks, replaces, embedder): JobV1 = record::parse(body)?;
        let document = Document { text, blocks, ..Document::default() };
        let documents = vec![StoredDocument::new(info.into(), document)];
        Ok(Self { documents, options: AddOptions { replaces, ..AddOptions::default() }, embedder })
    }
}

impl Job {
    /// The record of a job, with its key.
    pub(crate) fn record(
        documents: &[StoredDocument],
        options: &AddOptions,
        embedder: Fingerprint,
    ) -> (String, Vec<u8>) {
        let record = record::encode(Kind::Job, &(documents, options, embedder.to_string()));
        (job_key(documents[0].id()), record)
    }

    /// The batch that stores the vectors of the chunks from `first` on.
    pub(crate) fn part(id: DocumentId, first: usize, vectors: &QuantizedVectors) -> Batch {
        let put = (format!("{}/{first:08}", job_key(id)), vectors.to_bytes());
        Batch { puts: vec![put], deletes: Vec::new() }
    }

    /// The batch that deletes the job of a document.
    pub(crate) async fn deletion(store: &dyn Store, id: DocumentId) -> Result<Batch> {
        let deletes = store.keys(&job_key(id)).await?;
        Ok(Batch { puts: Vec::new(), deletes })
    }

    /// The ids of all documents with jobs.
    pub(crate) async fn all(store: &dyn Store) -> Result<Vec<DocumentId>> {
        let keys = store.keys(JOB_PREFIX).await?;
        Ok(keys.iter().filter_map(|key| DocumentId::parse(&key[JOB_PREFIX.len()..])).collect())
    }

    /// The job of a file, and the vectors of its first chunks; none where there is no
    /// job, or one that is damaged or of another embedder.
    pub(crate) async fn read(
        store: &dyn Store,
        id: DocumentId,
        embedder: Fingerprint,
    ) -> Result<Option<(Self, Vec<QuantizedVectors>)>> {
        let key = job_key(id);
        let Some(record) = store.get(&key).await? else { return Ok(None) };
        let job = match record::decode::<Self>(&key, &record) {
            Err(Error::CorruptStorage { .. }) => return Ok(None),
            job => job?,
        };
        let is_sound =
            |document: &StoredDocument| check_document(&key, document.id(), document).is_ok();
        let is_of_id = job.documents.first().is_some_and(|document| document.id() == id);
        if !is_of_id || !job.documents.iter().all(is_sound) || job.embedder != embedder.to_string()
        {
            return Ok(None);
        }
        let mut parts: Vec<QuantizedVectors> = Vec::new();
        let mut next = 0;
        let keys = store.keys(&format!("{key}/")).await?;
        // The others are parts of the file.
        for key in keys.into_iter().filter(|part| !part[key.len() + 1..].contains('/')) {
            let Some(record) = store.get(&key).await? else { break };
            match QuantizedVectors::from_bytes(&key, &record) {
                Ok(vectors) if key.ends_with(&format!("/{next:08}")) => {
                    next += vectors.len();
                    parts.push(vectors);
                }
                Ok(_) | Err(Error::CorruptStorage { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Some((job, parts)))
    }
}
