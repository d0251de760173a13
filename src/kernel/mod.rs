//! Arithmetic on packed numbers: what the speed of the rest stands on, and the only
//! place for `unsafe`.
//!
//! The platform is picked here, once; [`lanes`] says what platforms differ in, and all
//! that is built on it is written once. `portable.rs` is what every platform without a
//! file of its own uses.
//!
//! **Contract** of all products and of attention: what a row gives is bitwise the same
//! for any number of rows beside it, for any slices they come in, and on any number of
//! [`threads`]. Sums of whole numbers are the same on every platform.

// Loads and stores take pointers, and instructions a platform that has them.
#![allow(unsafe_code)]

mod activations;
#[cfg(all(target_arch = "wasm32", feature = "aligned-alloc"))]
mod aligned_alloc;
mod attention;
mod block;
mod floats;
mod layout;
mod outlier_product;
mod outliers;
mod packed;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
mod product;
mod row_scaled;
mod scan;
mod simd;
#[cfg(test)]
mod tests;
mod tile_output;
// On one thread, nobody serves.
#[cfg_attr(all(target_arch = "wasm32", not(target_feature = "atomics")), allow(dead_code))]
mod threads;
mod vector;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(not(any(
    all(target_arch = "wasm32", target_feature = "simd128"),
    target_arch = "x86_64"
)))]
use portable as platform;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm32 as platform;
#[cfg(target_arch = "x86_64")]
use x86_64 as platform;

pub(crate) use activations::ActivationRows;
pub(crate) use attention::{AttentionMask, HeadLayout, KeyValues, attend, attend_within};
pub(crate) use floats::{FloatMatrix, FloatVec};
pub(crate) use layout::BLOCK;
pub(crate) use packed::{PackedMatrix, QuantScheme, WeightBlock};
pub(crate) use row_scaled::RowScaledMatrix;
pub use scan::{
    MAX_DOT_I8, MAX_SIGN_ENTRY, SIGN_ROWS, SIGN_STEP, dot_i8, dot_rows, dot_rows_at,
    max_query_value, sign_offset, sum_table_lookups,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use threads::threads;
#[cfg(not(target_arch = "wasm32"))]
pub use threads::use_threads;
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
pub(crate) use threads::{give_up, serve};
pub(crate) use vector::{
    Activation, activate, activate_times, add, add_and_layer_norm, all_finite, dot, layer_norm,
    rms_norm, rms_norm_in_place,
};

use crate::error::{Error, Result};

/// Numbers to be multiplied are infinite or none: rounding them would hide it.
#[derive(Debug)]
pub(crate) struct NotFinite;

/// Rows that matrices take together; all but the last rows come in so many at a time.
pub(crate) const PANEL_ROWS: usize = simd::LANES;

/// Memory for so many weights, where there is as much.
pub(crate) fn try_with_capacity<T>(count: usize) -> Result<Vec<T>> {
    let mut weights = Vec::new();
    match weights.try_reserve_exact(count) {
        Ok(()) => Ok(weights),
        Err(_) => Err(Error::OutOfMemory { bytes: count.saturating_mul(size_of::<T>()) as u64 }),
    }
}
