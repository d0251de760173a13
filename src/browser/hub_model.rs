//! Models by their name on a hub, which the package looks up.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::convert::{describe, text_property};
use super::embed_worker_pool::CancelOnDrop;
use super::lock::wait_for_turn;
use crate::error::{Error, Result};
use crate::runtime::Task;

#[wasm_bindgen]
extern "C" {
    /// The class `HubModel` of `hub.js`.
    #[derive(Debug, Clone)]
    pub type HubModel;

    /// Its name: `hub:owner/repository/file@revision`.
    #[wasm_bindgen(method, getter)]
    pub(super) fn name(this: &HubModel) -> String;

    /// A promise of the `{ url, sha256, size }` that was pinned, or `undefined`.
    #[wasm_bindgen(method, js_name = pinned)]
    fn start_pinned(this: &HubModel) -> Promise;

    /// A promise of the `{ url, sha256, size }` that is pinned, which the hub is asked for at the
    /// first use. It rejects with `{ code, detail, url }`.
    #[wasm_bindgen(method, js_name = resolve)]
    fn start_resolve(this: &HubModel, signal: &AbortSignal) -> Promise;
}

impl HubModel {
    /// What was pinned when the model was first used.
    pub(super) async fn pinned(&self) -> Option<JsValue> {
        let pinned = JsFuture::from(self.start_pinned()).await.ok()?;
        (!pinned.is_undefined()).then_some(pinned)
    }

    /// What is pinned. At the first use the hub is asked for it, once, even by several tabs. Errors
    /// name the `option` that has the model.
    pub(super) async fn resolve(&self, option: &'static str, task: &Task) -> Result<JsValue> {
        if let Some(pinned) = self.pinned().await {
            return Ok(pinned);
        }
        let lock = format!("multimodal-rag:{}", self.name());
        let _lock = task.unless_cancelled(wait_for_turn(&lock)).await?;
        let aborting = AbortController::new().map_err(|e| self.not_found(option, &e))?;
        let aborting = CancelOnDrop(aborting);
        let found = JsFuture::from(self.start_resolve(&aborting.0.signal()));
        let found = task.unless_cancelled(found).await?;
        found.map_err(|error| self.not_found(option, &error))
    }

    /// The error of a download that the hub refuses with 401 or 403.
    pub(super) fn gated(&self, detail: String) -> Error {
        Error::ModelGated { name: self.name(), detail }
    }

    fn not_found(&self, option: &'static str, error: &JsValue) -> Error {
        let text = |name| text_property(error, name).unwrap_or_default();
        match text("code").as_str() {
            "download_failed" => Error::DownloadFailed { url: text("url"), detail: text("detail") },
            "model_gated" => self.gated(text("detail")),
            "invalid_option" => Error::InvalidOption {
                option,
                got: format!("{}, {}", self.name(), text("detail")),
                expected: "{ url, sha256, size }",
            },
            _ => Error::Internal { detail: describe(error) },
        }
    }
}
