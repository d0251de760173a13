//! One block of eight rows of weights: as its record has it, and as products take it.

use super::layout::{BLOCK, Width};
use super::simd::{LANES, Lanes};

/// What the forms of weights differ in.
pub(super) trait Shape {
    /// Codes are below two to this power.
    const BITS: u32;
    /// A code of weights has a sign.
    const SIGNED: bool = false;
    const OFFSETS: bool = false;
    const HALVES: usize = 1;
    /// Scales and offsets are whole numbers times factors of the super-block.
    const FACTORS: bool = false;
}

/// Bytes of a code where products are taken.
pub(super) const fn code_bytes<L: Lanes, F: Shape>() -> usize {
    let width = if F::SIGNED { Width::Words } else { Width::Bytes };
    width.code_bytes(L::CODE_BYTES)
}

/// Scales and offsets of a row in a record.
const fn numbers<F: Shape>() -> usize {
    if F::OFFSETS || F::HALVES == 2 { 2 } else { 1 }
}

/// Bytes of a record before its codes.
pub(super) const fn header_bytes<F: Shape>() -> usize {
    numbers::<F>() * LANES * if F::FACTORS { 1 } else { 2 }
}

/// Factors of eight rows in a super-block.
pub(super) const fn factors<F: Shape>() -> usize {
    match (F::FACTORS, F::OFFSETS) {
        (false, _) => 0,
        (true, false) => LANES,
        (true, true) => 2 * LANES,
    }
}

/// Bytes of scales and offsets that are unpacked with a block's codes, before these.
const fn unpacked_header_bytes<F: Shape>() -> usize {
    numbers::<F>() * LANES * size_of::<f32>()
}

/// Bytes of an unpacked block.
pub(super) const fn unpacked_bytes<L: Lanes, F: Shape>() -> usize {
    unpacked_header_bytes::<F>() + BLOCK * LANES * code_bytes::<L, F>()
}

/// Bytes of a record's codes.
pub(super) const fn packed_bytes<F: Shape>() -> usize {
    BLOCK * LANES * if F::SIGNED { 8 } else { F::BITS as usize } / 8
}

/// Bytes of the codes' lowest bits, or of all.
pub(super) const fn low_bytes<F: Shape>() -> usize {
    BLOCK * LANES / if F::SIGNED { 1 } else { 2 }
}

pub(super) struct Zero<const BITS: u32>;
pub(super) struct Offset<const BITS: u32>;
pub(super) struct SuperOffset<const BITS: u32>;
pub(super) struct SuperHalves;
pub(super) struct Signed;

impl<const BITS: u32> Shape for Zero<BITS> {
    const BITS: u32 = BITS;
}
impl<const BITS: u32> Shape for Offset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
}
impl<const BITS: u32> Shape for SuperOffset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
    const FACTORS: bool = true;
}
impl Shape for SuperHalves {
    const BITS: u32 = 6;
    const HALVES: usize = 2;
    const FACTORS: bool = true;
}
impl Shape for Signed {
    const BITS: u32 = 7;
    const SIGNED: bool = true;
}

/// Steps of products that 32 bytes of a record have codes for.
pub(super) const fn steps_of_part<L: Lanes, F: Shape>() -> usize {
    code_bytes::<L, F>() * if F::SIGNED { 1 } else { 2 }
}

/// One block of eight rows of weights.
#[derive(Clone, Copy)]
pub(super) struct PanelBlock {
    /// Its record.
    pub(super) packed: *const u8,
    /// The factors of its super-block, where the form has such.
    pub(super) factors: *const f32,
    pub(super) unpacked: *mut u8,
    /// Whether it has not been unpacked, since a single row is multiplied with it.
    pub(super) is_alone: bool,
}

impl PanelBlock {
    /// The codes of the steps that one part is for, and then any.
    #[inline(always)]
    pub(super) unsafe fn part<L: Lanes, F: Shape>(self, part: usize) -> [L::Codes; 4] {
        // SAFETY: the caller's, here and below.
        let from = unsafe { self.packed.add(header_bytes::<F>() + 32 * part) };
        if F::SIGNED {
            let [first, next] = unsafe { [L::widen(from.cast()), L::widen(from.add(16).cast())] };
            return [first, next, first, next];
        }
        let [low, high] = unsafe { self.low_and_high::<L, F>(part) };
        if code_bytes::<L, F>() == 1 {
            return [low, high, low, high];
        }
        let ([a, b], [c, d]) = (L::to_words(low), L::to_words(high));
        [a, b, c, d]
    }

    /// The codes of one part, of bytes: of its first four columns, and of its last.
    #[inline(always)]
    unsafe fn low_and_high<L: Lanes, F: Shape>(self, part: usize) -> [L::Codes; 2] {
        // SAFETY: the caller's.
        unsafe {
            let lows = self.packed.add(header_bytes::<F>());
            let [low, high] = L::nibbles(lows.add(32 * part));
            if F::BITS == 4 {
                return [low, high];
            }
            let bits = F::BITS - 4;
            let parts = 4 / bits as usize;
            let rest = L::codes(lows.add(low_bytes::<F>() + 32 * (part / parts)));
            let down = (part % parts) as u32 * 2 * bits;
            [L::add_high(low, rest, down, bits), L::add_high(high, rest, down + bits, bits)]
        }
    }

    /// Writes it as the products of several rows take it.
    #[inline(always)]
    pub(super) unsafe fn unpack<L: Lanes, F: Shape>(self) {
        let steps = steps_of_part::<L, F>();
        // SAFETY: there is room for what is written.
        unsafe {
            for number in 0..numbers::<F>() {
                let floats = self.packed_floats::<L, F>(number);
                L::store(self.unpacked.cast::<f32>().add(LANES * number), floats);
            }
            let to = self.unpacked.add(unpacked_header_bytes::<F>());
            for part in 0..low_bytes::<F>() / 32 {
                let codes = self.part::<L, F>(part);
                #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
                for step in 0..steps {
                    L::store_codes(codes[step], to.add(32 * (steps * part + step)));
                }
            }
        }
    }

    /// The codes of one step.
    #[inline(always)]
    pub(super) unsafe fn codes<L: Lanes, F: Shape>(self, step: usize) -> L::Codes {
        let steps = steps_of_part::<L, F>();
        // SAFETY: the caller's.
        unsafe {
            if self.is_alone {
                // Chosen among registers: by a number, they would have to be in memory.
                let [a, b, c, d] = self.part::<L, F>(step / steps);
                return match step % steps {
                    0 => a,
                    1 => b,
                    2 => c,
                    _ => d,
                };
            }
            L::codes(self.unpacked.add(unpacked_header_bytes::<F>() + step * 32))
        }
    }

    /// The scales or offsets that come first, or second.
    #[inline(always)]
    pub(super) unsafe fn floats<L: Lanes, F: Shape>(self, number: usize) -> L::Floats {
        // SAFETY: the caller's.
        unsafe {
            if self.is_alone {
                self.packed_floats::<L, F>(number)
            } else {
                L::floats(self.unpacked.cast::<f32>().add(LANES * number))
            }
        }
    }

    /// The same from the record.
    #[inline(always)]
    unsafe fn packed_floats<L: Lanes, F: Shape>(self, number: usize) -> L::Floats {
        // SAFETY: the caller's.
        unsafe {
            if !F::FACTORS {
                return L::floats_of_f16(self.packed.add(2 * LANES * number));
            }
            let whole = L::to_floats(L::ints_of_i8(self.packed.add(LANES * number).cast()));
            let at = if F::OFFSETS { LANES * number } else { 0 };
            L::mul(whole, L::floats(self.factors.add(at)))
        }
    }
}
