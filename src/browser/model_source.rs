//! Model sources: an address or a name on a hub, which is fetched once and cached, or a Blob. The
//! only place that knows the package's `ModelSource`.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::blob_source::{BlobBuilder, BlobSource};
use super::convert::property;
use super::hub_model::HubModel;
use super::remote_file::RemoteFile;
use crate::error::{Error, Result};
use crate::runtime::{Runtime, Task};

/// Where a model file comes from.
#[derive(Clone)]
pub(super) enum ModelSource {
    /// A file or bytes of the page.
    Blob(Blob),
    /// A file at one of several addresses.
    Remote(RemoteFile),
    /// A file by its name on a hub.
    Hub {
        /// The model.
        model: HubModel,
        /// The option that names it.
        option: &'static str,
    },
}

/// What is known of a model file before it is opened.
#[derive(Default)]
pub(super) struct KnownFile {
    /// Its name on a hub, where it is given by that.
    pub(super) hub: Option<String>,
    /// The hash that the file must have.
    pub(super) sha256: Option<String>,
    pub(super) bytes: Option<u64>,
    /// Whether it is opened without a network: it is in the page or in the cache.
    pub(super) is_local: bool,
}

impl ModelSource {
    /// Reads and checks the package's `ModelSource`. Errors name the `option` that has it, and
    /// `file`, such as "a model".
    pub(super) fn parse(source: &JsValue, option: &'static str, file: &str) -> Result<Self> {
        let invalid = |problem: &str| Error::InvalidOption {
            option,
            got: format!("{file} {problem}"),
            expected: "{ url, sha256, size }, { file }, { data } or \"hub:owner/repository/file\"",
        };
        if let Some(model) = property(source, "hub") {
            return Ok(Self::Hub { model: model.unchecked_into(), option });
        }
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
        RemoteFile::parse(source, invalid).map(Self::Remote)
    }

    /// What is known of the file now.
    pub(super) async fn known(&self) -> KnownFile {
        match self {
            Self::Blob(blob) => KnownFile {
                bytes: Some(blob.size() as u64),
                is_local: true,
                ..KnownFile::default()
            },
            Self::Remote(remote) => known_remote(remote).await,
            Self::Hub { model, option } => {
                let pinned = model.pinned().await;
                let remote = pinned.and_then(|pinned| hub_file(model, &pinned, option).ok());
                let known = match &remote {
                    Some(remote) => known_remote(remote).await,
                    None => KnownFile::default(),
                };
                KnownFile { hub: Some(model.name()), ..known }
            }
        }
    }

    /// The file. One that is fetched must have the hash and the size of its source, and is put
    /// into the cache, where the next call finds it.
    pub(super) async fn open(&self, runtime: &dyn Runtime, task: &Task) -> Result<BlobSource> {
        task.cancel.check()?;
        match self {
            Self::Blob(blob) => BlobSource::open_model(blob.clone(), "the given file", task).await,
            Self::Remote(remote) => remote.open(runtime, task).await,
            Self::Hub { model, option } => {
                let pinned = model.resolve(option, task).await?;
                hub_file(model, &pinned, option)?.open(runtime, task).await
            }
        }
    }
}

async fn known_remote(remote: &RemoteFile) -> KnownFile {
    KnownFile {
        hub: None,
        sha256: Some(remote.sha256().to_owned()),
        bytes: Some(remote.size()),
        is_local: remote.is_cached().await,
    }
}

/// The file that is pinned for a model of a hub.
fn hub_file(model: &HubModel, pinned: &JsValue, option: &'static str) -> Result<RemoteFile> {
    let invalid = |problem: &str| Error::InvalidOption {
        option,
        got: format!("{}, a file {problem}", model.name()),
        expected: "a file of at most 2 GiB",
    };
    Ok(RemoteFile::parse(pinned, invalid)?.of_hub(model))
}
