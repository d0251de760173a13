//! Records in IndexedDB: one database a knowledge base, one object store in it.

use async_trait::async_trait;
use indexed_db_futures::database::Database;
use indexed_db_futures::error::OpenDbError;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{TransactionDurability, TransactionMode, TransactionOptions};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use super::convert::{describe, global, property, text_property};
use crate::error::{Error, Result};
use crate::store::{Batch, Claim, Lease, Store};

const RECORDS: &str = "records";
const VERSION: u8 = 1;
/// A write that fails is put down to the quota where it would have filled this share.
const FULL: f64 = 0.95;

/// A [`Store`] in IndexedDB. A batch is one transaction of strict durability.
#[derive(Debug)]
pub struct IndexedDbStore {
    database: Database,
}

impl IndexedDbStore {
    /// Opens the database `name`, or makes it.
    pub async fn open(name: &str) -> Result<Self> {
        let request = Database::open(name)
            .with_version(VERSION)
            .with_on_upgrade_needed(|_, database| {
                database.create_object_store(RECORDS).build()?;
                Ok(())
            })
            .build()
            .map_err(refused)?;
        let database = request.await.map_err(refused)?;
        Ok(Self { database })
    }

    /// Writes all or nothing; what went wrong, if something did.
    async fn write(
        &self,
        batch: &Batch,
    ) -> Result<Option<String>, indexed_db_futures::error::Error> {
        let options = TransactionOptions::new().with_durability(TransactionDurability::Strict);
        let transaction = self
            .database
            .transaction(RECORDS)
            .with_mode(TransactionMode::Readwrite)
            .with_options(options)
            .build()?;
        let records = transaction.object_store(RECORDS)?;
        // Awaiting each request would let the transaction end between two of them
        // in some browsers; its own end tells whether all went well.
        for (key, value) in &batch.puts {
            // Copied out of the module's memory: some browsers store all of the
            // buffer behind a view.
            let value = JsValue::from(Uint8Array::from(value.as_slice()));
            records.put(value).with_key(key.as_str()).build()?;
        }
        for key in &batch.deletes {
            records.delete(key.as_str()).build()?;
        }
        // The library says only that it was aborted; the transaction knows why.
        let handle: JsValue = transaction.as_sys().clone().into();
        match transaction.commit().await {
            Ok(()) => Ok(None),
            Err(error) => Ok(Some(property(&handle, "error").map_or_else(
                || error.to_string(),
                |error| {
                    let name = text_property(&error, "name").unwrap_or_default();
                    format!("{name}: {}", describe(&error))
                },
            ))),
        }
    }
}

fn refused(error: OpenDbError) -> Error {
    let detail = match error {
        // What the library makes of an exception that `open` throws at once.
        OpenDbError::VersionZero => "the browser denies access to IndexedDB".to_owned(),
        other => other.to_string(),
    };
    Error::StorageRefused { detail }
}

#[async_trait(?Send)]
impl Store for IndexedDbStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let read = async {
            let transaction = self.database.transaction(RECORDS).build()?;
            let records = transaction.object_store(RECORDS)?;
            records.get::<JsValue, _, _>(key).primitive()?.await
        };
        let failed = |detail: String| Error::StorageFailed { action: "read a record", detail };
        let value =
            read.await.map_err(|e: indexed_db_futures::error::Error| failed(e.to_string()))?;
        let Some(value) = value.filter(|value: &JsValue| !value.is_undefined()) else {
            return Ok(None);
        };
        match value.dyn_into::<Uint8Array>() {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(_) => Err(Error::CorruptStorage {
                record: key.to_owned(),
                detail: "it does not consist of bytes".to_owned(),
            }),
        }
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        let read = async {
            let transaction = self.database.transaction(RECORDS).build()?;
            let records = transaction.object_store(RECORDS)?;
            records.get_all_keys::<String>().primitive()?.await
        };
        let failed = |detail: String| Error::StorageFailed { action: "list the records", detail };
        let keys =
            read.await.map_err(|e: indexed_db_futures::error::Error| failed(e.to_string()))?;
        let mut keys: Vec<String> =
            keys.filter_map(|key| key.ok()).filter(|key| key.starts_with(prefix)).collect();
        keys.sort();
        Ok(keys)
    }

    async fn lease(&self) -> Result<Lease> {
        Ok(Lease::new(0, ()))
    }

    async fn claim(&self, _name: &str) -> Result<Option<Claim>> {
        Ok(Some(Claim::new(())))
    }

    fn take_changed(&self) -> bool {
        false
    }

    async fn commit(&self, batch: Batch, _lease: &Lease) -> Result<()> {
        batch.check()?;
        match self.write(&batch).await {
            Ok(None) => Ok(()),
            Ok(Some(detail)) => Err(failure(detail, &batch).await),
            Err(error) => Err(failure(error.to_string(), &batch).await),
        }
    }
}

/// A transaction that fails for want of space often says only that it was aborted.
async fn failure(detail: String, batch: &Batch) -> Error {
    let bytes: usize = batch.puts.iter().map(|(_, value)| value.len()).sum();
    let full = |(used, quota): (f64, f64)| used + bytes as f64 >= quota * FULL;
    if detail.contains("uota") || estimate().await.is_some_and(full) {
        return Error::QuotaExceeded { detail };
    }
    Error::StorageFailed { action: "write", detail }
}

/// Bytes that this origin uses, and those it may use, as far as the browser tells.
pub(super) async fn estimate() -> Option<(f64, f64)> {
    let storage = global().navigator().storage();
    if storage.is_undefined() {
        return None;
    }
    let estimate = wasm_bindgen_futures::JsFuture::from(storage.estimate().ok()?).await.ok()?;
    let number = |name| property(&estimate, name)?.as_f64();
    Some((number("usage")?, number("quota")?))
}

/// Why storage cannot be used at all, if so.
pub(super) fn unavailable() -> Option<String> {
    match js_sys::Reflect::get(&js_sys::global(), &"indexedDB".into()) {
        Ok(value) if !value.is_undefined() && !value.is_null() => None,
        Ok(_) => Some("this browser has no IndexedDB here".to_owned()),
        Err(error) => Some(describe(&error)),
    }
}
