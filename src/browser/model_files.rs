//! Model files: from an address, a cache or a Blob, hashed as they arrive.

use std::pin::pin;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use js_sys::Uint8Array;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_streams::ReadableStream;
use web_sys::{AbortController, Blob, Cache, RequestInit, Response};

use super::convert::{describe, global, property, text_property};
use crate::error::{Error, Result};
use crate::host::{Host, Stage, Task};

const CACHE: &str = "multimodal-rag-models";
/// The largest model file accepted: beyond it, a 32-bit module cannot hold the model.
const MAX_MODEL_BYTES: u64 = 2 << 30;
/// A read is reported at most this often, in bytes.
const REPORTED_BYTES: u64 = 1 << 20;

/// Where a model file comes from.
#[derive(Clone)]
pub(super) enum ModelFile {
    /// The page's own bytes.
    Blob(Blob),
    /// A file with a promised hash, at one of several addresses.
    Remote(Remote),
}

/// A file to fetch.
#[derive(Clone)]
pub(super) struct Remote {
    urls: Vec<String>,
    sha256: String,
    size: u64,
}

/// The bytes read so far and what they are to be.
struct Arriving<'a> {
    stage: Stage,
    bytes: Vec<u8>,
    hash: Sha256,
    expected: u64,
    reported: u64,
    since: f64,
    host: &'a dyn Host,
    task: &'a Task,
}

impl ModelFile {
    /// Reads a ModelSource; `option` names it in errors.
    pub(super) fn parse(source: &JsValue, option: &'static str) -> Result<Self> {
        let invalid = |got: &str| Error::InvalidOption {
            option,
            got: got.to_owned(),
            expected: "{ url, sha256, size }, { file } or { data }",
        };
        if let Some(file) = property(source, "file") {
            return file.dyn_into().map(Self::Blob).map_err(|_| invalid("a file that is no Blob"));
        }
        if let Some(data) = property(source, "data") {
            let parts = js_sys::Array::of1(&data);
            return Blob::new_with_u8_array_sequence(&parts)
                .map(Self::Blob)
                .map_err(|_| invalid("data that are no bytes"));
        }
        let url = text_property(source, "url").ok_or_else(|| invalid("no address"))?;
        let mut urls = vec![url];
        if let Some(mirrors) = property(source, "mirrors") {
            urls.extend(js_sys::Array::from(&mirrors).iter().filter_map(|url| url.as_string()));
        }
        let sha256 = text_property(source, "sha256").unwrap_or_default().to_lowercase();
        if sha256.len() != 64 || !sha256.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid("no sha256 of 64 hexadecimal digits"));
        }
        let size = property(source, "size").and_then(|size| size.as_f64()).unwrap_or(0.0);
        if !(size >= 1.0 && size <= MAX_MODEL_BYTES as f64) {
            return Err(invalid("no size from 1 byte to 2 GiB"));
        }
        Ok(Self::Remote(Remote { urls, sha256, size: size as u64 }))
    }

    /// The hash that was promised, if any.
    pub(super) fn promised_hash(&self) -> Option<&str> {
        match self {
            Self::Blob(_) => None,
            Self::Remote(remote) => Some(&remote.sha256),
        }
    }

    /// Whether it can be read once more without asking the network.
    pub(super) async fn is_at_hand(&self) -> bool {
        match (self, open_cache().await) {
            (Self::Blob(_), _) => true,
            (Self::Remote(_), None) => false,
            (Self::Remote(remote), Some(cache)) => {
                let found = JsFuture::from(cache.match_with_str(&remote.cache_key())).await;
                found.is_ok_and(|response| !response.is_undefined())
            }
        }
    }

    /// All bytes, checked against the promise. A file that was fetched is kept in
    /// the cache, where there is one, and read from there the next time.
    pub(super) async fn read(&self, host: &dyn Host, task: &Task) -> Result<Vec<u8>> {
        task.stop.check()?;
        match self {
            Self::Blob(blob) => {
                let size = blob.size() as u64;
                let mut arriving = Arriving::new(Stage::Load, size, host, task)?;
                arriving.read(blob.stream(), "the file").await?;
                Ok(arriving.bytes)
            }
            Self::Remote(remote) => remote.read(host, task).await,
        }
    }
}

impl Remote {
    async fn read(&self, host: &dyn Host, task: &Task) -> Result<Vec<u8>> {
        let cache = open_cache().await;
        if let Some(cache) = &cache
            && let Some(bytes) = self.read_cached(cache, host, task).await?
        {
            return Ok(bytes);
        }
        let mut failure = None;
        for url in &self.urls {
            match self.fetch(url, cache.as_ref(), host, task).await {
                Err(Error::Aborted) => return Err(Error::Aborted),
                Err(error) => failure = failure.or(Some(error)),
                found => return found,
            }
        }
        Err(failure.unwrap_or(Error::DownloadFailed { url: String::new(), detail: String::new() }))
    }

    /// The address that the cache knows the file by: its hash, on this origin.
    fn cache_key(&self) -> String {
        format!("/multimodal-rag-models/{}", self.sha256)
    }

    async fn read_cached(
        &self,
        cache: &Cache,
        host: &dyn Host,
        task: &Task,
    ) -> Result<Option<Vec<u8>>> {
        let found = JsFuture::from(cache.match_with_str(&self.cache_key())).await;
        let Some(response) = found.ok().and_then(|value| value.dyn_into::<Response>().ok()) else {
            return Ok(None);
        };
        let Some(body) = response.body() else { return Ok(None) };
        let mut arriving = Arriving::new(Stage::Load, self.size, host, task)?;
        let read = arriving.read(body, "the cached file").await;
        match read.and_then(|()| self.check(arriving, "the cached file")) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::Aborted) => Err(Error::Aborted),
            // Damaged: it is fetched again.
            Err(_) => {
                self.forget(cache).await;
                Ok(None)
            }
        }
    }

    async fn fetch(
        &self,
        url: &str,
        cache: Option<&Cache>,
        host: &dyn Host,
        task: &Task,
    ) -> Result<Vec<u8>> {
        let failed = |detail: String| Error::DownloadFailed { url: url.to_owned(), detail };
        let aborting = AbortController::new().map_err(|e| failed(describe(&e)))?;
        let options = RequestInit::new();
        options.set_signal(Some(&aborting.signal()));
        let request = JsFuture::from(global().fetch_with_str_and_init(url, &options));
        let response = match select(pin!(request), pin!(task.stop.stopped())).await {
            Either::Left((response, _)) => response.map_err(|e| failed(describe(&e)))?,
            Either::Right(_) => {
                aborting.abort();
                return Err(Error::Aborted);
            }
        };
        let response: Response = response.unchecked_into();
        if !response.ok() {
            return Err(failed(format!("the server answered {}", response.status())));
        }
        let body = response.body().ok_or_else(|| failed("the answer is empty".to_owned()))?;
        let (body, keeping) = self.keep_while_reading(body, cache);
        let mut arriving = Arriving::new(Stage::Download, self.size, host, task)?;
        let read = arriving.read(body, url).await;
        let checked = read.and_then(|()| self.check(arriving, url));
        if checked.is_err() {
            aborting.abort();
        }
        if let Some((cache, keeping)) = keeping {
            // A full disk is no reason to fail: the model is here.
            let kept = keeping.await;
            if checked.is_err() || kept.is_err() {
                self.forget(cache).await;
            }
        }
        checked
    }

    /// Sends one branch of the stream to the cache, and returns the other.
    fn keep_while_reading<'a>(
        &self,
        body: web_sys::ReadableStream,
        cache: Option<&'a Cache>,
    ) -> (web_sys::ReadableStream, Option<(&'a Cache, JsFuture)>) {
        let Some(cache) = cache else { return (body, None) };
        match ReadableStream::from_raw(body.unchecked_into()).try_tee() {
            Ok((reading, keeping)) => {
                let keeping: web_sys::ReadableStream = keeping.into_raw().unchecked_into();
                let stored =
                    Response::new_with_opt_readable_stream(Some(&keeping)).map(|response| {
                        JsFuture::from(cache.put_with_str(&self.cache_key(), &response))
                    });
                (reading.into_raw().unchecked_into(), stored.ok().map(|stored| (cache, stored)))
            }
            Err((_, body)) => (body.into_raw().unchecked_into(), None),
        }
    }

    fn check(&self, arriving: Arriving, name: &str) -> Result<Vec<u8>> {
        let digest = arriving.hash.finalize();
        let got: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        if got == self.sha256 {
            return Ok(arriving.bytes);
        }
        let (name, expected) = (name.to_owned(), self.sha256.clone());
        Err(Error::HashMismatch { name, expected, got })
    }

    async fn forget(&self, cache: &Cache) {
        let _ = JsFuture::from(cache.delete_with_str(&self.cache_key())).await;
    }
}

/// The cache of model files; none where the browser refuses one.
async fn open_cache() -> Option<Cache> {
    // Missing altogether on pages that are not secure.
    property(&js_sys::global(), "caches")?;
    let caches = global().caches().ok()?;
    JsFuture::from(caches.open(CACHE)).await.ok()?.dyn_into().ok()
}

impl<'a> Arriving<'a> {
    /// What is read from here on counts as `stage`: only the network's bytes are a download.
    fn new(stage: Stage, expected: u64, host: &'a dyn Host, task: &'a Task) -> Result<Self> {
        let mut bytes = Vec::new();
        if expected > MAX_MODEL_BYTES || bytes.try_reserve_exact(expected as usize).is_err() {
            return Err(Error::TooLarge {
                what: "The model file".to_owned(),
                got: expected,
                limit: MAX_MODEL_BYTES,
                unit: "bytes",
            });
        }
        let since = host.now_ms();
        Ok(Self { stage, bytes, hash: Sha256::new(), expected, reported: 0, since, host, task })
    }

    /// Reads a stream to its end.
    async fn read(&mut self, stream: web_sys::ReadableStream, name: &str) -> Result<()> {
        let failed = |detail: String| Error::DownloadFailed { url: name.to_owned(), detail };
        let mut stream = ReadableStream::from_raw(stream.unchecked_into())
            .try_into_stream()
            .map_err(|(e, _)| failed(describe(&e)))?;
        self.report();
        loop {
            let stopped = self.task.stop.clone();
            let chunk = match select(pin!(stream.next()), pin!(stopped.stopped())).await {
                Either::Left((chunk, _)) => chunk,
                Either::Right(_) => return Err(Error::Aborted),
            };
            let Some(chunk) = chunk else { break };
            let chunk: Uint8Array = chunk.map_err(|e| failed(describe(&e)))?.unchecked_into();
            self.take(&chunk)?;
        }
        if (self.bytes.len() as u64) < self.expected {
            let (got, expected) = (self.bytes.len(), self.expected);
            return Err(failed(format!("it ended after {got} of {expected} bytes")));
        }
        self.reported = 0;
        self.report();
        Ok(())
    }

    fn take(&mut self, chunk: &Uint8Array) -> Result<()> {
        let start = self.bytes.len();
        let end = start + chunk.length() as usize;
        if end as u64 > self.expected {
            let detail = format!("more than the {} bytes promised came", self.expected);
            return Err(Error::CorruptModel { detail });
        }
        self.bytes.resize(end, 0);
        chunk.copy_to(&mut self.bytes[start..]);
        self.hash.update(&self.bytes[start..]);
        if end as u64 - self.reported >= REPORTED_BYTES {
            self.report();
        }
        Ok(())
    }

    fn report(&mut self) {
        self.reported = self.bytes.len() as u64;
        let (done, total) = (self.reported, self.expected);
        self.task.report(self.host, self.stage, done, total, "bytes", self.since);
    }
}
