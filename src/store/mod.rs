//! Records: bytes with a key, kept between visits.
//!
//! | key | record |
//! |---|---|
//! | `knowledge-base` | the manifest: the embedder's fingerprint and the list of live segments |
//! | `document/ID` | name, type, metadata, blocks and text of a document |
//! | `segment/N` | derived: chunks, vectors and postings of documents |
//! | `graph/N` | derived: the graph of segment N |
//! | `embedder` | the embedder's fingerprint, for the case that the manifest is damaged |
//! | `job/ID`, `job/ID/N` | an add that is under way: the document, and vectors from chunk N on |
//! | `job/ID/original/N` | part N of the file of such an add |
//! | `original/ID/N` | part N of the file that a document was read from |
//! | `queued/N`, `queued/N/M` | a file that waits to be added, and its parts |
//! | `feedback/N` | which passages were good or bad for a question |
//! | `import` | exists while an import runs |
//! | `writer` | of the store itself: who may write, and the number of commits |

use std::any::Any;
use std::collections::HashSet;
use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Result};

mod directory;
mod folder;
mod local;
mod memory;
#[cfg(not(target_arch = "wasm32"))]
mod native_folder;

#[cfg_attr(target_arch = "wasm32", allow(unreachable_pub, reason = "it is public natively"))]
pub use directory::DirectoryStore;
#[cfg(target_arch = "wasm32")]
pub(crate) use folder::Folder;
pub use memory::MemoryStore;

/// Changes that take effect together, or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Records to write, replacing what has the same key.
    pub puts: Vec<(String, Vec<u8>)>,
    /// Keys to remove. A missing one is no error.
    pub deletes: Vec<String>,
}

/// Keeps records.
///
/// Keys are ASCII, at most 100 bytes, of letters, digits, `-`, `_` and `/`.
///
/// The same records may be open several times at once (tabs of a browser, or handles within a
/// program). All of them can read. Only the holder of the [`Lease`] can write, and there is one holder
/// at a time.
#[async_trait(?Send)]
pub trait Store {
    /// The record with this key, or none. Every batch that was committed is visible.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// All keys that begin with `prefix`, sorted, without those of the store itself.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>>;

    /// Waits for the lease. A holder that does not respond loses it. Dropping the future
    /// while it waits has no effect.
    async fn lease(&self) -> Result<Lease>;

    /// Applies all of `batch`, or nothing on failure. When it returns, the change is on the disk
    /// (where the store has one) and survives a crash. A key must not appear twice in a
    /// batch.
    ///
    /// # Errors
    /// [`Error::LeaseLost`] where another has got the lease or has written since: nothing has
    /// changed then. This is checked within the same transaction, so a tab that was
    /// frozen for a while never overwrites newer records.
    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()>;

    /// Locks `name` (a valid key), or returns none where another holds the lock: for work that
    /// at most one tab does.
    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>>;

    /// Whether others have committed something since the store was opened or since the last
    /// call. A commit may become known with a short delay, but all of them are known when a
    /// lease is granted.
    fn take_changed(&self) -> bool;

    /// About how many more bytes can be stored, where that is known.
    async fn free_bytes(&self) -> Option<u64>;
}

/// The right to write to a [`Store`]. Dropping it gives it back.
pub struct Lease {
    epoch: u64,
    held: Box<dyn Any>,
}

impl Lease {
    /// The lease of this epoch. `held` is dropped with it.
    pub(crate) fn new(epoch: u64, held: impl Any) -> Self {
        Self { epoch, held: Box::new(held) }
    }

    /// Grows each time that a holder loses its lease.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What the store made it with.
    #[allow(dead_code, reason = "only a store that several tabs share asks")]
    pub(crate) fn held<T: Any>(&self) -> Option<&T> {
        self.held.downcast_ref()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A lock on a name. Dropping it releases the lock.
pub struct NamedLock {
    _held: Box<dyn Any>,
}

impl NamedLock {
    /// The lock is held until `held` is dropped.
    pub(crate) fn new(held: impl Any) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl fmt::Debug for NamedLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedLock").finish_non_exhaustive()
    }
}

/// The key of the store's own record. No batch may contain it.
pub(crate) const WRITER_KEY: &str = "writer";

/// The longest key, in bytes.
const MAX_KEY_BYTES: usize = 100;

impl Batch {
    /// An error where a key is malformed or appears twice. Every store checks this before it
    /// changes anything.
    pub(crate) fn check(&self) -> Result<()> {
        let mut seen = HashSet::new();
        for key in self.puts.iter().map(|(key, _)| key).chain(&self.deletes) {
            if !is_valid_key(key) {
                return Err(Error::Internal { detail: format!("{key:?} is not a valid key") });
            }
            if !seen.insert(key) {
                return Err(Error::Internal { detail: format!("{key} appears twice in a batch") });
            }
        }
        Ok(())
    }
}

/// Whether `key` is valid by the rules of [`Store`].
fn is_valid_key(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
    !key.is_empty() && key != WRITER_KEY && key.len() <= MAX_KEY_BYTES && key.bytes().all(allowed)
}
