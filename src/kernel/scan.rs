//! One vector against many rows: dot products with their codes, and sums of table lookups by their
//! signs.
//!
//! Relaxed products of wasm would need operands of seven bits, so bytes are widened to 16 bits
//! before they are multiplied. On rows in memory this takes 1.3 times as long as only reading them.

use super::platform;
use super::simd::{Lanes, SimdKernel};
use super::threads::{DisjointSlice, parallel_for};

/// Numbers in one step.
const STEP: usize = 16;
/// Adjacent rows in one pass, so that the query is read once for all of them. Four and more take 10
/// % fewer instructions, but memory comes slower.
const ROWS: usize = 3;
/// Scattered rows in one pass. The time is that of waiting for memory, so there are as many as
/// registers hold sums of.
const SCATTERED_ROWS: usize = 6;

/// The longest slices whose dot product always fits an `i32`.
pub const MAX_DOT_I8: usize = i32::MAX as usize / (128 * 128);

/// The largest magnitude that numbers of a query of `length` numbers may have in [`dot_rows`]: then
/// the products with rows of any bytes fit an `i32`.
pub fn max_query_value(length: usize) -> i16 {
    let largest = i32::MAX as usize / (128 * length.max(1));
    i16::try_from(largest).unwrap_or(i16::MAX)
}

/// The exact dot product of two slices of the same length, at most [`MAX_DOT_I8`].
pub fn dot_i8(a: &[i8], b: &[i8]) -> i32 {
    debug_assert!(a.len() == b.len() && a.len() <= MAX_DOT_I8);
    platform::run(DotBytes { a, b })
}

/// Writes the exact dot products of `query` with each row; `rows` has one row after another, and
/// `out` one number for each row. Magnitudes in `query` must be at most [`max_query_value`].
pub fn dot_rows(query: &[i16], rows: &[i8], out: &mut [i32]) {
    assert_eq!(rows.len(), query.len() * out.len());
    let (count, out) = (out.len(), DisjointSlice::new(out));
    parallel_for(count, query.len(), &|part| {
        // SAFETY: one part of the work owns each range.
        let out = unsafe { out.slice_mut(part.clone()) };
        let rows = &rows[part.start * query.len()..part.end * query.len()];
        platform::run(DotRows { query, rows, out });
    });
}

/// The same for the rows with these numbers.
pub fn dot_rows_at(query: &[i16], rows: &[i8], numbers: &[u32], out: &mut [i32]) {
    assert_eq!(numbers.len(), out.len());
    let out = DisjointSlice::new(out);
    parallel_for(numbers.len(), query.len(), &|part| {
        // SAFETY: one part of the work owns each range.
        let out = unsafe { out.slice_mut(part.clone()) };
        platform::run(DotRowsAt { query, rows, numbers: &numbers[part], out });
    });
}

/// Rows of a block of signs: two registers of them, so that tables are read once for both.
pub const SIGN_ROWS: usize = 32;
/// Bytes of a block, and of its tables, in one step: two bytes of each row.
pub const SIGN_STEP: usize = 2 * SIGN_ROWS;
/// The largest entry of a table. With it, a byte holds the sum of `STEPS` steps.
pub const MAX_SIGN_ENTRY: u8 = 15;
/// Steps whose sums fit a byte: each adds two entries.
const STEPS: usize = 8;
/// The cost of a step, in multiplications.
const STEP_COST: usize = 64;

/// The offset of a byte of a row of signs in its block of [`SIGN_ROWS`] rows; `row` is the row's
/// number in the block. A block is stored in the order in which it is read: the first byte of each
/// of the first 16 rows, then their second bytes; the same of the other 16 rows; then the next two
/// bytes of all rows.
pub fn sign_offset(row: usize, byte: usize) -> usize {
    byte / 2 * SIGN_STEP + row / 16 * 32 + byte % 2 * 16 + row % 16
}

/// Writes, for each row of signs, the sum of the table entries of all halves of its bytes.
///
/// For each two bytes of a row, `tables` has 16 entries for the low half of the first byte, 16 for
/// the low half of the second, then 16 for the high half of each. Entries must be at most
/// [`MAX_SIGN_ENTRY`], and sums below 65,536. `out` has one number for each row of all blocks.
pub fn sum_table_lookups(tables: &[u8], blocks: &[u8], out: &mut [u16]) {
    let (block, count) = (tables.len(), out.len() / SIGN_ROWS);
    assert!(block.is_multiple_of(SIGN_STEP) && blocks.len() == count * block);
    assert!(out.len() == count * SIGN_ROWS);
    if tables.is_empty() {
        return out.fill(0);
    }
    let out = DisjointSlice::new(out);
    parallel_for(count, block / SIGN_STEP * STEP_COST, &|part| {
        // SAFETY: one part of the work owns each range.
        let out = unsafe { out.slice_mut(part.start * SIGN_ROWS..part.end * SIGN_ROWS) };
        let blocks = &blocks[part.start * block..part.end * block];
        platform::run(SumTableLookups { tables, blocks, out });
    });
}

struct DotBytes<'a> {
    a: &'a [i8],
    b: &'a [i8],
}

impl SimdKernel for DotBytes<'_> {
    type Output = i32;
    #[inline(always)]
    fn run<L: Lanes>(self) -> i32 {
        let (a, b) = (self.a.as_chunks::<STEP>(), self.b.as_chunks::<STEP>());
        let mut sum = L::splat_int(0);
        for (a, b) in a.0.iter().zip(b.0) {
            // SAFETY: pointers to 16 bytes each.
            let (a, b) = unsafe { (L::load_i8_as_i16(a.as_ptr()), L::load_i8_as_i16(b.as_ptr())) };
            sum = L::add_dot_i16(a, b, sum);
        }
        let mut rest = 0;
        for (&a, &b) in a.1.iter().zip(b.1) {
            rest += i32::from(a) * i32::from(b);
        }
        L::sum_ints(sum) + rest
    }
}

struct DotRows<'a> {
    query: &'a [i16],
    rows: &'a [i8],
    out: &'a mut [i32],
}

impl SimdKernel for DotRows<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { query, rows, out } = self;
        let (tiles, rest) = out.as_chunks_mut::<ROWS>();
        let mut first = 0;
        for tile in tiles {
            *tile = products::<L, ROWS>(query, rows, [first, first + 1, first + 2]);
            first += ROWS;
        }
        for product in rest {
            [*product] = products::<L, 1>(query, rows, [first]);
            first += 1;
        }
    }
}

struct DotRowsAt<'a> {
    query: &'a [i16],
    rows: &'a [i8],
    numbers: &'a [u32],
    out: &'a mut [i32],
}

impl SimdKernel for DotRowsAt<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { query, rows, numbers, out } = self;
        let (tiles, rest) = out.as_chunks_mut::<SCATTERED_ROWS>();
        let numbers = numbers.as_chunks::<SCATTERED_ROWS>();
        for (tile, numbers) in tiles.iter_mut().zip(numbers.0) {
            let numbers = numbers.map(|number| number as usize);
            *tile = products::<L, SCATTERED_ROWS>(query, rows, numbers);
        }
        for (product, &number) in rest.iter_mut().zip(numbers.1) {
            [*product] = products::<L, 1>(query, rows, [number as usize]);
        }
    }
}

/// The products of `query` with the rows with these numbers.
#[inline(always)]
fn products<L: Lanes, const R: usize>(query: &[i16], rows: &[i8], numbers: [usize; R]) -> [i32; R] {
    let rows = numbers.map(|number| &rows[number * query.len()..][..query.len()]);
    let starts = rows.map(|row| row.as_ptr());
    let (steps, rest) = query.as_chunks::<STEP>();
    let mut sums = [L::splat_int(0); R];
    for (step, numbers) in steps.iter().enumerate() {
        // SAFETY: pointers to 16 numbers; each row is as long as the query.
        unsafe {
            let numbers = L::load_codes(numbers.as_ptr().cast());
            for row in 0..R {
                let codes = L::load_i8_as_i16(starts[row].add(step * STEP));
                sums[row] = L::add_dot_i16(codes, numbers, sums[row]);
            }
        }
    }
    let mut products = [0; R];
    for row in 0..R {
        products[row] = L::sum_ints(sums[row]);
        let codes = &rows[row][steps.len() * STEP..];
        for (&number, &code) in rest.iter().zip(codes) {
            products[row] += i32::from(number) * i32::from(code);
        }
    }
    products
}

struct SumTableLookups<'a> {
    tables: &'a [u8],
    blocks: &'a [u8],
    out: &'a mut [u16],
}

impl SimdKernel for SumTableLookups<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { tables, blocks, out } = self;
        let blocks = blocks.chunks_exact(tables.len());
        for (block, out) in blocks.zip(out.as_chunks_mut::<SIGN_ROWS>().0) {
            sum_block::<L>(tables, block, out);
        }
    }
}

/// Writes the sums of the rows of a block.
#[inline(always)]
fn sum_block<L: Lanes>(tables: &[u8], block: &[u8], out: &mut [u16; SIGN_ROWS]) {
    // SAFETY: a step is 64 bytes of the tables and of the block.
    unsafe {
        let none = L::load_codes([0; 32].as_ptr());
        let mut sums = [none; 2];
        for (tables, block) in tables.chunks(STEPS * SIGN_STEP).zip(block.chunks(STEPS * SIGN_STEP))
        {
            let mut bytes = [none; 2];
            for (table, step) in tables.chunks_exact(SIGN_STEP).zip(block.chunks_exact(SIGN_STEP)) {
                let (low, high) =
                    (L::load_codes(table.as_ptr()), L::load_codes(table.as_ptr().add(32)));
                for (half, bytes) in bytes.iter_mut().enumerate() {
                    let at = L::load_codes(step.as_ptr().add(half * 32));
                    *bytes = L::add_u8(*bytes, L::lookup_nibbles(low, high, at));
                }
            }
            for (sums, bytes) in sums.iter_mut().zip(bytes) {
                *sums = L::accumulate_u8(bytes, *sums);
            }
        }
        for (half, sums) in sums.into_iter().enumerate() {
            L::store_codes(sums, out.as_mut_ptr().add(half * SIGN_ROWS / 2).cast());
        }
    }
}
