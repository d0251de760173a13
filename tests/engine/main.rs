//! The engine as a whole: adding, asking, storing, stopping, and calls that overlap,
//! over small models of random weights.
#![allow(clippy::unwrap_used)]

mod adding;
mod asking;
mod damage;
mod helping;
mod overlapping;
mod removing;
mod reopening;
mod stopping;
mod world;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
