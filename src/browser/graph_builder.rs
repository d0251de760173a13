//! HNSW graphs of segments, which the package builds in a worker of its own.

use futures_util::FutureExt;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::convert;
use super::embed_worker_pool::CancelOnDrop;
use crate::index::{self, PendingGraph};

#[wasm_bindgen]
extern "C" {
    /// The class `GraphBuilder` of `graph-builder.js`.
    #[derive(Debug, Clone)]
    pub type GraphBuilder;

    /// A promise of the graph's record. It rejects when the worker fails.
    #[wasm_bindgen(method, catch, js_name = build)]
    fn build_in_worker(
        this: &GraphBuilder,
        vectors: Uint8Array,
        signal: &AbortSignal,
    ) -> Result<Promise, JsValue>;
}

impl index::GraphBuilder for GraphBuilder {
    fn build(&self, vectors: Vec<u8>) -> Option<PendingGraph> {
        let cancel = CancelOnDrop(AbortController::new().ok()?);
        let signal = cancel.0.signal();
        let promise = self.build_in_worker(vectors.as_slice().into(), &signal).ok()?;
        // At once: a promise that rejects without a handler ends the worker.
        let built = JsFuture::from(promise);
        let record = async move {
            let _cancel = cancel;
            Some(built.await.ok()?.dyn_into::<Uint8Array>().ok()?.to_vec())
        };
        Some(record.boxed_local())
    }
}

/// What the worker does: builds the graph of these vectors, and returns its record.
#[wasm_bindgen(js_name = buildGraph)]
pub fn build_graph(vectors: &[u8]) -> Result<Vec<u8>, JsValue> {
    index::build_graph(vectors).map_err(convert::thrown)
}
