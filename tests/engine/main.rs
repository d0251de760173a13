//! The engine as a whole: adding, asking, storing, stopping, and calls that overlap,
//! over small models of random weights.
#![allow(clippy::unwrap_used)]

mod adding;
mod asking;
mod carrying;
mod damage;
mod failing;
mod helping;
mod merging;
mod overlapping;
mod removing;
mod reopening;
mod sharing;
mod stopping;
mod updating;
mod world;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
