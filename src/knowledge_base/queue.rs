//! The queue: files that wait to be added. A page puts them there first, and can go on with them
//! after it was closed.

use serde::{Deserialize, Serialize};

use super::original::original_records;
use super::records::{QUEUED_PREFIX, queued_key};
use crate::error::Result;
use crate::record::{self, Body, Kind};
use crate::store::{Batch, Store};

/// A file that waits to be added. Its password is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QueuedFile {
    pub(crate) name: String,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) metadata: Option<String>,
    /// The id of the document that it replaces.
    pub(crate) replaces: Option<String>,
    pub(crate) replaces_same_name: bool,
    pub(crate) drops_original: bool,
}

impl Body for QueuedFile {
    const KIND: Kind = Kind::Queued;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

impl QueuedFile {
    /// The batch that puts it into the queue under this number, with its content.
    pub(crate) fn batch(&self, number: u64, content: &[u8]) -> Batch {
        let key = queued_key(number);
        let mut puts = original_records(&key, content);
        puts.push((key, record::encode(Kind::Queued, self)));
        Batch { puts, deletes: Vec::new() }
    }

    /// The file of this number; none where there is none.
    pub(crate) async fn read(store: &dyn Store, number: u64) -> Result<Option<Self>> {
        let key = queued_key(number);
        let record = store.get(&key).await?;
        record.map(|record| record::decode(&key, &record)).transpose()
    }

    /// The numbers of all files, in the order in which they were put there.
    pub(crate) async fn numbers(store: &dyn Store) -> Result<Vec<u64>> {
        let keys = store.keys(QUEUED_PREFIX).await?;
        Ok(keys.iter().filter_map(|key| key[QUEUED_PREFIX.len()..].parse().ok()).collect())
    }

    /// The keys of a file and of its parts.
    pub(crate) async fn keys(store: &dyn Store, number: u64) -> Result<Vec<String>> {
        store.keys(&queued_key(number)).await
    }

    /// The keys of all files and of their parts.
    pub(crate) async fn all_keys(store: &dyn Store) -> Result<Vec<String>> {
        store.keys(QUEUED_PREFIX).await
    }
}
