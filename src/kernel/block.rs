//! One block of eight rows of weights: packed, as in its record, and unpacked, as products take it.

use super::layout::{BLOCK, CodeWidth};
use super::simd::{LANES, Lanes};

/// A [`QuantScheme`](super::packed::QuantScheme) with its bits as a type, so that each has kernels
/// compiled for it.
pub(super) trait StaticScheme {
    /// Codes are below two to this power.
    const BITS: u32;
    /// Whether codes have a sign.
    const SIGNED: bool = false;
    const OFFSETS: bool = false;
    const HALVES: usize = 1;
    /// Whether scales and offsets are integers times factors of the super-block.
    const FACTORS: bool = false;
}

/// Bytes of a code in a product.
pub(super) const fn code_bytes<L: Lanes, S: StaticScheme>() -> usize {
    let width = if S::SIGNED { CodeWidth::I16 } else { CodeWidth::I8 };
    width.code_bytes(L::CODE_BYTES)
}

/// Scales and offsets of a row in a record.
const fn numbers_per_row<S: StaticScheme>() -> usize {
    if S::OFFSETS || S::HALVES == 2 { 2 } else { 1 }
}

/// Bytes of a record before its codes.
pub(super) const fn header_bytes<S: StaticScheme>() -> usize {
    numbers_per_row::<S>() * LANES * if S::FACTORS { 1 } else { 2 }
}

/// Factors of eight rows in a super-block.
pub(super) const fn factors<S: StaticScheme>() -> usize {
    match (S::FACTORS, S::OFFSETS) {
        (false, _) => 0,
        (true, false) => LANES,
        (true, true) => 2 * LANES,
    }
}

/// Bytes of the scales and offsets that precede the codes of an unpacked block.
const fn unpacked_header_bytes<S: StaticScheme>() -> usize {
    numbers_per_row::<S>() * LANES * size_of::<f32>()
}

/// Bytes of an unpacked block.
pub(super) const fn unpacked_bytes<L: Lanes, S: StaticScheme>() -> usize {
    unpacked_header_bytes::<S>() + BLOCK * LANES * code_bytes::<L, S>()
}

/// Bytes of a record's codes.
pub(super) const fn packed_bytes<S: StaticScheme>() -> usize {
    BLOCK * LANES * if S::SIGNED { 8 } else { S::BITS as usize } / 8
}

/// Bytes of the codes' low bits; of all bits where codes have a sign.
pub(super) const fn low_bytes<S: StaticScheme>() -> usize {
    BLOCK * LANES / if S::SIGNED { 1 } else { 2 }
}

pub(super) struct Zero<const BITS: u32>;
pub(super) struct Offset<const BITS: u32>;
pub(super) struct SuperOffset<const BITS: u32>;
pub(super) struct SuperHalves;
pub(super) struct Signed;

impl<const BITS: u32> StaticScheme for Zero<BITS> {
    const BITS: u32 = BITS;
}
impl<const BITS: u32> StaticScheme for Offset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
}
impl<const BITS: u32> StaticScheme for SuperOffset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
    const FACTORS: bool = true;
}
impl StaticScheme for SuperHalves {
    const BITS: u32 = 6;
    const HALVES: usize = 2;
    const FACTORS: bool = true;
}
impl StaticScheme for Signed {
    const BITS: u32 = 7;
    const SIGNED: bool = true;
}

/// Steps of products whose codes are in 32 bytes of a record.
pub(super) const fn steps_per_part<L: Lanes, S: StaticScheme>() -> usize {
    code_bytes::<L, S>() * if S::SIGNED { 1 } else { 2 }
}

/// One block of eight rows of weights.
#[derive(Clone, Copy)]
pub(super) struct PanelBlock {
    /// Its record.
    pub(super) packed: *const u8,
    /// The factors of its super-block, where the scheme has factors.
    pub(super) factors: *const f32,
    pub(super) unpacked: *mut u8,
    /// Whether a single row is multiplied with it: then it is not unpacked.
    pub(super) single_row: bool,
}

impl PanelBlock {
    /// The codes of the steps of one part. Where a part has fewer than four steps, they repeat.
    #[inline(always)]
    pub(super) unsafe fn part<L: Lanes, S: StaticScheme>(self, part: usize) -> [L::Codes; 4] {
        // SAFETY: the caller guarantees it, here and below.
        let from = unsafe { self.packed.add(header_bytes::<S>() + 32 * part) };
        if S::SIGNED {
            let [first, next] =
                unsafe { [L::load_i8_as_i16(from.cast()), L::load_i8_as_i16(from.add(16).cast())] };
            return [first, next, first, next];
        }
        let [low, high] = unsafe { self.low_and_high::<L, S>(part) };
        if code_bytes::<L, S>() == 1 {
            return [low, high, low, high];
        }
        let ([a, b], [c, d]) = (L::to_i16(low), L::to_i16(high));
        [a, b, c, d]
    }

    /// The codes of one part as bytes: of its first four columns, and of its last four.
    #[inline(always)]
    unsafe fn low_and_high<L: Lanes, S: StaticScheme>(self, part: usize) -> [L::Codes; 2] {
        // SAFETY: the caller guarantees it.
        unsafe {
            let lows = self.packed.add(header_bytes::<S>());
            let [low, high] = L::nibbles(lows.add(32 * part));
            if S::BITS == 4 {
                return [low, high];
            }
            let bits = S::BITS - 4;
            let parts = 4 / bits as usize;
            let rest = L::load_codes(lows.add(low_bytes::<S>() + 32 * (part / parts)));
            let down = (part % parts) as u32 * 2 * bits;
            [L::add_high(low, rest, down, bits), L::add_high(high, rest, down + bits, bits)]
        }
    }

    /// Writes the unpacked block, as the products of several rows take it.
    #[inline(always)]
    pub(super) unsafe fn unpack<L: Lanes, S: StaticScheme>(self) {
        let steps = steps_per_part::<L, S>();
        // SAFETY: there is space for what is written.
        unsafe {
            for number in 0..numbers_per_row::<S>() {
                let floats = self.packed_scales::<L, S>(number);
                L::store(self.unpacked.cast::<f32>().add(LANES * number), floats);
            }
            let to = self.unpacked.add(unpacked_header_bytes::<S>());
            for part in 0..low_bytes::<S>() / 32 {
                let codes = self.part::<L, S>(part);
                #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
                for step in 0..steps {
                    L::store_codes(codes[step], to.add(32 * (steps * part + step)));
                }
            }
        }
    }

    /// The codes of one step.
    #[inline(always)]
    pub(super) unsafe fn codes<L: Lanes, S: StaticScheme>(self, step: usize) -> L::Codes {
        let steps = steps_per_part::<L, S>();
        // SAFETY: the caller guarantees it.
        unsafe {
            if self.single_row {
                // A choice among registers: an index would put them into memory.
                let [a, b, c, d] = self.part::<L, S>(step / steps);
                return match step % steps {
                    0 => a,
                    1 => b,
                    2 => c,
                    _ => d,
                };
            }
            L::load_codes(self.unpacked.add(unpacked_header_bytes::<S>() + step * 32))
        }
    }

    /// The first scales or offsets of the rows (`number` 0), or the second (1).
    #[inline(always)]
    pub(super) unsafe fn scales<L: Lanes, S: StaticScheme>(self, number: usize) -> L::Floats {
        // SAFETY: the caller guarantees it.
        unsafe {
            if self.single_row {
                self.packed_scales::<L, S>(number)
            } else {
                L::load_floats(self.unpacked.cast::<f32>().add(LANES * number))
            }
        }
    }

    /// The same, from the record.
    #[inline(always)]
    unsafe fn packed_scales<L: Lanes, S: StaticScheme>(self, number: usize) -> L::Floats {
        // SAFETY: the caller guarantees it.
        unsafe {
            if !S::FACTORS {
                return L::load_f16(self.packed.add(2 * LANES * number));
            }
            let ints = L::to_floats(L::load_i8(self.packed.add(LANES * number).cast()));
            let at = if S::OFFSETS { LANES * number } else { 0 };
            L::mul(ints, L::load_floats(self.factors.add(at)))
        }
    }
}
