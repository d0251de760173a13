//! The engine as a whole: adding, asking, storing, stopping, and calls that overlap,
//! over small models of random weights.
#![allow(clippy::unwrap_used)]

mod adding;
mod asking;
mod changed;
mod damage;
mod damage_at_random;
mod embed_workers;
mod failing;
mod forged;
mod graphs;
mod merging;
mod overlapping;
mod past;
mod preloading;
#[path = "../support/record.rs"]
mod record;
#[path = "../support/stored.rs"]
mod records;
mod removing;
mod reopening;
#[path = "../support/rng.rs"]
mod rng;
mod sharing;
mod stopping;
mod stored;
mod transferring;
mod updating;
mod world;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
