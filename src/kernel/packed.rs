//! Weight matrices laid out for the kernels.
//!
//! Weights come in blocks of 32 of one row. A weight is `code * scale + offset` of its
//! block, just as the GGUF types Q4_0 … Q8_0 and Q4_K … Q6_K define it: nothing is
//! rounded anew. Rows are taken eight at a time, as a *panel*; a panel's record of one
//! block is
//!
//! ```text
//! scales    8, one a row (Form::Halves: 8 of the first 16 weights, 8 of the rest)
//! offsets   8            (Form::Offset, Form::WideOffset)
//! codes     for each four columns, those of the eight rows: 32 bytes (Form::Signed: for two,
//!           16 bytes), or, where all are below 16, eight columns, low halves first
//! ```
//!
//! where scales and offsets are f16, as in the files, or f32 (Form::WideOffset, Form::Halves).
//! Records follow each other, block by block, then panel by panel. The last panel
//! is filled up with rows of zeros.

use half::f16;

use super::lanes::LANES;
use super::rows::{Rows, Width};
use super::{NotFinite, product, room};
use crate::error::Result;

/// Weights in a block.
pub(crate) const BLOCK: usize = 32;

/// How the codes of a block stand for weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `(code - zero) * scale`, codes 0..=127.
    Zero(u8),
    /// `code * scale + offset`, codes 0..=127.
    Offset,
    /// The same, with scales and offsets that 16 bits cannot hold.
    WideOffset,
    /// As [`Form::Zero`], the second half of a block with a scale of its own.
    Halves(u8),
    /// `code * scale`, codes -128..=127.
    Signed,
}

/// One block of one row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    /// As bytes; those of [`Form::Signed`] are `i8`.
    pub(crate) codes: [u8; BLOCK],
    /// The second is that of the second half, where the form has one. An f16 must hold them,
    /// where the form has such, and f32 all weights that they make.
    pub(crate) scales: [f32; 2],
    /// Where the form has one, as the scales.
    pub(crate) offset: f32,
}

/// A matrix of weights.
pub(crate) struct PackedMatrix {
    pub(super) rows: usize,
    pub(super) blocks: usize,
    pub(super) form: Form,
    pub(super) bits: u32,
    pub(super) bytes: Vec<u8>,
}

impl PackedMatrix {
    /// Room for `rows` rows of `columns / 32` blocks, which are pushed then. Codes
    /// without a sign are below `1 << bits`; four take half the memory.
    pub(crate) fn with_room([rows, columns]: [usize; 2], form: Form, bits: u32) -> Result<Self> {
        debug_assert!(columns > 0 && columns.is_multiple_of(BLOCK));
        let mut matrix = Self { rows: 0, blocks: columns / BLOCK, form, bits, bytes: Vec::new() };
        matrix.bytes = room(rows.div_ceil(LANES).saturating_mul(matrix.panel_bytes()))?;
        Ok(matrix)
    }

    /// Packs the next `rows` rows, whole panels but for the last; `block` gives that of
    /// one of them at a place.
    pub(crate) fn push_rows(&mut self, rows: usize, block: impl Fn(usize, usize) -> Block) {
        debug_assert!(self.rows.is_multiple_of(LANES));
        self.rows += rows;
        for first in (0..rows).step_by(LANES) {
            for place in 0..self.blocks {
                let of_row = |lane| (first + lane < rows).then(|| block(first + lane, place));
                self.push_record(&std::array::from_fn(of_row));
            }
        }
    }

    /// Rows of weights: numbers in a product.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers in a row.
    pub(crate) fn columns(&self) -> usize {
        self.blocks * BLOCK
    }

    /// For each row of `input`, its product with every row of weights. A row's product
    /// is bitwise the same for any number of rows (of zeros, the sign aside). Fails where a
    /// number of `input` is not finite; `output` is as it was then.
    pub(crate) fn multiply(
        &self,
        input: &mut Rows,
        output: &mut [f32],
    ) -> std::result::Result<(), NotFinite> {
        assert_eq!(input.columns(), self.columns(), "rows as long as the matrix is wide");
        assert_eq!(output.len(), input.count() * self.rows, "one number for each pair of rows");
        let rounded = input.round(self.width());
        if !rounded.is_finite {
            return Err(NotFinite);
        }
        product::multiply(self, rounded, output);
        Ok(())
    }

    fn width(&self) -> Width {
        if self.form == Form::Signed { Width::Words } else { Width::Bytes }
    }

    fn nibbles(&self) -> bool {
        self.bits == 4
    }

    /// Columns whose codes lie together: as many as one product takes in, of bytes, or of two
    /// where activations have that many.
    fn columns_of_step(&self) -> usize {
        if self.form == Form::Signed { 2 } else { 4 }
    }

    /// Bytes of a scale or an offset.
    fn number_bytes(&self) -> usize {
        match self.form {
            Form::Zero(_) | Form::Offset | Form::Signed => 2,
            Form::WideOffset | Form::Halves(_) => 4,
        }
    }

    fn header_bytes(&self) -> usize {
        let numbers = match self.form {
            Form::Zero(_) | Form::Signed => LANES,
            Form::Offset | Form::WideOffset | Form::Halves(_) => 2 * LANES,
        };
        self.number_bytes() * numbers
    }

    fn code_bytes(&self) -> usize {
        BLOCK * LANES / if self.nibbles() { 2 } else { 1 }
    }

    pub(super) fn record_bytes(&self) -> usize {
        self.header_bytes() + self.code_bytes()
    }

    pub(super) fn panel_bytes(&self) -> usize {
        self.blocks * self.record_bytes()
    }

    fn push_record(&mut self, lanes: &[Option<Block>; LANES]) {
        let number =
            |of: &dyn Fn(&Block) -> f32, lane: &Option<Block>| lane.as_ref().map_or(0.0, of);
        let is_half = self.number_bytes() == 2;
        let push = |bytes: &mut Vec<u8>, of: &dyn Fn(&Block) -> f32| {
            for lane in lanes {
                match (is_half, number(of, lane)) {
                    (true, number) => bytes.extend(f16::from_f32(number).to_le_bytes()),
                    (false, number) => bytes.extend(number.to_le_bytes()),
                }
            }
        };
        push(&mut self.bytes, &|block| block.scales[0]);
        match self.form {
            Form::Zero(_) | Form::Signed => {}
            Form::Offset | Form::WideOffset => push(&mut self.bytes, &|block| block.offset),
            Form::Halves(_) => push(&mut self.bytes, &|block| block.scales[1]),
        }
        let code = |lane: usize, column: usize| lanes[lane].map_or(0, |block| block.codes[column]);
        let step = self.columns_of_step();
        let columns = if self.nibbles() { 2 * step } else { step };
        for first in (0..BLOCK).step_by(columns) {
            for place in 0..step * LANES {
                let (lane, column) = (place / step, first + place % step);
                let high = if self.nibbles() { code(lane, column + step) << 4 } else { 0 };
                self.bytes.push(code(lane, column) | high);
            }
        }
    }

    /// The weights of one row as plain numbers.
    pub(crate) fn row(&self, row: usize) -> Vec<f32> {
        let (panel, lane) = (row / LANES, row % LANES);
        let panel = &self.bytes[panel * self.panel_bytes()..][..self.panel_bytes()];
        let mut values = Vec::with_capacity(self.columns());
        for record in panel.chunks_exact(self.record_bytes()) {
            let number = |at: usize| {
                let bytes = &record[self.number_bytes() * (at * LANES + lane)..];
                match self.number_bytes() {
                    2 => f16::from_le_bytes([bytes[0], bytes[1]]).to_f32(),
                    _ => f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
                }
            };
            let (header, scale) = (self.header_bytes(), number(0));
            for column in 0..BLOCK {
                let code = self.code(&record[header..], lane, column);
                values.push(match self.form {
                    Form::Zero(zero) => (f32::from(code) - f32::from(zero)) * scale,
                    Form::Offset | Form::WideOffset => f32::from(code) * scale + number(1),
                    Form::Halves(zero) => {
                        let scale = if column < BLOCK / 2 { scale } else { number(1) };
                        (f32::from(code) - f32::from(zero)) * scale
                    }
                    Form::Signed => f32::from(code as i8) * scale,
                });
            }
        }
        values
    }

    fn code(&self, codes: &[u8], lane: usize, column: usize) -> u8 {
        let step = self.columns_of_step();
        let (group, place) = (column / step, lane * step + column % step);
        if !self.nibbles() {
            return codes[group * step * LANES + place];
        }
        let byte = codes[group / 2 * step * LANES + place];
        if group % 2 == 0 { byte & 15 } else { byte >> 4 }
    }
}
