//! Weight matrices in the layout of the kernels.
//!
//! Weights come in blocks of 32 of one row. A code is a quantized weight; the weight is
//! `code * scale + offset` of its block, exactly as the GGUF types Q4_0 … Q8_0 and Q4_K … Q6_K
//! define it: nothing is quantized again. Eight rows are a *panel*; the record of one block of a
//! panel is
//!
//! ```text
//! scales    8, one a row (QuantScheme::SuperHalves: 8 of the first 16 weights, 8 of the rest)
//! offsets   8            (QuantScheme::Offset, QuantScheme::SuperOffset)
//! codes     for each four columns, the codes of the eight rows: 32 bytes (QuantScheme::Signed: for
//!           each two, 16 bytes); codes below 64: their low four bits, for each eight columns 32
//!           bytes, first four columns in the low halves
//! high bits of codes with more than four bits: for each byte of 32 bytes of codes, the bits of
//!           the first four columns, then of the next …, from the lowest bit up: 32 bytes for
//!           each bit
//! ```
//!
//! where scales and offsets are f16, as in the files. In schemes with super-blocks of eight blocks
//! they are signed bytes, and the factors of a panel come before its records, as f32:
//!
//! ```text
//! factors   of each super-block, of its scales: 8, one a row
//!                                of its offsets: 8 (QuantScheme::SuperOffset)
//! ```
//!
//! Records follow each other, block by block, then panel by panel. The last panel is filled up with
//! rows of zeros.

use half::f16;

use super::layout::{BLOCK, SUPER_BLOCK};
use super::simd::LANES;
use super::try_with_capacity;
use crate::error::Result;

/// How a weight is computed from its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuantScheme {
    /// `(code - zero) * scale`, codes 0..=31.
    Zero(u8),
    /// `code * scale + offset`, codes 0..=31.
    Offset,
    /// As [`QuantScheme::Offset`], with scales and offsets that are integers times a factor of the
    /// super-block.
    SuperOffset,
    /// As [`QuantScheme::Zero`] with codes 0..=63. Each half of a block has a scale of its own: an
    /// integer times a factor of the super-block.
    SuperHalves(u8),
    /// `code * scale`, codes -128..=127.
    Signed,
}

impl QuantScheme {
    /// Whether the second half of a block has a scale of its own.
    fn has_halves(self) -> bool {
        matches!(self, Self::SuperHalves(_))
    }

    fn has_offset(self) -> bool {
        matches!(self, Self::Offset | Self::SuperOffset)
    }

    /// Whether scales and offsets are integers times factors.
    fn has_factors(self) -> bool {
        matches!(self, Self::SuperOffset | Self::SuperHalves(_))
    }
}

/// One block of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WeightBlock {
    /// Quantized weights, as bytes. Those of [`QuantScheme::Signed`] are `i8`.
    pub(crate) codes: [u8; BLOCK],
    /// The scale of each half; both are used only by schemes with halves. An f16 must hold a scale,
    /// or an i8 where the scheme has factors.
    pub(crate) scales: [f32; 2],
    /// Used only by schemes with offsets. Has the range of a scale.
    pub(crate) offset: f32,
    /// Factors of the scales and of the offset, in schemes that have them: the same in all blocks
    /// of a super-block. An f32 must hold every weight that they give.
    pub(crate) factors: [f32; 2],
}

/// A matrix of weights.
pub(crate) struct PackedMatrix {
    pub(super) rows: usize,
    pub(super) blocks: usize,
    pub(super) scheme: QuantScheme,
    pub(super) bits: u32,
    pub(super) bytes: Vec<u8>,
}

impl PackedMatrix {
    /// A matrix with memory for `rows` rows, which [`PackedMatrix::push_rows`] adds. Codes have 4
    /// or 5 bits; those of [`QuantScheme::SuperHalves`] have 6, those of [`QuantScheme::Signed`] 8.
    pub(crate) fn with_capacity(
        [rows, columns]: [usize; 2],
        scheme: QuantScheme,
        bits: u32,
    ) -> Result<Self> {
        debug_assert!(columns > 0 && columns.is_multiple_of(BLOCK));
        debug_assert!(match scheme {
            QuantScheme::Signed => bits == 8,
            QuantScheme::SuperHalves(_) => bits == 6,
            QuantScheme::Zero(_) | QuantScheme::Offset | QuantScheme::SuperOffset =>
                bits == 4 || bits == 5,
        });
        let mut matrix = Self { rows: 0, blocks: columns / BLOCK, scheme, bits, bytes: Vec::new() };
        matrix.bytes =
            try_with_capacity(rows.div_ceil(LANES).saturating_mul(matrix.panel_bytes()))?;
        Ok(matrix)
    }

    /// Packs the next `rows` rows: whole panels, except at the end of the matrix. `block` returns
    /// the block of a row at an index.
    pub(crate) fn push_rows(&mut self, rows: usize, block: impl Fn(usize, usize) -> WeightBlock) {
        debug_assert!(self.rows.is_multiple_of(LANES));
        self.rows += rows;
        for first in (0..rows).step_by(LANES) {
            let at = |index: usize| -> [Option<WeightBlock>; LANES] {
                let of_row = |lane| (first + lane < rows).then(|| block(first + lane, index));
                std::array::from_fn(of_row)
            };
            if self.scheme.has_factors() {
                (0..self.blocks)
                    .step_by(SUPER_BLOCK)
                    .for_each(|index| self.push_factors(&at(index)));
            }
            (0..self.blocks).for_each(|index| self.push_record(&at(index)));
        }
    }

    /// Rows of weights, which are the numbers in a product.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers in a row.
    pub(crate) fn columns(&self) -> usize {
        self.blocks * BLOCK
    }

    /// Columns whose codes lie together: as many as one product takes of bytes, or of two-byte
    /// numbers where activations have 16 bits.
    fn columns_of_step(&self) -> usize {
        if self.scheme == QuantScheme::Signed { 2 } else { 4 }
    }

    /// Scales and offsets of a row in a record.
    fn numbers_per_row(&self) -> usize {
        if self.scheme.has_halves() || self.scheme.has_offset() { 2 } else { 1 }
    }

    /// Bytes of a scale or an offset.
    fn number_bytes(&self) -> usize {
        if self.scheme.has_factors() { 1 } else { 2 }
    }

    /// Factors of a row in a super-block.
    fn factors(&self) -> usize {
        usize::from(self.scheme.has_factors())
            + usize::from(self.scheme == QuantScheme::SuperOffset)
    }

    fn header_bytes(&self) -> usize {
        self.number_bytes() * self.numbers_per_row() * LANES
    }

    pub(super) fn record_bytes(&self) -> usize {
        self.header_bytes() + BLOCK * LANES * self.bits as usize / 8
    }

    /// Bytes of a panel's factors.
    pub(super) fn factor_bytes(&self) -> usize {
        self.blocks.div_ceil(SUPER_BLOCK) * self.factors() * LANES * size_of::<f32>()
    }

    pub(super) fn panel_bytes(&self) -> usize {
        self.factor_bytes() + self.blocks * self.record_bytes()
    }

    fn push_factors(&mut self, blocks: &[Option<WeightBlock>; LANES]) {
        for number in 0..self.factors() {
            for block in blocks {
                let factor = block.as_ref().map_or(0.0, |block| block.factors[number]);
                self.bytes.extend(factor.to_le_bytes());
            }
        }
    }

    fn push_record(&mut self, blocks: &[Option<WeightBlock>; LANES]) {
        self.push_numbers(blocks, |block| block.scales[0]);
        if self.scheme.has_offset() {
            self.push_numbers(blocks, |block| block.offset);
        }
        if self.scheme.has_halves() {
            self.push_numbers(blocks, |block| block.scales[1]);
        }
        let code = |lane: usize, column: usize| blocks[lane].map_or(0, |block| block.codes[column]);
        let step = self.columns_of_step();
        let bytes = &mut self.bytes;
        if self.bits == 8 {
            for first in (0..BLOCK).step_by(step) {
                bytes.extend((0..step * LANES).map(|at| code(at / step, first + at % step)));
            }
            return;
        }
        for first in (0..BLOCK).step_by(2 * step) {
            bytes.extend((0..step * LANES).map(|at| {
                let (lane, column) = (at / step, first + at % step);
                code(lane, column) & 15 | code(lane, column + step) << 4
            }));
        }
        let high_bits = self.bits as usize - 4;
        for first in (0..high_bits).map(|part| part * BLOCK / high_bits) {
            bytes.extend((0..step * LANES).map(|at| {
                let (lane, column) = (at / step, first + at % step);
                (0..8 / high_bits).fold(0, |byte, number| {
                    byte | code(lane, column + number * step) >> 4 << (number * high_bits)
                })
            }));
        }
    }

    fn push_numbers(
        &mut self,
        blocks: &[Option<WeightBlock>; LANES],
        of: impl Fn(&WeightBlock) -> f32,
    ) {
        for block in blocks {
            let number = block.as_ref().map_or(0.0, &of);
            if self.scheme.has_factors() {
                self.bytes.push(number as i8 as u8);
            } else {
                self.bytes.extend(f16::from_f32(number).to_le_bytes());
            }
        }
    }

    /// The weights of one row as f32.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        let (panel, lane) = (row / LANES, row % LANES);
        let panel = &self.bytes[panel * self.panel_bytes()..][..self.panel_bytes()];
        let (factors, records) = panel.split_at(self.factor_bytes());
        let mut values = Vec::with_capacity(self.columns());
        for (index, record) in records.chunks_exact(self.record_bytes()).enumerate() {
            let number = |at: usize| {
                let number = self.number(record, at * LANES + lane);
                if !self.scheme.has_factors() {
                    return number;
                }
                let at = index / SUPER_BLOCK * self.factors() + at.min(self.factors() - 1);
                let factor = &factors[size_of::<f32>() * (at * LANES + lane)..];
                number * f32::from_le_bytes([factor[0], factor[1], factor[2], factor[3]])
            };
            let (codes, scale) = (&record[self.header_bytes()..], number(0));
            for column in 0..BLOCK {
                let code = self.code(codes, lane, column);
                values.push(match self.scheme {
                    QuantScheme::Zero(zero) => (f32::from(code) - f32::from(zero)) * scale,
                    QuantScheme::Offset | QuantScheme::SuperOffset => {
                        f32::from(code) * scale + number(1)
                    }
                    QuantScheme::SuperHalves(zero) => {
                        let scale = if column < BLOCK / 2 { scale } else { number(1) };
                        (f32::from(code) - f32::from(zero)) * scale
                    }
                    QuantScheme::Signed => f32::from(code as i8) * scale,
                });
            }
        }
        values
    }

    /// A scale or an offset, without its factor.
    fn number(&self, record: &[u8], at: usize) -> f32 {
        if self.scheme.has_factors() {
            f32::from(record[at] as i8)
        } else {
            f16::from_le_bytes([record[2 * at], record[2 * at + 1]]).to_f32()
        }
    }

    fn code(&self, codes: &[u8], lane: usize, column: usize) -> u8 {
        let step = self.columns_of_step();
        let (number, byte) = (column / step, lane * step + column % step);
        if self.bits == 8 {
            return codes[number * step * LANES + byte];
        }
        let (lows, high_bits) = codes.split_at(BLOCK * LANES / 2);
        let low = lows[number / 2 * step * LANES + byte] >> (number % 2 * 4) & 15;
        let bits = self.bits as usize - 4;
        if bits == 0 {
            return low;
        }
        let steps = 8 / bits;
        let high = high_bits[number / steps * step * LANES + byte] >> (number % steps * bits);
        low | high << 4 & ((1 << self.bits) - 1)
    }
}
