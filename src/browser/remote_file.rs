//! Model files behind an address, and the cache that keeps them.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, Response};

use super::blob_source::{BlobSource, MAX_BYTES};
use super::convert::{global, property, text_property};
use super::download::Download;
use super::hub_model::HubModel;
use super::lock::wait_for_turn;
use super::quota;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::runtime::{Runtime, Task};
use crate::source::SourceReader;

/// The name of the cache. A file's address in it is `/multimodal-rag-models/` and its hash.
/// The package keeps more beside the files: `pkg/file-cache.js`.
const CACHE: &str = "multimodal-rag-models";

/// A file to fetch, with the hash and the size that it must have.
#[derive(Clone)]
pub(super) struct RemoteFile {
    /// Absolute addresses, which are tried in this order.
    urls: Vec<String>,
    /// The model of a hub that the file is.
    hub: Option<HubModel>,
    sha256: String,
    size: u64,
}

impl RemoteFile {
    /// Reads and checks `{ url, mirrors, sha256, size }`. `invalid` makes the error of a file with
    /// a problem, such as "without a size".
    pub(super) fn parse(source: &JsValue, invalid: impl Fn(&str) -> Error) -> Result<Self> {
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
        Ok(Self { urls, hub: None, sha256, size: size as u64 })
    }

    /// The same file, which is that of a hub.
    pub(super) fn of_hub(self, model: &HubModel) -> Self {
        Self { hub: Some(model.clone()), ..self }
    }

    /// The hash that it must have.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Whether it is in the cache.
    pub(super) async fn is_cached(&self) -> bool {
        match open_cache().await {
            Some(cache) => self.cached(&cache).await.is_some(),
            None => false,
        }
    }

    /// The file from the cache, else from its addresses. Engines that want it at once fetch it
    /// once: the others wait until it is in the cache.
    pub(super) async fn open(&self, runtime: &dyn Runtime, task: &Task) -> Result<BlobSource> {
        let Some(cache) = open_cache().await else {
            return Ok(self.fetch(runtime, task).await?.0);
        };
        if let Some(file) = self.open_cached(&cache, runtime, task).await? {
            return Ok(file);
        }
        let _lock = task.unless_cancelled(wait_for_turn(&self.cache_key())).await?;
        if let Some(file) = self.open_cached(&cache, runtime, task).await? {
            return Ok(file);
        }
        let (file, blob) = self.fetch(runtime, task).await?;
        self.keep(&cache, &blob).await;
        Ok(file)
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

    /// The file from the first address that has it, once to read and once to keep.
    async fn fetch(&self, runtime: &dyn Runtime, task: &Task) -> Result<(BlobSource, Blob)> {
        let mut failure = None;
        for url in &self.urls {
            match self.fetch_from(url, runtime, task).await {
                Err(Error::Aborted) => return Err(Error::Aborted),
                Err(error) => failure = failure.or(Some(error)),
                found => return found,
            }
        }
        Err(failure.unwrap_or(Error::DownloadFailed { url: String::new(), detail: String::new() }))
    }

    async fn fetch_from(
        &self,
        url: &str,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(BlobSource, Blob)> {
        let download = Download::new(url, self.hub.as_ref(), self.size, runtime, task);
        let (blob, fingerprint) = download.run().await?;
        self.check(fingerprint, url)?;
        Ok((BlobSource::of_hashed_model(blob.clone(), url, fingerprint)?, blob))
    }

    /// Puts the file into the cache where there is space. A full disk does not make the call fail:
    /// the model is there.
    async fn keep(&self, cache: &Cache, blob: &Blob) {
        if quota::free_bytes().await.is_some_and(|free| free < self.size) {
            return;
        }
        let Ok(response) = Response::new_with_opt_blob(Some(blob)) else { return };
        if JsFuture::from(cache.put_with_str(&self.cache_key(), &response)).await.is_err() {
            self.forget(cache).await;
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
