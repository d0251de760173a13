//! The worker of the package that runs queries.

use async_trait::async_trait;
use futures_util::future::{Either, select};
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::convert::{describe, text_property};
use crate::error::{Error, Result};
use crate::runtime::{Runtime, Task};
use crate::sql::{SqlRequest, SqlResult, SqlRunner};
use crate::sql_value::MAX_MEMORY_MIB;

#[wasm_bindgen]
extern "C" {
    /// The class `SqlWorker` of `sql-worker-link.js`.
    #[derive(Debug, Clone)]
    pub type SqlWorker;

    /// The keys of the tables that the worker holds.
    #[wasm_bindgen(method)]
    fn held(this: &SqlWorker) -> Vec<String>;

    /// A promise of what the module `sql` returns for the request. It rejects with its error, `{ code, message }`,
    /// or with `{ code }` where the worker was ended. `signal` ends the worker.
    #[wasm_bindgen(method, catch, js_name = run)]
    fn run_in_worker(
        this: &SqlWorker,
        request: Uint8Array,
        milliseconds: u32,
        signal: &AbortSignal,
    ) -> Result<Promise, JsValue>;
}

#[async_trait(?Send)]
impl SqlRunner for SqlWorker {
    fn held(&self) -> Vec<String> {
        Self::held(self)
    }

    async fn run(
        &self,
        request: SqlRequest,
        _runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<SqlResult> {
        let milliseconds = request.milliseconds;
        let failed = |thrown: JsValue| failure(&thrown, milliseconds);
        let encoded = postcard::to_allocvec(&request).map_err(|_| other_version())?;
        drop(request);
        let controller = AbortController::new().map_err(failed)?;
        let bytes = Uint8Array::from(encoded.as_slice());
        drop(encoded);
        let answer = self.run_in_worker(bytes, milliseconds, &controller.signal());
        let answer = JsFuture::from(answer.map_err(failed)?);
        let cancelled = std::pin::pin!(task.cancel.cancelled());
        let result = match select(answer, cancelled).await {
            Either::Left((result, _)) => result.map_err(failed)?,
            Either::Right(((), answer)) => {
                controller.abort();
                // The worker has ended then.
                let _ = answer.await;
                return Err(Error::Aborted);
            }
        };
        let bytes = result.dyn_into::<Uint8Array>().map_err(|_| other_version())?.to_vec();
        postcard::from_bytes(&bytes).map_err(|_| other_version())
    }
}

/// The browser may have kept the module of another version.
fn other_version() -> Error {
    let message = "The module that runs queries is of another version than the engine. Reload the page, and run the query again.";
    Error::Reported { code: "version_mismatch", message: message.to_owned() }
}

/// The codes of errors of the module and of its worker.
const CODES: [&str; 11] = [
    "version_mismatch",
    "worker_refused",
    "invalid_query",
    "too_slow",
    "too_large",
    "tables_lost",
    "download_failed",
    "unsupported_browser",
    "invalid_option",
    "closed",
    "internal",
];

/// The error of a query that failed.
fn failure(thrown: &JsValue, milliseconds: u32) -> Error {
    let code = text_property(thrown, "code").unwrap_or_default();
    match (CODES.into_iter().find(|known| *known == code), text_property(thrown, "message")) {
        _ if code == "aborted" => Error::Aborted,
        (Some("tables_lost"), _) => Error::TablesLost,
        (Some(code), Some(message)) => Error::Reported { code, message },
        (Some("too_slow"), None) => Error::QueryTooSlow { seconds: milliseconds.div_ceil(1000) },
        (Some("too_large"), None) => {
            Error::QueryTooLarge { what: "tables and results", limit: MAX_MEMORY_MIB }
        }
        _ => Error::Internal { detail: describe(thrown) },
    }
}
