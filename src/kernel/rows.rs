//! Rows of activations, rounded to whole numbers for the products with weights.
//!
//! Each block of 32 has a scale of its own, its largest magnitude over the largest
//! code. Across weights without a sign, codes have 8 bits in most blocks; where a few
//! numbers tower over the row, and rounding by their scale would lose the others, they
//! have 16. Across weights with a sign they have 14 bits. A row's record of one block is
//!
//! ```text
//! high     32 bytes: the upper halves of the codes; zeros where 8 bits are enough
//! low      32 bytes: the lower halves
//!          (platforms that multiply 16-bit numbers: 32 codes of two bytes instead)
//! scale    f32
//! sum      f32, of codes times scale: what the weights' offsets are multiplied with
//! sums     2 i32, of the codes of either half: what the weights' zero is
//! fine     u32, 1 where there are upper halves
//! ```

use super::lanes::{LANES, Lanes, Work};
use super::packed::BLOCK;
use super::platform;
use super::threads::{Places, share};

/// Whether codes of activations have a sign: the operand across is then below 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Signed,
    Unsigned,
}

/// The largest codes, by what they are multiplied with.
const LARGEST_COARSE: f32 = 127.0;
/// The upper half of a larger code would not fit a byte once it is rounded.
const LARGEST_FINE: f32 = 32_639.0;
const LARGEST_UNSIGNED: f32 = 8191.0;

/// Blocks whose largest number exceeds so many times the root of the row's mean square
/// get 16 bits. Of SmolLM2-135M's activations those are a quarter; of what rounding all to
/// 8 bits takes from the cosine of its logits to exact ones (.0006 in the mean over 192
/// steps), they leave a tenth.
const FINE_ABOVE: f32 = 3.0;

/// Multiplications that rounding a number takes as long as.
const COST: usize = 16;

/// What an unsigned code stands for when it is 0, negated.
pub(super) const ZERO_POINT: i32 = 8192;

/// Bytes of a record's codes.
pub(super) const CODES: usize = 2 * BLOCK;
/// Bytes of a record.
pub(super) const RECORD: usize = CODES + 20;

/// Rounded rows, for weights of one kind.
#[derive(Debug, Default)]
pub(super) struct RoundedRows {
    pub(super) count: usize,
    pub(super) blocks: usize,
    sign: Option<Sign>,
    pub(super) bytes: Vec<u8>,
}

impl RoundedRows {
    pub(super) fn row_bytes(&self) -> usize {
        self.blocks * RECORD
    }
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
        self.rounded.sign = None;
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
    pub(super) fn round(&mut self, sign: Sign) -> &RoundedRows {
        if self.rounded.sign != Some(sign) {
            let columns = self.columns();
            self.rounded.count = self.count;
            self.rounded.blocks = columns / BLOCK;
            self.rounded.sign = Some(sign);
            let (bytes, size) = (&mut self.rounded.bytes, columns / BLOCK * RECORD);
            bytes.resize(self.count * size, 0);
            let (values, bytes) = (&self.values, Places::new(bytes));
            share(self.count, COST * columns, &|rows| {
                for row in rows {
                    // SAFETY: each row is one part's alone.
                    let into = unsafe { bytes.part(row * size..(row + 1) * size) };
                    platform::run(RoundRow {
                        row: &values[row * columns..][..columns],
                        sign,
                        into,
                    });
                }
            });
        }
        &self.rounded
    }
}

struct RoundRow<'a> {
    row: &'a [f32],
    sign: Sign,
    into: &'a mut [u8],
}

impl Work for RoundRow<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let blocks = self.row.as_chunks::<BLOCK>().0;
        let fine_above = FINE_ABOVE * root_mean_square::<L>(blocks);
        for (block, record) in blocks.iter().zip(self.into.chunks_exact_mut(RECORD)) {
            // SAFETY: a record has room for its codes and the 20 bytes after them.
            unsafe { round_block::<L>(block, self.sign, fine_above, record.as_mut_ptr()) };
        }
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

#[inline(always)]
unsafe fn round_block<L: Lanes>(
    block: &[f32; BLOCK],
    sign: Sign,
    fine_above: f32,
    record: *mut u8,
) {
    // SAFETY: the block has four times eight numbers; the record is the caller's.
    unsafe {
        // Loops here and below: in a closure, the platform's instructions are not inlined.
        let mut values = [L::splat(0.0); 4];
        let mut largest = L::splat(0.0);
        for (at, value) in values.iter_mut().enumerate() {
            *value = L::floats(block.as_ptr().add(at * LANES));
            largest = L::max(largest, L::max(*value, L::sub(L::splat(0.0), *value)));
        }
        let largest = L::largest(largest);
        let fine = sign == Sign::Unsigned || largest > fine_above;
        let scale = largest
            / match (sign, fine) {
                (Sign::Unsigned, _) => LARGEST_UNSIGNED,
                (Sign::Signed, true) => LARGEST_FINE,
                (Sign::Signed, false) => LARGEST_COARSE,
            };
        let (scale, inverse) = invertible(scale);
        let inverse = L::splat(inverse);
        let mut whole = [L::splat_int(0); 4];
        for at in 0..4 {
            whole[at] = L::to_ints(L::mul(values[at], inverse));
        }
        let sums = [
            L::sum(L::to_floats(L::add_ints(whole[0], whole[1]))),
            L::sum(L::to_floats(L::add_ints(whole[2], whole[3]))),
        ];
        store_codes::<L>(whole, sign, fine, record);
        let rest = record.add(CODES);
        rest.cast::<[f32; 2]>().write_unaligned([scale, (sums[0] + sums[1]) * scale]);
        rest.add(8).cast::<[i32; 2]>().write_unaligned(sums.map(|sum| sum as i32));
        rest.add(16).cast::<u32>().write_unaligned(u32::from(fine));
    }
}

/// A scale and its inverse; none of either, where the numbers are too small for one.
pub(super) fn invertible(scale: f32) -> (f32, f32) {
    let inverse = 1.0 / scale;
    if inverse.is_finite() { (scale, inverse) } else { (0.0, 0.0) }
}

#[inline(always)]
unsafe fn store_codes<L: Lanes>(whole: [L::Ints; 4], sign: Sign, fine: bool, record: *mut u8) {
    let mut shifted = whole;
    if sign == Sign::Unsigned {
        for x in &mut shifted {
            *x = L::add_ints(*x, L::splat_int(ZERO_POINT));
        }
    }
    // SAFETY: the caller's.
    unsafe {
        if L::CODE_BYTES == 2 {
            return L::narrow(shifted, record);
        }
        let (high, low) = match sign {
            Sign::Signed if !fine => ([L::splat_int(0); 4], shifted),
            // The low byte has a sign as well, so the high one is rounded.
            Sign::Signed => split::<L, 8>(shifted, 128),
            Sign::Unsigned => split::<L, 7>(shifted, 0),
        };
        L::narrow(high, record);
        L::narrow(low, record.add(BLOCK));
    }
}

/// High and low parts, `high << BITS` plus `low` being each number.
#[inline(always)]
fn split<L: Lanes, const BITS: u32>(
    whole: [L::Ints; 4],
    half: i32,
) -> ([L::Ints; 4], [L::Ints; 4]) {
    let (mut high, mut low) = (whole, whole);
    for at in 0..4 {
        high[at] = L::shift_right::<BITS>(L::add_ints(whole[at], L::splat_int(half)));
        low[at] = L::sub_ints(whole[at], L::shift_left::<BITS>(high[at]));
    }
    (high, low)
}
