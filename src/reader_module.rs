//! The export of a reader module: a wasm module of the npm package that only reads files.
//!
//! The package's reader worker loads it, calls [`read_file`] once for each file, and starts a
//! new instance after a trap.

use std::cell::Cell;
#[cfg(feature = "read-sql")]
use std::cell::RefCell;
#[cfg(feature = "read-image")]
use std::sync::OnceLock;

use js_sys::{Function, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::ImageData;

use crate::document::FileKind;
use crate::error::{Error, Result};
use crate::format::{self, FileToRead};
use crate::image_input::ImageInput;
#[cfg(feature = "read-image")]
use crate::ocr::OcrModels;
use crate::read::{Ocr, ReadFile, ReadLimits, ReadWatch, Rgb};
#[cfg(feature = "read-sql")]
use crate::sql::Database;

/// Runs once, when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// Whether a file is a picture whose pixels [`read_file`] takes from the browser.
///
/// # Errors
/// Throws `{ code, message }` for a picture that has too many pixels, or does not say how many.
#[cfg(feature = "read-image")]
#[wasm_bindgen(js_name = needsBrowser)]
pub fn needs_browser(name: &str, bytes: &[u8]) -> Result<bool, JsValue> {
    crate::read::image::needs_browser(name, bytes).map_err(thrown)
}

/// Reads a file. Returns the kind and the [`ReadFile`] in postcard's format, for the engine's
/// module of the same build. `limits` is a [`ReadLimits`] and an optional [`ImageInput`] in the same
/// format. `decoded` are the pixels of a picture that the browser decoded, without transparency.
/// `on_step` is called with what is done, the total and the unit.
///
/// # Errors
/// Throws `{ code, message }`.
#[wasm_bindgen(js_name = readFile)]
pub fn read_file(
    name: &str,
    media_type: Option<String>,
    bytes: &[u8],
    password: Option<String>,
    limits: &[u8],
    decoded: Option<ImageData>,
    on_step: &Function,
) -> Result<Uint8Array, JsValue> {
    let (limits, image_input): (ReadLimits, Option<ImageInput>) =
        postcard::from_bytes(limits).unwrap_or_default();
    let decoded = decoded.map(|data| (data.width(), data.height(), rgb(data.data().0)));
    let file = FileToRead {
        name,
        media_type: media_type.as_deref(),
        bytes,
        password: password.as_deref(),
        ocr: ocr(),
        image_input,
        decoded: decoded.as_ref().map(|&(width, height, ref pixels)| Rgb { width, height, pixels }),
        ..FileToRead::default()
    };
    let watch = Steps {
        on_step,
        name,
        limits: &limits,
        since_ms: js_sys::Date::now(),
        last_ms: Cell::new(0.0),
    };
    let read: (FileKind, ReadFile) = format::read_file(&file, &limits, &watch).map_err(thrown)?;
    let encoded = postcard::to_allocvec(&read).map_err(|_| {
        thrown(Error::Internal { detail: "what was read cannot be encoded".into() })
    })?;
    Ok(encoded.as_slice().into())
}

/// Loads the models that read the words in pictures. They serve all files from then on.
///
/// # Errors
/// Throws `{ code, message }`.
#[cfg(feature = "read-image")]
#[wasm_bindgen(js_name = loadOcr)]
pub fn load_ocr(
    detection: Vec<u8>,
    recognition: Vec<u8>,
    characters: &[u8],
) -> Result<(), JsValue> {
    let models = OcrModels::load(detection, recognition, characters).map_err(thrown)?;
    // A second call has no effect: the worker makes one.
    let _ = OCR.set(models);
    Ok(())
}

/// Runs a query: an [`SqlRequest`](crate::sql::SqlRequest) in postcard's format. Returns the `SqlResult` in the same
/// format. The tables that it loads stay, for later queries.
///
/// # Errors
/// Throws `{ code, message }`.
#[cfg(feature = "read-sql")]
#[wasm_bindgen(js_name = runQuery)]
pub fn run_query(request: &[u8]) -> Result<Uint8Array, JsValue> {
    let undecodable = |_| Error::Internal { detail: "the query cannot be decoded".into() };
    let run = || {
        let request = postcard::from_bytes(request).map_err(undecodable)?;
        let result = with_database(|database| database.run(request))??;
        postcard::to_allocvec(&result)
            .map_err(|_| Error::Internal { detail: "the result cannot be encoded".into() })
    };
    run().map(|encoded: Vec<u8>| encoded.as_slice().into()).map_err(thrown)
}

/// The keys of the tables that are loaded.
///
/// # Errors
/// Throws `{ code, message }` without the memory for a database.
#[cfg(feature = "read-sql")]
#[wasm_bindgen(js_name = heldTables)]
pub fn held_tables() -> Result<Vec<String>, JsValue> {
    with_database(|database| database.held()).map_err(thrown)
}

#[cfg(feature = "read-sql")]
thread_local! {
    static DATABASE: RefCell<Option<Database>> = const { RefCell::new(None) };
}

/// Uses the database of this module, which is opened for the first query.
#[cfg(feature = "read-sql")]
fn with_database<T>(use_it: impl FnOnce(&mut Database) -> T) -> Result<T> {
    DATABASE.with_borrow_mut(|database| {
        let open = match database.take() {
            Some(open) => open,
            None => Database::new(js_sys::Date::now)?,
        };
        Ok(use_it(database.insert(open)))
    })
}

#[cfg(feature = "read-image")]
static OCR: OnceLock<OcrModels> = OnceLock::new();

#[cfg(feature = "read-image")]
fn ocr() -> Option<&'static dyn Ocr> {
    OCR.get().map(|models| models as &dyn Ocr)
}

/// Only pictures have words to read.
#[cfg(not(feature = "read-image"))]
fn ocr() -> Option<&'static dyn Ocr> {
    None
}

/// The first three of each four bytes.
fn rgb(mut rgba: Vec<u8>) -> Vec<u8> {
    let count = rgba.len() / 4;
    for index in 0..count {
        rgba.copy_within(4 * index..4 * index + 3, 3 * index);
    }
    rgba.truncate(3 * count);
    rgba.shrink_to_fit();
    rgba
}

/// Milliseconds between two reports.
const REPORT_INTERVAL_MS: f64 = 50.0;

struct Steps<'a> {
    on_step: &'a Function,
    name: &'a str,
    limits: &'a ReadLimits,
    since_ms: f64,
    last_ms: Cell<f64>,
}

impl ReadWatch for Steps<'_> {
    fn step(&self, done: u64, total: u64, unit: &'static str) -> Result<()> {
        let now_ms = js_sys::Date::now();
        if now_ms - self.last_ms.get() >= REPORT_INTERVAL_MS {
            self.last_ms.set(now_ms);
            let (done, total) = (JsValue::from(done as f64), JsValue::from(total as f64));
            let _ = self.on_step.call3(&JsValue::NULL, &done, &total, &unit.into());
        }
        format::check_time(self.name, now_ms - self.since_ms, self.limits)
    }
}

/// The object that is thrown for an error.
#[derive(Serialize)]
struct Thrown {
    code: &'static str,
    message: String,
}

fn thrown(error: Error) -> JsValue {
    let thrown = Thrown { code: error.code(), message: error.to_string() };
    serde_wasm_bindgen::to_value(&thrown).unwrap_or(JsValue::UNDEFINED)
}
