//! The storage of this origin: usage, quota, persistence.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

use super::convert::{describe, global, property};
use crate::error::Error;

/// The bytes that this origin uses and may use; none where the browser does not tell.
pub(super) async fn estimate() -> Option<(f64, f64)> {
    let estimate = query(StorageManager::estimate).await?;
    let number = |name| property(&estimate, name)?.as_f64();
    Some((number("usage")?, number("quota")?))
}

/// About how many more bytes this origin may use; none where the browser does not tell.
pub(super) async fn free_bytes() -> Option<u64> {
    let (used, quota) = estimate().await?;
    Some((quota - used).max(0.0) as u64)
}

/// Whether the browser promised not to clear it by itself; none where it does not tell.
pub(super) async fn persisted() -> Option<bool> {
    query(StorageManager::persisted).await?.as_bool()
}

/// Why storage cannot be used at all; none where it can.
pub(super) fn unavailable() -> Option<String> {
    match js_sys::Reflect::get(&js_sys::global(), &"indexedDB".into()) {
        Ok(value) if !value.is_undefined() && !value.is_null() => None,
        Ok(_) => Some("this browser has no IndexedDB here".to_owned()),
        Err(error) => Some(describe(&error)),
    }
}

/// The error of storage that cannot be used at all.
pub(super) fn refused(detail: String) -> Error {
    let advice = "Leave private mode, allow storage, or open with storage \"memory\".";
    Error::StorageRefused { detail, advice }
}

async fn query(method: impl Fn(&StorageManager) -> Result<Promise, JsValue>) -> Option<JsValue> {
    let storage = global().navigator().storage();
    if storage.is_undefined() {
        return None;
    }
    JsFuture::from(method(&storage).ok()?).await.ok()
}
