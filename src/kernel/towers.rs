//! Numbers of activations that tower over the others of their row.
//!
//! Rounding a block by the scale of such a number would lose the others, so up to four of
//! a block are left out of the codes, and multiplied as they are (the idea of Dettmers et
//! al. 2022, <https://arxiv.org/abs/2208.07339>). Rows tower in much the same columns, so
//! a panel's weights of these are made plain once for all rows. A row lists its own as
//!
//! ```text
//! count     u32
//! towers    of each its place among the columns that have towers in any of the rows, u32,
//!           and its number, f32
//! ```

use super::lanes::{LANES, Lanes, Work};
use super::packed::BLOCK;

/// The most in a block.
pub(super) const TOWERS: usize = 4;
/// Bytes of one.
const TOWER: usize = 8;

/// Bytes of the longest list of a row.
pub(super) const fn list_bytes(blocks: usize) -> usize {
    4 + blocks * TOWERS * TOWER
}

/// The list of one row while it grows: with columns still, not places.
pub(super) struct TowerList<'a> {
    bytes: &'a mut [u8],
    count: usize,
}

impl<'a> TowerList<'a> {
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, count: 0 }
    }

    /// Takes the first number of this magnitude out of the row's block of this number.
    pub(super) fn take(&mut self, block: &mut [f32; BLOCK], number: usize, magnitude: f32) {
        let place = block.iter().position(|x| x.abs() == magnitude).unwrap_or(0);
        let tower = &mut self.bytes[4 + TOWER * self.count..][..TOWER];
        tower[..4].copy_from_slice(&((number * BLOCK + place) as u32).to_le_bytes());
        tower[4..].copy_from_slice(&block[place].to_le_bytes());
        block[place] = 0.0;
        self.count += 1;
    }

    pub(super) fn end(self) {
        self.bytes[..4].copy_from_slice(&(self.count as u32).to_le_bytes());
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

    /// Gives the towers of a row's list their columns' places.
    pub(super) fn add_row(&mut self, list: &mut [u8]) {
        let (count, towers) = list.split_at_mut(4);
        let count = number(count) as usize;
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

/// The towers of a row, given where its list begins: places and numbers.
unsafe fn towers(at: *const u8) -> impl Iterator<Item = (usize, *const f32)> {
    // SAFETY: the caller's: so many towers follow.
    unsafe {
        let count = at.cast::<u32>().read_unaligned() as usize;
        (0..count).map(move |tower| {
            let tower = at.add(4 + TOWER * tower);
            (tower.cast::<u32>().read_unaligned() as usize, tower.add(4).cast())
        })
    }
}

/// Adds the products of the towers of a tile's rows.
pub(super) struct AddTowers<'a> {
    /// The panel's weights of the columns that have towers.
    pub(super) columns: &'a [[f32; LANES]],
    /// The rows' lists.
    pub(super) lists: &'a [u8],
    /// Of a row.
    pub(super) blocks: usize,
    /// One for each row.
    pub(super) out: &'a mut [[f32; LANES]],
}

impl Work for AddTowers<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        for (list, out) in self.lists.chunks_exact(list_bytes(self.blocks)).zip(self.out) {
            // SAFETY: the list is whole, and its places are among the columns.
            unsafe {
                let mut sums = L::floats(out.as_ptr());
                for (place, number) in towers(list.as_ptr()) {
                    let column = L::floats(self.columns.as_ptr().add(place).cast());
                    sums = L::mul_add(column, L::splat_at(number), sums);
                }
                L::store(out.as_mut_ptr(), sums);
            }
        }
    }
}
