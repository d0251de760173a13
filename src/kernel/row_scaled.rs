//! Weight matrices of bytes with one scale for each row, as in the embedder file.
//!
//! Activations are quantized to 7 bits without a sign, in groups of 64 with a scale and a minimum
//! each, so that weights keep all of their 8 bits. One operand of each product must be below 128;
//! of the ways to achieve that, this one changes a text's vector the least (cosines to f32 of .997
//! and more, where one scale for each row of activations gives .987). A panel is eight rows of
//! weights, group by group, then their scales and biases:
//!
//! ```text
//! sums      8 f32, of the codes of each row: to multiply with the minimums of activations
//! codes     64 of each row: four of each row, then the next four of each …
//! scales    8 f32
//! biases    8 f32
//! pairs     a byte for each group: whether the products of two steps fit an `i16`
//! ```

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use super::activations::{interleave, scale_and_inverse};
use super::layout::TILE;
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};
use super::tile_output::{EdgeTile, Sums, TileOutput};
use super::{NotFinite, platform, try_with_capacity};
use crate::error::Result;

/// Appends the codes of a row of weights, and returns its scale.
pub(crate) fn push_row_codes(row: &[f32], codes: &mut Vec<i8>) -> f32 {
    let largest = row.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    let scale = if largest == 0.0 { 1.0 } else { largest / 127.0 };
    codes.extend(row.iter().map(|x| (x / scale).round() as i8));
    scale
}

/// Numbers of a row of activations that share a scale.
const GROUP: usize = 64;
/// Numbers of a group that are quantized at once.
const PART: usize = 32;
const SUMS: usize = 4 * LANES;
const GROUP_BYTES: usize = SUMS + GROUP * LANES;
const TAIL_BYTES: usize = 2 * 4 * LANES;
/// The cost of quantizing a number, in multiplications.
const COST: usize = 16;
/// Steps that the compiler unrolls, with an address of their own.
const AT_ONCE: usize = 8;
/// The largest code of an activation, and the bits of a code.
const LARGEST: f32 = 127.0;
const BITS: u32 = 7;

/// A matrix of weights, with a bias for each row.
pub(crate) struct RowScaledMatrix {
    rows: usize,
    columns: usize,
    bytes: Vec<u8>,
}

impl RowScaledMatrix {
    /// A matrix with memory for `rows` rows, which [`RowScaledMatrix::push_rows`] adds.
    pub(crate) fn with_capacity([rows, columns]: [usize; 2]) -> Result<Self> {
        let panel = panel_bytes(columns.div_ceil(GROUP));
        let bytes = try_with_capacity(rows.div_ceil(LANES).saturating_mul(panel))?;
        Ok(Self { rows: 0, columns, bytes })
    }

    /// Adds the next rows: whole panels, except at the end of the matrix. A weight is its code
    /// times the scale of its row.
    pub(crate) fn push_rows(&mut self, codes: &[i8], scales: &[f32], biases: &[f32]) {
        let (rows, columns) = (scales.len(), self.columns);
        debug_assert!(self.rows.is_multiple_of(LANES));
        assert!(codes.len() == rows * columns && biases.len() == rows);
        self.rows += rows;
        let size = panel_bytes(columns.div_ceil(GROUP));
        for first in (0..rows).step_by(LANES) {
            let code = |group: usize, lane: usize, at: usize| {
                let (row, column) = (first + lane, group * GROUP + at);
                if row < rows && column < columns { codes[row * columns + column] } else { 0 }
            };
            let (groups, end) = (0..columns.div_ceil(GROUP), self.bytes.len() + size);
            for group in groups.clone() {
                push_group(&mut self.bytes, |lane, at| code(group, lane, at));
            }
            for numbers in [scales, biases] {
                let number = |lane| numbers.get(first + lane).copied().unwrap_or(0.0);
                (0..LANES).for_each(|lane| self.bytes.extend(number(lane).to_le_bytes()));
            }
            let pairs_fit = |group| pairs_fit_i16(|lane, at| code(group, lane, at));
            self.bytes.extend(groups.map(|group| u8::from(pairs_fit(group))));
            self.bytes.resize(end, 0);
        }
    }

    /// Rows of weights, which are the numbers in a product.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Numbers in a row.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// Computes, for each row of `input`, its product with every row of weights, plus the bias. A
    /// row's product is bitwise the same for any number of rows. Fails where a number of `input` is
    /// not finite, and leaves `output` unchanged then.
    pub(crate) fn multiply(
        &self,
        input: &[f32],
        output: &mut [f32],
    ) -> std::result::Result<(), NotFinite> {
        let count = input.len() / self.columns;
        assert_eq!(input.len(), count * self.columns, "the length of a row");
        assert_eq!(output.len(), count * self.rows, "a number for each pair of rows");
        QUANTIZED.with_borrow_mut(|quantized| {
            quantize(self.columns, input, quantized)?;
            self.multiply_quantized(count, quantized, &DisjointSlice::new(output));
            Ok(())
        })
    }

    fn multiply_quantized(&self, count: usize, quantized: &[u8], output: &DisjointSlice<f32>) {
        let groups = self.columns.div_ceil(GROUP);
        let size = panel_bytes(groups);
        parallel_for(self.rows.div_ceil(LANES), count * groups * GROUP * LANES, &|panels| {
            SCRATCH.with_borrow_mut(|scratch| {
                for number in panels {
                    let bytes = &self.bytes[number * size..][..size];
                    let (first, rows) = (number * LANES, self.rows);
                    platform::run(MultiplyPanel {
                        bytes,
                        groups,
                        count,
                        quantized,
                        scratch,
                        first,
                        rows,
                        output,
                    });
                }
            });
        });
    }
}

thread_local! {
    /// Memory for quantized rows.
    static QUANTIZED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// Memory for a panel whose codes are widened to two bytes.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn quantize(
    columns: usize,
    input: &[f32],
    into: &mut Vec<u8>,
) -> std::result::Result<(), NotFinite> {
    let (count, tile_numbers) = (input.len() / columns, TILE * columns);
    let size = platform::run(TileBytes { columns });
    into.resize(count.div_ceil(TILE) * size, 0);
    let (into, is_finite) = (DisjointSlice::new(into), AtomicBool::new(true));
    parallel_for(count.div_ceil(TILE), COST * tile_numbers, &|tiles| {
        let input = &input[tiles.start * tile_numbers..input.len().min(tiles.end * tile_numbers)];
        // SAFETY: one part of the work owns each tile.
        let into = unsafe { into.slice_mut(tiles.start * size..tiles.end * size) };
        if !platform::run(QuantizeRows { columns, size, rows: input, into }) {
            is_finite.store(false, Relaxed);
        }
    });
    if is_finite.into_inner() { Ok(()) } else { Err(NotFinite) }
}

fn panel_bytes(groups: usize) -> usize {
    (groups * GROUP_BYTES + TAIL_BYTES + groups).next_multiple_of(GROUP)
}

/// Whether the products of two steps fit an `i16` for all activations. Platforms that add products
/// in pairs then add two pairs of a column.
fn pairs_fit_i16(code: impl Fn(usize, usize) -> i8) -> bool {
    const MAX_SUM: i32 = i16::MAX as i32 / LARGEST as i32;
    let fits = |lane: usize, at: usize| {
        let codes = [at, at + 1, at + 4, at + 5].map(|at| i32::from(code(lane, at)));
        let above: i32 = codes.iter().filter(|&&code| code > 0).sum();
        let below: i32 = codes.iter().filter(|&&code| code < 0).sum();
        above <= MAX_SUM && -below <= MAX_SUM
    };
    (0..LANES).all(|lane| (0..GROUP).step_by(8).all(|at| fits(lane, at) && fits(lane, at + 2)))
}

fn push_group(bytes: &mut Vec<u8>, code: impl Fn(usize, usize) -> i8) {
    for lane in 0..LANES {
        let sum: i32 = (0..GROUP).map(|at| i32::from(code(lane, at))).sum();
        bytes.extend((sum as f32).to_le_bytes());
    }
    for first in (0..GROUP).step_by(4) {
        for lane in 0..LANES {
            bytes.extend((first..first + 4).map(|at| code(lane, at) as u8));
        }
    }
}

/// Offset of the scales in a record.
const fn numbers_offset<L: Lanes>() -> usize {
    TILE * GROUP * L::CODE_BYTES
}

/// Bytes of a record, which is one group of a tile of quantized rows: four bytes of the codes of
/// each row, then the next four …, then the rows' scales, then their minimums.
const fn record_bytes<L: Lanes>() -> usize {
    numbers_offset::<L>() + TILE * 8
}

/// Computes the bytes of a tile of quantized rows.
struct TileBytes {
    columns: usize,
}

impl SimdKernel for TileBytes {
    type Output = usize;
    #[inline(always)]
    fn run<L: Lanes>(self) -> usize {
        self.columns.div_ceil(GROUP) * record_bytes::<L>()
    }
}

struct QuantizeRows<'a> {
    columns: usize,
    /// Bytes of a tile.
    size: usize,
    rows: &'a [f32],
    into: &'a mut [u8],
}

impl SimdKernel for QuantizeRows<'_> {
    /// Whether all numbers are finite.
    type Output = bool;
    #[inline(always)]
    fn run<L: Lanes>(self) -> bool {
        let mut zeros = L::splat(0.0);
        let tiles = self.into.chunks_exact_mut(self.size);
        for (rows, tile) in self.rows.chunks(TILE * self.columns).zip(tiles) {
            for (row, numbers) in rows.chunks_exact(self.columns).enumerate() {
                let records = tile.chunks_exact_mut(record_bytes::<L>());
                for (group, record) in numbers.chunks(GROUP).zip(records) {
                    let record = record.as_mut_ptr();
                    // SAFETY: a record has space for the codes of each row and two numbers.
                    let group_zeros = match group.as_array() {
                        Some(group) => unsafe { quantize_group::<L>(group, row, record) },
                        None => unsafe { quantize_group::<L>(&filled_up(group), row, record) },
                    };
                    zeros = L::add(zeros, group_zeros);
                }
            }
        }
        L::sum(zeros) == 0.0
    }
}

/// A group that is not full repeats its last number, which is multiplied with weights of 0.
fn filled_up(group: &[f32]) -> [f32; GROUP] {
    let mut full = [group[group.len() - 1]; GROUP];
    full[..group.len()].copy_from_slice(group);
    full
}

/// Writes a row's part of a record. Returns zeros, or other values where a number is not finite.
#[inline(always)]
unsafe fn quantize_group<L: Lanes>(group: &[f32; GROUP], row: usize, record: *mut u8) -> L::Floats {
    // SAFETY: the group has parts of four times eight numbers; the caller owns the record.
    unsafe {
        // Loops here and below, because the platform's instructions are not inlined into closures.
        let (mut min, mut max) = (L::load_floats(group.as_ptr()), L::load_floats(group.as_ptr()));
        let mut zeros = L::splat(0.0);
        for at in (0..GROUP).step_by(LANES) {
            let eight = L::load_floats(group.as_ptr().add(at));
            (min, max) = (L::min(min, eight), L::max(max, eight));
            zeros = L::mul_add(eight, L::splat(0.0), zeros);
        }
        let min = -L::max_lane(L::sub(L::splat(0.0), min));
        let scale = (L::max_lane(max) - min) / LARGEST;
        let (scale, inverse) = scale_and_inverse(scale);
        let inverse = L::splat(inverse);
        for part in 0..GROUP / PART {
            let mut ints = [L::splat_int(0); PART / LANES];
            for (at, ints) in ints.iter_mut().enumerate() {
                let eight = L::load_floats(group.as_ptr().add(part * PART + at * LANES));
                *ints = L::to_ints(L::mul(L::sub(eight, L::splat(min)), inverse));
            }
            // Codes of one or two bytes.
            let mut codes = [0_u32; PART / 2];
            L::narrow(ints, codes.as_mut_ptr().cast());
            let steps = PART * L::CODE_BYTES / 4;
            interleave(&codes[..steps], record.cast::<u32>().add(part * steps * TILE + row), TILE);
        }
        let scales = record.add(numbers_offset::<L>()).cast::<f32>();
        scales.add(row).write_unaligned(scale);
        scales.add(TILE + row).write_unaligned(min);
        zeros
    }
}

struct MultiplyPanel<'a> {
    bytes: &'a [u8],
    groups: usize,
    /// Rows of activations.
    count: usize,
    quantized: &'a [u8],
    scratch: &'a mut Vec<u8>,
    /// The panel's first row of weights, and the rows of the matrix.
    first: usize,
    rows: usize,
    output: &'a DisjointSlice<'a, f32>,
}

impl SimdKernel for MultiplyPanel<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { bytes, groups, count, quantized, scratch, first, rows, output } = self;
        let size = groups * record_bytes::<L>();
        let codes = if L::CODE_BYTES == 1 {
            Codes { at: bytes[SUMS..].as_ptr(), stride: GROUP_BYTES }
        } else {
            load_i8_as_i16::<L>(bytes, groups, scratch);
            Codes { at: scratch.as_ptr(), stride: GROUP * LANES * L::CODE_BYTES }
        };
        let tail = bytes[groups * GROUP_BYTES..].as_ptr().cast::<f32>();
        let pairs_fit = bytes[groups * GROUP_BYTES + TAIL_BYTES..].as_ptr();
        let panel = Panel { codes, sums: bytes.as_ptr().cast(), tail, pairs_fit, groups };
        let outputs = TileOutput { output, count, width: rows, first };
        // Outside of the loop, because clearing it is a call.
        let mut edge = EdgeTile::default();
        for (tile, quantized) in quantized.chunks_exact(size).enumerate() {
            // SAFETY: one part of the work owns the panel's columns.
            let out = unsafe { outputs.tile_pointers(tile, &mut edge) };
            platform::run(Tile { panel, rows: quantized.as_ptr(), out });
            // SAFETY: as above.
            unsafe { outputs.finish_tile(tile, &edge) };
        }
    }
}

#[inline(always)]
fn load_i8_as_i16<L: Lanes>(bytes: &[u8], groups: usize, scratch: &mut Vec<u8>) {
    let size = GROUP * LANES * L::CODE_BYTES;
    scratch.resize(groups * size, 0);
    for (group, to) in bytes.chunks_exact(GROUP_BYTES).zip(scratch.chunks_exact_mut(size)) {
        for (from, to) in
            group[SUMS..].chunks_exact(32).zip(to.chunks_exact_mut(32 * L::CODE_BYTES))
        {
            // SAFETY: pointers to 32 codes and to space for them.
            unsafe {
                let [first, next] = L::to_i16(L::load_codes(from.as_ptr()));
                L::store_codes(first, to.as_mut_ptr());
                L::store_codes(next, to.as_mut_ptr().add(32));
            }
        }
    }
}

/// Codes as products take them; `stride` bytes lead to the next group.
#[derive(Clone, Copy)]
struct Codes {
    at: *const u8,
    stride: usize,
}

#[derive(Clone, Copy)]
struct Panel {
    codes: Codes,
    sums: *const f32,
    tail: *const f32,
    pairs_fit: *const u8,
    groups: usize,
}

/// The kernel of one tile. It is a function of its own because compilers optimize that size well.
/// The panel and every row must have `groups` groups, and `out` must have space for eight numbers
/// of each row.
struct Tile {
    panel: Panel,
    rows: *const u8,
    out: [*mut f32; TILE],
}

impl SimdKernel for Tile {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: the maker of the tile guarantees it.
        unsafe { self.panel.products::<L>(self.rows, self.out) }
    }
}

impl Panel {
    #[inline(always)]
    unsafe fn products<L: Lanes>(self, mut rows: *const u8, out: [*mut f32; TILE]) {
        let (mut codes, mut group_sums) = (self.codes.at, self.sums);
        // SAFETY: the caller guarantees it.
        unsafe {
            let mut sums = Sums::<L, TILE>::new(out);
            let no_step = L::no_step();
            for group in 0..self.groups {
                let fold_every = L::steps_before_fold(BITS).min(GROUP / L::STEP);
                // Unrolled products are slower where codes have two bytes.
                let fits = fold_every == GROUP / L::STEP && L::CODE_BYTES == 1;
                let products = if fits {
                    group_products::<L>(codes, rows, no_step)
                } else if fold_every == 1 && *self.pairs_fit.add(group) != 0 {
                    folded_products::<L>(codes, rows, 2)
                } else {
                    folded_products::<L>(codes, rows, fold_every)
                };
                let code_sums = L::load_floats(group_sums);
                let numbers = rows.add(numbers_offset::<L>()).cast::<f32>();
                let scales = L::load_splat_each::<TILE>(numbers);
                let minimums = L::load_splat_each::<TILE>(numbers.add(TILE));
                for row in 0..TILE {
                    let sum = L::mul_add(L::to_floats(products[row]), scales[row], sums.get(row));
                    sums.set(row, L::mul_add(code_sums, minimums[row], sum));
                }
                codes = codes.add(self.codes.stride);
                group_sums = group_sums.byte_add(GROUP_BYTES);
                rows = rows.add(record_bytes::<L>());
            }
            let (scales, biases) =
                (L::load_floats(self.tail), L::load_floats(self.tail.add(LANES)));
            for row in 0..TILE {
                sums.set(row, L::mul_add(sums.get(row), scales, biases));
            }
            sums.end();
        }
    }
}

/// The products of one group, on platforms that may add all steps before they fold.
#[inline(always)]
unsafe fn group_products<L: Lanes>(
    codes: *const u8,
    rows: *const u8,
    no_step: usize,
) -> [L::Ints; TILE] {
    let mut added = [L::zero_products(); TILE];
    // SAFETY: the caller guarantees it.
    unsafe {
        for part in 0..GROUP / L::STEP / AT_ONCE {
            let first = part * AT_ONCE;
            let codes = L::opaque(codes.add(first * 32));
            let rows = L::opaque(rows.add(first * TILE * 4));
            for step in 0..AT_ONCE {
                // Never true, but there must be a step before.
                if step > 0 && step == no_step {
                    break;
                }
                let weights = L::load_codes(codes.add(step * 32));
                let activations = L::broadcast_each::<TILE>(rows.add(step * TILE * 4));
                for row in 0..TILE {
                    added[row] = L::add_signed(weights, activations[row], added[row]);
                }
            }
        }
        let mut products = [L::splat_int(0); TILE];
        for row in 0..TILE {
            products[row] = L::fold(added[row], products[row]);
        }
        products
    }
}

/// The products of one group, folded after every `fold_every` steps. Unrolling it like
/// [`group_products`] gains nothing, because there are too few registers.
#[inline(always)]
unsafe fn folded_products<L: Lanes>(
    codes: *const u8,
    rows: *const u8,
    fold_every: usize,
) -> [L::Ints; TILE] {
    let mut products = [L::splat_int(0); TILE];
    // SAFETY: the caller guarantees it.
    unsafe {
        for first in (0..GROUP / L::STEP).step_by(fold_every) {
            let mut added = [L::zero_products(); TILE];
            for step in first..first + fold_every {
                let weights = L::load_codes(codes.add(step * 32));
                #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
                for row in 0..TILE {
                    let activations = L::broadcast(rows.add((step * TILE + row) * 4));
                    added[row] = L::add_signed(weights, activations, added[row]);
                }
            }
            for row in 0..TILE {
                products[row] = L::fold(added[row], products[row]);
            }
        }
    }
    products
}
