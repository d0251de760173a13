//! Other workers that embed as well, through the package's pool.

use futures_util::FutureExt;
use js_sys::{Float32Array, Promise, Uint32Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::embed::{EmbedWorkers, PendingVectors, TokenizedText};

#[wasm_bindgen]
extern "C" {
    /// The workers that embed beside this one: `pool.js`.
    #[derive(Debug, Clone)]
    pub type Pool;

    /// How many workers embed at most, this one included.
    #[wasm_bindgen(method, getter)]
    pub(super) fn workers(this: &Pool) -> u32;

    /// From now on embed_workers may be started: what they load, and the fingerprint it must have.
    #[wasm_bindgen(method)]
    pub(super) fn serve(this: &Pool, source: &JsValue, fingerprint: &str);

    /// A promise of the vectors, one after the other; none where no helper has room.
    #[wasm_bindgen(method, catch, js_name = give)]
    fn give_tokens(
        this: &Pool,
        tokens: Uint32Array,
        lengths: Uint32Array,
        left: u32,
        signal: &AbortSignal,
    ) -> Result<Option<Promise>, JsValue>;
}

/// Takes a batch back when it is dropped.
struct TakingBack(AbortController);

impl Drop for TakingBack {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl EmbedWorkers for Pool {
    fn submit(&self, batch: &[TokenizedText], left: usize) -> Option<PendingVectors> {
        let tokens: Vec<u32> = batch.iter().flat_map(TokenizedText::ids).copied().collect();
        let lengths: Vec<u32> = batch.iter().map(|text| text.ids().len() as u32).collect();
        let (tokens, lengths) = (tokens.as_slice().into(), lengths.as_slice().into());
        let taking_back = TakingBack(AbortController::new().ok()?);
        let signal = taking_back.0.signal();
        let promise = self.give_tokens(tokens, lengths, left as u32, &signal).ok()??;
        // Before it is dropped in any way: a promise that fails unheard ends the worker.
        let answer = JsFuture::from(promise);
        let count = batch.len();
        let vectors = async move {
            let _taking_back = taking_back;
            let numbers = answer.await.ok()?.dyn_into::<Float32Array>().ok()?.to_vec();
            let width = (numbers.len() / count).max(1);
            Some(numbers.chunks_exact(width).map(<[f32]>::to_vec).collect())
        };
        Some(vectors.boxed_local())
    }
}
