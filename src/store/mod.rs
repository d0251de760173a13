//! Named bytes, kept between visits.
//!
//! | key | record |
//! |---|---|
//! | `knowledge-base` | the state: the embedder's fingerprint, the segments that are live |
//! | `document/ID` | name, type, metadata, blocks and text of a document |
//! | `segment/N` | derived: chunks, vectors and postings of documents |
//! | `embedder` | the embedder's fingerprint once more |
//! | `job/ID`, `job/ID/N` | an add that is under way |
//! | `import` | there while records are imported |
//! | `writer` | a store's own: who may write, and how often was written |

use std::any::Any;
use std::collections::HashSet;
use std::fmt;

use async_trait::async_trait;

use crate::error::{Error, Result};

mod local;
mod memory;
pub use memory::MemoryStore;

#[cfg(not(target_arch = "wasm32"))]
mod directory;
#[cfg(not(target_arch = "wasm32"))]
pub use directory::DirectoryStore;

/// Changes that take effect together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Records to write, replacing what has the same key.
    pub puts: Vec<(String, Vec<u8>)>,
    /// Keys to remove; one that is missing is no error.
    pub deletes: Vec<String>,
}

/// Where records live.
///
/// Keys are ASCII, at most 100 bytes, of letters, digits, `-`, `_` and `/`.
///
/// Several may have the same records open at once (tabs of a browser, or handles within a
/// program). All of them read; to write, one asks for the [`Lease`], which one at a time
/// has.
#[async_trait(?Send)]
pub trait Store {
    /// The record under `key`, or none. Sees every batch that was committed.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// All keys that begin with `prefix`, sorted, but for the store's own.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>>;

    /// Waits for the right to write, for as long as its holder shows that it lives; a
    /// holder that does not is overtaken. Whoever stops waiting has nothing to undo.
    async fn lease(&self) -> Result<Lease>;

    /// Applies all of `batch`, or nothing where it fails. When it returns, the
    /// change has reached the disk (where the store has one) and survives a
    /// crash. A key must not appear twice in one batch.
    ///
    /// # Errors
    /// [`Error::LeaseLost`], with nothing changed, where somebody else has been given
    /// the right to write in the meantime, or has written: this is checked together with
    /// writing, so that whoever was frozen for a while never writes over what came after.
    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()>;

    /// Takes `name` (a key) for oneself, unless another who lives has it: for work that
    /// one is enough for.
    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>>;

    /// Whether others have committed something since the store was opened, or since this
    /// was asked last. News may take a moment, but whoever is given the lease has them all
    /// by then.
    fn take_changed(&self) -> bool;

    /// About how many more bytes can be stored, as far as it is known.
    async fn free_bytes(&self) -> Option<u64>;
}

/// The right to write to a [`Store`], given back when it is dropped.
pub struct Lease {
    epoch: u64,
    held: Box<dyn Any>,
}

impl Lease {
    /// The right of this epoch, for as long as `held` lives.
    pub(crate) fn new(epoch: u64, held: impl Any) -> Self {
        Self { epoch, held: Box::new(held) }
    }

    /// How many leases of the store were revoked before this one.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What it was made with, by a store of this kind.
    #[allow(dead_code, reason = "only a store that is shared with others asks")]
    pub(crate) fn held<T: Any>(&self) -> Option<&T> {
        self.held.downcast_ref()
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// A name that nobody else has, given back when it is dropped.
pub struct NamedLock {
    _held: Box<dyn Any>,
}

impl NamedLock {
    /// A name that is taken for as long as `held` lives.
    pub(crate) fn new(held: impl Any) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl fmt::Debug for NamedLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedLock").finish_non_exhaustive()
    }
}

/// The key of a store's own record, which no batch may hold.
pub(crate) const WRITER_KEY: &str = "writer";

/// The longest key, in bytes.
const MAX_KEY_BYTES: usize = 100;

impl Batch {
    /// An error where a key is malformed or appears twice; every store asks before
    /// it changes anything.
    pub(crate) fn check(&self) -> Result<()> {
        let mut seen = HashSet::new();
        for key in self.puts.iter().map(|(key, _)| key).chain(&self.deletes) {
            if !is_valid_key(key) {
                return Err(Error::Internal { detail: format!("{key:?} is no key of a record") });
            }
            if !seen.insert(key) {
                return Err(Error::Internal { detail: format!("{key} is twice in one batch") });
            }
        }
        Ok(())
    }
}

/// Whether `key` keeps to the rules stated at [`Store`].
fn is_valid_key(key: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
    !key.is_empty() && key != WRITER_KEY && key.len() <= MAX_KEY_BYTES && key.bytes().all(allowed)
}
