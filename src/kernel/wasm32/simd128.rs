//! Products of 16-bit numbers, which every browser has.

use core::arch::wasm32::*;

use super::super::layout::BLOCK;
use super::super::simd::SimdKernel;
use super::{DotProducts, Simd};

#[derive(Clone, Copy)]
struct DotI16;

impl DotProducts for DotI16 {
    const CODE_BYTES: usize = 2;
    #[inline(always)]
    fn steps_before_fold(_bits: u32) -> usize {
        BLOCK
    }
    #[inline(always)]
    fn add_unsigned(weights: v128, activations: v128, to: v128) -> v128 {
        i32x4_add(to, i32x4_dot_i16x8(weights, activations))
    }
    #[inline(always)]
    fn add_signed(weights: v128, activations: v128, to: v128) -> v128 {
        Self::add_unsigned(weights, activations, to)
    }
    #[inline(always)]
    fn fold(products: v128, to: v128) -> v128 {
        i32x4_add(products, to)
    }
    #[inline(always)]
    fn mul_add(a: v128, b: v128, c: v128) -> v128 {
        f32x4_add(f32x4_mul(a, b), c)
    }
    #[inline(always)]
    fn shuffle(a: v128, shuffle: v128) -> v128 {
        i8x16_swizzle(a, shuffle)
    }
}

/// Runs `work` on two registers of fixed width.
#[inline(never)]
pub(in super::super) fn run<W: SimdKernel>(work: W) -> W::Output {
    work.run::<Simd<DotI16>>()
}
