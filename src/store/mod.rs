//! Named bytes, kept between visits.
//!
//! | key | record |
//! |---|---|
//! | `knowledge-base` | format version and embedder fingerprint |
//! | `document/ID` | name, type, text and metadata of a document |
//! | `segment/ID` | its chunks, vectors and postings |
//! | `graph/ID` | derived: the HNSW graph of a large segment |

use std::collections::HashSet;

use async_trait::async_trait;

use crate::error::{Error, Result};

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
#[async_trait(?Send)]
pub trait Store {
    /// The record under `key`, or none. Sees every batch that was committed.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;

    /// All keys that begin with `prefix`, sorted.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>>;

    /// Applies all of `batch`, or nothing where it fails. When it returns, the
    /// change has reached the disk (where the store has one) and survives a
    /// crash. A key must not appear twice in one batch.
    async fn commit(&self, batch: Batch) -> Result<()>;
}

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
    !key.is_empty() && key.len() <= MAX_KEY_BYTES && key.bytes().all(allowed)
}
