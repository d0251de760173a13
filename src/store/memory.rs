//! A store in memory: for storage that is refused or not wanted, and for tests.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use super::{Batch, Store};
use crate::error::Result;

/// Keeps records for as long as it lives.
#[derive(Debug, Default)]
pub struct MemoryStore {
    records: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait(?Send)]
impl Store for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.records.borrow().get(key).cloned())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(keys_with_prefix(&self.records.borrow(), prefix))
    }

    async fn commit(&self, batch: Batch) -> Result<()> {
        batch.check()?;
        let mut records = self.records.borrow_mut();
        for key in &batch.deletes {
            records.remove(key);
        }
        records.extend(batch.puts);
        Ok(())
    }
}

/// The keys of `records` that begin with `prefix`, sorted.
pub(super) fn keys_with_prefix<V>(records: &BTreeMap<String, V>, prefix: &str) -> Vec<String> {
    let from_prefix = records.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
    from_prefix.map(|(key, _)| key).take_while(|key| key.starts_with(prefix)).cloned().collect()
}
