//! Eight numbers at once: the operations that platforms differ in.

/// Converts f16 to f32: an f16 whose exponent was moved to the place of an f32's exponent is
/// multiplied with this factor, after all bits but these are cleared.
#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
pub(super) const F16_TO_F32: (f32, i32) =
    (f32::from_bits((127 + 112) << 23), 0x8fff_e000_u32 as i32);

/// Rows of a panel of weights, and numbers of a vector.
pub(super) const LANES: usize = 8;

/// The operations of one platform. `portable.rs` defines their results: integers are the same on
/// every platform, floats may differ in the last bit.
///
/// Pointers must be valid for the values that the operation loads or stores; they need no
/// alignment.
pub(super) trait Lanes {
    /// Eight `i32`.
    type Ints: Copy;
    /// Eight `f32`.
    type Floats: Copy;
    /// 32 bytes of codes: [`Self::STEP`] of each of eight columns.
    type Codes: Copy;
    /// Sums of products of eight columns: several sums a column, which [`Self::fold`] adds up.
    type Products: Copy;

    /// Bytes of a code in a product: 1, or 2 where only products of 16-bit numbers are fast.
    const CODE_BYTES: usize;
    /// Whether the sums of a tile are kept in the output between blocks. This is for platforms whose
    /// registers only hold the sums of a block, and whose stack, which would hold the others, may
    /// not be aligned.
    const SUMS_IN_MEMORY: bool = false;
    /// Codes of a column in one product.
    const STEP: usize = 4 / Self::CODE_BYTES;

    /// Loads 32 bytes of weights.
    unsafe fn load_codes(at: *const u8) -> Self::Codes;
    /// The code at `index` of each column, with its sign.
    fn extract_code(codes: Self::Codes, index: usize) -> Self::Ints;
    /// Loads 4 bytes of activations and repeats them for each column.
    unsafe fn broadcast(at: *const u8) -> Self::Codes;
    /// The same for `M` rows that are next to each other: for one, or for a tile.
    #[inline(always)]
    unsafe fn broadcast_each<const M: usize>(at: *const u8) -> [Self::Codes; M] {
        // SAFETY: the caller guarantees it.
        let mut codes = [unsafe { Self::broadcast(at) }; M];
        for (row, codes) in codes.iter_mut().enumerate().skip(1) {
            // SAFETY: as above.
            *codes = unsafe { Self::broadcast(at.add(4 * row)) };
        }
        codes
    }
    /// Products that are all 0.
    fn zero_products() -> Self::Products;
    /// Steps that may be added to one [`Self::Products`] before it must be folded, where one
    /// operand of each product is unsigned and below `1 << bits`.
    fn steps_before_fold(bits: u32) -> usize;
    /// Returns the address. Where a platform gains by it, the compiler knows nothing of the result.
    #[inline(always)]
    fn opaque(address: *const u8) -> *const u8 {
        address
    }
    /// A number that no step has. Where a platform gains by it, the compiler does not know that. A
    /// loop that would end at this step then keeps the order of its steps.
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
    /// Adds up the sums of each column and adds the result to `to`.
    fn fold(products: Self::Products, to: Self::Ints) -> Self::Ints;
    /// Loads 32 bytes: the low halves are four codes of each column, the high halves the next four.
    /// Returns both as bytes.
    unsafe fn nibbles(at: *const u8) -> [Self::Codes; 2];
    /// Bytes below 16, with `bits` bits of each byte of `high` above them; these bits are first
    /// moved down by `down`.
    fn add_high(low: Self::Codes, high: Self::Codes, down: u32, bits: u32) -> Self::Codes;
    /// Converts four signed one-byte codes of each column to codes of two bytes: the first two of
    /// each column, then the next two.
    fn to_i16(codes: Self::Codes) -> [Self::Codes; 2];
    /// Adds the products of two-byte weights and activations, two of each column. The sums must fit
    /// an `i32`.
    fn add_dot_i16(weights: Self::Codes, activations: Self::Codes, to: Self::Ints) -> Self::Ints;

    /// Loads 16 signed bytes as codes of two bytes, in order.
    unsafe fn load_i8_as_i16(from: *const i8) -> Self::Codes;
    /// Looks up 32 bytes of `at`: the low half of a byte in the table of its 16 bytes of `low`, the
    /// high half in that of `high`. Returns the sums of both.
    fn lookup_nibbles(low: Self::Codes, high: Self::Codes, at: Self::Codes) -> Self::Codes;
    /// Adds bytes. The sums must fit a byte.
    fn add_u8(a: Self::Codes, b: Self::Codes) -> Self::Codes;
    /// Adds the first and the last 16 of 32 unsigned bytes to 16 numbers of two bytes, in order.
    fn accumulate_u8(bytes: Self::Codes, to: Self::Codes) -> Self::Codes;
    unsafe fn store_codes(codes: Self::Codes, to: *mut u8);

    fn splat_int(value: i32) -> Self::Ints;
    /// Loads eight signed bytes.
    unsafe fn load_i8(at: *const i8) -> Self::Ints;
    /// The sum of all lanes.
    fn sum_ints(a: Self::Ints) -> i32;
    fn add_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints;
    fn sub_ints(a: Self::Ints, b: Self::Ints) -> Self::Ints;
    fn shift_left<const BITS: u32>(a: Self::Ints) -> Self::Ints;
    /// Stores 32 integers, which must fit, as codes of [`Self::CODE_BYTES`], in order.
    unsafe fn narrow(values: [Self::Ints; 4], to: *mut u8);
    /// Stores 32 integers, which must fit, as codes of two bytes, in order.
    unsafe fn narrow_to_i16(values: [Self::Ints; 4], to: *mut u8);
    fn to_floats(a: Self::Ints) -> Self::Floats;
    /// Rounds to the nearest integers, ties to even. Floats must be below 2^22 in magnitude.
    fn to_ints(a: Self::Floats) -> Self::Ints;
    /// The floats that have these bits.
    fn from_bits(a: Self::Ints) -> Self::Floats;

    unsafe fn load_floats(at: *const f32) -> Self::Floats;
    /// Loads eight finite f16.
    unsafe fn load_f16(at: *const u8) -> Self::Floats;
    unsafe fn store(at: *mut f32, values: Self::Floats);
    unsafe fn load_splat(at: *const f32) -> Self::Floats;
    /// Loads `M` numbers that are next to each other, each into all lanes of its own.
    #[inline(always)]
    unsafe fn load_splat_each<const M: usize>(at: *const f32) -> [Self::Floats; M] {
        // SAFETY: the caller guarantees it.
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
    /// `values`, with 0 where `x` is below `low`.
    fn zero_below(x: Self::Floats, low: Self::Floats, values: Self::Floats) -> Self::Floats;
    /// Rounds to the nearest integers, ties to even.
    fn round(a: Self::Floats) -> Self::Floats;
    /// The sum of all lanes, in an order that is the same for all rows.
    fn sum(a: Self::Floats) -> f32;
    fn max_lane(a: Self::Floats) -> f32;
}

/// Steps whose sums of two products an `i16` holds. A step adds at most `2 * 127 * (1 << bits)`.
#[cfg(any(target_arch = "x86_64", feature = "relaxed-simd"))]
#[inline(always)]
pub(super) fn i16_steps_before_fold(bits: u32) -> usize {
    1 << (7 - bits.min(7))
}

/// A shuffle that moves the bytes of the code at `index` to the upper end of each four bytes, above
/// zeros.
#[cfg(any(target_arch = "x86_64", target_arch = "wasm32"))]
pub(super) const fn code_shuffle(code_bytes: usize, index: usize) -> [u8; 16] {
    const NONE: u8 = 0x80;
    let mut shuffle = [NONE; 16];
    let mut at = 0;
    while at < 16 {
        let skipped = 4 - code_bytes;
        if at % 4 >= skipped {
            shuffle[at] = (at / 4 * 4 + index * code_bytes + at % 4 - skipped) as u8;
        }
        at += 1;
    }
    shuffle
}

/// A computation that runs on the widest lanes of the machine.
pub(super) trait SimdKernel {
    /// The result.
    type Output;
    /// Runs it. This function and all functions that it calls with `L` must be `#[inline(always)]`
    /// and use `L` in no closure: the platform's instructions are only inlined into a function that
    /// enables them.
    fn run<L: Lanes>(self) -> Self::Output;
}
