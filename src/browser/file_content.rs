//! The content of a file that is added: a Blob, bytes or a text.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::convert::describe;
use super::options::invalid;
use crate::error::{Error, Result};
use crate::format::check_size;
use crate::read::ReadLimits;

/// The bytes of a file, which errors call `name`. A Blob that is too large is not read: it
/// might not fit in memory.
pub(super) async fn bytes(content: &JsValue, name: &str) -> Result<Vec<u8>> {
    if let Some(text) = content.as_string() {
        return Ok(text.into_bytes());
    }
    if let Some(bytes) = content.dyn_ref::<Uint8Array>() {
        return Ok(bytes.to_vec());
    }
    let Some(blob) = content.dyn_ref::<Blob>() else {
        return Err(invalid("source", content, "a Blob, bytes or a string"));
    };
    check_size(name, blob.size() as u64, ReadLimits::default().bytes)?;
    match JsFuture::from(blob.array_buffer()).await {
        Ok(buffer) => Ok(Uint8Array::new(&buffer).to_vec()),
        Err(error) => {
            Err(Error::UnreadableFile { name: name.to_owned(), detail: describe(&error) })
        }
    }
}
