//! Rows of activations times packed weights.
//!
//! Tiles of a few rows by eight columns run over a panel. The first of them unpacks its
//! codes, into room that stays in the nearest cache: block by block between the products,
//! so that memory is waited for while there is something to do. Each number of a tile adds up its
//! blocks from first to last, whatever the tile: so it is bitwise the same for any
//! number of rows, and for any slices they come in.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

use super::lanes::{LANES, Lanes, Work};
use super::packed::{BLOCK, Form, PackedMatrix};
use super::platform;
use super::rows::{RoundedRows, Width, numbers, record, row_bytes, towers};
use super::threads::{Places, share};

/// Rows of a tile: with eight columns, as many sums as most machines have registers for.
const TILE: usize = 4;

/// The numbers of a tile.
type Products = [[f32; LANES]; TILE];

thread_local! {
    /// Room for a panel, unpacked.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes the products of all rows, a row after the other.
pub(super) fn multiply(matrix: &PackedMatrix, rows: &RoundedRows, output: &mut [f32]) {
    let output = Places::new(output);
    let cost = rows.count * matrix.blocks * BLOCK * LANES;
    share(matrix.rows.div_ceil(LANES), cost, &|panels| {
        SCRATCH.with_borrow_mut(|scratch| {
            platform::run(Multiply { matrix, rows, panels, scratch, output: &output });
        });
    });
}

/// The products with some of the panels.
struct Multiply<'a> {
    matrix: &'a PackedMatrix,
    rows: &'a RoundedRows,
    panels: Range<usize>,
    scratch: &'a mut Vec<u8>,
    output: &'a Places<'a, f32>,
}

impl Work for Multiply<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        match (self.matrix.form, self.matrix.bits) {
            (Form::Zero(_), 4) => self.panels::<L, Zero<4>>(),
            (Form::Zero(_), _) => self.panels::<L, Zero<7>>(),
            (Form::Offset, 4) => self.panels::<L, Offset<4>>(),
            (Form::Offset, _) => self.panels::<L, Offset<7>>(),
            (Form::WideOffset, 4) => self.panels::<L, WideOffset<4>>(),
            (Form::WideOffset, _) => self.panels::<L, WideOffset<7>>(),
            (Form::Halves(_), _) => self.panels::<L, Halves>(),
            (Form::Signed, _) => self.panels::<L, Signed>(),
        }
    }
}

impl Multiply<'_> {
    #[inline(always)]
    fn panels<L: Lanes, F: Shape>(self) {
        let Self { matrix, rows, panels, scratch, output } = self;
        let row_bytes = row_bytes(matrix.blocks, code_bytes::<L, F>());
        assert_eq!(rows.bytes.len(), rows.count * row_bytes);
        assert_eq!(matrix.record_bytes(), header_bytes::<F>() + packed_bytes::<F>());
        scratch.resize(matrix.blocks * unpacked_bytes::<L, F>(), 0);
        let zero = match matrix.form {
            Form::Zero(zero) | Form::Halves(zero) => i32::from(zero),
            Form::Offset | Form::WideOffset | Form::Signed => 0,
        };
        for number in panels {
            let records = &matrix.bytes[number * matrix.panel_bytes()..][..matrix.panel_bytes()];
            let panel = Panel {
                unpacked: scratch.as_mut_ptr(),
                records: records.as_ptr(),
                record: matrix.record_bytes(),
                blocks: matrix.blocks,
                zero,
            };
            let first = number * LANES;
            let columns = LANES.min(matrix.rows - first);
            for (tile, records) in rows.bytes.chunks(TILE * row_bytes).enumerate() {
                let height = records.len() / row_bytes;
                let products = panel.tile::<F>(records, row_bytes, tile == 0);
                for (row, numbers) in products.iter().enumerate().take(height) {
                    let place = (tile * TILE + row) * matrix.rows + first;
                    // SAFETY: a panel's columns are one part's alone.
                    unsafe { output.write(place, numbers, columns) };
                }
            }
        }
    }
}

/// What the forms differ in.
trait Shape {
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
const fn code_bytes<L: Lanes, F: Shape>() -> usize {
    let width = if F::SIGNED { Width::Words } else { Width::Bytes };
    width.code_bytes(L::CODE_BYTES)
}

/// Bytes of a record before its codes.
const fn header_bytes<F: Shape>() -> usize {
    F::NUMBER_BYTES * LANES * if F::OFFSETS || F::HALVES == 2 { 2 } else { 1 }
}

/// Bytes of scales and offsets that are unpacked with a block's codes, before these.
const fn unpacked_header_bytes<F: Shape>() -> usize {
    if F::NUMBER_BYTES == 2 { header_bytes::<F>() * 2 } else { 0 }
}

/// Bytes of an unpacked block.
const fn unpacked_bytes<L: Lanes, F: Shape>() -> usize {
    unpacked_header_bytes::<F>() + BLOCK * LANES * code_bytes::<L, F>()
}

/// Bytes of a record's codes.
const fn packed_bytes<F: Shape>() -> usize {
    if F::BITS == 4 { BLOCK * LANES / 2 } else { BLOCK * LANES }
}

struct Zero<const BITS: u32>;
struct Offset<const BITS: u32>;
struct WideOffset<const BITS: u32>;
struct Halves;
struct Signed;
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
const fn steps_of_part<L: Lanes, F: Shape>() -> usize {
    code_bytes::<L, F>() * if F::BITS == 4 { 2 } else { 1 }
}

/// One block of eight rows of weights.
#[derive(Clone, Copy)]
struct Block {
    /// Its record.
    packed: *const u8,
    unpacked: *mut u8,
    /// Whether it has not been unpacked, since a single row is multiplied with it.
    is_alone: bool,
}

impl Block {
    /// The codes of the steps that one part is for, and then any.
    #[inline(always)]
    unsafe fn part<L: Lanes, F: Shape>(self, part: usize) -> [L::Codes; 4] {
        // SAFETY: the caller's.
        let [low, high] = unsafe {
            let from = self.packed.add(header_bytes::<F>() + 32 * part);
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
    unsafe fn unpack<L: Lanes, F: Shape>(self) {
        let steps = steps_of_part::<L, F>();
        // SAFETY: there is room for what is written.
        unsafe {
            for number in 0..unpacked_header_bytes::<F>() / (4 * LANES) {
                let floats = L::halves(self.packed.add(2 * LANES * number));
                L::store(self.unpacked.add(4 * LANES * number).cast(), floats);
            }
            let to = self.unpacked.add(unpacked_header_bytes::<F>());
            for part in 0..packed_bytes::<F>() / 32 {
                let codes = self.part::<L, F>(part);
                for step in 0..steps {
                    L::store_codes(codes[step], to.add(32 * (steps * part + step)));
                }
            }
        }
    }

    /// The codes of one step.
    #[inline(always)]
    unsafe fn codes<L: Lanes, F: Shape>(self, step: usize) -> L::Codes {
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
    unsafe fn floats<L: Lanes, F: Shape>(self, number: usize) -> L::Floats {
        // SAFETY: the caller's.
        unsafe {
            match (F::NUMBER_BYTES == 2, self.is_alone) {
                (true, true) => L::halves(self.packed.add(2 * LANES * number)),
                (true, false) => L::floats(self.unpacked.cast::<f32>().add(LANES * number)),
                (false, _) => L::floats(self.packed.cast::<f32>().add(LANES * number)),
            }
        }
    }
}

/// Eight rows of weights.
#[derive(Clone, Copy)]
struct Panel {
    /// Room for the blocks, unpacked; where there is one row only, they are not.
    unpacked: *mut u8,
    records: *const u8,
    /// Bytes of a record.
    record: usize,
    blocks: usize,
    zero: i32,
}

/// Work on one tile: a function of its own, of a size that compilers still do well.
///
/// `FIRST` of all tiles over its panel, whose codes it unpacks.
struct Tile<'a, F, const M: usize, const FIRST: bool> {
    panel: Panel,
    rows: [*const u8; M],
    out: &'a mut Products,
    form: PhantomData<F>,
}

impl<F: Shape, const M: usize, const FIRST: bool> Work for Tile<'_, F, M, FIRST> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: as whoever made the tile promised.
        unsafe { self.panel.products::<L, F, M, FIRST>(self.rows, self.out) }
    }
}

/// What the codes of a tile's rows leave out.
struct Leftover<'a, F, const ALONE: bool> {
    panel: Panel,
    rows: &'a [u8],
    row_bytes: usize,
    out: &'a mut Products,
    form: PhantomData<F>,
}

impl<F: Shape, const ALONE: bool> Work for Leftover<'_, F, ALONE> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        for (row, out) in self.rows.chunks_exact(self.row_bytes).zip(self.out) {
            // SAFETY: the row is one that was rounded for the panel's matrix.
            unsafe { self.panel.add_towers::<L, F, ALONE>(row.as_ptr(), out) };
        }
    }
}

impl Panel {
    /// The products of at most [`TILE`] rows of records, the first of all or later ones.
    fn tile<F: Shape>(self, rows: &[u8], row_bytes: usize, is_first: bool) -> Products {
        let height = rows.len() / row_bytes;
        assert!(height > 0);
        let mut out = [[0.0; LANES]; TILE];
        // A tile at the end repeats its last row.
        let row = |row: usize| rows[row.min(height - 1) * row_bytes..].as_ptr();
        match (height, is_first) {
            (1, true) => self.run::<F, 1, true>(row, &mut out),
            (1, false) => self.run::<F, 1, false>(row, &mut out),
            (_, true) => self.run::<F, TILE, true>(row, &mut out),
            (_, false) => self.run::<F, TILE, false>(row, &mut out),
        }
        let (panel, out_ref, form) = (self, &mut out, PhantomData::<F>);
        match (F::SIGNED, height == 1 && is_first) {
            (true, _) => {}
            (false, true) => {
                platform::run(Leftover::<F, true> { panel, rows, row_bytes, out: out_ref, form })
            }
            (false, false) => {
                platform::run(Leftover::<F, false> { panel, rows, row_bytes, out: out_ref, form })
            }
        }
        out
    }

    fn run<F: Shape, const M: usize, const FIRST: bool>(
        self,
        row: impl Fn(usize) -> *const u8,
        out: &mut Products,
    ) {
        let (rows, form) = (std::array::from_fn(row), PhantomData::<F>);
        platform::run(Tile::<F, M, FIRST> { panel: self, rows, out, form });
    }

    #[inline(always)]
    unsafe fn products<L: Lanes, F: Shape, const M: usize, const FIRST: bool>(
        self,
        mut rows: [*const u8; M],
        out: &mut Products,
    ) {
        // SAFETY: rows of `blocks` records each, and a panel of as many blocks.
        unsafe {
            let (mut unpacked, mut packed) = (self.unpacked, self.records);
            let mut sums = [L::splat(0.0); M];
            for _ in 0..self.blocks {
                let block = Block { packed, unpacked, is_alone: FIRST && M == 1 };
                if FIRST && M > 1 {
                    block.unpack::<L, F>();
                }
                self.add_block::<L, F, M>(block, rows, &mut sums);
                unpacked = unpacked.add(unpacked_bytes::<L, F>());
                packed = packed.add(self.record);
                for row in &mut rows {
                    *row = row.add(record(code_bytes::<L, F>()));
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                L::store(out.as_mut_ptr(), sum);
            }
        }
    }

    /// Adds the products of one block to the sums of the tile.
    #[inline(always)]
    unsafe fn add_block<L: Lanes, F: Shape, const M: usize>(
        self,
        block: Block,
        rows: [*const u8; M],
        sums: &mut [L::Floats; M],
    ) {
        // SAFETY: the caller's.
        unsafe {
            let mut numbers = [std::ptr::null::<f32>(); M];
            for row in 0..M {
                numbers[row] = rows[row].add(self::numbers(code_bytes::<L, F>())).cast();
            }
            for half in 0..F::HALVES {
                let products = self.dots::<L, F, M>(block, rows, half);
                let scales = block.floats::<L, F>(half);
                for row in 0..M {
                    let scale = L::mul(scales, L::splat_at(numbers[row]));
                    sums[row] = L::mul_add(L::to_floats(products[row]), scale, sums[row]);
                }
            }
            if F::OFFSETS {
                let offsets = block.floats::<L, F>(1);
                for row in 0..M {
                    let row_sum = L::splat_at(numbers[row].add(1));
                    sums[row] = L::mul_add(offsets, row_sum, sums[row]);
                }
            }
        }
    }

    /// Adds the products of the numbers that are left out of a row's codes.
    #[inline(always)]
    unsafe fn add_towers<L: Lanes, F: Shape, const ALONE: bool>(
        self,
        row: *const u8,
        out: &mut [f32; LANES],
    ) {
        // SAFETY: towers follow the row's records, and their columns are within it.
        unsafe {
            let mut sums = L::floats(out.as_ptr());
            for (column, value) in towers(row.add(self.blocks * record(code_bytes::<L, F>()))) {
                sums = L::mul_add(self.column::<L, F, ALONE>(column), L::splat_at(value), sums);
            }
            L::store(out.as_mut_ptr(), sums);
        }
    }

    /// One column of the panel as plain numbers.
    #[inline(always)]
    unsafe fn column<L: Lanes, F: Shape, const ALONE: bool>(self, column: usize) -> L::Floats {
        let (number, at) = (column / BLOCK, column % BLOCK);
        let (step, place) = (at / L::STEP, at % L::STEP);
        // SAFETY: the caller's.
        unsafe {
            let block = Block {
                packed: self.records.add(number * self.record),
                unpacked: self.unpacked.add(number * unpacked_bytes::<L, F>()),
                is_alone: ALONE,
            };
            let code = L::code(block.codes::<L, F>(step), place);
            let code = L::to_floats(L::sub_ints(code, L::splat_int(self.zero)));
            let scales = block.floats::<L, F>(at * F::HALVES / BLOCK);
            if F::OFFSETS {
                L::mul_add(code, scales, block.floats::<L, F>(1))
            } else {
                L::mul(code, scales)
            }
        }
    }

    /// The whole-number products of one block, or of a half of it.
    #[inline(always)]
    unsafe fn dots<L: Lanes, F: Shape, const M: usize>(
        self,
        block: Block,
        rows: [*const u8; M],
        half: usize,
    ) -> [L::Ints; M] {
        // SAFETY: the caller's.
        unsafe {
            let mut products = [L::splat_int(0); M];
            for row in 0..M {
                products[row] = self.start::<L, F>(rows[row], half);
            }
            if block.is_alone {
                products[0] = add_packed_dots::<L, F>(block, rows[0], half, products[0]);
                return products;
            }
            add_dots::<L, F, M>(block, rows, half, products)
        }
    }

    /// What the zero of the codes comes to.
    #[inline(always)]
    unsafe fn start<L: Lanes, F: Shape>(self, row: *const u8, half: usize) -> L::Ints {
        // SAFETY: the caller's.
        unsafe {
            if F::OFFSETS || F::SIGNED {
                return L::splat_int(0);
            }
            let sums = row.add(numbers(code_bytes::<L, F>()) + 8).cast::<i32>();
            let sum = if F::HALVES == 2 {
                sums.add(half).read_unaligned()
            } else {
                sums.read_unaligned() + sums.add(1).read_unaligned()
            };
            L::splat_int(-self.zero * sum)
        }
    }
}

/// Adds the products of a block that is unpacked, or of a half of it.
#[inline(always)]
unsafe fn add_dots<L: Lanes, F: Shape, const M: usize>(
    block: Block,
    rows: [*const u8; M],
    half: usize,
    mut to: [L::Ints; M],
) -> [L::Ints; M] {
    // Codes of a column that one product takes in.
    let step = 4 / code_bytes::<L, F>();
    let steps = BLOCK / F::HALVES / step;
    let room = if F::SIGNED { steps } else { L::room(F::BITS).min(steps) };
    // SAFETY: the caller's.
    unsafe {
        for first in (half * steps..(half + 1) * steps).step_by(room) {
            let mut added = [L::no_products(); M];
            for step in first..first + room {
                let weights = block.codes::<L, F>(step);
                for row in 0..M {
                    let activations = L::repeat(rows[row].add(step * 4));
                    if F::SIGNED {
                        to[row] = L::add_words(weights, activations, to[row]);
                    } else {
                        added[row] = L::add_unsigned(weights, activations, added[row]);
                    }
                }
            }
            for row in 0..M {
                if !F::SIGNED {
                    to[row] = L::fold(added[row], to[row]);
                }
            }
        }
    }
    to
}

/// The same for a single row and a block that is not.
#[inline(always)]
unsafe fn add_packed_dots<L: Lanes, F: Shape>(
    block: Block,
    row: *const u8,
    half: usize,
    mut to: L::Ints,
) -> L::Ints {
    let (steps, parts) = (steps_of_part::<L, F>(), packed_bytes::<F>() / 32 / F::HALVES);
    let room = if F::SIGNED { BLOCK } else { L::room(F::BITS) };
    let mut added = L::no_products();
    for part in half * parts..(half + 1) * parts {
        // SAFETY: the caller's.
        let codes = unsafe { block.part::<L, F>(part) };
        for at in 0..steps {
            let step = steps * part + at;
            // SAFETY: the caller's.
            let activations = unsafe { L::repeat(row.add(step * 4)) };
            if F::SIGNED {
                to = L::add_words(codes[at], activations, to);
                continue;
            }
            added = L::add_unsigned(codes[at], activations, added);
            if (step + 1).is_multiple_of(room) {
                to = L::fold(added, to);
                added = L::no_products();
            }
        }
    }
    if F::SIGNED { to } else { L::fold(added, to) }
}
