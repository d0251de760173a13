//! Adds that are under way, kept so that they can go on after the tab was closed.
//!
//! Search sees nothing of them. A job is the document, and parts with the vectors of its
//! first chunks; the commit that adds the document deletes them.

use serde::{Deserialize, Serialize};

use super::StoredDocument;
use super::records::{JOB_PREFIX, check_document, job_key};
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::index::QuantizedVectors;
use crate::record::{self, Body, Kind};
use crate::store::{Batch, Store};

/// What is being added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) document: StoredDocument,
    /// The document that it replaces.
    pub(crate) replaces: Option<DocumentId>,
    /// Fingerprint of the embedder of its vectors.
    embedder: String,
}

impl Body for Job {
    const KIND: Kind = Kind::Job;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

impl Job {
    pub(crate) fn new(
        document: StoredDocument,
        replaces: Option<DocumentId>,
        embedder: Fingerprint,
    ) -> Self {
        Self { document, replaces, embedder: embedder.to_string() }
    }

    /// What begins the job in the store.
    pub(crate) fn beginning(&self) -> Batch {
        let put = (job_key(self.document.id()), record::encode(self));
        Batch { puts: vec![put], deletes: Vec::new() }
    }

    /// The vectors of the chunks from `first` on.
    pub(crate) fn part(id: DocumentId, first: usize, codes: &QuantizedVectors) -> Batch {
        let put = (format!("{}/{first:08}", job_key(id)), codes.to_bytes());
        Batch { puts: vec![put], deletes: Vec::new() }
    }

    /// What deletes the job of a document.
    pub(crate) async fn end(store: &dyn Store, id: DocumentId) -> Result<Batch> {
        let deletes = store.keys(&job_key(id)).await?;
        Ok(Batch { puts: Vec::new(), deletes })
    }

    /// The ids of all documents with jobs.
    pub(crate) async fn all(store: &dyn Store) -> Result<Vec<DocumentId>> {
        let keys = store.keys(JOB_PREFIX).await?;
        Ok(keys.iter().filter_map(|key| DocumentId::parse(&key[JOB_PREFIX.len()..])).collect())
    }

    /// The job of a document, and the vectors of its first chunks; none where there is no
    /// job, or one that is damaged or of another embedder.
    pub(crate) async fn read(
        store: &dyn Store,
        id: DocumentId,
        embedder: Fingerprint,
    ) -> Result<Option<(Self, Vec<QuantizedVectors>)>> {
        let key = job_key(id);
        let Some(record) = store.get(&key).await? else { return Ok(None) };
        let Ok(job) = record::decode::<Self>(&key, &record) else { return Ok(None) };
        if check_document(&key, id, &job.document).is_err() || job.embedder != embedder.to_string()
        {
            return Ok(None);
        }
        let mut parts: Vec<QuantizedVectors> = Vec::new();
        let mut next = 0;
        for key in store.keys(&format!("{key}/")).await? {
            let Some(record) = store.get(&key).await? else { break };
            match QuantizedVectors::from_bytes(&key, &record) {
                Ok(codes) if key.ends_with(&format!("/{next:08}")) => {
                    next += codes.len();
                    parts.push(codes);
                }
                Ok(_) | Err(Error::CorruptStorage { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Some((job, parts)))
    }
}
