//! The browser: the one place that knows JavaScript.
//!
//! Classes exported here are called by the package's worker; each method converts,
//! calls the core, and converts back. Failures are thrown as `{ code, message }`.

mod blob_source;
mod convert;
mod download;
mod engine;
mod indexed_db;
mod model_files;
mod models;
mod pool;
mod runtime;
mod storage;
#[cfg(target_feature = "atomics")]
mod threads;

use serde::Serialize;
use wasm_bindgen::prelude::*;

pub use engine::EngineHandle;
pub use indexed_db::IndexedDbStore;
pub use models::{EmbedderHandle, GeneratorHandle};
pub use pool::Pool;
#[cfg(target_feature = "atomics")]
pub use threads::{give_up, serve, threads};

use crate::kernel;
use crate::runtime::{CancelToken, Progress, Task};

/// Runs once, when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// The largest file that can be added, in bytes.
#[wasm_bindgen(js_name = maxFileBytes)]
pub fn max_file_bytes() -> u32 {
    crate::read::MAX_FILE_BYTES as u32
}

/// What the kernels run on.
#[derive(Serialize)]
struct Backend {
    simd: bool,
    relaxed: bool,
    threads: usize,
    workers: u32,
}

impl Backend {
    /// `pool` is that of the workers that embed, where there is one.
    fn in_use(pool: Option<&Pool>) -> Self {
        Self {
            simd: cfg!(target_feature = "simd128"),
            relaxed: cfg!(feature = "relaxed-simd"),
            threads: kernel::threads(),
            workers: pool.map_or(1, Pool::workers),
        }
    }
}

/// A wish to cancel one call.
#[wasm_bindgen(js_name = CancelToken)]
#[derive(Debug, Default)]
pub struct CancelHandle(CancelToken);

#[wasm_bindgen(js_class = CancelToken)]
impl CancelHandle {
    /// For one call.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the call to end at its next step.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// A task that can be stopped, and reports to a function of JavaScript's.
fn task(cancel: &CancelHandle, on_progress: Option<js_sys::Function>) -> Task {
    let cancel = cancel.0.clone();
    let Some(on_progress) = on_progress else { return Task { cancel, on_progress: None } };
    let report = move |progress: Progress| call(&on_progress, &convert::to_js(&progress));
    Task { cancel, on_progress: Some(std::rc::Rc::new(report)) }
}

/// Calls a function of JavaScript's; what it throws is its own affair.
fn call(function: &js_sys::Function, argument: &JsValue) {
    let _ = function.call1(&JsValue::NULL, argument);
}
