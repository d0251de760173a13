//! The signs of vectors, one bit a number, and the estimate of a cosine by them.
//!
//! The product of a vector's signs and the query is the cosine times the sum of the
//! vector's magnitudes, with a random error (Gao and Long 2024,
//! <https://arxiv.org/abs/2405.12497>, without their rotation: embeddings need none). The
//! code adds up the opposite, a distance: the magnitudes of the query's numbers where the
//! signs differ. Four signs at a time are looked up in a table of 16 (André et al. 2015,
//! <https://doi.org/10.14778/2856318.2856324>).
//!
//! Among 100,000 sentences, the 200 nearest by this distance hold as many of the ten
//! nearest as the 4,000 in which the fewest signs differ, and are found in the same time.

use crate::kernel::{MAX_SIGN_ENTRY, SIGN_ROWS, SIGN_STEP, sign_offset, sum_table_lookups};

/// Signs of a row that one step reads.
const STEP_SIGNS: usize = 8 * SIGN_STEP / SIGN_ROWS;

/// Standard deviations by which a distance may exceed the expected one. With 3, signs find
/// 99.8 % of the ten nearest rows.
const DEVIATIONS: f64 = 3.0;

/// Parts of 1 in which [`Signs::evenness`] is counted.
const EVENNESS: f64 = 65_536.0;

/// The signs of the rows of `QuantizedVectors`, in the order that [`sum_table_lookups`] asks for.
#[derive(Debug, Clone)]
pub(super) struct Signs {
    /// Steps of a block: enough for the signs of a row.
    steps: usize,
    rows: usize,
    blocks: Vec<u8>,
    evenness: u64,
}

impl Signs {
    /// The signs of these rows, of `dimensions` numbers each, with their scales.
    pub(super) fn of(dimensions: usize, codes: &[i8], scales: &[f32]) -> Self {
        let steps = dimensions.div_ceil(STEP_SIGNS);
        let blocks = Vec::with_capacity(scales.len().div_ceil(SIGN_ROWS) * steps * SIGN_STEP);
        let mut signs = Self { steps, rows: 0, blocks, evenness: 0 };
        for (row, &scale) in scales.iter().enumerate() {
            signs.push(&codes[row * dimensions..][..dimensions], scale);
        }
        signs
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.blocks.capacity()
    }

    /// Appends the signs of a unit vector.
    fn push(&mut self, codes: &[i8], scale: f32) {
        let (row, block) = (self.rows % SIGN_ROWS, self.steps * SIGN_STEP);
        if row == 0 {
            self.blocks.resize(self.blocks.len() + block, 0);
        }
        let start = self.blocks.len() - block;
        let block = &mut self.blocks[start..];
        let (eights, rest) = codes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let last = (!rest.is_empty()).then_some(&last);
        for (byte, codes) in eights.iter().chain(last).enumerate() {
            block[sign_offset(row, byte)] = negative(*codes);
        }

        let magnitudes: u32 = codes.iter().map(|code| u32::from(code.unsigned_abs())).sum();
        let length = f64::from(magnitudes) * f64::from(scale);
        self.evenness += (length / (codes.len().max(1) as f64).sqrt() * EVENNESS).round() as u64;
        self.rows += 1;
    }

    /// The sum of the evenness of all rows. A row has evenness 0 where one number holds its
    /// whole length, 1 where all numbers have the same magnitude, and 0.8 where they are
    /// normally distributed. It is counted in whole parts ([`EVENNESS`]), so that the sum
    /// does not depend on the order.
    pub(super) fn evenness(&self) -> u64 {
        self.evenness
    }

    /// The distance of each row.
    pub(super) fn distances(&self, tables: &Tables) -> Vec<u16> {
        let mut distances = vec![0; self.rows.next_multiple_of(SIGN_ROWS)];
        sum_table_lookups(&tables.entries, &self.blocks, &mut distances);
        distances.truncate(self.rows);
        distances
    }
}

/// The signs of eight numbers, the first in the lowest bit.
fn negative(codes: [i8; 8]) -> u8 {
    let signs = u64::from_le_bytes(codes.map(|code| code as u8)) >> 7 & 0x0101_0101_0101_0101;
    // Moves each bit to its own place in the highest byte.
    (signs.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// The mean evenness of `rows` rows with this sum.
pub(super) fn mean_evenness(evenness: u64, rows: usize) -> f64 {
    evenness as f64 / EVENNESS / rows.max(1) as f64
}

/// The tables of a query, and the distances to expect with them.
pub(super) struct Tables {
    entries: Vec<u8>,
    /// The value of 1 in an entry, in units of the query's scale.
    unit: f64,
    /// The sum of the query's magnitudes, and the square root of the sum of their squares.
    magnitudes: f64,
    length: f64,
    dimensions: usize,
}

impl Tables {
    pub(super) fn new(numbers: &[i16]) -> Self {
        let fours = numbers.chunks(4);
        let sum = |four: &[i16]| four.iter().map(|number| u32::from(number.unsigned_abs())).sum();
        let most = fours.clone().map(sum).fold(1, u32::max);
        let unit = f64::from(most) / f64::from(MAX_SIGN_ENTRY);
        let mut entries = vec![0; numbers.len().div_ceil(STEP_SIGNS) * SIGN_STEP];
        for (place, four) in fours.enumerate() {
            // A row's bytes have a low half and a high one, and a step two of its bytes.
            let (step, byte, half) = (place / 4, place / 2 % 2, place % 2);
            let table = &mut entries[step * SIGN_STEP + half * 32 + byte * 16..][..16];
            for (signs, entry) in table.iter_mut().enumerate() {
                let differs =
                    |(bit, number): &(usize, &i16)| (signs >> bit & 1 == 1) != (**number < 0);
                let differing = four.iter().enumerate().filter(differs);
                let distance: f64 = differing.map(|(_, number)| f64::from(number.abs())).sum();
                *entry = (distance / unit).round() as u8;
            }
        }
        let squares: f64 = numbers.iter().map(|&number| f64::from(number).powi(2)).sum();
        let magnitudes = numbers.iter().map(|&number| f64::from(number).abs()).sum();
        Self { entries, unit, magnitudes, length: squares.sqrt(), dimensions: numbers.len() }
    }

    /// The largest distance that a row may have.
    pub(super) fn largest(&self) -> u16 {
        let tables = self.entries.as_chunks::<16>().0;
        tables.iter().map(|table| u16::from(*table.iter().max().unwrap_or(&0))).sum()
    }

    /// The largest distance that a row with a cosine of at least `cosine` is likely to have,
    /// among rows of this mean evenness.
    pub(super) fn likely(&self, cosine: f32, evenness: f64) -> u16 {
        let cosine = f64::from(cosine.clamp(-1.0, 1.0));
        let expected = cosine * evenness * (self.dimensions as f64).sqrt();
        let deviation = ((1.0 - evenness * evenness) * (1.0 - cosine * cosine)).max(0.0).sqrt();
        let product = self.length * (expected - DEVIATIONS * deviation);
        // The product counts magnitudes as negative where signs differ.
        let distance = (self.magnitudes - product) / 2.0 / self.unit;
        distance.min(f64::from(self.largest())) as u16
    }
}
