//! Downloads of model files: hashed and joined into a Blob while the bytes arrive. The file is
//! never in the module's memory as a whole.

use futures_util::StreamExt;
use js_sys::Uint8Array;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_streams::ReadableStream;
use web_sys::Blob;

use super::blob_source::BlobBuilder;
use super::convert::describe;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::runtime::{Runtime, Stage, Task};

/// Bytes that are hashed in one step. Progress is reported after each step.
const STEP_BYTES: u32 = 1 << 20;

/// A file that is being downloaded.
pub(super) struct Download<'a> {
    url: &'a str,
    expected: u64,
    runtime: &'a dyn Runtime,
    task: &'a Task,
    since: f64,
    received: u64,
    since_step: u32,
    hash: Sha256,
    blob: BlobBuilder,
}

impl<'a> Download<'a> {
    /// Begins the download of a file of `expected` bytes.
    pub(super) fn new(
        url: &'a str,
        expected: u64,
        runtime: &'a dyn Runtime,
        task: &'a Task,
    ) -> Self {
        Self {
            url,
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

    /// Reads a stream to its end.
    pub(super) async fn read(
        mut self,
        stream: web_sys::ReadableStream,
    ) -> Result<(Blob, Fingerprint)> {
        let mut stream = ReadableStream::from_raw(stream.unchecked_into())
            .try_into_stream()
            .map_err(|(e, _)| self.failed(&e))?;
        self.report();
        loop {
            let Some(chunk) = self.task.unless_cancelled(stream.next()).await? else { break };
            let chunk = chunk.map_err(|e| self.failed(&e))?;
            self.take(&chunk.unchecked_into()).await?;
        }
        let (got, expected) = (self.received, self.expected);
        if got < expected {
            return Err(self.failed(&format!("it ended after {got} of {expected} bytes").into()));
        }
        self.report();
        Ok((self.blob.finish()?, Fingerprint::from_hash(self.hash)))
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
