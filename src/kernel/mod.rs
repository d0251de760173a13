//! SIMD kernels: arithmetic on packed numbers. The speed of models and of search depends on this
//! module, and it is the only one with `unsafe` code.
//!
//! The platform is chosen here, once. [`simd::Lanes`] lists the operations that platforms differ
//! in; all other code is written once on top of it. `portable.rs` serves every platform that has no
//! file of its own.
//!
//! **Contract** of all products and of attention: the result of a row is bitwise the same for any
//! number of rows beside it, for any slices that the rows come in, and on any number of
//! [`threads`]. Sums of integers are the same on every platform.

// Loads and stores take pointers, and SIMD instructions need a platform that has them.
#![allow(unsafe_code)]

mod activations;
#[cfg(all(target_arch = "wasm32", feature = "aligned-alloc"))]
mod aligned_alloc;
mod attention;
mod block;
mod depthwise;
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
mod softmax;
#[cfg(test)]
mod tests;
mod tile_output;
// A build for one thread has no worker threads.
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
pub(crate) use depthwise::{DepthwiseWeights, Overlap};
pub(crate) use floats::{FloatMatrix, FloatVec};
pub(crate) use layout::BLOCK;
pub(crate) use packed::{PackedMatrix, QuantScheme, WeightBlock};
pub(crate) use row_scaled::{RowScaledMatrix, push_row_codes};
pub use scan::{
    MAX_DOT_I8, MAX_SIGN_ENTRY, SIGN_ROWS, SIGN_STEP, dot_i8, dot_rows, dot_rows_at,
    max_query_value, sign_offset, sum_table_lookups,
};
pub(crate) use softmax::softmax;
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

/// An input is infinite or not a number. Quantizing it would hide that.
#[derive(Debug)]
pub(crate) struct NotFinite;

/// Rows that matrices take together: every push of rows but the last is a multiple of it.
pub(crate) const PANEL_ROWS: usize = simd::LANES;

/// An empty vector with capacity for `count` items, or an error where memory is short.
pub(crate) fn try_with_capacity<T>(count: usize) -> Result<Vec<T>> {
    let mut weights = Vec::new();
    match weights.try_reserve_exact(count) {
        Ok(()) => Ok(weights),
        Err(_) => Err(Error::OutOfMemory { bytes: count.saturating_mul(size_of::<T>()) as u64 }),
    }
}
