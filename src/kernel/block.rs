//! One block of eight rows of weights: as its record has it, and as products take it.

use super::lanes::{LANES, Lanes};
use super::packed::BLOCK;
use super::rows::Width;

/// What the forms of weights differ in.
pub(super) trait Shape {
    /// Codes are below two to this power.
    const BITS: u32;
    /// A code of weights has a sign.
    const SIGNED: bool = false;
    const OFFSETS: bool = false;
    const HALVES: usize = 1;
    /// Bytes of a scale or an offset.
    const NUMBER_BYTES: usize = 2;
}

/// Bytes of a code where products are taken.
pub(super) const fn code_bytes<L: Lanes, F: Shape>() -> usize {
    let width = if F::SIGNED { Width::Words } else { Width::Bytes };
    width.code_bytes(L::CODE_BYTES)
}

/// Bytes of a record before its codes.
pub(super) const fn header_bytes<F: Shape>() -> usize {
    F::NUMBER_BYTES * LANES * if F::OFFSETS || F::HALVES == 2 { 2 } else { 1 }
}

/// Bytes of scales and offsets that are unpacked with a block's codes, before these.
const fn unpacked_header_bytes<F: Shape>() -> usize {
    if F::NUMBER_BYTES == 2 { header_bytes::<F>() * 2 } else { 0 }
}

/// Bytes of an unpacked block.
pub(super) const fn unpacked_bytes<L: Lanes, F: Shape>() -> usize {
    unpacked_header_bytes::<F>() + BLOCK * LANES * code_bytes::<L, F>()
}

/// Bytes of a record's codes.
pub(super) const fn packed_bytes<F: Shape>() -> usize {
    if F::BITS == 4 { BLOCK * LANES / 2 } else { BLOCK * LANES }
}

pub(super) struct Zero<const BITS: u32>;
pub(super) struct Offset<const BITS: u32>;
pub(super) struct WideOffset<const BITS: u32>;
pub(super) struct Halves;
pub(super) struct Signed;

impl<const BITS: u32> Shape for Zero<BITS> {
    const BITS: u32 = BITS;
}
impl<const BITS: u32> Shape for Offset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
}
impl<const BITS: u32> Shape for WideOffset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
    const NUMBER_BYTES: usize = 4;
}
impl Shape for Halves {
    const BITS: u32 = 6;
    const NUMBER_BYTES: usize = 4;
    const HALVES: usize = 2;
}
impl Shape for Signed {
    const BITS: u32 = 7;
    const SIGNED: bool = true;
}

/// Steps of products that 32 bytes of a record have codes for.
pub(super) const fn steps_of_part<L: Lanes, F: Shape>() -> usize {
    code_bytes::<L, F>() * if F::BITS == 4 { 2 } else { 1 }
}

/// One block of eight rows of weights.
#[derive(Clone, Copy)]
pub(super) struct PanelBlock {
    /// Its record.
    pub(super) packed: *const u8,
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
        let [low, high] = unsafe {
            if F::BITS == 4 { L::nibbles(from) } else { [L::codes(from), L::codes(from)] }
        };
        if code_bytes::<L, F>() == 1 {
            return [low, high, low, high];
        }
        let ([a, b], [c, d]) = (L::to_words(low), L::to_words(high));
        [a, b, c, d]
    }

    /// Writes it as the products of several rows take it.
    #[inline(always)]
    pub(super) unsafe fn unpack<L: Lanes, F: Shape>(self) {
        let steps = steps_of_part::<L, F>();
        // SAFETY: there is room for what is written.
        unsafe {
            for number in 0..unpacked_header_bytes::<F>() / (4 * LANES) {
                let floats = L::floats_of_f16(self.packed.add(2 * LANES * number));
                L::store(self.unpacked.add(4 * LANES * number).cast(), floats);
            }
            let to = self.unpacked.add(unpacked_header_bytes::<F>());
            for part in 0..packed_bytes::<F>() / 32 {
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
            match (F::NUMBER_BYTES == 2, self.is_alone) {
                (true, true) => L::floats_of_f16(self.packed.add(2 * LANES * number)),
                (true, false) => L::floats(self.unpacked.cast::<f32>().add(LANES * number)),
                (false, _) => L::floats(self.packed.cast::<f32>().add(LANES * number)),
            }
        }
    }
}
