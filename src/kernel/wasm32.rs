//! WebAssembly's fixed-width SIMD (`simd128`).

// `v128_load` takes a raw pointer; it is the only instruction here that does.
#![allow(unsafe_code)]

use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_extract_lane, f32x4_mul, f32x4_splat,
    i16x8_extend_high_i8x16, i16x8_extend_low_i8x16, i32x4_add, i32x4_dot_i16x8,
    i32x4_extract_lane, i32x4_splat, v128, v128_load,
};

use super::{BLOCK, portable};

/// Numbers in one vector register.
const LANES: usize = 16;

/// See [`super::dot_i8`].
pub(super) fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    let (a_blocks, a_tail) = a.as_chunks::<LANES>();
    let (b_blocks, b_tail) = b.as_chunks::<LANES>();
    // Two sums, so that an addition need not wait for the one before it.
    let mut low = i32x4_splat(0);
    let mut high = i32x4_splat(0);
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        let (a, b) = (load(a), load(b));
        let low_product = i32x4_dot_i16x8(i16x8_extend_low_i8x16(a), i16x8_extend_low_i8x16(b));
        let high_product = i32x4_dot_i16x8(i16x8_extend_high_i8x16(a), i16x8_extend_high_i8x16(b));
        low = i32x4_add(low, low_product);
        high = i32x4_add(high, high_product);
    }
    let sum = i32x4_add(low, high);
    i32x4_extract_lane::<0>(sum)
        + i32x4_extract_lane::<1>(sum)
        + i32x4_extract_lane::<2>(sum)
        + i32x4_extract_lane::<3>(sum)
        + portable::dot_i8(a_tail, b_tail)
}

/// The block in a register.
fn load(block: &[i8; LANES]) -> v128 {
    // SAFETY: the reference guarantees 16 readable bytes, and `v128_load` asks for
    // no alignment.
    unsafe { v128_load(block.as_ptr().cast()) }
}

/// See [`portable::dot_blocks`]; the sums run in four lanes.
pub(super) fn dot_blocks<const N: usize>(
    weights: &[[i8; BLOCK]],
    weight_scales: &[f32],
    rows: [&[[i16; BLOCK]]; N],
    row_scales: [&[f32]; N],
) -> [f32; N] {
    let mut sums = [f32x4_splat(0.0); N];
    for (at, (weights, weight_scale)) in weights.iter().zip(weight_scales).enumerate() {
        let [first, second] = halves(weights);
        let widened = [
            i16x8_extend_low_i8x16(first),
            i16x8_extend_high_i8x16(first),
            i16x8_extend_low_i8x16(second),
            i16x8_extend_high_i8x16(second),
        ];
        for row in 0..N {
            let activations = quarters(&rows[row][at]);
            let products: [v128; 4] =
                std::array::from_fn(|part| i32x4_dot_i16x8(widened[part], activations[part]));
            let product =
                i32x4_add(i32x4_add(products[0], products[1]), i32x4_add(products[2], products[3]));
            let scale = f32x4_splat(weight_scale * row_scales[row][at]);
            sums[row] = f32x4_add(sums[row], f32x4_mul(f32x4_convert_i32x4(product), scale));
        }
    }
    sums.map(|sum| {
        (f32x4_extract_lane::<0>(sum) + f32x4_extract_lane::<1>(sum))
            + (f32x4_extract_lane::<2>(sum) + f32x4_extract_lane::<3>(sum))
    })
}

fn halves(block: &[i8; BLOCK]) -> [v128; 2] {
    let halves = block.as_chunks::<LANES>().0;
    [load(&halves[0]), load(&halves[1])]
}

fn quarters(block: &[i16; BLOCK]) -> [v128; 4] {
    let quarters = block.as_chunks::<8>().0;
    // SAFETY: each reference guarantees 16 readable bytes, and `v128_load` asks for
    // no alignment.
    std::array::from_fn(|part| unsafe { v128_load(quarters[part].as_ptr().cast()) })
}
