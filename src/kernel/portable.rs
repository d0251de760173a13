//! Plain Rust, in shapes that LLVM turns into vector instructions.

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
use super::BLOCK;

/// See [`super::dot_i8`].
pub(super) fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    // Products of two i8 fit an i16 pair sum: on x86-64 this becomes pmaddwd.
    a.iter().zip(b).map(|(&a, &b)| i32::from(i16::from(a)) * i32::from(i16::from(b))).sum()
}

/// The products of one row of weights with `N` rows of activations, both in blocks,
/// each block with its scale.
#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
pub(super) fn dot_blocks<const N: usize>(
    weights: &[[i8; BLOCK]],
    weight_scales: &[f32],
    rows: [&[[i16; BLOCK]]; N],
    row_scales: [&[f32]; N],
) -> [f32; N] {
    std::array::from_fn(|row| dot_row(weights, weight_scales, rows[row], row_scales[row]))
}

#[cfg(any(test, not(all(target_arch = "wasm32", target_feature = "simd128"))))]
fn dot_row(
    weights: &[[i8; BLOCK]],
    weight_scales: &[f32],
    row: &[[i16; BLOCK]],
    row_scales: &[f32],
) -> f32 {
    let blocks = weights.iter().zip(weight_scales).zip(row.iter().zip(row_scales));
    let products = blocks.map(|((weights, weight_scale), (row, row_scale))| {
        // Both as i16: on x86-64 this becomes pmaddwd.
        let pairs = weights.iter().zip(row);
        let product: i32 = pairs.map(|(&w, &x)| i32::from(i16::from(w)) * i32::from(x)).sum();
        product as f32 * (weight_scale * row_scale)
    });
    products.sum()
}
