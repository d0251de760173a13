//! AVX2 with FMA, on machines that have both.

use core::arch::x86_64::*;
use std::sync::OnceLock;

use super::portable;
use super::simd::{F16_TO_F32, Lanes, SimdKernel, code_shuffle, i16_steps_before_fold};

#[derive(Clone, Copy)]
pub(super) struct Avx2;

#[cfg(test)]
thread_local! {
    /// Makes a test use plain Rust.
    pub(super) static PLAIN: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Runs `work` on the widest lanes of this machine.
pub(super) fn run<W: SimdKernel>(work: W) -> W::Output {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let found =
        FOUND.get_or_init(|| is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"));
    #[cfg(test)]
    let found = &(*found && !PLAIN.get());
    if *found {
        // SAFETY: both features were found on this machine.
        unsafe { run_avx2(work) }
    } else {
        portable::run(work)
    }
}

#[target_feature(enable = "avx2,fma")]
fn run_avx2<W: SimdKernel>(work: W) -> W::Output {
    work.run::<Avx2>()
}

/// Adds sums of two products of bytes, of which `unsigned` has no sign. Each must fit an `i16`.
#[inline(always)]
fn add_pairs(unsigned: __m256i, signed: __m256i, sum: __m256i) -> __m256i {
    // SAFETY: lanes of this type are used only where AVX2 was found.
    unsafe { _mm256_add_epi16(sum, _mm256_maddubs_epi16(unsigned, signed)) }
}

/// Restores the order of 64-bit parts that an instruction took alternately from two registers.
#[inline(always)]
fn in_order(a: __m256i) -> __m256i {
    // SAFETY: as above.
    unsafe { _mm256_permute4x64_epi64::<0b11_01_10_00>(a) }
}

// SAFETY of every block below: lanes of this type are used only where AVX2 and FMA were found; the
// caller guarantees that pointers are valid.
impl Lanes for Avx2 {
    type Ints = __m256i;
    type Floats = __m256;
    type Codes = __m256i;
    /// Sixteen `i16`, two for each column.
    type Products = __m256i;
    const CODE_BYTES: usize = 1;

    #[inline(always)]
    unsafe fn load_codes(at: *const u8) -> __m256i {
        unsafe { _mm256_loadu_si256(at.cast()) }
    }
    #[inline(always)]
    fn extract_code(codes: __m256i, index: usize) -> __m256i {
        const SHUFFLES: [[u8; 16]; 4] =
            [code_shuffle(1, 0), code_shuffle(1, 1), code_shuffle(1, 2), code_shuffle(1, 3)];
        unsafe {
            let shuffle =
                _mm256_broadcastsi128_si256(_mm_loadu_si128(SHUFFLES[index].as_ptr().cast()));
            _mm256_srai_epi32::<24>(_mm256_shuffle_epi8(codes, shuffle))
        }
    }
    #[inline(always)]
    unsafe fn broadcast(at: *const u8) -> __m256i {
        unsafe { _mm256_set1_epi32(at.cast::<i32>().read_unaligned()) }
    }
    #[inline(always)]
    fn zero_products() -> __m256i {
        unsafe { _mm256_setzero_si256() }
    }
    #[inline(always)]
    fn steps_before_fold(bits: u32) -> usize {
        i16_steps_before_fold(bits)
    }
    #[inline(always)]
    fn fold(products: __m256i, to: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(to, _mm256_madd_epi16(products, _mm256_set1_epi16(1))) }
    }
    #[inline(always)]
    fn add_unsigned(weights: __m256i, activations: __m256i, sum: __m256i) -> __m256i {
        add_pairs(weights, activations, sum)
    }
    #[inline(always)]
    fn add_signed(weights: __m256i, activations: __m256i, sum: __m256i) -> __m256i {
        add_pairs(activations, weights, sum)
    }
    #[inline(always)]
    unsafe fn nibbles(at: *const u8) -> [__m256i; 2] {
        unsafe {
            let (packed, low) = (Self::load_codes(at), _mm256_set1_epi8(15));
            let high = _mm256_srli_epi16::<4>(packed);
            [_mm256_and_si256(packed, low), _mm256_and_si256(high, low)]
        }
    }
    #[inline(always)]
    fn add_high(low: __m256i, high: __m256i, down: u32, bits: u32) -> __m256i {
        unsafe {
            // A shift of 16-bit numbers: the mask clears what comes from the other byte.
            let high = _mm256_srl_epi16(high, _mm_cvtsi32_si128(down as i32));
            let mask = _mm256_set1_epi8(((1 << bits) - 1) << 4);
            _mm256_or_si256(low, _mm256_and_si256(_mm256_slli_epi16::<4>(high), mask))
        }
    }
    #[inline(always)]
    fn to_i16(codes: __m256i) -> [__m256i; 2] {
        unsafe {
            // Two codes are 32 bits: the first two of each column, then the next two.
            let low = _mm256_cvtepi8_epi16(_mm256_castsi256_si128(codes));
            let high = _mm256_cvtepi8_epi16(_mm256_extracti128_si256::<1>(codes));
            let (low, high) = (_mm256_castsi256_ps(low), _mm256_castsi256_ps(high));
            let first = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(low, high));
            let next = _mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(low, high));
            [in_order(first), in_order(next)]
        }
    }
    #[inline(always)]
    fn add_dot_i16(weights: __m256i, activations: __m256i, to: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(to, _mm256_madd_epi16(weights, activations)) }
    }

    #[inline(always)]
    unsafe fn load_i8_as_i16(from: *const i8) -> __m256i {
        unsafe { _mm256_cvtepi8_epi16(_mm_loadu_si128(from.cast())) }
    }
    #[inline(always)]
    fn lookup_nibbles(low: __m256i, high: __m256i, at: __m256i) -> __m256i {
        unsafe {
            let half = _mm256_set1_epi8(15);
            let of_low = _mm256_shuffle_epi8(low, _mm256_and_si256(at, half));
            let at = _mm256_and_si256(_mm256_srli_epi16::<4>(at), half);
            _mm256_add_epi8(of_low, _mm256_shuffle_epi8(high, at))
        }
    }
    #[inline(always)]
    fn add_u8(a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi8(a, b) }
    }
    #[inline(always)]
    fn accumulate_u8(bytes: __m256i, to: __m256i) -> __m256i {
        unsafe {
            let first = _mm256_cvtepu8_epi16(_mm256_castsi256_si128(bytes));
            let next = _mm256_cvtepu8_epi16(_mm256_extracti128_si256::<1>(bytes));
            _mm256_add_epi16(to, _mm256_add_epi16(first, next))
        }
    }
    #[inline(always)]
    unsafe fn store_codes(codes: __m256i, to: *mut u8) {
        unsafe { _mm256_storeu_si256(to.cast(), codes) }
    }

    #[inline(always)]
    fn splat_int(value: i32) -> __m256i {
        unsafe { _mm256_set1_epi32(value) }
    }
    #[inline(always)]
    unsafe fn load_i8(at: *const i8) -> __m256i {
        unsafe { _mm256_cvtepi8_epi32(_mm_loadl_epi64(at.cast())) }
    }
    #[inline(always)]
    fn sum_ints(a: __m256i) -> i32 {
        unsafe {
            let four = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
            _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
        }
    }
    #[inline(always)]
    fn add_ints(a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_add_epi32(a, b) }
    }
    #[inline(always)]
    fn sub_ints(a: __m256i, b: __m256i) -> __m256i {
        unsafe { _mm256_sub_epi32(a, b) }
    }
    #[inline(always)]
    unsafe fn narrow(values: [__m256i; 4], to: *mut u8) {
        unsafe {
            let low = _mm256_packs_epi32(values[0], values[1]);
            let high = _mm256_packs_epi32(values[2], values[3]);
            // Packing works within halves of a register; this restores the order of fours.
            let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let codes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order);
            _mm256_storeu_si256(to.cast(), codes);
        }
    }
    #[inline(always)]
    unsafe fn narrow_to_i16(values: [__m256i; 4], to: *mut u8) {
        let to: *mut __m256i = to.cast();
        unsafe {
            _mm256_storeu_si256(to, in_order(_mm256_packs_epi32(values[0], values[1])));
            _mm256_storeu_si256(to.add(1), in_order(_mm256_packs_epi32(values[2], values[3])));
        }
    }
    #[inline(always)]
    fn shift_left<const BITS: u32>(a: __m256i) -> __m256i {
        unsafe { _mm256_sllv_epi32(a, _mm256_set1_epi32(BITS as i32)) }
    }
    #[inline(always)]
    fn to_floats(a: __m256i) -> __m256 {
        unsafe { _mm256_cvtepi32_ps(a) }
    }
    #[inline(always)]
    fn to_ints(a: __m256) -> __m256i {
        unsafe { _mm256_cvtps_epi32(a) }
    }
    #[inline(always)]
    fn from_bits(a: __m256i) -> __m256 {
        unsafe { _mm256_castsi256_ps(a) }
    }

    #[inline(always)]
    unsafe fn load_floats(at: *const f32) -> __m256 {
        unsafe { _mm256_loadu_ps(at) }
    }
    #[inline(always)]
    unsafe fn load_f16(at: *const u8) -> __m256 {
        unsafe {
            let wide = _mm256_cvtepi16_epi32(_mm_loadu_si128(at.cast()));
            let (factor, bits) = F16_TO_F32;
            let moved = _mm256_and_si256(_mm256_slli_epi32::<13>(wide), _mm256_set1_epi32(bits));
            _mm256_mul_ps(_mm256_castsi256_ps(moved), _mm256_set1_ps(factor))
        }
    }
    #[inline(always)]
    unsafe fn store(at: *mut f32, values: __m256) {
        unsafe { _mm256_storeu_ps(at, values) }
    }
    #[inline(always)]
    unsafe fn load_splat(at: *const f32) -> __m256 {
        unsafe { _mm256_set1_ps(at.read_unaligned()) }
    }
    #[inline(always)]
    fn splat(value: f32) -> __m256 {
        unsafe { _mm256_set1_ps(value) }
    }
    #[inline(always)]
    fn add(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_div_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(a: __m256, b: __m256, c: __m256) -> __m256 {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn min(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_min_ps(a, b) }
    }
    #[inline(always)]
    fn max(a: __m256, b: __m256) -> __m256 {
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    fn zero_below(x: __m256, low: __m256, values: __m256) -> __m256 {
        unsafe { _mm256_andnot_ps(_mm256_cmp_ps::<_CMP_LT_OQ>(x, low), values) }
    }
    #[inline(always)]
    fn round(a: __m256) -> __m256 {
        unsafe { _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
    }
    #[inline(always)]
    fn sum(a: __m256) -> f32 {
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
    #[inline(always)]
    fn max_lane(a: __m256) -> f32 {
        unsafe {
            let four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
        }
    }
}
