//! Plain Rust, for machines without a file of their own. The other platforms are tested against it.

use half::f16;

use super::layout::BLOCK;
use super::simd::{LANES, Lanes, SimdKernel};

#[derive(Clone, Copy)]
pub(super) struct Portable;

/// Runs `work` on plain arrays.
pub(super) fn run<W: SimdKernel>(work: W) -> W::Output {
    work.run::<Portable>()
}

type Floats = [f32; LANES];

#[inline(always)]
fn each(a: Floats, b: Floats, f: impl Fn(f32, f32) -> f32) -> Floats {
    std::array::from_fn(|lane| f(a[lane], b[lane]))
}

#[inline(always)]
fn dot(weights: [i32; 32], activations: [i32; 32], sum: [i32; LANES]) -> [i32; LANES] {
    std::array::from_fn(|lane| {
        (0..4).fold(sum[lane], |sum, k| sum + weights[lane * 4 + k] * activations[lane * 4 + k])
    })
}

#[inline(always)]
fn unsigned(codes: [u8; 32]) -> [i32; 32] {
    codes.map(i32::from)
}

#[inline(always)]
fn signed(codes: [u8; 32]) -> [i32; 32] {
    codes.map(|code| i32::from(code as i8))
}

impl Lanes for Portable {
    type Ints = [i32; LANES];
    type Floats = Floats;
    type Codes = [u8; 32];
    type Products = [i32; LANES];
    const CODE_BYTES: usize = 1;

    #[inline(always)]
    unsafe fn load_codes(at: *const u8) -> [u8; 32] {
        // SAFETY: the caller guarantees it.
        unsafe { at.cast::<[u8; 32]>().read_unaligned() }
    }
    #[inline(always)]
    fn extract_code(codes: [u8; 32], index: usize) -> Self::Ints {
        std::array::from_fn(|lane| i32::from(codes[4 * lane + index] as i8))
    }
    #[inline(always)]
    unsafe fn broadcast(at: *const u8) -> [u8; 32] {
        // SAFETY: the caller guarantees it.
        let four = unsafe { at.cast::<[u8; 4]>().read_unaligned() };
        std::array::from_fn(|index| four[index % 4])
    }
    #[inline(always)]
    fn zero_products() -> Self::Products {
        [0; LANES]
    }
    #[inline(always)]
    fn steps_before_fold(_bits: u32) -> usize {
        BLOCK
    }
    #[inline(always)]
    fn fold(products: Self::Products, to: Self::Ints) -> Self::Ints {
        Self::add_ints(products, to)
    }
    #[inline(always)]
    fn add_unsigned(weights: [u8; 32], activations: [u8; 32], sum: Self::Ints) -> Self::Ints {
        dot(unsigned(weights), signed(activations), sum)
    }
    #[inline(always)]
    fn add_signed(weights: [u8; 32], activations: [u8; 32], sum: Self::Ints) -> Self::Ints {
        dot(signed(weights), unsigned(activations), sum)
    }
    #[inline(always)]
    unsafe fn nibbles(at: *const u8) -> [[u8; 32]; 2] {
        // SAFETY: the caller guarantees it.
        let packed = unsafe { Self::load_codes(at) };
        [packed.map(|byte| byte & 15), packed.map(|byte| byte >> 4)]
    }
    #[inline(always)]
    fn add_high(low: [u8; 32], high: [u8; 32], down: u32, bits: u32) -> [u8; 32] {
        std::array::from_fn(|at| low[at] | (high[at] >> down & ((1 << bits) - 1)) << 4)
    }
    #[inline(always)]
    fn to_i16(codes: [u8; 32]) -> [[u8; 32]; 2] {
        [0, 2].map(|first| {
            std::array::from_fn(|at| {
                let code = codes[at / 4 * 4 + first + at % 4 / 2] as i8;
                i16::from(code).to_le_bytes()[at % 2]
            })
        })
    }
    #[inline(always)]
    fn add_dot_i16(weights: [u8; 32], activations: [u8; 32], to: Self::Ints) -> Self::Ints {
        let word = |codes: &[u8; 32], at: usize| {
            i32::from(i16::from_le_bytes([codes[2 * at], codes[2 * at + 1]]))
        };
        let product = |at: usize| word(&weights, at) * word(&activations, at);
        std::array::from_fn(|lane| to[lane] + product(2 * lane) + product(2 * lane + 1))
    }

    #[inline(always)]
    unsafe fn load_i8_as_i16(from: *const i8) -> [u8; 32] {
        // SAFETY: the caller guarantees it.
        let codes = unsafe { from.cast::<[i8; 16]>().read_unaligned() };
        std::array::from_fn(|at| i16::from(codes[at / 2]).to_le_bytes()[at % 2])
    }
    #[inline(always)]
    fn lookup_nibbles(low: [u8; 32], high: [u8; 32], at: [u8; 32]) -> [u8; 32] {
        std::array::from_fn(|index| {
            let table = index & 16;
            low[table + usize::from(at[index] & 15)] + high[table + usize::from(at[index] >> 4)]
        })
    }
    #[inline(always)]
    fn add_u8(a: [u8; 32], b: [u8; 32]) -> [u8; 32] {
        std::array::from_fn(|index| a[index] + b[index])
    }
    #[inline(always)]
    fn accumulate_u8(bytes: [u8; 32], to: [u8; 32]) -> [u8; 32] {
        let sum = |row: usize| {
            let sum = u16::from_le_bytes([to[2 * row], to[2 * row + 1]]);
            sum + u16::from(bytes[row]) + u16::from(bytes[row + 16])
        };
        std::array::from_fn(|index| sum(index / 2).to_le_bytes()[index % 2])
    }
    #[inline(always)]
    unsafe fn store_codes(codes: [u8; 32], to: *mut u8) {
        // SAFETY: the caller guarantees it.
        unsafe { to.cast::<[u8; 32]>().write_unaligned(codes) }
    }

    #[inline(always)]
    fn splat_int(value: i32) -> Self::Ints {
        [value; LANES]
    }
    #[inline(always)]
    unsafe fn load_i8(at: *const i8) -> Self::Ints {
        // SAFETY: the caller guarantees it.
        unsafe { at.cast::<[i8; LANES]>().read_unaligned() }.map(i32::from)
    }
    #[inline(always)]
    fn sum_ints(a: Self::Ints) -> i32 {
        a.iter().sum()
    }
    #[inline(always)]
    fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints {
        std::array::from_fn(|lane| a[lane].wrapping_add(b[lane]))
    }
    #[inline(always)]
    fn sub_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints {
        std::array::from_fn(|lane| a[lane].wrapping_sub(b[lane]))
    }
    #[inline(always)]
    unsafe fn narrow(values: [Self::Ints; 4], to: *mut u8) {
        let codes: [u8; 32] = std::array::from_fn(|at| values[at / LANES][at % LANES] as u8);
        // SAFETY: the caller guarantees it.
        unsafe { to.cast::<[u8; 32]>().write_unaligned(codes) }
    }
    #[inline(always)]
    unsafe fn narrow_to_i16(values: [Self::Ints; 4], to: *mut u8) {
        let codes: [i16; 32] = std::array::from_fn(|at| values[at / LANES][at % LANES] as i16);
        // SAFETY: the caller guarantees it.
        unsafe { to.cast::<[i16; 32]>().write_unaligned(codes) }
    }
    #[inline(always)]
    fn shift_left<const BITS: u32>(a: Self::Ints) -> Self::Ints {
        a.map(|x| x << BITS)
    }
    #[inline(always)]
    fn to_floats(a: Self::Ints) -> Floats {
        a.map(|x| x as f32)
    }
    #[inline(always)]
    fn to_ints(a: Floats) -> Self::Ints {
        a.map(|x| x.round_ties_even() as i32)
    }
    #[inline(always)]
    fn from_bits(a: Self::Ints) -> Floats {
        a.map(|x| f32::from_bits(x as u32))
    }

    #[inline(always)]
    unsafe fn load_floats(at: *const f32) -> Floats {
        // SAFETY: the caller guarantees it.
        unsafe { at.cast::<Floats>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn load_f16(at: *const u8) -> Self::Floats {
        // SAFETY: the caller guarantees it.
        let halves = unsafe { at.cast::<[[u8; 2]; LANES]>().read_unaligned() };
        halves.map(|half| f16::from_le_bytes(half).to_f32())
    }
    #[inline(always)]
    unsafe fn store(at: *mut f32, values: Floats) {
        // SAFETY: the caller guarantees it.
        unsafe { at.cast::<Floats>().write_unaligned(values) }
    }
    #[inline(always)]
    unsafe fn load_splat(at: *const f32) -> Floats {
        // SAFETY: the caller guarantees it.
        [unsafe { at.read_unaligned() }; LANES]
    }
    #[inline(always)]
    fn splat(value: f32) -> Floats {
        [value; LANES]
    }
    #[inline(always)]
    fn add(a: Floats, b: Floats) -> Floats {
        each(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(a: Floats, b: Floats) -> Floats {
        each(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(a: Floats, b: Floats) -> Floats {
        each(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(a: Floats, b: Floats) -> Floats {
        each(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn mul_add(a: Floats, b: Floats, c: Floats) -> Floats {
        Self::add(Self::mul(a, b), c)
    }
    #[inline(always)]
    fn min(a: Floats, b: Floats) -> Floats {
        each(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn max(a: Floats, b: Floats) -> Floats {
        each(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn zero_below(x: Floats, low: Floats, values: Floats) -> Floats {
        std::array::from_fn(|lane| if x[lane] < low[lane] { 0.0 } else { values[lane] })
    }
    #[inline(always)]
    fn round(a: Floats) -> Floats {
        a.map(f32::round_ties_even)
    }
    #[inline(always)]
    fn sum(a: Floats) -> f32 {
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
    #[inline(always)]
    fn max_lane(a: Floats) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
}
