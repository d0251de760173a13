//! The bindings for JavaScript, and the browser's storage, files and clock.
//!
//! The package's workers call the classes that are exported here. Each method converts its
//! arguments, calls the core, and converts the result. Errors are thrown as
//! `{ code, message }`.

mod blob_source;
mod convert;
mod documents;
mod download;
mod embed_worker_pool;
mod engine;
mod engine_workers;
mod file_content;
mod file_reader;
mod generator_files;
mod graph_builder;
mod hub_model;
mod image_embedder;
mod indexed_db;
mod js_folder;
mod lock;
mod model_source;
mod models;
mod ocr_files;
mod open_options;
mod options;
mod page_generator;
mod place;
mod quota;
mod remote_file;
mod runtime;
mod sql_worker;
mod stats;
mod tables;
#[cfg(target_feature = "atomics")]
mod threads;

use serde::Serialize;
use wasm_bindgen::prelude::*;

pub use embed_worker_pool::EmbedWorkerPool;
pub use engine::EngineHandle;
pub use engine_workers::EngineWorkers;
pub use file_reader::ReaderWorkers;
pub use graph_builder::{GraphBuilder, build_graph};
pub use hub_model::HubModel;
pub use image_embedder::ImageEmbedderHandle;
pub use indexed_db::IndexedDbStore;
pub use js_folder::JsFolder;
pub use models::{EmbedderHandle, GeneratorHandle};
pub use sql_worker::SqlWorker;
#[cfg(target_feature = "atomics")]
pub use threads::{give_up, serve, threads};

/// The attribute of unit tests, which run in a worker.
#[cfg(test)]
pub(crate) use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

use crate::kernel;
use crate::runtime::{CancelToken, Progress, Task};

/// Runs once, when the module is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// The package's `Backend`: what the kernels run on.
#[derive(Serialize)]
struct Backend {
    simd: bool,
    relaxed: bool,
    threads: usize,
    workers: u32,
}

impl Backend {
    fn in_use(pool: Option<&EmbedWorkerPool>) -> Self {
        Self {
            simd: cfg!(target_feature = "simd128"),
            relaxed: cfg!(feature = "relaxed-simd"),
            threads: kernel::threads(),
            workers: pool.map_or(1, EmbedWorkerPool::workers),
        }
    }
}

/// Cancels one call.
#[wasm_bindgen(js_name = CancelToken)]
#[derive(Debug, Default)]
pub struct CancelHandle(CancelToken);

#[wasm_bindgen(js_class = CancelToken)]
impl CancelHandle {
    /// A token for one call.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the call end at its next step.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// A task that `cancel` cancels, and that reports its progress to a JavaScript function.
fn task(cancel: &CancelHandle, on_progress: Option<js_sys::Function>) -> Task {
    let cancel = cancel.0.clone();
    let Some(on_progress) = on_progress else { return Task { cancel, on_progress: None } };
    let report = move |progress: Progress| call(&on_progress, &convert::to_js(&progress));
    Task { cancel, on_progress: Some(std::rc::Rc::new(report)) }
}

/// Calls a JavaScript function. An exception of it is ignored.
fn call(function: &js_sys::Function, argument: &JsValue) {
    let _ = function.call1(&JsValue::NULL, argument);
}
