//! A store in memory: where storage is refused or not wanted, and for tests.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use async_trait::async_trait;

use super::local::Holders;
use super::{Batch, Lease, NamedLock, Store};
use crate::error::Result;

/// Keeps records until it and its clones are dropped. Clones share the records; each is like
/// another tab.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    shared: Rc<Shared>,
    /// The number of commits that were noticed.
    seen: Cell<u64>,
}

#[derive(Debug, Default)]
struct Shared {
    records: RefCell<BTreeMap<String, Vec<u8>>>,
    holders: Holders,
    commits: Cell<u64>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the lease from its holder, as if it had shown no sign of life for too long.
    pub fn revoke_lease(&self) {
        self.shared.holders.revoke_lease();
    }
}

#[async_trait(?Send)]
impl Store for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.shared.records.borrow().get(key).cloned())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(keys_with_prefix(&self.shared.records.borrow(), prefix))
    }

    async fn lease(&self) -> Result<Lease> {
        Ok(self.shared.holders.lease().await)
    }

    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()> {
        batch.check()?;
        self.shared.holders.check(lease)?;
        let mut records = self.shared.records.borrow_mut();
        for key in &batch.deletes {
            records.remove(key);
        }
        records.extend(batch.puts);
        let before = self.shared.commits.replace(self.shared.commits.get() + 1);
        if self.seen.get() == before {
            self.seen.set(before + 1);
        }
        Ok(())
    }

    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>> {
        Ok(self.shared.holders.try_lock(name))
    }

    fn take_changed(&self) -> bool {
        let commits = self.shared.commits.get();
        self.seen.replace(commits) != commits
    }

    async fn free_bytes(&self) -> Option<u64> {
        None
    }
}

/// The keys of `records` that begin with `prefix`, sorted.
pub(super) fn keys_with_prefix<V>(records: &BTreeMap<String, V>, prefix: &str) -> Vec<String> {
    let from_prefix = records.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    from_prefix.map(|(key, _)| key).take_while(|key| key.starts_with(prefix)).cloned().collect()
}
