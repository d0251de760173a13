//! Products of bytes, with relaxed SIMD.

use core::arch::wasm32::*;
use std::sync::OnceLock;

use super::super::layout::BLOCK;
use super::super::simd::{SimdKernel, i16_steps_before_fold};
use super::{DotProducts, Simd};

/// Sums of four products of bytes: one instruction on processors that have it.
#[derive(Clone, Copy)]
struct Dot4;

/// Sums of two products of bytes, for the other processors.
#[derive(Clone, Copy)]
struct Dot2;

impl DotProducts for Dot4 {
    const CODE_BYTES: usize = 1;
    #[inline(always)]
    fn steps_before_fold(_bits: u32) -> usize {
        BLOCK
    }
    #[inline(always)]
    fn add_unsigned(weights: v128, activations: v128, to: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(activations, weights, to)
    }
    #[inline(always)]
    fn add_signed(weights: v128, activations: v128, to: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, to)
    }
    #[inline(always)]
    fn fold(products: v128, to: v128) -> v128 {
        i32x4_add(products, to)
    }
    #[inline(always)]
    fn mul_add(a: v128, b: v128, c: v128) -> v128 {
        f32x4_relaxed_madd(a, b, c)
    }
    #[inline(always)]
    fn shuffle(a: v128, shuffle: v128) -> v128 {
        i8x16_relaxed_swizzle(a, shuffle)
    }
}

impl DotProducts for Dot2 {
    const CODE_BYTES: usize = 1;
    #[inline(always)]
    fn steps_before_fold(bits: u32) -> usize {
        i16_steps_before_fold(bits)
    }
    #[inline(always)]
    fn add_unsigned(weights: v128, activations: v128, to: v128) -> v128 {
        i16x8_add(to, i16x8_relaxed_dot_i8x16_i7x16(activations, weights))
    }
    #[inline(always)]
    fn add_signed(weights: v128, activations: v128, to: v128) -> v128 {
        i16x8_add(to, i16x8_relaxed_dot_i8x16_i7x16(weights, activations))
    }
    #[inline(always)]
    fn fold(products: v128, to: v128) -> v128 {
        // Not `i32x4_extadd_pairwise`: browsers multiply for it as well, with ones that they load
        // again each time. And of a single step, a compiler would make an instruction that few
        // machines have.
        i32x4_add(to, i32x4_dot_i16x8(products, ones()))
    }
    #[inline(always)]
    fn mul_add(a: v128, b: v128, c: v128) -> v128 {
        f32x4_relaxed_madd(a, b, c)
    }
    #[inline(always)]
    fn shuffle(a: v128, shuffle: v128) -> v128 {
        i8x16_relaxed_swizzle(a, shuffle)
    }
}

/// Ones of 16 bits, by an instruction that LLVM does not compute: it crashes (LLVM 22) where it
/// computes a dot product of constants of which one is undefined, as on a path that is never taken.
#[inline(always)]
fn ones() -> v128 {
    i16x8_relaxed_dot_i8x16_i7x16(i16x8_splat(1), i16x8_splat(1))
}

/// Runs `work` on two registers, with the faster of the relaxed products.
pub(in super::super) fn run<W: SimdKernel>(work: W) -> W::Output {
    static HAS_DOT4: OnceLock<bool> = OnceLock::new();
    // A browser that lacks the instructions refuses the whole module.
    if *HAS_DOT4.get_or_init(|| has_dot4()) { run_dot4(work) } else { run_dot2(work) }
}

/// Whether the engine has an instruction for sums of four. Engines without it add sums of two that
/// saturate at the ends of an `i16`. Operands that the kernels never use show the difference.
#[inline(never)]
#[target_feature(enable = "relaxed-simd")]
fn has_dot4() -> bool {
    let (signed, beyond) = (i8x16_splat(127), core::hint::black_box(u8x16_splat(255)));
    let sum = i32x4_relaxed_dot_i8x16_i7x16_add(signed, beyond, i32x4_splat(0));
    i32x4_extract_lane::<0>(sum) != 2 * i32::from(i16::MAX)
}

#[inline(never)]
#[target_feature(enable = "relaxed-simd")]
fn run_dot4<W: SimdKernel>(work: W) -> W::Output {
    work.run::<Simd<Dot4>>()
}

#[inline(never)]
#[target_feature(enable = "relaxed-simd")]
fn run_dot2<W: SimdKernel>(work: W) -> W::Output {
    work.run::<Simd<Dot2>>()
}
