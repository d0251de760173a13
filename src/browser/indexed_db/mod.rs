//! Records in IndexedDB: each knowledge base is one database with one object store.
//!
//! Several tabs may have a database open. The tab that writes holds a Web Lock
//! (`writer_lock.rs`), and each writing transaction checks that the writer record is the one
//! that its lease began with (`transaction.rs`). This check keeps the data consistent. The lock
//! only avoids failed commits: without it, or when it was stolen, nothing is lost.

mod connection;
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
use self::tab_channel::TabChannel;
use self::transaction::{Writer, bytes, update};
use self::writer_lock::{Acquired, acquire_writer_lock};
use super::lock::{Lock, LockMode, LockOutcome, request_lock};
use super::quota;
use crate::error::{Error, Result};
use crate::store::{Batch, Lease, NamedLock, Store, WRITER_KEY};

/// How long the holder of a lease may not respond before its lease is revoked.
const HOLDER_TIMEOUT: Duration = Duration::from_secs(5);
/// A failed write is reported as a full storage where it would have filled this share of the
/// quota.
const FULL_SHARE: f64 = 0.95;

/// A [`Store`] in IndexedDB. A batch is one transaction of strict durability.
///
/// A tab that waits for the lease pings its holder, and revokes the lease after five seconds
/// without an answer: most often the browser froze the holder's tab. A page without Web Locks
/// (it is no secure context) does not wait: of several tabs with a lease the first that commits
/// keeps it, and every tab gets every [`NamedLock`].
pub struct IndexedDbStore {
    name: String,
    connection: Connection,
    tabs: TabChannel,
    holder_timeout: Duration,
}

/// The browser's part of a lease.
struct LeaseState {
    /// None where the page has no locks.
    lock: Option<Lock>,
    /// The count of commits, this lease's own included.
    commits: Cell<u64>,
}

impl IndexedDbStore {
    /// Opens the database `name`, or creates it.
    ///
    /// # Errors
    /// [`Error::StorageRefused`], or [`Error::StorageBlocked`] where another tab neither
    /// closes the database nor lets it be deleted.
    pub async fn open(name: &str) -> Result<Self> {
        let tabs = TabChannel::join(name);
        let connection = Connection::open(name).await?;
        let name = name.to_owned();
        let store = Self { name, connection, tabs, holder_timeout: HOLDER_TIMEOUT };
        store.tabs.note_commits(store.writer().await?.commits);
        store.tabs.take_changed();
        Ok(store)
    }

    /// Opens the database `name` after a worker of this page that had it open died. What that
    /// worker had under way is written by now, or is never written: its lease is revoked. The other
    /// tabs learn of what it had written.
    ///
    /// # Errors
    /// As [`IndexedDbStore::open`].
    pub async fn open_after_failure(name: &str) -> Result<Self> {
        let store = Self::open(name).await?;
        // Where nothing can be written now, the worker's last write fails as well.
        if let Ok(writer) = store.revoke_lease().await {
            store.tabs.note_commits(writer.commits);
            store.tabs.take_changed();
            store.tabs.announce_commits(writer.commits);
        }
        Ok(store)
    }

    /// Sets how long the holder of a lease may not respond before its lease is revoked. Zero
    /// revokes it at once. The default is five seconds.
    pub fn with_holder_timeout(self, holder_timeout: Duration) -> Self {
        Self { holder_timeout, ..self }
    }

    /// Deletes the database `name`, after a write that is under way. In tabs that have it open,
    /// calls fail with [`Error::StorageClosed`] from then on.
    ///
    /// # Errors
    /// [`Error::StorageBlocked`] where another tab does not close it within five seconds. It is
    /// deleted once that tab closes it.
    pub async fn delete(name: &str) -> Result<()> {
        let tabs = TabChannel::join(name);
        let _lock = acquire_writer_lock(name, &tabs, HOLDER_TIMEOUT).await?;
        connection::delete(name).await
    }

    /// Has the commits of the lease that was granted last fail, of whichever tab it is.
    async fn revoke_lease(&self) -> Result<Writer> {
        let revoke =
            |writer: Writer| Some((Writer { epoch: writer.epoch + 1, ..writer }, Batch::default()));
        Ok(update(&self.connection, revoke).await?.unwrap_or_default())
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

    /// The error of a batch of so many bytes that was not written. A transaction that fails for
    /// lack of space often reports only that it was aborted.
    async fn commit_error(&self, error: Error, bytes: usize) -> Error {
        let Error::StorageFailed { detail, .. } = &error else { return error };
        let full = |(used, quota): (f64, f64)| used + bytes as f64 >= quota * FULL_SHARE;
        if detail.contains("uota") || quota::estimate().await.is_some_and(full) {
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
        // U+FFFF sorts after every character that a key continues with.
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
        let acquired = acquire_writer_lock(&self.name, &self.tabs, self.holder_timeout).await?;
        let (lock, writer) = match acquired {
            Acquired::Granted(lock) => (Some(lock), self.writer().await?),
            Acquired::WithoutLock => (None, self.writer().await?),
            // At once, so that the previous holder's commits fail.
            Acquired::Stolen(lock) => (Some(lock), self.revoke_lease().await?),
        };
        self.tabs.note_commits(writer.commits);
        Ok(Lease::new(writer.epoch, LeaseState { lock, commits: Cell::new(writer.commits) }))
    }

    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()> {
        batch.check()?;
        let state: &LeaseState = lease.held().ok_or(Error::LeaseLost)?;
        if state.lock.as_ref().is_some_and(|lock| !lock.state().is_held()) {
            return Err(Error::LeaseLost);
        }
        let bytes = batch.puts.iter().map(|(_, value)| value.len()).sum();
        let expected = Writer { epoch: lease.epoch(), commits: state.commits.get() };
        let next = Writer { commits: expected.commits + 1, ..expected };
        let decide = move |found| (found == expected).then_some((next, batch));
        match update(&self.connection, decide).await {
            Ok(Some(_)) => {
                state.commits.set(next.commits);
                self.tabs.announce_commits(next.commits);
                Ok(())
            }
            Ok(None) => Err(Error::LeaseLost),
            Err(error) => Err(self.commit_error(error, bytes).await),
        }
    }

    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>> {
        // `name` has no colon, so the names of two locks are never the same.
        let name = format!("lock:{name}:{}", self.name);
        Ok(match request_lock(&name, LockMode::IfFree).await? {
            LockOutcome::Granted(lock) => Some(NamedLock::new(lock)),
            LockOutcome::Held => None,
            LockOutcome::Unsupported => Some(NamedLock::new(())),
        })
    }

    fn take_changed(&self) -> bool {
        self.tabs.take_changed()
    }

    async fn free_bytes(&self) -> Option<u64> {
        quota::free_bytes().await
    }
}

impl fmt::Debug for IndexedDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedDbStore").field("name", &self.name).finish_non_exhaustive()
    }
}
