//! Downloads of model files: hashed and joined into a Blob while the bytes arrive. The file is
//! never in the module's memory as a whole. Where the connection breaks, the rest is asked for.

use std::time::Duration;

use futures_util::StreamExt;
use js_sys::Uint8Array;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_streams::ReadableStream;
use web_sys::{AbortController, Blob, Headers, RequestInit, Response};

use super::blob_source::BlobBuilder;
use super::convert::{describe, global};
use super::embed_worker_pool::CancelOnDrop;
use super::hub_model::HubModel;
use super::runtime::sleep;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::runtime::{Runtime, Stage, Task};

/// Bytes that are hashed in one step. Progress is reported after each step.
const STEP_BYTES: u32 = 1 << 20;
/// How often one address is asked for the file, or for the rest of it.
const MAX_TRIES: u32 = 6;
/// The wait before the second try. It doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// A file that is being downloaded.
pub(super) struct Download<'a> {
    url: &'a str,
    hub: Option<&'a HubModel>,
    expected: u64,
    runtime: &'a dyn Runtime,
    task: &'a Task,
    since: f64,
    received: u64,
    since_step: u32,
    hash: Sha256,
    blob: BlobBuilder,
}

/// Why bytes stopped to arrive.
enum Stop {
    /// The connection broke, or the server is unwell: another try may succeed.
    Broken(Error),
    /// Another try would end in the same way.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Download<'a> {
    /// A file of `expected` bytes, of which nothing is there yet. `hub` is the model where the
    /// address is a hub's.
    pub(super) fn new(
        url: &'a str,
        hub: Option<&'a HubModel>,
        expected: u64,
        runtime: &'a dyn Runtime,
        task: &'a Task,
    ) -> Self {
        Self {
            url,
            hub,
            expected,
            runtime,
            task,
            since: runtime.now_ms(),
            received: 0,
            since_step: 0,
            hash: Sha256::new(),
            blob: BlobBuilder::default(),
        }
    }

    /// Fetches the file. An address that gives no byte at all is asked once.
    pub(super) async fn run(mut self) -> Result<(Blob, Fingerprint)> {
        let mut pause = FIRST_PAUSE;
        for tries in 1.. {
            match self.fetch_rest().await {
                Ok(()) => break,
                Err(Stop::Broken(_)) if self.received > 0 && tries < MAX_TRIES => {}
                Err(Stop::Broken(error) | Stop::Failed(error)) => return Err(error),
            }
            self.task.unless_cancelled(sleep(pause)).await?;
            pause *= 2;
        }
        self.report();
        Ok((self.blob.finish()?, Fingerprint::from_hash(self.hash)))
    }

    /// Fetches what is not there yet.
    async fn fetch_rest(&mut self) -> Result<(), Stop> {
        let aborting = AbortController::new().map_err(|e| self.failed(&e))?;
        let aborting = CancelOnDrop(aborting);
        let request = RequestInit::new();
        request.set_signal(Some(&aborting.0.signal()));
        if self.received > 0 {
            request.set_headers(&self.range().map_err(|e| self.failed(&e))?.into());
        }
        let response = JsFuture::from(global().fetch_with_str_and_init(self.url, &request));
        let response = self.task.unless_cancelled(response).await?;
        let response = response.map_err(|e| Stop::Broken(self.failed(&e)))?.unchecked_into();
        self.begin(&response)?;
        let body = response.body().ok_or_else(|| self.failed(&"the answer is empty".into()))?;
        self.read(body).await?;
        let (got, expected) = (self.received, self.expected);
        if got < expected {
            let detail = format!("it ended after {got} of {expected} bytes");
            return Err(self.failed(&detail.into()).into());
        }
        Ok(())
    }

    /// The header that asks for the rest.
    fn range(&self) -> Result<Headers, JsValue> {
        let headers = Headers::new()?;
        headers.set("range", &format!("bytes={}-", self.received))?;
        Ok(headers)
    }

    /// Checks that an answer has the bytes that come next. One that has the whole file begins the
    /// download again.
    fn begin(&mut self, response: &Response) -> Result<(), Stop> {
        let status = response.status();
        if !response.ok() {
            return Err(self.refused(status));
        }
        if status != 206 {
            self.received = 0;
            self.hash = Sha256::new();
            self.blob = BlobBuilder::default();
        } else if first_byte(response).is_some_and(|first| first != self.received) {
            return Err(self.failed(&"the server sent another part of it".into()).into());
        }
        self.report();
        Ok(())
    }

    fn refused(&self, status: u16) -> Stop {
        let detail = format!("the server answered {status}");
        match (status, self.hub) {
            (500.., _) => Stop::Broken(self.failed(&detail.into())),
            (401 | 403, Some(model)) => Stop::Failed(model.gated(detail)),
            _ => Stop::Failed(self.failed(&detail.into())),
        }
    }

    async fn read(&mut self, body: web_sys::ReadableStream) -> Result<(), Stop> {
        let mut stream = ReadableStream::from_raw(body.unchecked_into())
            .try_into_stream()
            .map_err(|(e, _)| self.failed(&e))?;
        while let Some(chunk) = self.task.unless_cancelled(stream.next()).await? {
            let chunk = chunk.map_err(|e| Stop::Broken(self.failed(&e)))?;
            self.take(&chunk.unchecked_into()).await?;
        }
        Ok(())
    }

    async fn take(&mut self, chunk: &Uint8Array) -> Result<()> {
        self.received += u64::from(chunk.length());
        if self.received > self.expected {
            let detail = format!("more than the {} bytes promised came", self.expected);
            return Err(Error::CorruptModel { detail });
        }
        for start in (0..chunk.length()).step_by(STEP_BYTES as usize) {
            let end = chunk.length().min(start + STEP_BYTES);
            self.hash.update(chunk.subarray(start, end).to_vec());
            self.since_step += end - start;
            if self.since_step >= STEP_BYTES {
                self.since_step = 0;
                self.report();
                self.task.step(self.runtime).await?;
            }
        }
        self.blob.push(chunk)
    }

    fn report(&self) {
        let (done, total) = (self.received, self.expected);
        self.task.report(self.runtime, Stage::Download, done, total, "bytes", self.since);
    }

    fn failed(&self, reason: &JsValue) -> Error {
        Error::DownloadFailed { url: self.url.to_owned(), detail: describe(reason) }
    }
}

/// The offset at which a part of a file begins; none where the server does not let the page see
/// it.
fn first_byte(response: &Response) -> Option<u64> {
    let range = response.headers().get("content-range").ok()??;
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}
