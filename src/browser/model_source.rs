//! Model sources: an address, which is fetched once and cached, or a Blob. The only place that
//! knows the package's `ModelSource` and the cache of model files.

use std::pin::pin;

use futures_util::future::{Either, select};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_streams::ReadableStream;
use web_sys::{AbortController, Blob, Cache, RequestInit, Response};

use super::blob_source::{BlobBuilder, BlobSource, MAX_BYTES};
use super::convert::{describe, global, property, text_property};
use super::download::Download;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::runtime::{Runtime, Task};
use crate::source::SourceReader;

/// The name of the cache. A file's address in it is `/multimodal-rag-models/` and its hash.
const CACHE: &str = "multimodal-rag-models";

/// Where a model file comes from.
#[derive(Clone)]
pub(super) enum ModelSource {
    /// A file or bytes of the page.
    Blob(Blob),
    /// A file at one of several addresses.
    Remote(RemoteFile),
}

/// A file to fetch, with the hash and the size that it must have.
#[derive(Clone)]
pub(super) struct RemoteFile {
    /// Absolute addresses, which are tried in this order.
    urls: Vec<String>,
    sha256: String,
    size: u64,
}

impl ModelSource {
    /// Reads and checks the package's `ModelSource`. Errors name the `option` that has it, and
    /// `file`, such as "a model".
    pub(super) fn parse(source: &JsValue, option: &'static str, file: &str) -> Result<Self> {
        let invalid = |problem: &str| Error::InvalidOption {
            option,
            got: format!("{file} {problem}"),
            expected: "{ url, sha256, size }, { file } or { data }",
        };
        if let Some(blob) = property(source, "file") {
            let blob = blob.dyn_into().map_err(|_| invalid("whose file is not a Blob"))?;
            return Ok(Self::Blob(blob));
        }
        if let Some(data) = property(source, "data") {
            let data = data.dyn_into::<Uint8Array>();
            let mut blob = BlobBuilder::default();
            blob.push(&data.map_err(|_| invalid("whose data is not a Uint8Array"))?)?;
            return blob.finish().map(Self::Blob);
        }
        let url = text_property(source, "url");
        let mut urls = vec![url.ok_or_else(|| invalid("without url, file or data"))?];
        if let Some(mirrors) = property(source, "mirrors") {
            let mirrors = mirrors.dyn_into::<Array>().ok();
            let mirrors = mirrors.and_then(|all| all.iter().map(|url| url.as_string()).collect());
            let mirrors: Vec<String> =
                mirrors.ok_or_else(|| invalid("whose mirrors are not an array of addresses"))?;
            urls.extend(mirrors);
        }
        let sha256 = text_property(source, "sha256").unwrap_or_default().to_lowercase();
        if sha256.len() != 64 || !sha256.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid("without a sha256 of 64 hexadecimal digits"));
        }
        let size = property(source, "size").and_then(|size| size.as_f64()).unwrap_or(0.0);
        if !(size >= 1.0 && size <= MAX_BYTES as f64) {
            return Err(invalid("without a size from 1 byte to 2 GiB"));
        }
        Ok(Self::Remote(RemoteFile { urls, sha256, size: size as u64 }))
    }

    /// The hash that the file must have, where it is given.
    pub(super) fn sha256(&self) -> Option<&str> {
        match self {
            Self::Blob(_) => None,
            Self::Remote(remote) => Some(&remote.sha256),
        }
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Blob(blob) => blob.size() as u64,
            Self::Remote(remote) => remote.size,
        }
    }

    /// Whether the file is in the page or in the cache, so that it is opened without a network.
    pub(super) async fn is_local(&self) -> bool {
        match self {
            Self::Blob(_) => true,
            Self::Remote(remote) => match open_cache().await {
                Some(cache) => remote.cached(&cache).await.is_some(),
                None => false,
            },
        }
    }

    /// The file. One that is fetched must have the hash and the size of its source, and is put
    /// into the cache, where the next call finds it.
    pub(super) async fn open(&self, runtime: &dyn Runtime, task: &Task) -> Result<BlobSource> {
        task.cancel.check()?;
        match self {
            Self::Blob(blob) => BlobSource::open_model(blob.clone(), "the model file", task).await,
            Self::Remote(remote) => remote.open(runtime, task).await,
        }
    }
}

impl RemoteFile {
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

    /// The address of the file in the cache.
    fn cache_key(&self) -> String {
        format!("/{CACHE}/{}", self.sha256)
    }

    async fn cached(&self, cache: &Cache) -> Option<Response> {
        let found = JsFuture::from(cache.match_with_str(&self.cache_key())).await.ok()?;
        found.dyn_into().ok()
    }

    /// The cached file. It is hashed again, because a file on a disk may have changed.
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
            // A damaged file is fetched again.
            Err(_) => {
                self.forget(cache).await;
                Ok(None)
            }
        }
    }

    async fn cached_blob(&self, cache: &Cache) -> Option<Blob> {
        let blob = self.cached(cache).await?.blob().ok()?;
        JsFuture::from(blob).await.ok()?.dyn_into().ok()
    }

    async fn check_cached(
        &self,
        blob: Blob,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<BlobSource> {
        let name = "the cached file";
        let file = BlobSource::open_model(blob, name, task).await?;
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
        let (body, caching) = self.cache_while_reading(body, cache);
        let read = Download::new(url, self.size, runtime, task).read(body).await;
        let checked = read.and_then(|(blob, fingerprint)| {
            self.check(fingerprint, url)?;
            BlobSource::of_hashed_model(blob, url, fingerprint)
        });
        if checked.is_err() {
            aborting.abort();
        }
        if let Some((cache, caching)) = caching {
            // A full disk does not make the call fail: the model is there.
            let cached = caching.await;
            if checked.is_err() || cached.is_err() {
                self.forget(cache).await;
            }
        }
        checked
    }

    /// Sends one branch of the stream to the cache, and returns the other.
    fn cache_while_reading<'a>(
        &self,
        body: web_sys::ReadableStream,
        cache: Option<&'a Cache>,
    ) -> (web_sys::ReadableStream, Option<(&'a Cache, JsFuture)>) {
        let Some(cache) = cache else { return (body, None) };
        match ReadableStream::from_raw(body.unchecked_into()).try_tee() {
            Ok((reading, caching)) => {
                let caching: web_sys::ReadableStream = caching.into_raw().unchecked_into();
                let stored =
                    Response::new_with_opt_readable_stream(Some(&caching)).map(|response| {
                        JsFuture::from(cache.put_with_str(&self.cache_key(), &response))
                    });
                (reading.into_raw().unchecked_into(), stored.ok().map(|stored| (cache, stored)))
            }
            Err((_, body)) => (body.into_raw().unchecked_into(), None),
        }
    }

    /// An error unless this is the hash of the source.
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
    // Pages that are no secure context have no `caches`.
    property(&js_sys::global(), "caches")?;
    let caches = global().caches().ok()?;
    JsFuture::from(caches.open(CACHE)).await.ok()?.dyn_into().ok()
}
