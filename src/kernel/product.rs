//! Rows of activations times packed weights.
//!
//! Tiles of four rows by eight columns run over a panel. The first tile unpacks the panel's blocks
//! into memory that stays in the nearest cache: one block at a time, between products, so that the
//! wait for memory overlaps with computing. Each number of a tile adds its blocks from first to
//! last, then the row's outliers in their order. The order never depends on the tile, so a result
//! is bitwise the same for any number of rows and for any slices that they come in.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::Range;

use super::activations::{
    ActivationRows, QuantizedActivations, TileLayout, numbers_offset, record_bytes,
};
use super::block::{
    Offset, PanelBlock, Signed, StaticScheme, SuperHalves, SuperOffset, Zero, code_bytes, factors,
    header_bytes, low_bytes, packed_bytes, steps_per_part, unpacked_bytes,
};
use super::layout::{BLOCK, CodeWidth, SUPER_BLOCK, TILE};
use super::outlier_product::{AddOutliers, Column, PANELS};
use super::packed::{PackedMatrix, QuantScheme};
use super::simd::{LANES, Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};
use super::tile_output::{EdgeTile, Sums, TileOutput};
use super::{NotFinite, platform};

/// Where the eight numbers of each row of a tile are written.
type TilePointers = [*mut f32; TILE];

/// Memory that the panels of a thread use one after another.
#[derive(Default)]
struct Scratch {
    /// The unpacked blocks of one panel.
    unpacked: Vec<u8>,
    /// The dequantized columns, of several panels, in which rows have outliers.
    columns: Vec<Column>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl PackedMatrix {
    /// Computes, for each row of `input`, its product with every row of weights. A row's product is
    /// bitwise the same for any number of rows. Fails where a number of `input` is not finite, and
    /// leaves `output` unchanged then.
    pub(crate) fn multiply(
        &self,
        input: &mut ActivationRows,
        output: &mut [f32],
    ) -> std::result::Result<(), NotFinite> {
        assert_eq!(input.columns(), self.columns(), "the length of a row");
        assert_eq!(output.len(), input.count() * self.rows, "a number for each pair of rows");
        let width = if self.scheme == QuantScheme::Signed { CodeWidth::I16 } else { CodeWidth::I8 };
        let quantized = input.quantize(width);
        if !quantized.is_finite {
            return Err(NotFinite);
        }
        multiply(self, quantized, output);
        Ok(())
    }
}

/// Writes the products of all rows, one row after another.
fn multiply(matrix: &PackedMatrix, rows: &QuantizedActivations, output: &mut [f32]) {
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
    rows: &'a QuantizedActivations,
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
    fn panels<L: Lanes, S: StaticScheme>(self) {
        let Self { matrix, rows, panels, scratch, output } = self;
        let layout = TileLayout::new(rows.count, matrix.blocks, code_bytes::<L, S>());
        assert_eq!(rows.bytes.len(), layout.bytes(rows.count));
        assert_eq!(matrix.record_bytes(), header_bytes::<S>() + packed_bytes::<S>());
        let supers = matrix.blocks.div_ceil(SUPER_BLOCK);
        assert_eq!(matrix.factor_bytes(), supers * factors::<S>() * size_of::<f32>());
        scratch.unpacked.resize(matrix.blocks * unpacked_bytes::<L, S>(), 0);
        let outlier_columns = rows.outliers.columns();
        scratch.columns.resize(outlier_columns.len(), [0.0; PANELS * LANES]);
        let zero = match matrix.scheme {
            QuantScheme::Zero(zero) | QuantScheme::SuperHalves(zero) => i32::from(zero),
            QuantScheme::Offset | QuantScheme::SuperOffset | QuantScheme::Signed => 0,
        };
        // Outside of the loops, because clearing it is a call.
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
            let outputs = TileOutput { output, count: rows.count, width, first };
            for (tile, bytes) in rows.bytes.chunks_exact(layout.tile_bytes()).enumerate() {
                // SAFETY: one part of the work owns all columns of a panel.
                let out = unsafe { outputs.tile_pointers(tile, &mut edge) };
                panel.tile::<S>(bytes, layout, tile == 0, out);
                // SAFETY: as above.
                unsafe { outputs.finish_tile(tile, &edge) };
            }
            if !outlier_columns.is_empty() {
                let (dequantized, at) = (&mut scratch.columns, at % PANELS);
                let (single_row, scheme) = (rows.count == 1, PhantomData::<S>);
                platform::run(DequantizeColumns {
                    panel,
                    outlier_columns,
                    single_row,
                    dequantized,
                    at,
                    scheme,
                });
                if at + 1 == PANELS || number + 1 == panels.end {
                    add_outliers(dequantized, rows, number - at..number + 1, output, matrix.rows);
                }
            }
        }
    }
}

/// Adds the products of the rows' outliers with some panels, whose weights are in `columns`.
/// `width` is the length of a row of the output.
fn add_outliers(
    columns: &[Column],
    rows: &QuantizedActivations,
    panels: Range<usize>,
    output: &DisjointSlice<f32>,
    width: usize,
) {
    let outputs = |number: usize| {
        let (count, first) = (rows.count, number * LANES);
        TileOutput { output, count, width, first }
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

/// Pointers to eight rows of weights.
#[derive(Clone, Copy)]
struct Panel {
    /// Memory for the unpacked blocks. It is not used where there is a single row.
    unpacked: *mut u8,
    /// Factors of its super-blocks, where the scheme has factors.
    factors: *const f32,
    records: *const u8,
    /// Bytes of a record.
    record: usize,
    blocks: usize,
    zero: i32,
}

/// The kernel of one tile. It is a function of its own because compilers optimize that size well.
/// The panel and every row must have `blocks` blocks, and `out` must have space for eight numbers
/// of each row.
///
/// `FIRST`: it is the first tile over its panel, and unpacks the panel's codes.
struct Tile<S, const M: usize, const FIRST: bool> {
    panel: Panel,
    rows: *const u8,
    out: TilePointers,
    scheme: PhantomData<S>,
}

impl<S: StaticScheme, const M: usize, const FIRST: bool> SimdKernel for Tile<S, M, FIRST> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        // SAFETY: the maker of the tile guarantees it.
        unsafe { self.panel.products::<L, S, M, FIRST>(self.rows, self.out) }
    }
}

/// Dequantizes columns of a panel. The first tile must have unpacked its blocks, unless there is a
/// single row.
struct DequantizeColumns<'a, S> {
    panel: Panel,
    outlier_columns: &'a [u32],
    /// Whether there is a single row, for which no block is unpacked.
    single_row: bool,
    dequantized: &'a mut [Column],
    /// The panel's index among the panels that a column has weights of.
    at: usize,
    scheme: PhantomData<S>,
}

impl<S: StaticScheme> SimdKernel for DequantizeColumns<'_, S> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        for (&index, column) in self.outlier_columns.iter().zip(self.dequantized) {
            let column = &mut column[self.at * LANES..][..LANES];
            // SAFETY: the columns are within the panel, whose blocks are valid.
            unsafe {
                let numbers = if self.single_row {
                    self.panel.dequantized_column::<L, S, true>(index as usize)
                } else {
                    self.panel.dequantized_column::<L, S, false>(index as usize)
                };
                L::store(column.as_mut_ptr(), numbers);
            }
        }
    }
}

impl Panel {
    /// Computes the products of a tile of rows. `is_first`: of the first tile of all.
    #[inline(always)]
    fn tile<S: StaticScheme>(
        self,
        tile: &[u8],
        layout: TileLayout,
        is_first: bool,
        out: TilePointers,
    ) {
        let rows = tile.as_ptr();
        match (layout.rows, is_first) {
            (1, _) => self.run::<S, 1, true>(rows, out),
            (_, true) => self.run::<S, TILE, true>(rows, out),
            (_, false) => self.run::<S, TILE, false>(rows, out),
        }
    }

    fn run<S: StaticScheme, const M: usize, const FIRST: bool>(
        self,
        rows: *const u8,
        out: TilePointers,
    ) {
        platform::run(Tile::<S, M, FIRST> { panel: self, rows, out, scheme: PhantomData::<S> });
    }

    #[inline(always)]
    unsafe fn products<L: Lanes, S: StaticScheme, const M: usize, const FIRST: bool>(
        self,
        mut rows: *const u8,
        out: TilePointers,
    ) {
        // SAFETY: the tile has `blocks` records, and the panel as many blocks.
        unsafe {
            let (mut unpacked, mut packed) = (self.unpacked, self.records);
            let mut sums = Sums::<L, M>::new(out);
            let no_step = L::no_step();
            for number in 0..self.blocks {
                let factors = self.factors_of::<S>(number);
                let single_row = FIRST && M == 1;
                // This has a cost, and a single row gains nothing by it.
                let (unpacked_here, rows_here) = match single_row {
                    true => (unpacked, rows),
                    false => (L::opaque(unpacked).cast_mut(), L::opaque(rows)),
                };
                let block = PanelBlock { packed, factors, unpacked: unpacked_here, single_row };
                if FIRST && M > 1 {
                    block.unpack::<L, S>();
                }
                self.add_block::<L, S, M>(block, rows_here, no_step, &mut sums);
                unpacked = unpacked.add(unpacked_bytes::<L, S>());
                packed = packed.add(self.record);
                rows = rows.add(record_bytes(M, code_bytes::<L, S>()));
            }
            sums.end();
        }
    }

    /// The factors of a block's super-block.
    #[inline(always)]
    unsafe fn factors_of<S: StaticScheme>(self, number: usize) -> *const f32 {
        // SAFETY: the caller guarantees that there is such a block.
        unsafe { self.factors.add(number / SUPER_BLOCK * factors::<S>()) }
    }

    /// Adds the products of one block to the sums of the tile.
    #[inline(always)]
    unsafe fn add_block<L: Lanes, S: StaticScheme, const M: usize>(
        self,
        block: PanelBlock,
        rows: *const u8,
        no_step: usize,
        sums: &mut Sums<L, M>,
    ) {
        // SAFETY: the caller guarantees it.
        unsafe {
            let numbers = rows.add(numbers_offset(M, code_bytes::<L, S>())).cast::<f32>();
            for half in 0..S::HALVES {
                let products = self.dot_products::<L, S, M>(block, rows, no_step, half);
                let of_rows = L::load_splat_each::<M>(numbers);
                let row_sums = L::load_splat_each::<M>(numbers.add(M));
                for row in 0..M {
                    let scale = L::mul(block.scales::<L, S>(half), of_rows[row]);
                    let mut sum = L::mul_add(L::to_floats(products[row]), scale, sums.get(row));
                    if S::OFFSETS {
                        sum = L::mul_add(block.scales::<L, S>(1), row_sums[row], sum);
                    }
                    sums.set(row, sum);
                }
            }
        }
    }

    /// One column of the panel, dequantized.
    #[inline(always)]
    unsafe fn dequantized_column<L: Lanes, S: StaticScheme, const SINGLE_ROW: bool>(
        self,
        column: usize,
    ) -> L::Floats {
        let (number, at) = (column / BLOCK, column % BLOCK);
        let (step, index) = (at / L::STEP, at % L::STEP);
        // SAFETY: the caller guarantees it.
        unsafe {
            let block = PanelBlock {
                packed: self.records.add(number * self.record),
                factors: self.factors_of::<S>(number),
                unpacked: self.unpacked.add(number * unpacked_bytes::<L, S>()),
                single_row: SINGLE_ROW,
            };
            let code = L::extract_code(block.codes::<L, S>(step), index);
            let code = L::to_floats(L::sub_ints(code, L::splat_int(self.zero)));
            let scales = block.scales::<L, S>(at * S::HALVES / BLOCK);
            if S::OFFSETS {
                L::mul_add(code, scales, block.scales::<L, S>(1))
            } else {
                L::mul(code, scales)
            }
        }
    }

    /// The integer products of one block, or of half a block.
    #[inline(always)]
    unsafe fn dot_products<L: Lanes, S: StaticScheme, const M: usize>(
        self,
        block: PanelBlock,
        rows: *const u8,
        no_step: usize,
        half: usize,
    ) -> [L::Ints; M] {
        // SAFETY: the caller guarantees it.
        unsafe {
            let mut products = [L::splat_int(0); M];
            #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
            for row in 0..M {
                products[row] = self.zero_correction::<L, S, M>(rows, row, half);
            }
            if block.single_row {
                products[0] = add_packed_dots::<L, S>(block, rows, half, products[0]);
                return products;
            }
            add_dots::<L, S, M>(block, rows, no_step, half, products)
        }
    }

    /// The part of a product that the scheme's zero takes away: `-zero` times the sum of the
    /// activations.
    #[inline(always)]
    unsafe fn zero_correction<L: Lanes, S: StaticScheme, const M: usize>(
        self,
        rows: *const u8,
        row: usize,
        half: usize,
    ) -> L::Ints {
        // SAFETY: the caller guarantees it.
        unsafe {
            if S::OFFSETS || S::SIGNED {
                return L::splat_int(0);
            }
            let halves = rows.add(numbers_offset(M, code_bytes::<L, S>())).cast::<i32>().add(2 * M);
            let sums = halves.add(2 * row);
            let sum = if S::HALVES == 2 {
                sums.add(half).read_unaligned()
            } else {
                sums.read_unaligned() + sums.add(1).read_unaligned()
            };
            L::splat_int(-self.zero * sum)
        }
    }
}

/// Steps of a block, or of half a block. One product takes four bytes of a column.
const fn steps<L: Lanes, S: StaticScheme>() -> usize {
    BLOCK / S::HALVES * code_bytes::<L, S>() / 4
}

/// Steps after which the products of the four bytes are folded into one sum a column.
#[inline(always)]
fn steps_before_fold<L: Lanes, S: StaticScheme>() -> usize {
    let steps = steps::<L, S>();
    if S::SIGNED { steps } else { L::steps_before_fold(S::BITS).min(steps) }
}

/// Adds the products of an unpacked block, or of half of it.
#[inline(always)]
unsafe fn add_dots<L: Lanes, S: StaticScheme, const M: usize>(
    block: PanelBlock,
    rows: *const u8,
    no_step: usize,
    half: usize,
    mut to: [L::Ints; M],
) -> [L::Ints; M] {
    let (steps, fold_every) = (steps::<L, S>(), steps_before_fold::<L, S>());
    debug_assert!(steps.is_multiple_of(fold_every));
    // SAFETY: the caller guarantees it.
    unsafe {
        for sum in 0..steps / fold_every {
            let mut added = [L::zero_products(); M];
            for at in 0..fold_every {
                // Never true, but there must be a step before.
                if at > 0 && at == no_step {
                    break;
                }
                let step = half * steps + sum * fold_every + at;
                let weights = block.codes::<L, S>(step);
                let activations = L::broadcast_each::<M>(rows.add(step * M * 4));
                for row in 0..M {
                    if S::SIGNED {
                        to[row] = L::add_dot_i16(weights, activations[row], to[row]);
                    } else {
                        added[row] = L::add_unsigned(weights, activations[row], added[row]);
                    }
                }
            }
            for row in 0..M {
                if !S::SIGNED {
                    to[row] = L::fold(added[row], to[row]);
                }
            }
        }
    }
    to
}

/// Adds the products of a single row with a packed block, or with half of it.
#[inline(always)]
unsafe fn add_packed_dots<L: Lanes, S: StaticScheme>(
    block: PanelBlock,
    row: *const u8,
    half: usize,
    mut to: L::Ints,
) -> L::Ints {
    let (steps, parts) = (steps_per_part::<L, S>(), low_bytes::<S>() / 32 / S::HALVES);
    let fold_every = L::steps_before_fold(S::BITS);
    let mut added = L::zero_products();
    for part in half * parts..(half + 1) * parts {
        // SAFETY: the caller guarantees it.
        let codes = unsafe { block.part::<L, S>(part) };
        #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
        for at in 0..steps {
            let step = steps * part + at;
            // SAFETY: the caller guarantees it.
            let activations = unsafe { L::broadcast(row.add(step * 4)) };
            if S::SIGNED {
                to = L::add_dot_i16(codes[at], activations, to);
                continue;
            }
            added = L::add_unsigned(codes[at], activations, added);
            if (step + 1).is_multiple_of(fold_every) {
                to = L::fold(added, to);
                added = L::zero_products();
            }
        }
    }
    let nothing_is_left = S::SIGNED || (steps * parts).is_multiple_of(fold_every);
    if nothing_is_left { to } else { L::fold(added, to) }
}
