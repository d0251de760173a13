//! Embed workers: other workers that compute vectors too, started by the package.

use futures_util::FutureExt;
use js_sys::{Float32Array, Promise, Uint32Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::embed::{EmbedWorkers, PendingVectors, TokenizedText};

#[wasm_bindgen]
extern "C" {
    /// The class `EmbedWorkerPool` of `embed-worker-pool.js`.
    #[derive(Debug, Clone)]
    pub type EmbedWorkerPool;

    /// How many workers embed at most, this one included.
    #[wasm_bindgen(method, getter)]
    pub(super) fn workers(this: &EmbedWorkerPool) -> u32;

    /// Sets the embedder that embed workers load, and its fingerprint. None starts before.
    #[wasm_bindgen(method, js_name = setEmbedder)]
    pub(super) fn set_embedder(this: &EmbedWorkerPool, source: &JsValue, fingerprint: &str);

    /// A promise of the vectors, one after the other; none where every embed worker is busy.
    #[wasm_bindgen(method, catch, js_name = submit)]
    fn submit_tokens(
        this: &EmbedWorkerPool,
        tokens: Uint32Array,
        lengths: Uint32Array,
        left: u32,
        signal: &AbortSignal,
    ) -> Result<Option<Promise>, JsValue>;
}

/// Cancels the work of another worker when it is dropped.
pub(super) struct CancelOnDrop(pub(super) AbortController);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl EmbedWorkers for EmbedWorkerPool {
    fn submit(&self, batch: &[TokenizedText], left: usize) -> Option<PendingVectors> {
        let tokens: Vec<u32> = batch.iter().flat_map(TokenizedText::ids).copied().collect();
        let lengths: Vec<u32> = batch.iter().map(|text| text.ids().len() as u32).collect();
        let (tokens, lengths) = (tokens.as_slice().into(), lengths.as_slice().into());
        let cancel = CancelOnDrop(AbortController::new().ok()?);
        let signal = cancel.0.signal();
        let promise = self.submit_tokens(tokens, lengths, left as u32, &signal).ok()??;
        // At once: a promise that rejects without a handler ends the worker.
        let answer = JsFuture::from(promise);
        let count = batch.len();
        let vectors = async move {
            let _cancel = cancel;
            let numbers = answer.await.ok()?.dyn_into::<Float32Array>().ok()?.to_vec();
            let width = (numbers.len() / count).max(1);
            Some(numbers.chunks_exact(width).map(<[f32]>::to_vec).collect())
        };
        Some(vectors.boxed_local())
    }
}
