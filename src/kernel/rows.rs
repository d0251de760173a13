//! Rows of activations, rounded to whole numbers for the products with weights.
//!
//! Each block of 32 has a scale of its own, its largest magnitude over the largest code.
//! Across weights of up to seven bits, codes have 8 bits, and numbers that tower over the
//! others of their row are left out of them: see [`towers`](super::towers). Across weights of
//! eight bits, codes have 16. A row is a record for each block,
//!
//! ```text
//! codes    32, of one byte or two
//! scale    f32
//! sum      f32, of codes times scale: what the weights' offsets are multiplied with
//! sums     2 i32, of the codes of either half: what the weights' zero is
//! ```
//!
//! and then the list of its towers.

use super::lanes::{LANES, Lanes, Work};
use super::packed::BLOCK;
use super::platform;
use super::threads::{Places, share};
use super::towers::{TOWERS, TowerColumns, TowerList, list_bytes};

/// How large codes of activations may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Bytes,
    Words,
}

impl Width {
    fn largest_code(self) -> f32 {
        match self {
            Self::Bytes => 127.0,
            Self::Words => 32_767.0,
        }
    }

    /// Bytes of a code, where products of bytes take codes of `platform` bytes.
    pub(super) const fn code_bytes(self, platform: usize) -> usize {
        match self {
            Self::Bytes => platform,
            Self::Words => 2,
        }
    }
}

/// Numbers that exceed so many times the root of the row's mean square are towers.
/// At this, no step of SmolLM2-135M's logits is further than .001 from exact ones, as a
/// cosine; at three times some are .002 and more.
const TOWERING: f32 = 2.5;
/// Multiplications that rounding a number takes as long as.
const COST: usize = 16;

/// Where the numbers after a record's codes begin.
pub(super) const fn numbers(code_bytes: usize) -> usize {
    BLOCK * code_bytes
}

/// Bytes of a record.
pub(super) const fn record(code_bytes: usize) -> usize {
    numbers(code_bytes) + 16
}

/// Where in a row the list of its towers begins.
pub(super) const fn list(blocks: usize, code_bytes: usize) -> usize {
    blocks * record(code_bytes)
}

/// Bytes of a row.
pub(super) const fn row_bytes(blocks: usize, code_bytes: usize) -> usize {
    list(blocks, code_bytes) + list_bytes(blocks)
}

/// Rounded rows, for weights of one kind.
#[derive(Debug, Default)]
pub(super) struct RoundedRows {
    pub(super) count: usize,
    pub(super) blocks: usize,
    width: Option<Width>,
    pub(super) bytes: Vec<u8>,
    pub(super) towers: TowerColumns,
}

/// Rows of activations that are rounded once for all matrices they are multiplied
/// with. Its memory is used again for the next rows.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    values: Vec<f32>,
    count: usize,
    rounded: RoundedRows,
}

impl Rows {
    /// `count` rows of any content, to be written.
    pub(crate) fn begin(&mut self, count: usize, columns: usize) -> &mut [f32] {
        self.count = count;
        self.rounded.width = None;
        self.values.resize(count * columns, 0.0);
        &mut self.values
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn columns(&self) -> usize {
        self.values.len() / self.count.max(1)
    }

    /// The rows rounded.
    pub(super) fn round(&mut self, width: Width) -> &RoundedRows {
        if self.rounded.width != Some(width) {
            let columns = self.columns();
            self.rounded.count = self.count;
            self.rounded.blocks = columns / BLOCK;
            self.rounded.width = Some(width);
            let size = platform::run(RowBytes { blocks: columns / BLOCK, width });
            self.rounded.bytes.resize(self.count * size, 0);
            let (values, bytes) = (&self.values, Places::new(&mut self.rounded.bytes));
            share(self.count, COST * columns, &|rows| {
                for row in rows {
                    // SAFETY: each row is one part's alone.
                    let into = unsafe { bytes.part(row * size..(row + 1) * size) };
                    let row = &values[row * columns..][..columns];
                    platform::run(RoundRow { row, width, into });
                }
            });
            let RoundedRows { towers, bytes, blocks, .. } = &mut self.rounded;
            towers.begin(columns);
            for row in bytes.chunks_exact_mut(size) {
                towers.add_row(&mut row[size - list_bytes(*blocks)..]);
            }
        }
        &self.rounded
    }
}

struct RowBytes {
    blocks: usize,
    width: Width,
}

impl Work for RowBytes {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        row_bytes(self.blocks, self.width.code_bytes(L::CODE_BYTES))
    }
}

struct RoundRow<'a> {
    row: &'a [f32],
    width: Width,
    into: &'a mut [u8],
}

impl Work for RoundRow<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let blocks = self.row.as_chunks::<BLOCK>().0;
        let towering = TOWERING * root_mean_square::<L>(blocks);
        let record = record(self.width.code_bytes(L::CODE_BYTES));
        let (records, list) = self.into.split_at_mut(blocks.len() * record);
        let mut towers = TowerList::new(list);
        let records = records.chunks_exact_mut(record);
        let mut rest = [0.0; BLOCK];
        for ((number, mut block), record) in blocks.iter().enumerate().zip(records) {
            let mut most = largest::<L>(block);
            if self.width == Width::Bytes && most > towering {
                copy::<L>(block, &mut rest);
                for _ in 0..TOWERS {
                    towers.take(&mut rest, number, most);
                    most = largest::<L>(&rest);
                    if most <= towering {
                        break;
                    }
                }
                block = &rest;
            }
            // SAFETY: a record has room for what it holds.
            unsafe { round_block::<L>(block, most, self.width, record.as_mut_ptr()) };
        }
        towers.end();
    }
}

#[inline(always)]
fn root_mean_square<L: Lanes>(blocks: &[[f32; BLOCK]]) -> f32 {
    let mut squares = L::splat(0.0);
    for eight in blocks.as_flattened().as_chunks::<LANES>().0 {
        // SAFETY: to eight numbers.
        let eight = unsafe { L::floats(eight.as_ptr()) };
        squares = L::mul_add(eight, eight, squares);
    }
    (L::sum(squares) / (blocks.len() * BLOCK) as f32).sqrt()
}

/// As an assignment, it would be a call.
#[inline(always)]
fn copy<L: Lanes>(from: &[f32; BLOCK], to: &mut [f32; BLOCK]) {
    for (from, to) in from.as_chunks::<LANES>().0.iter().zip(to.as_chunks_mut::<LANES>().0) {
        // SAFETY: both are eight numbers.
        unsafe { L::store(to.as_mut_ptr(), L::floats(from.as_ptr())) };
    }
}

/// Writes the record of a block whose largest magnitude is `largest`.
#[inline(always)]
unsafe fn round_block<L: Lanes>(block: &[f32; BLOCK], largest: f32, width: Width, record: *mut u8) {
    // SAFETY: the record is the caller's.
    unsafe {
        let (scale, inverse) = invertible(largest / width.largest_code());
        let whole = whole::<L>(block, inverse);
        let sums = [
            L::sum(L::to_floats(L::add_ints(whole[0], whole[1]))),
            L::sum(L::to_floats(L::add_ints(whole[2], whole[3]))),
        ];
        let numbers = record.add(numbers(width.code_bytes(L::CODE_BYTES)));
        numbers.cast::<[f32; 2]>().write_unaligned([scale, (sums[0] + sums[1]) * scale]);
        numbers.add(8).cast::<[i32; 2]>().write_unaligned(sums.map(|sum| sum as i32));
        if width == Width::Words {
            L::narrow_to_words(whole, record);
        } else {
            L::narrow(whole, record);
        }
    }
}

/// The largest magnitude.
#[inline(always)]
fn largest<L: Lanes>(block: &[f32; BLOCK]) -> f32 {
    let mut largest = L::splat(0.0);
    for eight in block.as_chunks::<LANES>().0 {
        // SAFETY: to eight numbers.
        let eight = unsafe { L::floats(eight.as_ptr()) };
        largest = L::max(largest, L::max(eight, L::sub(L::splat(0.0), eight)));
    }
    L::largest(largest)
}

/// The numbers as codes.
#[inline(always)]
fn whole<L: Lanes>(block: &[f32; BLOCK], inverse: f32) -> [L::Ints; 4] {
    let inverse = L::splat(inverse);
    let mut whole = [L::splat_int(0); 4];
    for (whole, eight) in whole.iter_mut().zip(block.as_chunks::<LANES>().0) {
        // SAFETY: to eight numbers.
        *whole = L::to_ints(L::mul(unsafe { L::floats(eight.as_ptr()) }, inverse));
    }
    whole
}

/// A scale and its inverse; none of either, where the numbers are too small for one.
pub(super) fn invertible(scale: f32) -> (f32, f32) {
    let inverse = 1.0 / scale;
    if inverse.is_finite() { (scale, inverse) } else { (0.0, 0.0) }
}
