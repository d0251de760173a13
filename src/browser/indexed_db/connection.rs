//! Connections to databases, and deletion of databases.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use indexed_db_futures::database::Database;
use indexed_db_futures::error::OpenDbError;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::browser::convert::property;
use crate::browser::quota;
use crate::browser::runtime::sleep;
use crate::error::{Error, Result};

/// The one object store of a database.
pub(super) const RECORDS: &str = "records";
const VERSION: u8 = 1;

/// How long to wait for a database to open. While it is being deleted, a tab that does not close
/// it delays this. A browser that has just started can be slow to open one.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for other tabs to close a database that is deleted.
const DELETE_TIMEOUT: Duration = Duration::from_secs(5);

/// An open database. It closes when another tab deletes it, or when it is dropped.
pub(super) struct Connection {
    pub(super) database: Database,
    /// Why it is no longer open; none while it is open.
    lost: Rc<Cell<Option<&'static str>>>,
    _on_version_change: Closure<dyn FnMut(JsValue)>,
    _on_close: Closure<dyn FnMut(JsValue)>,
}

impl Connection {
    /// Opens the database `name`, or creates it.
    pub(super) async fn open(name: &str) -> Result<Self> {
        let request = Database::open(name)
            .with_version(VERSION)
            .with_on_upgrade_needed(|_, database| {
                database.create_object_store(RECORDS).build()?;
                Ok(())
            })
            .build()
            .map_err(refused)?;
        match select(request, pin!(sleep(OPEN_TIMEOUT))).await {
            Either::Left((opened, _)) => opened.map(Self::of).map_err(refused),
            Either::Right((_, request)) => {
                // An open database blocks other tabs until it is closed.
                spawn_local(async { request.await.map(Database::close).unwrap_or(()) });
                Err(Error::StorageBlocked { action: "opened", holder: "another tab" })
            }
        }
    }

    fn of(database: Database) -> Self {
        let lost = Rc::new(Cell::new(None));
        let on_version_change = {
            let (lost, database) = (lost.clone(), database.clone());
            Closure::new(move |event: JsValue| {
                let is_deleted = property(&event, "newVersion").is_none();
                lost.set(Some(match is_deleted {
                    true => "another tab deleted it",
                    false => "another tab opened it with a newer version of this page",
                }));
                // The other tab waits for this one.
                database.as_sys().close();
            })
        };
        let on_close = {
            let lost = lost.clone();
            Closure::new(move |_| lost.set(Some("the browser closed it, or cleared its data")))
        };
        let handlers = database.as_sys();
        handlers.set_onversionchange(Some(on_version_change.as_ref().unchecked_ref()));
        handlers.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Self { database, lost, _on_version_change: on_version_change, _on_close: on_close }
    }

    /// The error of an `action` that failed.
    pub(super) fn failed(&self, action: &'static str, detail: String) -> Error {
        match self.lost.get() {
            Some(why) => Error::StorageClosed { why },
            None => Error::StorageFailed { action, detail },
        }
    }

    /// An error where it is no longer open.
    pub(super) fn check(&self) -> Result<()> {
        self.lost.get().map_or(Ok(()), |why| Err(Error::StorageClosed { why }))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let database = self.database.as_sys();
        database.set_onversionchange(None);
        database.set_onclose(None);
        database.close();
    }
}

/// Deletes the database `name`, once all others have closed it.
pub(super) async fn delete(name: &str) -> Result<()> {
    let request = Database::delete_by_name(name).map_err(refused)?;
    match select(request, pin!(sleep(DELETE_TIMEOUT))).await {
        Either::Left((deleted, _)) => deleted.map_err(|error| Error::StorageFailed {
            action: "delete the knowledge base",
            detail: error.to_string(),
        }),
        Either::Right(_) => Err(Error::StorageBlocked { action: "deleted", holder: "another tab" }),
    }
}

fn refused(error: OpenDbError) -> Error {
    quota::refused(match error {
        // The library reports so that `open` threw an exception.
        OpenDbError::VersionZero => "the browser denies access to IndexedDB".to_owned(),
        other => other.to_string(),
    })
}
