//! WebAssembly's SIMD: fixed-width (`simd128`), and relaxed, where the build allows it.
//!
//! Eight lanes are two registers. Without relaxed SIMD, products are of 16-bit numbers;
//! with it, of bytes, of which one is never above 127: so every engine gives the same.

#[cfg(feature = "relaxed-simd")]
mod bytes;
#[cfg(not(feature = "relaxed-simd"))]
mod words;

use core::arch::wasm32::*;
use core::marker::PhantomData;

use super::rows::TILE;
use super::simd::{F16_TO_F32, Lanes, code_shuffle};

#[cfg(feature = "relaxed-simd")]
pub(super) use bytes::run;
#[cfg(not(feature = "relaxed-simd"))]
pub(super) use words::run;

/// What the sets of instructions differ in.
pub(super) trait Products: Copy {
    const CODE_BYTES: usize;
    /// Steps that one register of products has room for.
    fn room(bits: u32) -> usize;
    fn add_unsigned(weights: v128, activations: v128, to: v128) -> v128;
    fn add_signed(weights: v128, activations: v128, to: v128) -> v128;
    fn fold(products: v128, to: v128) -> v128;
    fn mul_add(a: v128, b: v128, c: v128) -> v128;
    /// Bytes of `a` at the places that `shuffle` names; zeros where it names none.
    fn shuffle(a: v128, shuffle: v128) -> v128;
}

/// Four codes of four columns become two of each, then the next two of each.
#[inline(always)]
fn to_words(codes: v128) -> [v128; 2] {
    let (low, high) = (i16x8_extend_low_i8x16(codes), i16x8_extend_high_i8x16(codes));
    [i32x4_shuffle::<0, 2, 4, 6>(low, high), i32x4_shuffle::<1, 3, 5, 7>(low, high)]
}

/// See [`Lanes::look_up`].
#[inline(always)]
fn look_up<P: Products>(low: v128, high: v128, at: v128) -> v128 {
    let half = u8x16_splat(15);
    let of_low = P::shuffle(low, v128_and(at, half));
    i8x16_add(of_low, P::shuffle(high, v128_and(u16x8_shr(at, 4), half)))
}

/// The middle of the floats that are next to each other by 1.
const WHOLE: f32 = 3.0 * (1 << 22) as f32;

/// Two registers side by side.
pub(super) struct Simd<P>(PhantomData<P>);

#[derive(Clone, Copy)]
pub(super) struct Two(v128, v128);

#[inline(always)]
fn each(a: Two, b: Two, f: impl Fn(v128, v128) -> v128) -> Two {
    Two(f(a.0, b.0), f(a.1, b.1))
}

/// Both halves of 32 bytes.
#[inline(always)]
unsafe fn load(at: *const u8) -> Two {
    // SAFETY: the caller's; `v128_load` asks for no alignment.
    unsafe { Two(v128_load(at.cast()), v128_load(at.add(16).cast())) }
}

impl<P: Products> Simd<P> {
    const SHUFFLES: [[u8; 16]; 4] = {
        let (bytes, mut shuffles, mut place) = (P::CODE_BYTES, [[0; 16]; 4], 0);
        while place < 4 / bytes {
            shuffles[place] = code_shuffle(bytes, place);
            place += 1;
        }
        shuffles
    };
}

impl<P: Products> Lanes for Simd<P> {
    type Ints = Two;
    type Floats = Two;
    type Codes = Two;
    type Products = Two;
    const CODE_BYTES: usize = P::CODE_BYTES;
    // What browsers keep on the stack may lie across lines of the cache, as the functions above
    // have it: the same code was a quarter slower then.
    const SUMS_IN_MEMORY: bool = true;

    #[inline(always)]
    unsafe fn codes(at: *const u8) -> Two {
        unsafe { load(at) }
    }
    #[inline(always)]
    fn code(codes: Two, place: usize) -> Two {
        // SAFETY: a shuffle is as long as a register.
        let shuffle = unsafe { v128_load(Self::SHUFFLES[place].as_ptr().cast()) };
        let (low, high) = (P::shuffle(codes.0, shuffle), P::shuffle(codes.1, shuffle));
        // From the upper end, so that the sign is kept.
        if P::CODE_BYTES == 1 {
            Two(i32x4_shr(low, 24), i32x4_shr(high, 24))
        } else {
            Two(i32x4_shr(low, 16), i32x4_shr(high, 16))
        }
    }
    #[inline(always)]
    unsafe fn repeat(at: *const u8) -> Two {
        let four = unsafe { v128_load32_splat(at.cast()) };
        Two(four, four)
    }
    #[inline(always)]
    unsafe fn repeat_each<const M: usize>(at: *const u8) -> [Two; M] {
        const { assert!(M == 1 || M == TILE && TILE == 4) };
        if M == 1 {
            return [unsafe { Self::repeat(at) }; M];
        }
        // Browsers work out the address of what they repeat by an instruction of its own.
        let rows = unsafe { v128_load(at.cast()) };
        let rows = [
            i32x4_shuffle::<0, 0, 0, 0>(rows, rows),
            i32x4_shuffle::<1, 1, 1, 1>(rows, rows),
            i32x4_shuffle::<2, 2, 2, 2>(rows, rows),
            i32x4_shuffle::<3, 3, 3, 3>(rows, rows),
        ];
        std::array::from_fn(|row| Two(rows[row], rows[row]))
    }
    #[inline(always)]
    unsafe fn splat_each<const M: usize>(at: *const f32) -> [Two; M] {
        unsafe { Self::repeat_each(at.cast()) }
    }
    #[inline(always)]
    fn no_products() -> Two {
        Self::splat_int(0)
    }
    #[inline(always)]
    fn room(bits: u32) -> usize {
        P::room(bits)
    }
    #[inline(always)]
    fn opaque(address: *const u8) -> *const u8 {
        // Otherwise compilers derive addresses from each other, and forget that they are
        // within one block of memory: then offsets are added by instructions of their own.
        std::hint::black_box(address)
    }
    #[inline(always)]
    fn no_step() -> usize {
        // Otherwise compilers put all products of a sum next to each other, and operands do
        // not stay in registers.
        std::hint::black_box(usize::MAX)
    }
    #[inline(always)]
    fn add_unsigned(weights: Two, activations: Two, to: Two) -> Two {
        Two(
            P::add_unsigned(weights.0, activations.0, to.0),
            P::add_unsigned(weights.1, activations.1, to.1),
        )
    }
    #[inline(always)]
    fn add_signed(weights: Two, activations: Two, to: Two) -> Two {
        Two(
            P::add_signed(weights.0, activations.0, to.0),
            P::add_signed(weights.1, activations.1, to.1),
        )
    }
    #[inline(always)]
    fn fold(products: Two, to: Two) -> Two {
        Two(P::fold(products.0, to.0), P::fold(products.1, to.1))
    }
    #[inline(always)]
    unsafe fn nibbles(at: *const u8) -> [Two; 2] {
        let (packed, low) = (unsafe { load(at) }, u8x16_splat(15));
        let high = Two(u8x16_shr(packed.0, 4), u8x16_shr(packed.1, 4));
        [Two(v128_and(packed.0, low), v128_and(packed.1, low)), high]
    }
    #[inline(always)]
    fn add_high(low: Two, high: Two, down: u32, bits: u32) -> Two {
        // Of two bytes at once: what comes from the other byte is masked out.
        let mask = u8x16_splat(((1 << bits) - 1) << 4);
        each(low, high, |low, high| {
            v128_or(low, v128_and(u16x8_shl(u16x8_shr(high, down), 4), mask))
        })
    }
    #[inline(always)]
    fn to_words(codes: Two) -> [Two; 2] {
        let ([a, b], [c, d]) = (to_words(codes.0), to_words(codes.1));
        [Two(a, c), Two(b, d)]
    }
    #[inline(always)]
    fn add_words(weights: Two, activations: Two, to: Two) -> Two {
        let product = each(weights, activations, |a, b| i32x4_dot_i16x8(a, b));
        each(product, to, |a, b| i32x4_add(a, b))
    }

    #[inline(always)]
    unsafe fn widen(from: *const i8) -> Two {
        unsafe { Two(i16x8_load_extend_i8x8(from), i16x8_load_extend_i8x8(from.add(8))) }
    }
    #[inline(always)]
    fn look_up(low: Two, high: Two, at: Two) -> Two {
        Two(look_up::<P>(low.0, high.0, at.0), look_up::<P>(low.1, high.1, at.1))
    }
    #[inline(always)]
    fn add_bytes(a: Two, b: Two) -> Two {
        each(a, b, |a, b| i8x16_add(a, b))
    }
    #[inline(always)]
    fn add_halves(bytes: Two, to: Two) -> Two {
        let Two(first, next) = bytes;
        let low = i16x8_add(u16x8_extend_low_u8x16(first), u16x8_extend_low_u8x16(next));
        let high = i16x8_add(u16x8_extend_high_u8x16(first), u16x8_extend_high_u8x16(next));
        each(Two(low, high), to, |a, b| i16x8_add(a, b))
    }
    #[inline(always)]
    unsafe fn store_codes(codes: Two, to: *mut u8) {
        unsafe {
            v128_store(to.cast(), codes.0);
            v128_store(to.add(16).cast(), codes.1);
        }
    }

    #[inline(always)]
    fn splat_int(value: i32) -> Two {
        Two(i32x4_splat(value), i32x4_splat(value))
    }
    #[inline(always)]
    unsafe fn ints_of_i8(at: *const i8) -> Two {
        let eight = unsafe { i16x8_load_extend_i8x8(at) };
        Two(i32x4_extend_low_i16x8(eight), i32x4_extend_high_i16x8(eight))
    }
    #[inline(always)]
    fn sum_ints(a: Two) -> i32 {
        let four = i32x4_add(a.0, a.1);
        (i32x4_extract_lane::<0>(four) + i32x4_extract_lane::<2>(four))
            + (i32x4_extract_lane::<1>(four) + i32x4_extract_lane::<3>(four))
    }
    #[inline(always)]
    fn add_ints(a: Two, b: Two) -> Two {
        each(a, b, |a, b| i32x4_add(a, b))
    }
    #[inline(always)]
    fn sub_ints(a: Two, b: Two) -> Two {
        each(a, b, |a, b| i32x4_sub(a, b))
    }
    #[inline(always)]
    unsafe fn narrow(values: [Two; 4], to: *mut u8) {
        if P::CODE_BYTES == 2 {
            return unsafe { Self::narrow_to_words(values, to) };
        }
        let [a, b, c, d] = values.map(|x| i16x8_narrow_i32x4(x.0, x.1));
        let to: *mut v128 = to.cast();
        unsafe {
            v128_store(to, i8x16_narrow_i16x8(a, b));
            v128_store(to.add(1), i8x16_narrow_i16x8(c, d));
        }
    }
    #[inline(always)]
    unsafe fn narrow_to_words(values: [Two; 4], to: *mut u8) {
        let to: *mut v128 = to.cast();
        for (at, value) in values.into_iter().enumerate() {
            unsafe { v128_store(to.add(at), i16x8_narrow_i32x4(value.0, value.1)) };
        }
    }
    #[inline(always)]
    fn shift_left<const BITS: u32>(a: Two) -> Two {
        Two(i32x4_shl(a.0, BITS), i32x4_shl(a.1, BITS))
    }
    #[inline(always)]
    fn to_floats(a: Two) -> Two {
        Two(f32x4_convert_i32x4(a.0), f32x4_convert_i32x4(a.1))
    }
    #[inline(always)]
    fn to_ints(a: Two) -> Two {
        // Of the sum, the lowest bits are the whole number: two instructions, where
        // rounding and converting are seven.
        let shift = f32x4_splat(WHOLE);
        Two(i32x4_sub(f32x4_add(a.0, shift), shift), i32x4_sub(f32x4_add(a.1, shift), shift))
    }
    #[inline(always)]
    fn from_bits(a: Two) -> Two {
        a
    }

    #[inline(always)]
    unsafe fn floats(at: *const f32) -> Two {
        unsafe { load(at.cast()) }
    }
    #[inline(always)]
    unsafe fn floats_of_f16(at: *const u8) -> Two {
        let eight = unsafe { v128_load(at.cast()) };
        let (factor, bits) = (f32x4_splat(F16_TO_F32.0), i32x4_splat(F16_TO_F32.1));
        let wide = Two(i32x4_extend_low_i16x8(eight), i32x4_extend_high_i16x8(eight));
        each(wide, wide, |wide, _| f32x4_mul(v128_and(i32x4_shl(wide, 13), bits), factor))
    }
    #[inline(always)]
    unsafe fn store(at: *mut f32, values: Two) {
        unsafe {
            v128_store(at.cast(), values.0);
            v128_store(at.add(4).cast(), values.1);
        }
    }
    #[inline(always)]
    unsafe fn splat_at(at: *const f32) -> Two {
        let one = unsafe { v128_load32_splat(at.cast()) };
        Two(one, one)
    }
    #[inline(always)]
    fn splat(value: f32) -> Two {
        Two(f32x4_splat(value), f32x4_splat(value))
    }
    #[inline(always)]
    fn add(a: Two, b: Two) -> Two {
        each(a, b, |a, b| f32x4_add(a, b))
    }
    #[inline(always)]
    fn sub(a: Two, b: Two) -> Two {
        each(a, b, |a, b| f32x4_sub(a, b))
    }
    #[inline(always)]
    fn mul(a: Two, b: Two) -> Two {
        each(a, b, |a, b| f32x4_mul(a, b))
    }
    #[inline(always)]
    fn div(a: Two, b: Two) -> Two {
        each(a, b, |a, b| f32x4_div(a, b))
    }
    #[inline(always)]
    fn mul_add(a: Two, b: Two, c: Two) -> Two {
        Two(P::mul_add(a.0, b.0, c.0), P::mul_add(a.1, b.1, c.1))
    }
    #[inline(always)]
    fn min(a: Two, b: Two) -> Two {
        each(a, b, |a, b| f32x4_pmin(a, b))
    }
    #[inline(always)]
    fn max(a: Two, b: Two) -> Two {
        each(a, b, |a, b| f32x4_pmax(a, b))
    }
    #[inline(always)]
    fn zero_below(x: Two, low: Two, values: Two) -> Two {
        Two(
            v128_andnot(values.0, f32x4_lt(x.0, low.0)),
            v128_andnot(values.1, f32x4_lt(x.1, low.1)),
        )
    }
    #[inline(always)]
    fn round(a: Two) -> Two {
        Two(f32x4_nearest(a.0), f32x4_nearest(a.1))
    }
    #[inline(always)]
    fn sum(a: Two) -> f32 {
        let four = f32x4_add(a.0, a.1);
        (f32x4_extract_lane::<0>(four) + f32x4_extract_lane::<2>(four))
            + (f32x4_extract_lane::<1>(four) + f32x4_extract_lane::<3>(four))
    }
    #[inline(always)]
    fn largest(a: Two) -> f32 {
        let four = f32x4_pmax(a.0, a.1);
        let two = f32x4_extract_lane::<0>(four).max(f32x4_extract_lane::<1>(four));
        two.max(f32x4_extract_lane::<2>(four)).max(f32x4_extract_lane::<3>(four))
    }
}
