//! Model files: from an address, a cache or a Blob, and checked before they are used.

use std::pin::pin;

use futures_util::future::{Either, select};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_streams::ReadableStream;
use web_sys::{AbortController, Blob, Cache, RequestInit, Response};

use super::blob_source::{BlobSource, MAX_MODEL_BYTES};
use super::convert::{describe, global, property, text_property};
use super::download::Download;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::runtime::{Runtime, Task};
use crate::source::SourceReader;

const CACHE: &str = "multimodal-rag-models";

/// Where a model file comes from.
#[derive(Clone)]
pub(super) enum ModelSource {
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

impl ModelSource {
    /// Reads a ModelSource of JavaScript's; `option` names it in errors.
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

    /// The file, checked against the promise. One that was fetched is kept in the
    /// cache, where there is one, and found there the next time.
    pub(super) async fn open(&self, runtime: &dyn Runtime, task: &Task) -> Result<BlobSource> {
        task.cancel.check()?;
        match self {
            Self::Blob(blob) => BlobSource::open(blob.clone(), "the file", task).await,
            Self::Remote(remote) => remote.open(runtime, task).await,
        }
    }
}

impl Remote {
    async fn open(&self, runtime: &dyn Runtime, task: &Task) -> Result<BlobSource> {
        let cache = open_cache().await;
        if let Some(cache) = &cache
            && let Some(file) = self.open_cached(cache, runtime, task).await?
        {
            return Ok(file);
        }
        let mut failure = None;
        for url in &self.urls {
            match self.fetch(url, cache.as_ref(), runtime, task).await {
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

    /// The cached file, hashed once more: what lay on a disk may have changed.
    async fn open_cached(
        &self,
        cache: &Cache,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Option<BlobSource>> {
        let Some(blob) = self.cached_blob(cache).await else { return Ok(None) };
        match self.check_cached(blob, runtime, task).await {
            Ok(file) => Ok(Some(file)),
            Err(Error::Aborted) => Err(Error::Aborted),
            // Damaged: it is fetched again.
            Err(_) => {
                self.forget(cache).await;
                Ok(None)
            }
        }
    }

    async fn cached_blob(&self, cache: &Cache) -> Option<Blob> {
        let found = JsFuture::from(cache.match_with_str(&self.cache_key())).await.ok()?;
        let blob = found.dyn_into::<Response>().ok()?.blob().ok()?;
        JsFuture::from(blob).await.ok()?.dyn_into().ok()
    }

    async fn check_cached(
        &self,
        blob: Blob,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<BlobSource> {
        let name = "the cached file";
        let file = BlobSource::open(blob, name, task).await?;
        let fingerprint = SourceReader::new(&file, runtime, task).fingerprint().await?;
        self.check(fingerprint, name)?;
        Ok(file.with_fingerprint(fingerprint))
    }

    async fn fetch(
        &self,
        url: &str,
        cache: Option<&Cache>,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<BlobSource> {
        let failed = |detail: String| Error::DownloadFailed { url: url.to_owned(), detail };
        let aborting = AbortController::new().map_err(|e| failed(describe(&e)))?;
        let options = RequestInit::new();
        options.set_signal(Some(&aborting.signal()));
        let request = JsFuture::from(global().fetch_with_str_and_init(url, &options));
        let response = match select(pin!(request), pin!(task.cancel.cancelled())).await {
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
        let read = Download::new(url, self.size, runtime, task).read(body).await;
        let checked = read.and_then(|(blob, fingerprint)| {
            self.check(fingerprint, url)?;
            BlobSource::new(blob, url, Some(fingerprint))
        });
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

    /// An error unless this is the fingerprint that was promised.
    fn check(&self, fingerprint: Fingerprint, name: &str) -> Result<()> {
        let got = fingerprint.to_string();
        if got == self.sha256 {
            return Ok(());
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
