//! Eight numbers at once: all that the platforms differ in.

/// Numbers of 16 bits whose exponents are moved to where those of 32 bits are become these
/// by this factor; and the bits that are theirs then.
#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
pub(super) const F16_TO_F32: (f32, i32) =
    (f32::from_bits((127 + 112) << 23), 0x8fff_e000_u32 as i32);

/// Columns of a panel of weights, and numbers of a vector.
pub(super) const LANES: usize = 8;

/// The operations of one platform. `portable.rs` says what each must give; integer
/// results are the same everywhere, floats may differ in the last bit.
///
/// Pointers must be good for what the operation names; no alignment is asked.
pub(super) trait Lanes {
    /// Eight `i32`.
    type Ints: Copy;
    /// Eight `f32`.
    type Floats: Copy;
    /// 32 bytes of codes: [`Self::STEP`] of each of eight columns.
    type Codes: Copy;
    /// Sums of products of eight columns, before those of one column are added up.
    type Products: Copy;

    /// Bytes of a code where products are taken: 1, or 2 where the platform only
    /// multiplies 16-bit numbers well.
    const CODE_BYTES: usize;
    /// Whether the sums of a tile are in memory between its blocks: where there are registers
    /// for a block's alone, and the stack, which would hold the others, may not be aligned.
    const SUMS_IN_MEMORY: bool = false;
    /// Codes of a column that one product takes in.
    const STEP: usize = 4 / Self::CODE_BYTES;

    /// 32 bytes of weights.
    unsafe fn load_codes(at: *const u8) -> Self::Codes;
    /// Of 32 bytes of codes, the one at `place` of each column, with its sign.
    fn extract_code(codes: Self::Codes, place: usize) -> Self::Ints;
    /// 4 bytes of activations, repeated for each column.
    unsafe fn broadcast(at: *const u8) -> Self::Codes;
    /// The same of some rows that lie next to each other: of one, or of a tile.
    #[inline(always)]
    unsafe fn broadcast_each<const M: usize>(at: *const u8) -> [Self::Codes; M] {
        // SAFETY: the caller's.
        let mut codes = [unsafe { Self::broadcast(at) }; M];
        for (row, codes) in codes.iter_mut().enumerate().skip(1) {
            // SAFETY: as above.
            *codes = unsafe { Self::broadcast(at.add(4 * row)) };
        }
        codes
    }
    /// Nothing added up yet.
    fn zero_products() -> Self::Products;
    /// Steps that may be added to one [`Self::Products`], of weights below `1 << bits`
    /// where they have no sign.
    fn steps_before_fold(bits: u32) -> usize;
    /// The address; where a platform gains by it, one of which compilers know nothing more.
    #[inline(always)]
    fn opaque(address: *const u8) -> *const u8 {
        address
    }
    /// A number that no step has. Where a platform gains by it, compilers do not know that: so
    /// where work would end at such a step, they keep the steps before and after apart.
    #[inline(always)]
    fn no_step() -> usize {
        usize::MAX
    }
    /// Adds the products of weights within 0..=127 with activations within -128..=127.
    fn add_unsigned(
        weights: Self::Codes,
        activations: Self::Codes,
        to: Self::Products,
    ) -> Self::Products;
    /// Adds the products of weights within -128..=127 with activations within 0..=127.
    fn add_signed(
        weights: Self::Codes,
        activations: Self::Codes,
        to: Self::Products,
    ) -> Self::Products;
    /// Adds the products of each column.
    fn fold(products: Self::Products, to: Self::Ints) -> Self::Ints;
    /// 32 bytes whose low halves are four codes of each column and whose high halves the
    /// next four: both, as bytes.
    unsafe fn nibbles(at: *const u8) -> [Self::Codes; 2];
    /// Bytes below 16, above which come the lowest `bits` bits of those of `high`, moved down
    /// by `down`.
    fn add_high(low: Self::Codes, high: Self::Codes, down: u32, bits: u32) -> Self::Codes;
    /// Four one-byte codes of each column, signed, as codes of two bytes: two of each
    /// column, then the next two.
    fn to_i16(codes: Self::Codes) -> [Self::Codes; 2];
    /// Adds the products of two-byte weights and activations, two of each column: to
    /// numbers that an `i32` holds.
    fn add_dot_i16(weights: Self::Codes, activations: Self::Codes, to: Self::Ints) -> Self::Ints;

    /// 16 signed bytes as codes of two bytes, in order.
    unsafe fn load_i8_as_i16(from: *const i8) -> Self::Codes;
    /// For each of 32 bytes, what the tables of its 16 have for its low half and for its
    /// high half, added up.
    fn lookup_nibbles(low: Self::Codes, high: Self::Codes, at: Self::Codes) -> Self::Codes;
    /// Adds bytes whose sums are bytes.
    fn add_u8(a: Self::Codes, b: Self::Codes) -> Self::Codes;
    /// Adds 16 unsigned bytes, and 16 more, to 16 numbers of two bytes, in order.
    fn accumulate_u8(bytes: Self::Codes, to: Self::Codes) -> Self::Codes;
    unsafe fn store_codes(codes: Self::Codes, to: *mut u8);

    fn splat_int(value: i32) -> Self::Ints;
    /// Eight signed bytes.
    unsafe fn load_i8(at: *const i8) -> Self::Ints;
    /// Of all lanes.
    fn sum_ints(a: Self::Ints) -> i32;
    fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints;
    fn sub_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints;
    fn shift_left<const BITS: u32>(a: Self::Ints) -> Self::Ints;
    /// 32 numbers that fit as codes of [`Self::CODE_BYTES`], in order.
    unsafe fn narrow(values: [Self::Ints; 4], to: *mut u8);
    /// 32 numbers that fit as codes of two bytes, in order.
    unsafe fn narrow_to_i16(values: [Self::Ints; 4], to: *mut u8);
    fn to_floats(a: Self::Ints) -> Self::Floats;
    /// The nearest whole numbers, of floats below 2^22; the even one of two.
    fn to_ints(a: Self::Floats) -> Self::Ints;
    /// The floats of these bits.
    fn from_bits(a: Self::Ints) -> Self::Floats;

    unsafe fn load_floats(at: *const f32) -> Self::Floats;
    /// Eight finite numbers of 16 bits.
    unsafe fn load_f16(at: *const u8) -> Self::Floats;
    unsafe fn store(at: *mut f32, values: Self::Floats);
    unsafe fn load_splat(at: *const f32) -> Self::Floats;
    /// Each of some numbers that lie next to each other.
    #[inline(always)]
    unsafe fn load_splat_each<const M: usize>(at: *const f32) -> [Self::Floats; M] {
        // SAFETY: the caller's.
        let mut numbers = [unsafe { Self::load_splat(at) }; M];
        for (row, number) in numbers.iter_mut().enumerate().skip(1) {
            // SAFETY: as above.
            *number = unsafe { Self::load_splat(at.add(row)) };
        }
        numbers
    }
    fn splat(value: f32) -> Self::Floats;
    fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a * b + c`, rounded once or twice.
    fn mul_add(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `values`, but 0 where `x` is below `low`.
    fn zero_below(x: Self::Floats, low: Self::Floats, values: Self::Floats) -> Self::Floats;
    /// The nearest whole numbers; the even one of two.
    fn round(a: Self::Floats) -> Self::Floats;
    /// Lanes in an order of their own, the same for all rows.
    fn sum(a: Self::Floats) -> f32;
    fn max_lane(a: Self::Floats) -> f32;
}

/// Steps whose pairs of products an `i16` holds: one has at most `2 * 127 * (1 << bits)`.
#[cfg(any(target_arch = "x86_64", feature = "relaxed-simd"))]
#[inline(always)]
pub(super) fn i16_steps_before_fold(bits: u32) -> usize {
    1 << (7 - bits.min(7))
}

/// Where the bytes of the code at a place come from, for shuffles: to the upper end of
/// four bytes, above zeros.
#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
pub(super) const fn code_shuffle(code_bytes: usize, place: usize) -> [u8; 16] {
    const NONE: u8 = 0x80;
    let mut shuffle = [NONE; 16];
    let mut at = 0;
    while at < 16 {
        let skipped = 4 - code_bytes;
        if at % 4 >= skipped {
            shuffle[at] = (at / 4 * 4 + place * code_bytes + at % 4 - skipped) as u8;
        }
        at += 1;
    }
    shuffle
}

/// SimdKernel that runs on whichever lanes the machine has.
pub(super) trait SimdKernel {
    /// What it gives.
    type Output;
    /// Must be `#[inline(always)]`, as must all that it calls with `L`, and use `L` in no
    /// closure: the platform's instructions are only inlined into a function that
    /// enables them.
    fn run<L: Lanes>(self) -> Self::Output;
}
