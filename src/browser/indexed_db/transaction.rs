//! Writing transactions: one transaction compares the writer record and writes a batch.

use std::cell::RefCell;
use std::rc::Rc;

use indexed_db_futures::error::Error as LibraryError;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionMode, TransactionOptions,
};
use js_sys::{Promise, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventTarget, IdbObjectStore};

use super::connection::{Connection, RECORDS};
use crate::browser::convert::{describe, property, text_property};
use crate::error::{Error, Result};
use crate::record::{self, Body, Kind};
use crate::store::{Batch, WRITER_KEY};

/// The writer record, which every writing transaction compares and replaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Writer {
    /// Grows whenever a lease is revoked.
    pub(super) epoch: u64,
    /// Grows with each commit.
    pub(super) commits: u64,
}

impl Body for Writer {
    const KIND: Kind = Kind::Writer;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

impl Writer {
    /// Decodes the record; without one nothing has been written yet.
    pub(super) fn parse(record: JsValue) -> Result<Self> {
        let bytes = bytes(WRITER_KEY, record)?;
        bytes.map_or(Ok(Self::default()), |bytes| record::decode(WRITER_KEY, &bytes))
    }
}

/// The bytes of the record `key`; none where there is no such record.
pub(super) fn bytes(key: &str, record: JsValue) -> Result<Option<Vec<u8>>> {
    if record.is_undefined() {
        return Ok(None);
    }
    match record.dyn_into::<Uint8Array>() {
        Ok(bytes) => Ok(Some(bytes.to_vec())),
        Err(_) => Err(Error::CorruptStorage {
            record: key.to_owned(),
            detail: "it does not consist of bytes".to_owned(),
        }),
    }
}

/// Calls `decide` with the writer record. It returns the new record and the batch to write with
/// it, or none to write nothing. Returns the new record. Dropping the future before its end
/// aborts the transaction.
pub(super) async fn update(
    connection: &Connection,
    decide: impl FnOnce(Writer) -> Option<(Writer, Batch)> + 'static,
) -> Result<Option<Writer>> {
    let failed = |error: LibraryError| connection.failed("write", error.to_string());
    // Dropping the transaction before its end aborts it.
    let transaction = begin(connection).map_err(failed)?;
    let records = transaction.object_store(RECORDS).map_err(failed)?.as_sys().clone();
    let ended = JsFuture::from(completion(transaction.as_sys()));
    let reading = records.get(&WRITER_KEY.into()).map_err(|error| failed(error.into()))?;
    let decided = Rc::new(RefCell::new(None));
    // In the callback, not after awaiting the record: in a module with threads, awaiting takes
    // longer than a transaction without requests lives.
    let on_read = Closure::once({
        let (decided, reading) = (decided.clone(), reading.clone());
        move || {
            let outcome = reading
                .result()
                .map_err(|error| write_failed(&error))
                .and_then(Writer::parse)
                .and_then(|writer| write(&records, decide(writer)));
            if !matches!(outcome, Ok(Some(_))) {
                // Fails only where the transaction was aborted already; its end reports that.
                let _ = records.transaction().abort();
            }
            decided.replace(Some(outcome));
        }
    });
    reading.set_onsuccess(Some(on_read.as_ref().unchecked_ref()));
    let ended = ended.await;
    match (decided.take(), ended) {
        (Some(Ok(Some(_))) | None, Err(_)) => {
            Err(connection.failed("write", abort_reason(transaction.as_sys())))
        }
        (Some(outcome), _) => outcome,
        (None, Ok(_)) => Err(connection.failed("write", "the record was not read".to_owned())),
    }
}

fn begin(connection: &Connection) -> Result<Transaction<'_>, LibraryError> {
    let options = TransactionOptions::new().with_durability(TransactionDurability::Strict);
    let transaction = connection.database.transaction(RECORDS);
    transaction.with_mode(TransactionMode::Readwrite).with_options(options).build()
}

fn write(records: &IdbObjectStore, decided: Option<(Writer, Batch)>) -> Result<Option<Writer>> {
    let Some((writer, batch)) = decided else { return Ok(None) };
    let put = |key: &str, value: &[u8]| {
        // Copied out of the module's memory: some browsers store all of the
        // buffer behind a view.
        records.put_with_key(&Uint8Array::from(value), &key.into())
    };
    let write = || {
        put(WRITER_KEY, &record::encode(Kind::Writer, &writer))?;
        for (key, value) in &batch.puts {
            put(key, value)?;
        }
        for key in &batch.deletes {
            records.delete(&key.into())?;
        }
        Ok(())
    };
    write().map_err(|error: JsValue| write_failed(&error))?;
    Ok(Some(writer))
}

/// A promise that is resolved when the transaction is on the disk, and rejected when it is
/// aborted.
fn completion(transaction: &EventTarget) -> Promise {
    Promise::new(&mut |resolve, reject| {
        for (event, settle) in [("complete", resolve), ("abort", reject)] {
            // Adding a listener does not fail.
            let _ = transaction.add_event_listener_with_callback(event, &settle);
        }
    })
}

/// Why a transaction was aborted.
fn abort_reason(transaction: &JsValue) -> String {
    property(transaction, "error").map_or_else(
        || "the transaction was aborted".to_owned(),
        |error| {
            let name = text_property(&error, "name").unwrap_or_default();
            format!("{name}: {}", describe(&error))
        },
    )
}

fn write_failed(error: &JsValue) -> Error {
    Error::StorageFailed { action: "write", detail: describe(error) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::test;

    #[test]
    fn the_record_of_version_1_is_read_and_written() {
        let record = include_bytes!("../../../tests/fixtures/stored/records-v1/writer");
        let writer: Writer = record::decode(WRITER_KEY, record).unwrap();
        assert_eq!(writer, Writer { epoch: 2, commits: 7 });
        assert_eq!(record::encode(Kind::Writer, &writer), record);
    }
}
