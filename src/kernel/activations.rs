//! Rows of activations, quantized for the products with weights.
//!
//! Each block of 32 has a scale: its largest magnitude divided by the largest code. For weights of
//! up to seven bits, codes have 8 bits, and outliers of a row are left out of them (see
//! [`outliers`](super::outliers)). For weights of eight bits, codes have 16. Four rows are a tile,
//! and so is a single row. The record of a tile for one block is
//!
//! ```text
//! codes      32 of each row, of one byte or two: four bytes of each row, then the next four …
//! scales     f32, of each row
//! sums       f32, of each row: sum of the codes times scale, to multiply with offsets of weights
//! halves     2 i32, of each row: sums of the codes of each half, to multiply with the weights'
//!            zero
//! ```
//!
//! and after the records comes the list of each row's outliers. A tile with fewer rows has the same
//! size.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::layout::{BLOCK, CodeWidth, TILE};
use super::outliers::{MAX_OUTLIERS, OutlierColumns, OutlierLists, list_bytes};
use super::platform;
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};
use super::vector::all_finite;

/// Numbers above this multiple of the root mean square of their row are outliers. With 2.5, the
/// logits of every step of SmolLM2-135M are within .001 of exact ones, as a cosine; with three some
/// are .002 and more away.
const OUTLIER_RATIO: f32 = 2.5;
/// The cost of quantizing a number, in multiplications.
const COST: usize = 16;

/// Bytes of a row's scale and sums in a record.
const NUMBERS_BYTES: usize = 16;

/// Offset of the scales in a record of a tile of `rows` rows.
pub(super) const fn numbers_offset(rows: usize, code_bytes: usize) -> usize {
    rows * BLOCK * code_bytes
}

/// Bytes of a record of a tile of `rows` rows.
pub(super) const fn record_bytes(rows: usize, code_bytes: usize) -> usize {
    numbers_offset(rows, code_bytes) + rows * NUMBERS_BYTES
}

/// The layout of tiles.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TileLayout {
    /// Rows of a tile, missing ones included.
    pub(super) rows: usize,
    blocks: usize,
    code_bytes: usize,
}

impl TileLayout {
    /// The layout for `count` rows.
    pub(super) fn new(count: usize, blocks: usize, code_bytes: usize) -> Self {
        Self { rows: if count == 1 { 1 } else { TILE }, blocks, code_bytes }
    }

    /// Offset, in a tile, of the lists of its rows' outliers.
    fn lists_offset(self) -> usize {
        self.blocks * record_bytes(self.rows, self.code_bytes)
    }

    /// Bytes of a tile.
    pub(super) fn tile_bytes(self) -> usize {
        self.lists_offset() + self.rows * list_bytes(self.blocks)
    }

    /// The list of a row's outliers.
    #[inline(always)]
    pub(super) fn outlier_list(self, tiles: &[u8], row: usize) -> &[u8] {
        let size = list_bytes(self.blocks);
        let tile = row / self.rows * self.tile_bytes();
        &tiles[tile + self.lists_offset() + row % self.rows * size..][..size]
    }

    /// Bytes of the tiles of `count` rows.
    pub(super) fn bytes(self, count: usize) -> usize {
        count.div_ceil(self.rows) * self.tile_bytes()
    }
}

/// Quantized rows, for weights of one kind.
#[derive(Debug, Default)]
pub(super) struct QuantizedActivations {
    pub(super) count: usize,
    width: Option<CodeWidth>,
    pub(super) layout: TileLayout,
    pub(super) bytes: Vec<u8>,
    pub(super) outliers: OutlierColumns,
    /// Whether all numbers that were quantized are finite.
    pub(super) is_finite: bool,
}

/// Rows of activations that are quantized once for all matrices they are multiplied with. The next
/// rows use the same memory.
#[derive(Debug, Default)]
pub(crate) struct ActivationRows {
    values: Vec<f32>,
    count: usize,
    quantized: QuantizedActivations,
}

impl ActivationRows {
    /// Returns `count` rows of any content, which the caller overwrites.
    pub(crate) fn begin(&mut self, count: usize, columns: usize) -> &mut [f32] {
        self.count = count;
        self.quantized.width = None;
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

    /// Quantizes the rows, unless that is done for this width.
    pub(super) fn quantize(&mut self, width: CodeWidth) -> &QuantizedActivations {
        if self.quantized.width != Some(width) {
            let columns = self.columns();
            self.quantized.count = self.count;
            self.quantized.width = Some(width);
            let layout =
                platform::run(ChooseLayout { count: self.count, blocks: columns / BLOCK, width });
            self.quantized.layout = layout;
            self.quantized.bytes.resize(layout.bytes(self.count), 0);
            // The missing rows of the last tile are multiplied as well: as zeros.
            let whole_tiles = self.count / layout.rows * layout.tile_bytes();
            self.quantized.bytes[whole_tiles..].fill(0);
            let (values, bytes) = (&self.values, DisjointSlice::new(&mut self.quantized.bytes));
            let (size, tile_numbers) = (layout.tile_bytes(), layout.rows * columns);
            let is_finite = AtomicBool::new(true);
            parallel_for(self.count.div_ceil(layout.rows), COST * tile_numbers, &|tiles| {
                for tile in tiles {
                    // SAFETY: one part of the work owns each tile.
                    let into = unsafe { bytes.slice_mut(tile * size..(tile + 1) * size) };
                    let rows =
                        &values[tile * tile_numbers..values.len().min((tile + 1) * tile_numbers)];
                    if !platform::run(QuantizeTile { rows, columns, layout, width, into }) {
                        is_finite.store(false, Relaxed);
                    }
                }
            });
            // The square of a finite number may be infinite.
            self.quantized.is_finite = is_finite.into_inner() || all_finite(&self.values);
            self.gather_outliers();
        }
        &self.quantized
    }

    fn gather_outliers(&mut self) {
        let columns = self.columns();
        let QuantizedActivations { outliers, bytes, layout, .. } = &mut self.quantized;
        outliers.begin(columns);
        for bytes in bytes.chunks_exact_mut(layout.tile_bytes()) {
            for list in bytes[layout.lists_offset()..].chunks_exact_mut(list_bytes(layout.blocks)) {
                outliers.add_list(list);
            }
        }
    }
}

struct ChooseLayout {
    count: usize,
    blocks: usize,
    width: CodeWidth,
}

impl SimdKernel for ChooseLayout {
    type Output = TileLayout;
    #[inline(always)]
    fn run<L: Lanes>(self) -> TileLayout {
        TileLayout::new(self.count, self.blocks, self.width.code_bytes(L::CODE_BYTES))
    }
}

struct QuantizeTile<'a> {
    rows: &'a [f32],
    columns: usize,
    layout: TileLayout,
    width: CodeWidth,
    into: &'a mut [u8],
}

impl SimdKernel for QuantizeTile<'_> {
    /// Whether the squares of all numbers are finite.
    type Output = bool;
    #[inline(always)]
    fn run<L: Lanes>(self) -> bool {
        let Self { rows, columns, layout, width, into } = self;
        let (records, lists) = into.split_at_mut(layout.lists_offset());
        let mut outliers = OutlierLists::new(lists, list_bytes(layout.blocks));
        let mut is_finite = true;
        for (row, numbers) in rows.chunks_exact(columns).enumerate() {
            is_finite &= quantize_row::<L>(numbers, row, layout, width, records, &mut outliers);
        }
        outliers.finish();
        is_finite
    }
}

/// Writes one row's part of the records of a tile. Returns whether the squares of its numbers are
/// finite.
#[inline(always)]
fn quantize_row<L: Lanes>(
    numbers: &[f32],
    row: usize,
    layout: TileLayout,
    width: CodeWidth,
    records: &mut [u8],
    outliers: &mut OutlierLists,
) -> bool {
    let blocks = numbers.as_chunks::<BLOCK>().0;
    let outlier_threshold = OUTLIER_RATIO * root_mean_square::<L>(blocks);
    let records = records.chunks_exact_mut(record_bytes(layout.rows, layout.code_bytes));
    let mut rest = [0.0; BLOCK];
    for ((number, mut block), record) in blocks.iter().enumerate().zip(records) {
        let mut magnitude = largest::<L>(block);
        if width == CodeWidth::I8 && magnitude > outlier_threshold {
            copy::<L>(block, &mut rest);
            for _ in 0..MAX_OUTLIERS {
                outliers.take_out(&mut rest, number, row, magnitude);
                magnitude = largest::<L>(&rest);
                if magnitude <= outlier_threshold {
                    break;
                }
            }
            block = &rest;
        }
        // SAFETY: a record has space for the values of each row.
        unsafe { quantize_block::<L>(block, magnitude, width, layout, row, record.as_mut_ptr()) };
    }
    outlier_threshold.is_finite()
}

#[inline(always)]
fn root_mean_square<L: Lanes>(blocks: &[[f32; BLOCK]]) -> f32 {
    let mut squares = L::splat(0.0);
    for eight in blocks.as_flattened().as_chunks::<LANES>().0 {
        // SAFETY: a pointer to eight numbers.
        let eight = unsafe { L::load_floats(eight.as_ptr()) };
        squares = L::mul_add(eight, eight, squares);
    }
    (L::sum(squares) / (blocks.len() * BLOCK) as f32).sqrt()
}

/// A loop, because an assignment would be a call.
#[inline(always)]
fn copy<L: Lanes>(from: &[f32; BLOCK], to: &mut [f32; BLOCK]) {
    for (from, to) in from.as_chunks::<LANES>().0.iter().zip(to.as_chunks_mut::<LANES>().0) {
        // SAFETY: pointers to eight numbers each.
        unsafe { L::store(to.as_mut_ptr(), L::load_floats(from.as_ptr())) };
    }
}

/// Writes one row's part of a record; `largest` is the largest magnitude of the block.
#[inline(always)]
unsafe fn quantize_block<L: Lanes>(
    block: &[f32; BLOCK],
    largest: f32,
    width: CodeWidth,
    layout: TileLayout,
    row: usize,
    record: *mut u8,
) {
    let (scale, inverse) = scale_and_inverse(largest / width.largest_code());
    let ints = to_codes::<L>(block, inverse);
    let sums = [
        L::sum(L::to_floats(L::add_ints(ints[0], ints[1]))),
        L::sum(L::to_floats(L::add_ints(ints[2], ints[3]))),
    ];
    let mut codes = [0_u32; BLOCK / 2];
    // SAFETY: the caller owns the record; codes have two bytes at most.
    unsafe {
        let rows = layout.rows;
        let scales = record.add(numbers_offset(rows, layout.code_bytes)).cast::<f32>();
        scales.add(row).write_unaligned(scale);
        scales.add(rows + row).write_unaligned((sums[0] + sums[1]) * scale);
        let halves = scales.add(2 * rows).cast::<[i32; 2]>();
        halves.add(row).write_unaligned(sums.map(|sum| sum as i32));
        if width == CodeWidth::I16 {
            L::narrow_to_i16(ints, codes.as_mut_ptr().cast());
        } else {
            L::narrow(ints, codes.as_mut_ptr().cast());
        }
        let steps = BLOCK * layout.code_bytes / 4;
        interleave(&codes[..steps], record.cast::<u32>().add(row), layout.rows);
    }
}

/// Writes a row's codes, four bytes at a time, between those of the other rows of its tile.
#[inline(always)]
pub(super) unsafe fn interleave(codes: &[u32], mut to: *mut u32, rows: usize) {
    for &four in codes {
        // SAFETY: the caller guarantees space for all steps.
        unsafe { to.write_unaligned(four) };
        // After the last step it points past the record and is not used.
        to = to.wrapping_add(rows);
    }
}

/// The largest magnitude of a block.
#[inline(always)]
fn largest<L: Lanes>(block: &[f32; BLOCK]) -> f32 {
    let mut largest = L::splat(0.0);
    for eight in block.as_chunks::<LANES>().0 {
        // SAFETY: a pointer to eight numbers.
        let eight = unsafe { L::load_floats(eight.as_ptr()) };
        largest = L::max(largest, L::max(eight, L::sub(L::splat(0.0), eight)));
    }
    L::max_lane(largest)
}

/// Divides the numbers by the scale and rounds them to codes.
#[inline(always)]
fn to_codes<L: Lanes>(block: &[f32; BLOCK], inverse: f32) -> [L::Ints; 4] {
    let inverse = L::splat(inverse);
    let mut ints = [L::splat_int(0); 4];
    for (ints, eight) in ints.iter_mut().zip(block.as_chunks::<LANES>().0) {
        // SAFETY: a pointer to eight numbers.
        *ints = L::to_ints(L::mul(unsafe { L::load_floats(eight.as_ptr()) }, inverse));
    }
    ints
}

/// A scale and its inverse. Both are 0 where the numbers are too small for a scale.
pub(super) fn scale_and_inverse(scale: f32) -> (f32, f32) {
    let inverse = 1.0 / scale;
    if inverse.is_finite() { (scale, inverse) } else { (0.0, 0.0) }
}
