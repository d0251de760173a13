//! Rows of activations times packed weights.
//!
//! A panel's codes are unpacked once, into room that stays in the nearest cache; then
//! tiles of a few rows by eight columns run over it. Each number of a tile adds up its
//! blocks from first to last, whatever the tile: so it is bitwise the same for any
//! number of rows, and for any slices they come in.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

use super::lanes::{LANES, Lanes, Work};
use super::packed::{BLOCK, Form, PackedMatrix};
use super::platform;
use super::rows::{CODES, RECORD, RoundedRows};
use super::threads::{Places, share};

/// Rows of a tile: with eight columns, as many sums as most machines have registers for.
const TILE: usize = 4;

thread_local! {
    /// Room for a panel, unpacked.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Writes the products of all rows, a row after the other.
pub(super) fn multiply(matrix: &PackedMatrix, rows: &RoundedRows, output: &mut [f32]) {
    assert_eq!(rows.bytes.len(), rows.count * matrix.blocks * RECORD);
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
            (Form::Halves(_), _) => self.panels::<L, Halves>(),
            (Form::Signed, _) => self.panels::<L, Signed>(),
        }
    }
}

impl Multiply<'_> {
    #[inline(always)]
    fn panels<L: Lanes, F: Shape>(self) {
        let Self { matrix, rows, panels, scratch, output } = self;
        scratch.resize(matrix.blocks * BLOCK * LANES * L::CODE_BYTES, 0);
        let zero = match matrix.form {
            Form::Zero(zero) | Form::Halves(zero) => i32::from(zero),
            Form::Offset | Form::Signed => 0,
        };
        for number in panels {
            let records = &matrix.bytes[number * matrix.panel_bytes()..][..matrix.panel_bytes()];
            unpack::<L, F>(matrix, records, scratch);
            let panel = Panel {
                codes: scratch.as_ptr(),
                // A record's header, and the way to the next.
                header: records.as_ptr(),
                record: matrix.record_bytes(),
                blocks: matrix.blocks,
                zero,
            };
            let first = number * LANES;
            let columns = LANES.min(matrix.rows - first);
            for (tile, records) in rows.bytes.chunks(TILE * rows.row_bytes()).enumerate() {
                let height = records.len() / rows.row_bytes();
                for (row, numbers) in panel.tile::<F>(records).iter().enumerate().take(height) {
                    let place = (tile * TILE + row) * matrix.rows + first;
                    // SAFETY: a panel's columns are one part's alone.
                    let place = unsafe { output.part(place..place + columns) };
                    place.copy_from_slice(&numbers[..columns]);
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
    /// Sums begin with what the header says, not with a multiple of the row's own sum.
    const STARTS: bool = false;
}

struct Zero<const BITS: u32>;
struct Offset<const BITS: u32>;
struct Halves;
struct Signed;
impl<const BITS: u32> Shape for Zero<BITS> {
    const BITS: u32 = BITS;
}
impl<const BITS: u32> Shape for Offset<BITS> {
    const BITS: u32 = BITS;
    const OFFSETS: bool = true;
}
impl Shape for Halves {
    const BITS: u32 = 6;
    const HALVES: usize = 2;
}
impl Shape for Signed {
    const BITS: u32 = 7;
    const SIGNED: bool = true;
    const STARTS: bool = true;
}

/// Writes a panel's codes as the products take them.
#[inline(always)]
fn unpack<L: Lanes, F: Shape>(matrix: &PackedMatrix, records: &[u8], scratch: &mut [u8]) {
    let size = BLOCK * LANES * L::CODE_BYTES;
    let places = scratch.chunks_exact_mut(size);
    for (record, to) in records.chunks_exact(matrix.record_bytes()).zip(places) {
        let (from, to) = (record[matrix.header_bytes()..].as_ptr(), to.as_mut_ptr());
        // SAFETY: from has the codes of a block of eight rows, and `to` is as large as
        // they are unpacked.
        unsafe {
            for part in 0..matrix.code_bytes() / 32 {
                let from = from.add(32 * part);
                if matrix.nibbles() {
                    L::unpack_nibbles(from, to.add(64 * L::CODE_BYTES * part));
                } else if F::SIGNED {
                    L::widen_signed(from, to.add(32 * L::CODE_BYTES * part));
                } else {
                    L::widen_unsigned(from, to.add(32 * L::CODE_BYTES * part));
                }
            }
        }
    }
}

/// Eight rows of weights, unpacked.
#[derive(Clone, Copy)]
struct Panel {
    codes: *const u8,
    header: *const u8,
    record: usize,
    blocks: usize,
    zero: i32,
}

/// Work on one tile: a function of its own, of a size that compilers still do well.
struct Tile<'a, F, const M: usize> {
    panel: Panel,
    rows: [*const u8; M],
    out: &'a mut [[f32; LANES]; TILE],
    form: PhantomData<F>,
}

impl<F: Shape, const M: usize> Work for Tile<'_, F, M> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: as whoever made the tile promised.
        unsafe { self.panel.products::<L, F, M>(self.rows, self.out) }
    }
}

impl Panel {
    /// The products of at most [`TILE`] rows of records.
    fn tile<F: Shape>(self, rows: &[u8]) -> [[f32; LANES]; TILE] {
        let row_bytes = self.blocks * RECORD;
        let height = rows.len() / row_bytes;
        assert!(height > 0);
        let mut out = [[0.0; LANES]; TILE];
        let (panel, form) = (self, PhantomData::<F>);
        if height == 1 {
            platform::run(Tile { panel, rows: [rows.as_ptr()], out: &mut out, form });
        } else {
            // A tile at the end repeats its last row.
            let row = |row: usize| rows[row.min(height - 1) * row_bytes..].as_ptr();
            let rows: [_; TILE] = std::array::from_fn(row);
            platform::run(Tile { panel, rows, out: &mut out, form });
        }
        out
    }

    #[inline(always)]
    unsafe fn products<L: Lanes, F: Shape, const M: usize>(
        self,
        mut rows: [*const u8; M],
        out: &mut [[f32; LANES]; TILE],
    ) {
        // SAFETY: rows of `blocks` records each, and a panel of as many blocks.
        unsafe {
            let (mut codes, mut header) = (self.codes, self.header.cast::<f32>());
            let mut sums = [L::splat(0.0); M];
            for _ in 0..self.blocks {
                self.add_block::<L, F, M>(codes, header, rows, &mut sums);
                codes = codes.add(BLOCK * LANES * L::CODE_BYTES);
                header = header.byte_add(self.record);
                for row in &mut rows {
                    *row = row.add(RECORD);
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
        codes: *const u8,
        header: *const f32,
        rows: [*const u8; M],
        sums: &mut [L::Floats; M],
    ) {
        // SAFETY: the caller's.
        unsafe {
            let mut numbers = [std::ptr::null::<f32>(); M];
            for row in 0..M {
                numbers[row] = rows[row].add(CODES).cast();
            }
            for half in 0..F::HALVES {
                let products = self.dots::<L, F, M>(codes, header, rows, half);
                let scales = L::floats(header.add(half * LANES));
                for row in 0..M {
                    let scale = L::mul(scales, L::splat_at(numbers[row]));
                    sums[row] = L::mul_add(L::to_floats(products[row]), scale, sums[row]);
                }
            }
            if F::OFFSETS {
                let offsets = L::floats(header.add(LANES));
                for row in 0..M {
                    let row_sum = L::splat_at(numbers[row].add(1));
                    sums[row] = L::mul_add(offsets, row_sum, sums[row]);
                }
            }
        }
    }

    /// The whole-number products of one block, or of a half of it.
    #[inline(always)]
    unsafe fn dots<L: Lanes, F: Shape, const M: usize>(
        self,
        codes: *const u8,
        header: *const f32,
        rows: [*const u8; M],
        half: usize,
    ) -> [L::Ints; M] {
        // SAFETY: the caller's.
        unsafe {
            let mut products = [L::splat_int(0); M];
            for row in 0..M {
                products[row] = self.start::<L, F>(header, rows[row], half);
            }
            if L::CODE_BYTES == 2 {
                return add_dots::<L, F, M>(codes, rows, half, products);
            }
            let mut fine = 0;
            for row in rows {
                fine |= *row.add(CODES + 16);
            }
            if F::SIGNED || fine != 0 {
                let high = add_dots::<L, F, M>(codes, rows, half, [L::splat_int(0); M]);
                for row in 0..M {
                    let high = if F::SIGNED {
                        L::shift_left::<7>(high[row])
                    } else {
                        L::shift_left::<8>(high[row])
                    };
                    products[row] = L::add_ints(products[row], high);
                }
            }
            let mut low = rows;
            for row in &mut low {
                *row = row.add(BLOCK);
            }
            add_dots::<L, F, M>(codes, low, half, products)
        }
    }

    /// What the zero of the codes comes to.
    #[inline(always)]
    unsafe fn start<L: Lanes, F: Shape>(
        self,
        header: *const f32,
        row: *const u8,
        half: usize,
    ) -> L::Ints {
        // SAFETY: the caller's.
        unsafe {
            if F::STARTS {
                return L::ints(header.add(LANES).cast());
            }
            if F::OFFSETS {
                return L::splat_int(0);
            }
            let sums = row.add(CODES + 8).cast::<i32>();
            let sum = if F::HALVES == 2 {
                sums.add(half).read_unaligned()
            } else {
                sums.read_unaligned() + sums.add(1).read_unaligned()
            };
            L::splat_int(-self.zero * sum)
        }
    }
}

/// Adds the products of one plane of a block, or of a half of it.
#[inline(always)]
unsafe fn add_dots<L: Lanes, F: Shape, const M: usize>(
    codes: *const u8,
    rows: [*const u8; M],
    half: usize,
    mut to: [L::Ints; M],
) -> [L::Ints; M] {
    let steps = BLOCK / F::HALVES / L::STEP;
    let room = L::room(F::BITS).min(steps);
    // SAFETY: the caller's.
    unsafe {
        for first in (half * steps..(half + 1) * steps).step_by(room) {
            let mut added = [L::no_products(); M];
            for step in first..first + room {
                let weights = L::codes(codes.add(step * 32));
                for row in 0..M {
                    let activations = L::repeat(rows[row].add(step * 4));
                    added[row] = if F::SIGNED {
                        L::add_signed(weights, activations, added[row])
                    } else {
                        L::add_unsigned(weights, activations, added[row])
                    };
                }
            }
            for row in 0..M {
                to[row] = L::fold(added[row], to[row]);
            }
        }
    }
    to
}
