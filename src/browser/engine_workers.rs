//! The workers that the package starts for an engine.

use wasm_bindgen::prelude::*;

use super::{EmbedWorkerPool, GraphBuilder, ReaderWorkers, SqlWorker};

#[wasm_bindgen]
extern "C" {
    /// An object of `handlers.js`. What it does not have is not used.
    #[derive(Debug, Clone)]
    pub type EngineWorkers;

    #[wasm_bindgen(method, getter, js_name = embedWorkerPool)]
    pub(super) fn embed_worker_pool(this: &EngineWorkers) -> Option<EmbedWorkerPool>;

    #[wasm_bindgen(method, getter, js_name = graphBuilder)]
    pub(super) fn graph_builder(this: &EngineWorkers) -> Option<GraphBuilder>;

    #[wasm_bindgen(method, getter, js_name = readerWorkers)]
    pub(super) fn reader_workers(this: &EngineWorkers) -> Option<ReaderWorkers>;

    #[wasm_bindgen(method, getter, js_name = sqlWorker)]
    pub(super) fn sql_worker(this: &EngineWorkers) -> Option<SqlWorker>;
}
