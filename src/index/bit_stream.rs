//! Streams of integers, each in about as many bits as it needs.
//!
//! Bits fill a byte from its lowest on. There are three codes:
//!
//! - plain: the number's lowest bits; writer and reader know how many;
//! - gamma ([Elias 1975](https://doi.org/10.1109/TIT.1975.1055349)), for numbers from 1
//!   on that are mostly small: one 1 for each bit below the highest, a 0, these bits;
//! - Rice ([Rice and Plaunt 1971](https://doi.org/10.1109/TCOM.1971.1090789)), for
//!   numbers of a known typical size: the number without its lowest `width` bits as so
//!   many ones and a zero, then these bits. Instead of [`RICE_ESCAPE`] or more ones there
//!   are exactly so many, and the whole number follows in 32 bits.

/// The ones of a Rice code that announce a plain number.
const RICE_ESCAPE: u32 = 24;

/// The most low bits of a Rice code, so that the reader's window holds the whole code.
pub(super) const MAX_RICE_WIDTH: u32 = 31;

/// Writes a stream.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// The bits of the byte that is not full; the others are zero.
    pending: u64,
    /// The number of these bits.
    filled: u32,
}

impl BitWriter {
    /// The lowest `width` bits of `number`, at most 32; the others must be zero.
    pub(super) fn plain(&mut self, number: u32, width: u32) {
        debug_assert!(width <= 32 && u64::from(number) >> width == 0);
        self.pending |= u64::from(number) << self.filled;
        self.filled += width;
        while self.filled >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.filled -= 8;
        }
    }

    /// `ones` ones and a zero; at most 31 ones.
    fn unary(&mut self, ones: u32) {
        self.plain((1 << ones) - 1, ones + 1);
    }

    /// `number`, which is not 0, as gamma code.
    pub(super) fn gamma(&mut self, number: u32) {
        let width = number.ilog2();
        self.unary(width);
        self.plain(number & ((1 << width) - 1), width);
    }

    /// `number` as Rice code of `width` low bits.
    pub(super) fn rice(&mut self, number: u32, width: u32) {
        let high = number >> width;
        if high < RICE_ESCAPE {
            self.unary(high);
            self.plain(number & ((1 << width) - 1), width);
        } else {
            self.plain((1 << RICE_ESCAPE) - 1, RICE_ESCAPE);
            self.plain(number, 32);
        }
    }

    /// The number of bits written so far.
    pub(super) fn position(&self) -> u64 {
        self.bytes.len() as u64 * 8 + u64::from(self.filled)
    }

    /// Fills the last byte with zeros, and returns the number of bytes.
    pub(super) fn align(&mut self) -> usize {
        self.plain(0, (8 - self.filled) % 8);
        self.bytes.len()
    }

    /// The bytes, the last one filled with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes.shrink_to_fit();
        self.bytes
    }
}

/// Reads the stream of a [`BitWriter`]. After its end it reads zeros without limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// The next byte, of which no bit is counted in `left`.
    next: usize,
    /// The next bits, the lowest first. Only the lowest `left` bits are valid.
    window: u64,
    left: u32,
}

impl<'a> BitReader<'a> {
    /// A reader that begins at the bit `position`.
    pub(super) fn new(bytes: &'a [u8], position: u64) -> Self {
        let mut reader = Self { bytes, next: (position >> 3) as usize, window: 0, left: 0 };
        reader.refill();
        reader.skip((position & 7) as u32);
        reader
    }

    /// The number of bits before the next number.
    pub(super) fn position(&self) -> u64 {
        self.next as u64 * 8 - u64::from(self.left)
    }

    /// A number of `width` bits, at most 32.
    #[inline(always)]
    pub(super) fn plain(&mut self, width: u32) -> u32 {
        if width > self.left {
            self.refill();
        }
        let bits = self.window & ((1 << width) - 1);
        self.skip(width);
        bits as u32
    }

    /// A number in gamma code; 0 for an invalid code.
    #[inline(always)]
    pub(super) fn gamma(&mut self) -> u32 {
        self.refill();
        let width = self.window.trailing_ones();
        if width > 31 {
            return 0;
        }
        self.skip(width + 1);
        1 << width | self.plain(width)
    }

    /// A number in Rice code of `width` low bits, at most [`MAX_RICE_WIDTH`].
    #[inline(always)]
    pub(super) fn rice(&mut self, width: u32) -> u32 {
        let mut high = self.window.trailing_ones();
        if high + 1 + width > self.left {
            self.refill();
            high = self.window.trailing_ones();
        }
        if high >= RICE_ESCAPE {
            self.skip(RICE_ESCAPE);
            return self.plain(32);
        }
        self.skip(high + 1);
        let low = self.window as u32 & ((1 << width) - 1);
        self.skip(width);
        high << width | low
    }

    /// Two numbers, the first as Rice code of `width` low bits, at most [`MAX_RICE_WIDTH`],
    /// the second as Rice code of none, which is mostly 0.
    ///
    /// If it is 0, the next read depends only on the count of the first number's ones. This
    /// dependency takes most of the time of reading long posting lists.
    #[inline(always)]
    pub(super) fn rice_pair(&mut self, width: u32) -> (u32, u32) {
        self.refill();
        let high = self.window.trailing_ones();
        let bits = high + 1 + width;
        if high >= RICE_ESCAPE || self.window >> bits & 1 == 1 {
            return (self.rice(width), self.rice(0));
        }
        let low = (self.window >> (high + 1)) as u32 & ((1 << width) - 1);
        self.skip(bits + 1);
        (high << width | low, 0)
    }

    /// Makes `left` at least 56. Reads again the bits of partly read bytes, which are equal.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let rest = self.bytes.get(self.next..).unwrap_or_default();
        let bits = match rest.first_chunk() {
            Some(&eight) => u64::from_le_bytes(eight),
            None => last_bytes(rest),
        };
        self.window |= bits << self.left;
        self.next += ((63 - self.left) >> 3) as usize;
        self.left |= 56;
    }

    #[inline(always)]
    fn skip(&mut self, bits: u32) {
        self.window >>= bits;
        self.left -= bits;
    }
}

/// Fewer than eight bytes, and zeros after them.
#[cold]
fn last_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    /// Numbers about the ends of every width.
    fn numbers() -> impl Iterator<Item = u32> {
        (0..32).flat_map(|bit| [(1_u32 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u32::MAX])
    }

    #[test]
    fn every_code_reads_back_what_it_wrote() {
        let mut writer = BitWriter::default();
        for number in numbers() {
            writer.plain(number, 32);
            writer.gamma(number.max(1));
            (0..=MAX_RICE_WIDTH).for_each(|width| writer.rice(number, width));
        }
        let end = writer.position();
        let bytes = writer.finish();
        assert_eq!(bytes.len() as u64, end.div_ceil(8));
        let mut reader = BitReader::new(&bytes, 0);
        for number in numbers() {
            assert_eq!(reader.plain(32), number);
            assert_eq!(reader.gamma(), number.max(1));
            for width in 0..=MAX_RICE_WIDTH {
                assert_eq!(reader.rice(width), number, "width {width}");
            }
        }
        assert_eq!(reader.position(), end);
        assert_eq!((reader.plain(32), reader.rice(7)), (0, 0), "zeros after the end");
    }

    #[test]
    fn pairs_are_read_as_one_number_after_the_other() {
        let mut writer = BitWriter::default();
        let pairs = || numbers().flat_map(|first| [0, 1, 5, 23, 24, u32::MAX].map(|s| (first, s)));
        for (first, second) in pairs() {
            for width in 0..=MAX_RICE_WIDTH {
                writer.rice(first, width);
                writer.rice(second, 0);
            }
        }
        let end = writer.position();
        let bytes = writer.finish();
        let mut reader = BitReader::new(&bytes, 0);
        for pair in pairs() {
            for width in 0..=MAX_RICE_WIDTH {
                assert_eq!(reader.rice_pair(width), pair, "width {width}");
            }
        }
        assert_eq!(reader.position(), end);
        assert_eq!(reader.rice_pair(9), (0, 0), "zeros after the end");
    }

    #[test]
    fn small_numbers_take_few_bits() {
        let bits = |write: fn(&mut BitWriter)| {
            let mut writer = BitWriter::default();
            write(&mut writer);
            writer.position()
        };
        assert_eq!(bits(|writer| writer.gamma(1)), 1);
        assert_eq!(bits(|writer| writer.gamma(5)), 5);
        assert_eq!(bits(|writer| writer.rice(5, 3)), 4);
        assert_eq!(bits(|writer| writer.rice(17, 3)), 6);
        assert_eq!(bits(|writer| writer.rice(u32::MAX, 0)), 56);
    }

    #[test]
    fn an_invalid_code_ends() {
        let mut reader = BitReader::new(&[0xFF; 8], 0);
        assert_eq!(reader.gamma(), 0);
        assert_eq!(reader.rice(31), u32::MAX);
    }
}
