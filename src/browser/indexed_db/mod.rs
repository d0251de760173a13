//! Records in IndexedDB: one database a knowledge base, one object store in it.
//!
//! Several tabs may have a database open. Who writes holds a Web Lock (`writer_lock.rs`), and each
//! transaction that writes compares the record of who writes with what it was when the
//! lock was given (`transaction.rs`). So the lock only spares the tabs from overtaking each
//! other: where a browser has none, or took it away, nothing is lost either.

mod connection;
mod lock;
mod tab_channel;
mod transaction;
mod writer_lock;

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use indexed_db_futures::KeyRange;
use indexed_db_futures::error::Error as LibraryError;
use indexed_db_futures::prelude::*;
use wasm_bindgen::JsValue;

use self::connection::{Connection, RECORDS};
use self::lock::{Lock, LockAnswer, LockMode};
use self::tab_channel::TabChannel;
use self::transaction::{Writer, bytes, change};
use self::writer_lock::{WriterLock, writer_lock};
use super::storage::estimate;
use crate::error::{Error, Result};
use crate::store::{Batch, Lease, NamedLock, Store, WRITER_KEY};

/// LockMode long who writes may be silent before another takes over.
const PATIENCE: Duration = Duration::from_secs(5);
/// A write that fails is put down to the quota where it would have filled this share.
const FULL: f64 = 0.95;

/// A [`Store`] in IndexedDB. A batch is one transaction of strict durability.
///
/// Who holds the lease is asked for a sign of life by those who wait for it, and overtaken
/// after five seconds of silence: a tab that the browser froze, above all. Where the page
/// has no Web Locks (it is no secure context), nobody waits: whoever commits first
/// overtakes all others that have a lease, and claims are given to everyone.
pub struct IndexedDbStore {
    name: String,
    connection: Connection,
    tabs: TabChannel,
    patience: Duration,
}

/// What a lease holds.
struct Held {
    /// None where there are no locks.
    lock: Option<Lock>,
    /// LockMode many commits there were.
    commits: Cell<u64>,
}

impl IndexedDbStore {
    /// Opens the database `name`, or makes it.
    ///
    /// # Errors
    /// [`Error::StorageRefused`], or [`Error::StorageBlocked`] where another tab neither
    /// closes the database nor lets it be deleted.
    pub async fn open(name: &str) -> Result<Self> {
        let tabs = TabChannel::join(name);
        let connection = Connection::open(name).await?;
        let store = Self { name: name.to_owned(), connection, tabs, patience: PATIENCE };
        store.tabs.see(store.writer().await?.commits);
        store.tabs.take_changed();
        Ok(store)
    }

    /// With another time that who writes may be silent before it is overtaken; with none,
    /// it is overtaken in any case. The default is five seconds.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Deletes the database `name`, after what is being written to it. All who have it open
    /// lose it: what they call then fails with [`Error::StorageClosed`].
    ///
    /// # Errors
    /// [`Error::StorageBlocked`] where another tab does not close it within five seconds; it
    /// is deleted once it does.
    pub async fn delete(name: &str) -> Result<()> {
        let tabs = TabChannel::join(name);
        let _turn = writer_lock(name, &tabs, PATIENCE).await?;
        connection::delete(name).await
    }

    async fn writer(&self) -> Result<Writer> {
        Writer::parse(self.read(WRITER_KEY).await?)
    }

    async fn read(&self, key: &str) -> Result<JsValue> {
        let read = async {
            let transaction = self.connection.database.transaction(RECORDS).build()?;
            let records = transaction.object_store(RECORDS)?;
            records.get::<JsValue, _, _>(key).primitive()?.await
        };
        let failed =
            |error: LibraryError| self.connection.failed("read a record", error.to_string());
        Ok(read.await.map_err(failed)?.unwrap_or_default())
    }

    /// The error of a batch of so many bytes that could not be written. A transaction that
    /// fails for want of space often says only that it was aborted.
    async fn unwritten(&self, error: Error, bytes: usize) -> Error {
        let Error::StorageFailed { detail, .. } = &error else { return error };
        let full = |(used, quota): (f64, f64)| used + bytes as f64 >= quota * FULL;
        if detail.contains("uota") || estimate().await.is_some_and(full) {
            return Error::QuotaExceeded { detail: detail.clone() };
        }
        error
    }
}

#[async_trait(?Send)]
impl Store for IndexedDbStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        bytes(key, self.read(key).await?)
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        // The last of all characters that a key could go on with.
        let range = KeyRange::from(prefix.to_owned()..=format!("{prefix}\u{ffff}"));
        let read = async {
            let transaction = self.connection.database.transaction(RECORDS).build()?;
            let records = transaction.object_store(RECORDS)?;
            records.get_all_keys::<String>().with_query::<String, _>(range).primitive()?.await
        };
        let failed =
            |error: LibraryError| self.connection.failed("list the records", error.to_string());
        let keys = read.await.map_err(failed)?;
        Ok(keys.filter_map(|key| key.ok()).filter(|key| key != WRITER_KEY).collect())
    }

    async fn lease(&self) -> Result<Lease> {
        self.connection.check()?;
        let turn = writer_lock(&self.name, &self.tabs, self.patience).await?;
        let (lock, writer) = match turn {
            WriterLock::Handed(lock) => (Some(lock), self.writer().await?),
            WriterLock::NoLocks => (None, self.writer().await?),
            WriterLock::Stolen(lock) => {
                // First of all: whoever had it must not write any more.
                let overtake = |writer: Writer| {
                    Some((Writer { epoch: writer.epoch + 1, ..writer }, Batch::default()))
                };
                (Some(lock), change(&self.connection, overtake).await?.unwrap_or_default())
            }
        };
        self.tabs.see(writer.commits);
        Ok(Lease::new(writer.epoch, Held { lock, commits: Cell::new(writer.commits) }))
    }

    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()> {
        batch.check()?;
        let held: &Held = lease.held().ok_or(Error::LeaseLost)?;
        if held.lock.as_ref().is_some_and(|lock| !lock.state().is_held()) {
            return Err(Error::LeaseLost);
        }
        let bytes = batch.puts.iter().map(|(_, value)| value.len()).sum();
        let expected = Writer { epoch: lease.epoch(), commits: held.commits.get() };
        let next = Writer { commits: expected.commits + 1, ..expected };
        let decide = move |found| (found == expected).then_some((next, batch));
        match change(&self.connection, decide).await {
            Ok(Some(_)) => {
                held.commits.set(next.commits);
                self.tabs.tell(next.commits);
                Ok(())
            }
            Ok(None) => Err(Error::LeaseLost),
            Err(error) => Err(self.unwritten(error, bytes).await),
        }
    }

    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>> {
        // Names hold no colon, so that no two of these are the same.
        let name = format!("lock:{name}:{}", self.name);
        Ok(match lock::ask(&name, LockMode::IfFree).await? {
            LockAnswer::Granted(lock) => Some(NamedLock::new(lock)),
            LockAnswer::Taken => None,
            LockAnswer::NoLocks => Some(NamedLock::new(())),
        })
    }

    fn take_changed(&self) -> bool {
        self.tabs.take_changed()
    }

    async fn free_bytes(&self) -> Option<u64> {
        let (used, quota) = estimate().await?;
        Some((quota - used).max(0.0) as u64)
    }
}

impl fmt::Debug for IndexedDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedDbStore").field("name", &self.name).finish_non_exhaustive()
    }
}
