//! Rows of activations times packed weights.
//!
//! Tiles of a few rows by eight columns run over a panel. The first of them unpacks its
//! blocks, into room that stays in the nearest cache: one by one between the products, so
//! that memory is waited for while there is something to do. Each number of a tile adds up
//! its blocks from first to last, and then the row's outliers in their order, whatever the
//! tile: so it is bitwise the same for any number of rows, and for any slices they come in.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

use super::block::{
    Offset, PanelBlock, Shape, Signed, SuperHalves, SuperOffset, Zero, code_bytes, factors,
    header_bytes, low_bytes, packed_bytes, steps_of_part, unpacked_bytes,
};
use super::layout::{BLOCK, SUPER, TILE, Width};
use super::outlier_product::{AddOutliers, Column, PANELS};
use super::packed::{PackedMatrix, QuantScheme};
use super::rows::{Layout, RoundedRows, Rows, numbers, record};
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};
use super::tile_output::{EdgeTile, Sums, TileOutput};
use super::{NotFinite, platform};

/// Where the eight numbers of each row of a tile go.
type Out = [*mut f32; TILE];

/// Room for what becomes of panels.
#[derive(Default)]
struct Scratch {
    /// The blocks of one, unpacked.
    unpacked: Vec<u8>,
    /// The columns that rows have outliers in, of several, as plain numbers.
    columns: Vec<Column>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl PackedMatrix {
    /// For each row of `input`, its product with every row of weights. A row's product
    /// is bitwise the same for any number of rows. Fails where a number of `input` is not
    /// finite; `output` is as it was then.
    pub(crate) fn multiply(
        &self,
        input: &mut Rows,
        output: &mut [f32],
    ) -> std::result::Result<(), NotFinite> {
        assert_eq!(input.columns(), self.columns(), "rows as long as the matrix is wide");
        assert_eq!(output.len(), input.count() * self.rows, "one number for each pair of rows");
        let width = if self.scheme == QuantScheme::Signed { Width::Words } else { Width::Bytes };
        let rounded = input.round(width);
        if !rounded.is_finite {
            return Err(NotFinite);
        }
        multiply(self, rounded, output);
        Ok(())
    }
}

/// Writes the products of all rows, a row after the other.
fn multiply(matrix: &PackedMatrix, rows: &RoundedRows, output: &mut [f32]) {
    let output = DisjointSlice::new(output);
    let cost = rows.count * matrix.blocks * BLOCK * LANES;
    parallel_for(matrix.rows.div_ceil(LANES), cost, &|panels| {
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
    scratch: &'a mut Scratch,
    output: &'a DisjointSlice<'a, f32>,
}

impl SimdKernel for Multiply<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        match (self.matrix.scheme, self.matrix.bits) {
            (QuantScheme::Zero(_), 4) => self.panels::<L, Zero<4>>(),
            (QuantScheme::Zero(_), _) => self.panels::<L, Zero<5>>(),
            (QuantScheme::Offset, 4) => self.panels::<L, Offset<4>>(),
            (QuantScheme::Offset, _) => self.panels::<L, Offset<5>>(),
            (QuantScheme::SuperOffset, 4) => self.panels::<L, SuperOffset<4>>(),
            (QuantScheme::SuperOffset, _) => self.panels::<L, SuperOffset<5>>(),
            (QuantScheme::SuperHalves(_), _) => self.panels::<L, SuperHalves>(),
            (QuantScheme::Signed, _) => self.panels::<L, Signed>(),
        }
    }
}

impl Multiply<'_> {
    #[inline(always)]
    fn panels<L: Lanes, F: Shape>(self) {
        let Self { matrix, rows, panels, scratch, output } = self;
        let layout = Layout::new(rows.count, matrix.blocks, code_bytes::<L, F>());
        assert_eq!(rows.bytes.len(), layout.bytes(rows.count));
        assert_eq!(matrix.record_bytes(), header_bytes::<F>() + packed_bytes::<F>());
        let supers = matrix.blocks.div_ceil(SUPER);
        assert_eq!(matrix.factor_bytes(), supers * factors::<F>() * size_of::<f32>());
        scratch.unpacked.resize(matrix.blocks * unpacked_bytes::<L, F>(), 0);
        let places = rows.outliers.columns();
        scratch.columns.resize(places.len(), [0.0; PANELS * LANES]);
        let zero = match matrix.scheme {
            QuantScheme::Zero(zero) | QuantScheme::SuperHalves(zero) => i32::from(zero),
            QuantScheme::Offset | QuantScheme::SuperOffset | QuantScheme::Signed => 0,
        };
        // Outside of the loops: clearing it is a call.
        let mut edge = EdgeTile::default();
        for (at, number) in panels.clone().enumerate() {
            let bytes = &matrix.bytes[number * matrix.panel_bytes()..][..matrix.panel_bytes()];
            let panel = Panel {
                unpacked: scratch.unpacked.as_mut_ptr(),
                factors: bytes.as_ptr().cast(),
                records: bytes[matrix.factor_bytes()..].as_ptr(),
                record: matrix.record_bytes(),
                blocks: matrix.blocks,
                zero,
            };
            let (first, width) = (number * LANES, matrix.rows);
            let outputs = TileOutput { places: output, count: rows.count, width, first };
            for (tile, bytes) in rows.bytes.chunks_exact(layout.tile_bytes()).enumerate() {
                // SAFETY: a panel's columns are one part's alone.
                let out = unsafe { outputs.of_tile(tile, &mut edge) };
                panel.tile::<F>(bytes, layout, tile == 0, out);
                // SAFETY: as above.
                unsafe { outputs.end_tile(tile, &edge) };
            }
            if !places.is_empty() {
                let (plain, at) = (&mut scratch.columns, at % PANELS);
                let (is_alone, scheme) = (rows.count == 1, PhantomData::<F>);
                platform::run(Columns { panel, places, is_alone, plain, at, scheme });
                if at + 1 == PANELS || number + 1 == panels.end {
                    add_outliers(plain, rows, number - at..number + 1, output, matrix.rows);
                }
            }
        }
    }
}

/// Adds the products of the rows' outliers with some panels, of which the columns have the
/// weights; `width` is that of a row of the output.
fn add_outliers(
    columns: &[Column],
    rows: &RoundedRows,
    panels: Range<usize>,
    output: &DisjointSlice<f32>,
    width: usize,
) {
    let outputs = |number: usize| {
        let (count, first) = (rows.count, number * LANES);
        TileOutput { places: output, count, width, first }
    };
    if panels.len() == PANELS {
        let outputs = outputs(panels.start);
        platform::run(AddOutliers::<PANELS> { columns, panel: 0, rows, outputs });
        return;
    }
    for (panel, number) in panels.enumerate() {
        let outputs = outputs(number);
        platform::run(AddOutliers::<1> { columns, panel, rows, outputs });
    }
}

/// Eight rows of weights.
#[derive(Clone, Copy)]
struct Panel {
    /// Room for the blocks, unpacked; where there is one row only, they are not.
    unpacked: *mut u8,
    /// Of its super-blocks, where the scheme has such.
    factors: *const f32,
    records: *const u8,
    /// Bytes of a record.
    record: usize,
    blocks: usize,
    zero: i32,
}

/// SimdKernel on one tile: a function of its own, of a size that compilers still do well. The
/// panel, and every row, has as many blocks as it says; the products of each row have room
/// for eight.
///
/// `FIRST` of all tiles over its panel, whose codes it unpacks.
struct Tile<F, const M: usize, const FIRST: bool> {
    panel: Panel,
    rows: *const u8,
    out: Out,
    scheme: PhantomData<F>,
}

impl<F: Shape, const M: usize, const FIRST: bool> SimdKernel for Tile<F, M, FIRST> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: as whoever made the tile promised.
        unsafe { self.panel.products::<L, F, M, FIRST>(self.rows, self.out) }
    }
}

/// Makes columns of a panel plain. Its blocks are unpacked, as by its first tile, unless
/// there is one row only.
struct Columns<'a, F> {
    panel: Panel,
    places: &'a [u32],
    /// Whether there is one row only, for which no block is unpacked.
    is_alone: bool,
    plain: &'a mut [Column],
    /// The panel's place among those that a column has weights of.
    at: usize,
    scheme: PhantomData<F>,
}

impl<F: Shape> SimdKernel for Columns<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        for (&place, column) in self.places.iter().zip(self.plain) {
            let column = &mut column[self.at * LANES..][..LANES];
            // SAFETY: the columns are the panel's, whose blocks are as they must be.
            unsafe {
                let numbers = if self.is_alone {
                    self.panel.column::<L, F, true>(place as usize)
                } else {
                    self.panel.column::<L, F, false>(place as usize)
                };
                L::store(column.as_mut_ptr(), numbers);
            }
        }
    }
}

impl Panel {
    /// The products of a tile of rows, the first of all or a later one.
    #[inline(always)]
    fn tile<F: Shape>(self, tile: &[u8], layout: Layout, is_first: bool, out: Out) {
        let rows = tile.as_ptr();
        match (layout.rows, is_first) {
            (1, _) => self.run::<F, 1, true>(rows, out),
            (_, true) => self.run::<F, TILE, true>(rows, out),
            (_, false) => self.run::<F, TILE, false>(rows, out),
        }
    }

    fn run<F: Shape, const M: usize, const FIRST: bool>(self, rows: *const u8, out: Out) {
        platform::run(Tile::<F, M, FIRST> { panel: self, rows, out, scheme: PhantomData::<F> });
    }

    #[inline(always)]
    unsafe fn products<L: Lanes, F: Shape, const M: usize, const FIRST: bool>(
        self,
        mut rows: *const u8,
        out: Out,
    ) {
        // SAFETY: a tile of `blocks` records, and a panel of as many blocks.
        unsafe {
            let (mut unpacked, mut packed) = (self.unpacked, self.records);
            let mut sums = Sums::<L, M>::new(out);
            let no_step = L::no_step();
            for number in 0..self.blocks {
                let factors = self.factors_of::<F>(number);
                let is_alone = FIRST && M == 1;
                // Costs something, and a single row gains nothing by it.
                let (unpacked_here, rows_here) = match is_alone {
                    true => (unpacked, rows),
                    false => (L::opaque(unpacked).cast_mut(), L::opaque(rows)),
                };
                let block = PanelBlock { packed, factors, unpacked: unpacked_here, is_alone };
                if FIRST && M > 1 {
                    block.unpack::<L, F>();
                }
                self.add_block::<L, F, M>(block, rows_here, no_step, &mut sums);
                unpacked = unpacked.add(unpacked_bytes::<L, F>());
                packed = packed.add(self.record);
                rows = rows.add(record(M, code_bytes::<L, F>()));
            }
            sums.end();
        }
    }

    /// The factors of a block's super-block.
    #[inline(always)]
    unsafe fn factors_of<F: Shape>(self, number: usize) -> *const f32 {
        // SAFETY: the caller's: there is such a block.
        unsafe { self.factors.add(number / SUPER * factors::<F>()) }
    }

    /// Adds the products of one block to the sums of the tile.
    #[inline(always)]
    unsafe fn add_block<L: Lanes, F: Shape, const M: usize>(
        self,
        block: PanelBlock,
        rows: *const u8,
        no_step: usize,
        sums: &mut Sums<L, M>,
    ) {
        // SAFETY: the caller's.
        unsafe {
            let numbers = rows.add(numbers(M, code_bytes::<L, F>())).cast::<f32>();
            for half in 0..F::HALVES {
                let products = self.dots::<L, F, M>(block, rows, no_step, half);
                let of_rows = L::splat_each::<M>(numbers);
                let row_sums = L::splat_each::<M>(numbers.add(M));
                for row in 0..M {
                    let scale = L::mul(block.floats::<L, F>(half), of_rows[row]);
                    let mut sum = L::mul_add(L::to_floats(products[row]), scale, sums.get(row));
                    if F::OFFSETS {
                        sum = L::mul_add(block.floats::<L, F>(1), row_sums[row], sum);
                    }
                    sums.set(row, sum);
                }
            }
        }
    }

    /// One column of the panel as plain numbers.
    #[inline(always)]
    unsafe fn column<L: Lanes, F: Shape, const ALONE: bool>(self, column: usize) -> L::Floats {
        let (number, at) = (column / BLOCK, column % BLOCK);
        let (step, place) = (at / L::STEP, at % L::STEP);
        // SAFETY: the caller's.
        unsafe {
            let block = PanelBlock {
                packed: self.records.add(number * self.record),
                factors: self.factors_of::<F>(number),
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
        block: PanelBlock,
        rows: *const u8,
        no_step: usize,
        half: usize,
    ) -> [L::Ints; M] {
        // SAFETY: the caller's.
        unsafe {
            let mut products = [L::splat_int(0); M];
            #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
            for row in 0..M {
                products[row] = self.start::<L, F, M>(rows, row, half);
            }
            if block.is_alone {
                products[0] = add_packed_dots::<L, F>(block, rows, half, products[0]);
                return products;
            }
            add_dots::<L, F, M>(block, rows, no_step, half, products)
        }
    }

    /// What the zero of the codes comes to.
    #[inline(always)]
    unsafe fn start<L: Lanes, F: Shape, const M: usize>(
        self,
        rows: *const u8,
        row: usize,
        half: usize,
    ) -> L::Ints {
        // SAFETY: the caller's.
        unsafe {
            if F::OFFSETS || F::SIGNED {
                return L::splat_int(0);
            }
            let halves = rows.add(numbers(M, code_bytes::<L, F>())).cast::<i32>().add(2 * M);
            let sums = halves.add(2 * row);
            let sum = if F::HALVES == 2 {
                sums.add(half).read_unaligned()
            } else {
                sums.read_unaligned() + sums.add(1).read_unaligned()
            };
            L::splat_int(-self.zero * sum)
        }
    }
}

/// Steps of a block, or of a half of it: one product takes in four bytes of a column.
const fn steps<L: Lanes, F: Shape>() -> usize {
    BLOCK / F::HALVES * code_bytes::<L, F>() / 4
}

/// Steps whose products are added up before those of one column are.
#[inline(always)]
fn room<L: Lanes, F: Shape>() -> usize {
    let steps = steps::<L, F>();
    if F::SIGNED { steps } else { L::room(F::BITS).min(steps) }
}

/// Adds the products of a block that is unpacked, or of a half of it.
#[inline(always)]
unsafe fn add_dots<L: Lanes, F: Shape, const M: usize>(
    block: PanelBlock,
    rows: *const u8,
    no_step: usize,
    half: usize,
    mut to: [L::Ints; M],
) -> [L::Ints; M] {
    let (steps, room) = (steps::<L, F>(), room::<L, F>());
    debug_assert!(steps.is_multiple_of(room));
    // SAFETY: the caller's.
    unsafe {
        for sum in 0..steps / room {
            let mut added = [L::no_products(); M];
            for at in 0..room {
                // Never, and there must be something before.
                if at > 0 && at == no_step {
                    break;
                }
                let step = half * steps + sum * room + at;
                let weights = block.codes::<L, F>(step);
                let activations = L::repeat_each::<M>(rows.add(step * M * 4));
                for row in 0..M {
                    if F::SIGNED {
                        to[row] = L::add_words(weights, activations[row], to[row]);
                    } else {
                        added[row] = L::add_unsigned(weights, activations[row], added[row]);
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
    block: PanelBlock,
    row: *const u8,
    half: usize,
    mut to: L::Ints,
) -> L::Ints {
    let (steps, parts) = (steps_of_part::<L, F>(), low_bytes::<F>() / 32 / F::HALVES);
    let room = L::room(F::BITS);
    let mut added = L::no_products();
    for part in half * parts..(half + 1) * parts {
        // SAFETY: the caller's.
        let codes = unsafe { block.part::<L, F>(part) };
        #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
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
    let nothing_is_left = F::SIGNED || (steps * parts).is_multiple_of(room);
    if nothing_is_left { to } else { L::fold(added, to) }
}
