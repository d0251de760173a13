//! Arithmetic on packed numbers: what the speed of the rest stands on, and the
//! only place for `unsafe`.
//!
//! The platform is picked here, once. `portable.rs` is what every platform
//! without a file of its own uses, and what the others are tested against.

mod float;
mod packed;
mod portable;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use portable as platform;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm32 as platform;

pub(crate) use float::{add_scaled, dot};
pub(crate) use packed::{BLOCK, PackedMatrix};

/// The longest slices whose dot product always fits an `i32`.
pub const MAX_DOT_I8: usize = i32::MAX as usize / (128 * 128);

/// The dot product of two slices of the same length, at most [`MAX_DOT_I8`], exactly.
pub fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    debug_assert!(a.len() == b.len() && a.len() <= MAX_DOT_I8);
    platform::dot_i8(a, b)
}

/// The dot products of `query` with each of the rows that lie one after another in
/// `rows`, as [`dot_i8`] gives them. `out` has one place for each row.
pub fn dot_i8_rows(query: &[i8], rows: &[i8], out: &mut [i32]) {
    debug_assert_eq!(rows.len(), query.len() * out.len());
    if query.is_empty() {
        return out.fill(0);
    }
    for (product, row) in out.iter_mut().zip(rows.chunks_exact(query.len())) {
        *product = dot_i8(query, row);
    }
}
