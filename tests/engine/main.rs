//! Tests of the whole engine with small models of random weights: adding, asking, storing,
//! cancelling, concurrent calls, and storage that fails.
#![allow(clippy::unwrap_used)]

mod adding;
mod asking;
mod box_reader;
mod cancelling;
mod concurrent_calls;
mod containers;
mod damaged_records;
mod embed_workers;
mod export_import;
mod external_generators;
mod feedback;
mod given_vectors;
mod graphs;
mod harness;
mod history;
#[path = "../support/image_encoders.rs"]
mod image_encoders;
mod images;
mod large_tables;
mod merging;
mod mutation;
mod originals;
#[cfg(feature = "read-image")]
mod pictures;
mod preloading;
mod questions;
mod queue;
mod random_damage;
#[path = "../support/read.rs"]
mod read;
#[path = "../support/record.rs"]
mod record;
#[path = "../support/stored.rs"]
mod records;
mod removing;
mod reopening;
mod replacing;
#[path = "../support/rng.rs"]
mod rng;
mod several_tabs;
mod shipped;
mod store_faults;
mod stored;
#[cfg(feature = "read-sql")]
mod tables;
mod valid_checksum;
mod writing;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
