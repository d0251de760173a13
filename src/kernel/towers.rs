//! Numbers of activations that tower over the others of their row.
//!
//! Rounding a block by the scale of such a number would lose the others, so up to four of
//! a block are left out of the codes, and multiplied as they are (the idea of Dettmers et
//! al. 2022, <https://arxiv.org/abs/2208.07339>). Rows tower in much the same columns, so
//! a panel's weights of these are made plain once for all rows. A tile lists its own as
//!
//! ```text
//! count     u32, of the row that has the most
//! towers    one of each row, then the next of each …: its place among the columns that
//!           have towers in any row, u32, and its number, f32; 0 where a row has no more
//! ```

use super::lanes::{LANES, Lanes, Work};
use super::packed::BLOCK;
use super::rows::TILE;

/// The most that a row has in a block.
pub(super) const TOWERS: usize = 4;

/// Bytes of one.
const TOWER: usize = 8;

/// Bytes of the longest list of a tile.
pub(super) const fn list_bytes(blocks: usize, rows: usize) -> usize {
    4 + blocks * TOWERS * rows * TOWER
}

/// The list of a tile while it grows, row by row: with columns still, not places.
pub(super) struct TowerList<'a> {
    bytes: &'a mut [u8],
    /// How many towers each row has.
    counts: [usize; TILE],
    rows: usize,
}

impl<'a> TowerList<'a> {
    pub(super) fn new(bytes: &'a mut [u8], rows: usize) -> Self {
        Self { bytes, counts: [0; TILE], rows }
    }

    /// Takes the first number of this magnitude out of a row's block of this number.
    pub(super) fn take(
        &mut self,
        block: &mut [f32; BLOCK],
        number: usize,
        row: usize,
        magnitude: f32,
    ) {
        let place = block.iter().position(|x| x.abs() == magnitude).unwrap_or(0);
        self.push(row, (number * BLOCK + place) as u32, block[place]);
        block[place] = 0.0;
    }

    fn push(&mut self, row: usize, column: u32, number: f32) {
        let at = 4 + TOWER * (self.counts[row] * self.rows + row);
        let tower = &mut self.bytes[at..at + TOWER];
        tower[..4].copy_from_slice(&column.to_le_bytes());
        tower[4..].copy_from_slice(&number.to_le_bytes());
        self.counts[row] += 1;
    }

    /// Ends it. Rows that have fewer have 0 at one of the tile's columns instead: weights are
    /// finite, so that this adds nothing.
    pub(super) fn end(mut self) {
        let count = self.counts.into_iter().max().unwrap_or(0);
        self.bytes[..4].copy_from_slice(&(count as u32).to_le_bytes());
        let row_of_most = self.counts.iter().position(|&of_row| of_row == count).unwrap_or(0);
        if count > 0 {
            let column = number(&self.bytes[4 + TOWER * row_of_most..]);
            for row in 0..self.rows {
                while self.counts[row] < count {
                    self.push(row, column, 0.0);
                }
            }
        }
    }
}

/// The columns that have towers in any of some rows.
#[derive(Debug, Default)]
pub(super) struct TowerColumns {
    columns: Vec<u32>,
    /// The place of each column of a row among them.
    places: Vec<Option<u32>>,
}

impl TowerColumns {
    /// Begins with rows of so many columns.
    pub(super) fn begin(&mut self, columns: usize) {
        self.columns.clear();
        self.places.clear();
        self.places.resize(columns, None);
    }

    /// Gives the towers of a tile's list their columns' places.
    pub(super) fn add_tile(&mut self, list: &mut [u8], rows: usize) {
        let (count, towers) = list.split_at_mut(4);
        let count = number(count) as usize * rows;
        for tower in towers.as_chunks_mut::<TOWER>().0.iter_mut().take(count) {
            let column = number(tower);
            let place = *self.places[column as usize].get_or_insert_with(|| {
                self.columns.push(column);
                self.columns.len() as u32 - 1
            });
            tower[..4].copy_from_slice(&place.to_le_bytes());
        }
    }

    pub(super) fn columns(&self) -> &[u32] {
        &self.columns
    }
}

/// The first four bytes, as a number.
fn number(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Adds the products of the towers of a tile's rows. The list must be one that
/// [`TowerColumns`] gave the places of `columns`, and there must be eight numbers of each row
/// to add to.
pub(super) struct AddTowers<'a, const M: usize> {
    /// The panel's weights of the columns that have towers.
    pub(super) columns: &'a [[f32; LANES]],
    /// The tile's.
    pub(super) list: &'a [u8],
    /// Where the eight numbers of each row are.
    pub(super) out: [*mut f32; M],
}

impl<const M: usize> Work for AddTowers<'_, M> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { columns, list, out } = self;
        let mut sums = [L::splat(0.0); M];
        // SAFETY: to eight numbers each, from the columns that the list has places of; the
        // list is as long as it says.
        unsafe {
            for row in 0..M {
                sums[row] = L::floats(out[row]);
            }
            let mut tower = list.as_ptr().add(4);
            for _ in 0..number(list) {
                #[expect(clippy::needless_range_loop, reason = "iterated, they would be in memory")]
                for row in 0..M {
                    let place = tower.cast::<u32>().read_unaligned() as usize;
                    let column = L::floats(columns.as_ptr().add(place).cast());
                    sums[row] = L::mul_add(column, L::splat_at(tower.add(4).cast()), sums[row]);
                    tower = tower.add(TOWER);
                }
            }
            for row in 0..M {
                L::store(out[row], sums[row]);
            }
        }
    }
}
