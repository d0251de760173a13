//! WebAssembly's SIMD: fixed-width (`simd128`), or relaxed where the build allows it.
//!
//! Eight lanes are two registers. Without relaxed SIMD, products are of 16-bit numbers. With it,
//! they are of bytes, of which one is never above 127, so that every browser gives the same
//! results.

#[cfg(feature = "relaxed-simd")]
mod relaxed_simd;
#[cfg(not(feature = "relaxed-simd"))]
mod simd128;

use core::arch::wasm32::*;
use core::marker::PhantomData;

use super::layout::TILE;
use super::simd::{F16_TO_F32, Lanes, code_shuffle};

#[cfg(feature = "relaxed-simd")]
pub(super) use relaxed_simd::run;
#[cfg(not(feature = "relaxed-simd"))]
pub(super) use simd128::run;

/// The operations that the two instruction sets differ in.
pub(super) trait DotProducts: Copy {
    const CODE_BYTES: usize;
    /// See [`Lanes::steps_before_fold`].
    fn steps_before_fold(bits: u32) -> usize;
    fn add_unsigned(weights: v128, activations: v128, to: v128) -> v128;
    fn add_signed(weights: v128, activations: v128, to: v128) -> v128;
    fn fold(products: v128, to: v128) -> v128;
    fn mul_add(a: v128, b: v128, c: v128) -> v128;
    /// The bytes of `a` at the indices in `shuffle`, and zeros where an index is out of range.
    fn shuffle(a: v128, shuffle: v128) -> v128;
}

/// Widens four codes of four columns: two codes of each column, then the next two of each.
#[inline(always)]
fn to_i16(codes: v128) -> [v128; 2] {
    let (low, high) = (i16x8_extend_low_i8x16(codes), i16x8_extend_high_i8x16(codes));
    [i32x4_shuffle::<0, 2, 4, 6>(low, high), i32x4_shuffle::<1, 3, 5, 7>(low, high)]
}

/// See [`Lanes::lookup_nibbles`].
#[inline(always)]
fn lookup_nibbles<P: DotProducts>(low: v128, high: v128, at: v128) -> v128 {
    let half = u8x16_splat(15);
    let of_low = P::shuffle(low, v128_and(at, half));
    i8x16_add(of_low, P::shuffle(high, v128_and(u16x8_shr(at, 4), half)))
}

/// The middle of the range in which neighbouring floats differ by 1.
const WHOLE: f32 = 3.0 * (1 << 22) as f32;

/// Two registers side by side.
pub(super) struct Simd<P>(PhantomData<P>);

#[derive(Clone, Copy)]
pub(super) struct V128x2(v128, v128);

#[inline(always)]
fn each(a: V128x2, b: V128x2, f: impl Fn(v128, v128) -> v128) -> V128x2 {
    V128x2(f(a.0, b.0), f(a.1, b.1))
}

/// Loads both halves of 32 bytes.
#[inline(always)]
unsafe fn load(at: *const u8) -> V128x2 {
    // SAFETY: the caller guarantees it; `v128_load` needs no alignment.
    unsafe { V128x2(v128_load(at.cast()), v128_load(at.add(16).cast())) }
}

impl<P: DotProducts> Simd<P> {
    const SHUFFLES: [[u8; 16]; 4] = {
        let (bytes, mut shuffles, mut index) = (P::CODE_BYTES, [[0; 16]; 4], 0);
        while index < 4 / bytes {
            shuffles[index] = code_shuffle(bytes, index);
            index += 1;
        }
        shuffles
    };
}

impl<P: DotProducts> Lanes for Simd<P> {
    type Ints = V128x2;
    type Floats = V128x2;
    type Codes = V128x2;
    type Products = V128x2;
    const CODE_BYTES: usize = P::CODE_BYTES;
    // Browsers may place stack variables across cache lines, depending on the functions that call:
    // the same code was a quarter slower then.
    const SUMS_IN_MEMORY: bool = true;

    #[inline(always)]
    unsafe fn load_codes(at: *const u8) -> V128x2 {
        unsafe { load(at) }
    }
    #[inline(always)]
    fn extract_code(codes: V128x2, index: usize) -> V128x2 {
        // SAFETY: a shuffle is as long as a register.
        let shuffle = unsafe { v128_load(Self::SHUFFLES[index].as_ptr().cast()) };
        let (low, high) = (P::shuffle(codes.0, shuffle), P::shuffle(codes.1, shuffle));
        // From the upper end, so that the sign is kept.
        if P::CODE_BYTES == 1 {
            V128x2(i32x4_shr(low, 24), i32x4_shr(high, 24))
        } else {
            V128x2(i32x4_shr(low, 16), i32x4_shr(high, 16))
        }
    }
    #[inline(always)]
    unsafe fn broadcast(at: *const u8) -> V128x2 {
        let four = unsafe { v128_load32_splat(at.cast()) };
        V128x2(four, four)
    }
    #[inline(always)]
    unsafe fn broadcast_each<const M: usize>(at: *const u8) -> [V128x2; M] {
        const { assert!(M == 1 || M == TILE && TILE == 4) };
        if M == 1 {
            return [unsafe { Self::broadcast(at) }; M];
        }
        // One load: browsers compute the address of each broadcast with an instruction of its own.
        let rows = unsafe { v128_load(at.cast()) };
        let rows = [
            i32x4_shuffle::<0, 0, 0, 0>(rows, rows),
            i32x4_shuffle::<1, 1, 1, 1>(rows, rows),
            i32x4_shuffle::<2, 2, 2, 2>(rows, rows),
            i32x4_shuffle::<3, 3, 3, 3>(rows, rows),
        ];
        std::array::from_fn(|row| V128x2(rows[row], rows[row]))
    }
    #[inline(always)]
    unsafe fn load_splat_each<const M: usize>(at: *const f32) -> [V128x2; M] {
        unsafe { Self::broadcast_each(at.cast()) }
    }
    #[inline(always)]
    fn zero_products() -> V128x2 {
        Self::splat_int(0)
    }
    #[inline(always)]
    fn steps_before_fold(bits: u32) -> usize {
        P::steps_before_fold(bits)
    }
    #[inline(always)]
    fn opaque(address: *const u8) -> *const u8 {
        // Without it, compilers derive addresses from each other and no longer see that they are
        // within one block of memory: then offsets are added by instructions of their own.
        std::hint::black_box(address)
    }
    #[inline(always)]
    fn no_step() -> usize {
        // Without it, compilers move all products of a sum next to each other, and operands do not
        // stay in registers.
        std::hint::black_box(usize::MAX)
    }
    #[inline(always)]
    fn add_unsigned(weights: V128x2, activations: V128x2, to: V128x2) -> V128x2 {
        V128x2(
            P::add_unsigned(weights.0, activations.0, to.0),
            P::add_unsigned(weights.1, activations.1, to.1),
        )
    }
    #[inline(always)]
    fn add_signed(weights: V128x2, activations: V128x2, to: V128x2) -> V128x2 {
        V128x2(
            P::add_signed(weights.0, activations.0, to.0),
            P::add_signed(weights.1, activations.1, to.1),
        )
    }
    #[inline(always)]
    fn fold(products: V128x2, to: V128x2) -> V128x2 {
        V128x2(P::fold(products.0, to.0), P::fold(products.1, to.1))
    }
    #[inline(always)]
    unsafe fn nibbles(at: *const u8) -> [V128x2; 2] {
        let (packed, low) = (unsafe { load(at) }, u8x16_splat(15));
        let high = V128x2(u8x16_shr(packed.0, 4), u8x16_shr(packed.1, 4));
        [V128x2(v128_and(packed.0, low), v128_and(packed.1, low)), high]
    }
    #[inline(always)]
    fn add_high(low: V128x2, high: V128x2, down: u32, bits: u32) -> V128x2 {
        // A shift of 16-bit numbers: the mask clears what comes from the other byte.
        let mask = u8x16_splat(((1 << bits) - 1) << 4);
        each(low, high, |low, high| {
            v128_or(low, v128_and(u16x8_shl(u16x8_shr(high, down), 4), mask))
        })
    }
    #[inline(always)]
    fn to_i16(codes: V128x2) -> [V128x2; 2] {
        let ([a, b], [c, d]) = (to_i16(codes.0), to_i16(codes.1));
        [V128x2(a, c), V128x2(b, d)]
    }
    #[inline(always)]
    fn add_dot_i16(weights: V128x2, activations: V128x2, to: V128x2) -> V128x2 {
        let product = each(weights, activations, |a, b| i32x4_dot_i16x8(a, b));
        each(product, to, |a, b| i32x4_add(a, b))
    }

    #[inline(always)]
    unsafe fn load_i8_as_i16(from: *const i8) -> V128x2 {
        unsafe { V128x2(i16x8_load_extend_i8x8(from), i16x8_load_extend_i8x8(from.add(8))) }
    }
    #[inline(always)]
    fn lookup_nibbles(low: V128x2, high: V128x2, at: V128x2) -> V128x2 {
        V128x2(lookup_nibbles::<P>(low.0, high.0, at.0), lookup_nibbles::<P>(low.1, high.1, at.1))
    }
    #[inline(always)]
    fn add_u8(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| i8x16_add(a, b))
    }
    #[inline(always)]
    fn accumulate_u8(bytes: V128x2, to: V128x2) -> V128x2 {
        let V128x2(first, next) = bytes;
        let low = i16x8_add(u16x8_extend_low_u8x16(first), u16x8_extend_low_u8x16(next));
        let high = i16x8_add(u16x8_extend_high_u8x16(first), u16x8_extend_high_u8x16(next));
        each(V128x2(low, high), to, |a, b| i16x8_add(a, b))
    }
    #[inline(always)]
    unsafe fn store_codes(codes: V128x2, to: *mut u8) {
        unsafe {
            v128_store(to.cast(), codes.0);
            v128_store(to.add(16).cast(), codes.1);
        }
    }

    #[inline(always)]
    fn splat_int(value: i32) -> V128x2 {
        V128x2(i32x4_splat(value), i32x4_splat(value))
    }
    #[inline(always)]
    unsafe fn load_i8(at: *const i8) -> V128x2 {
        let eight = unsafe { i16x8_load_extend_i8x8(at) };
        V128x2(i32x4_extend_low_i16x8(eight), i32x4_extend_high_i16x8(eight))
    }
    #[inline(always)]
    fn sum_ints(a: V128x2) -> i32 {
        let four = i32x4_add(a.0, a.1);
        (i32x4_extract_lane::<0>(four) + i32x4_extract_lane::<2>(four))
            + (i32x4_extract_lane::<1>(four) + i32x4_extract_lane::<3>(four))
    }
    #[inline(always)]
    fn add_ints(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| i32x4_add(a, b))
    }
    #[inline(always)]
    fn sub_ints(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| i32x4_sub(a, b))
    }
    #[inline(always)]
    unsafe fn narrow(values: [V128x2; 4], to: *mut u8) {
        if P::CODE_BYTES == 2 {
            return unsafe { Self::narrow_to_i16(values, to) };
        }
        let [a, b, c, d] = values.map(|x| i16x8_narrow_i32x4(x.0, x.1));
        let to: *mut v128 = to.cast();
        unsafe {
            v128_store(to, i8x16_narrow_i16x8(a, b));
            v128_store(to.add(1), i8x16_narrow_i16x8(c, d));
        }
    }
    #[inline(always)]
    unsafe fn narrow_to_i16(values: [V128x2; 4], to: *mut u8) {
        let to: *mut v128 = to.cast();
        for (at, value) in values.into_iter().enumerate() {
            unsafe { v128_store(to.add(at), i16x8_narrow_i32x4(value.0, value.1)) };
        }
    }
    #[inline(always)]
    fn shift_left<const BITS: u32>(a: V128x2) -> V128x2 {
        V128x2(i32x4_shl(a.0, BITS), i32x4_shl(a.1, BITS))
    }
    #[inline(always)]
    fn to_floats(a: V128x2) -> V128x2 {
        V128x2(f32x4_convert_i32x4(a.0), f32x4_convert_i32x4(a.1))
    }
    #[inline(always)]
    fn to_ints(a: V128x2) -> V128x2 {
        // The low bits of the sum are the integer: two instructions, where rounding and converting
        // take seven.
        let shift = f32x4_splat(WHOLE);
        V128x2(i32x4_sub(f32x4_add(a.0, shift), shift), i32x4_sub(f32x4_add(a.1, shift), shift))
    }
    #[inline(always)]
    fn from_bits(a: V128x2) -> V128x2 {
        a
    }

    #[inline(always)]
    unsafe fn load_floats(at: *const f32) -> V128x2 {
        unsafe { load(at.cast()) }
    }
    #[inline(always)]
    unsafe fn load_f16(at: *const u8) -> V128x2 {
        let eight = unsafe { v128_load(at.cast()) };
        let (factor, bits) = (f32x4_splat(F16_TO_F32.0), i32x4_splat(F16_TO_F32.1));
        let wide = V128x2(i32x4_extend_low_i16x8(eight), i32x4_extend_high_i16x8(eight));
        each(wide, wide, |wide, _| f32x4_mul(v128_and(i32x4_shl(wide, 13), bits), factor))
    }
    #[inline(always)]
    unsafe fn store(at: *mut f32, values: V128x2) {
        unsafe {
            v128_store(at.cast(), values.0);
            v128_store(at.add(4).cast(), values.1);
        }
    }
    #[inline(always)]
    unsafe fn load_splat(at: *const f32) -> V128x2 {
        let one = unsafe { v128_load32_splat(at.cast()) };
        V128x2(one, one)
    }
    #[inline(always)]
    fn splat(value: f32) -> V128x2 {
        V128x2(f32x4_splat(value), f32x4_splat(value))
    }
    #[inline(always)]
    fn add(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| f32x4_add(a, b))
    }
    #[inline(always)]
    fn sub(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| f32x4_sub(a, b))
    }
    #[inline(always)]
    fn mul(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| f32x4_mul(a, b))
    }
    #[inline(always)]
    fn div(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| f32x4_div(a, b))
    }
    #[inline(always)]
    fn mul_add(a: V128x2, b: V128x2, c: V128x2) -> V128x2 {
        V128x2(P::mul_add(a.0, b.0, c.0), P::mul_add(a.1, b.1, c.1))
    }
    #[inline(always)]
    fn min(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| f32x4_pmin(a, b))
    }
    #[inline(always)]
    fn max(a: V128x2, b: V128x2) -> V128x2 {
        each(a, b, |a, b| f32x4_pmax(a, b))
    }
    #[inline(always)]
    fn zero_below(x: V128x2, low: V128x2, values: V128x2) -> V128x2 {
        V128x2(
            v128_andnot(values.0, f32x4_lt(x.0, low.0)),
            v128_andnot(values.1, f32x4_lt(x.1, low.1)),
        )
    }
    #[inline(always)]
    fn round(a: V128x2) -> V128x2 {
        V128x2(f32x4_nearest(a.0), f32x4_nearest(a.1))
    }
    #[inline(always)]
    fn sum(a: V128x2) -> f32 {
        let four = f32x4_add(a.0, a.1);
        (f32x4_extract_lane::<0>(four) + f32x4_extract_lane::<2>(four))
            + (f32x4_extract_lane::<1>(four) + f32x4_extract_lane::<3>(four))
    }
    #[inline(always)]
    fn max_lane(a: V128x2) -> f32 {
        let four = f32x4_pmax(a.0, a.1);
        let two = f32x4_extract_lane::<0>(four).max(f32x4_extract_lane::<1>(four));
        two.max(f32x4_extract_lane::<2>(four)).max(f32x4_extract_lane::<3>(four))
    }
}
