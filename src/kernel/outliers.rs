//! Outliers: activations that are far larger than the others of their row.
//!
//! Quantizing a block by the scale of an outlier would lose the other numbers. So up to four
//! outliers of a block are left out of the codes and multiplied as f32 (the idea of Dettmers et al.
//! 2022, <https://arxiv.org/abs/2208.07339>). Rows have outliers in much the same columns, so a
//! panel's weights of these columns are dequantized once for all rows, and an outlier is added to
//! the products of several panels at once. A tile has a list for each of its rows:
//!
//! ```text
//! count     u32
//! outliers  of each: the index of its column among those that have outliers in any row, u32, and
//!           its value, f32
//! ```

use super::layout::{BLOCK, TILE};

/// The most outliers that a row has in a block.
pub(super) const MAX_OUTLIERS: usize = 4;

/// Bytes of an outlier in a list.
pub(super) const OUTLIER_BYTES: usize = 8;

/// Bytes of the longest list of a row.
pub(super) const fn list_bytes(blocks: usize) -> usize {
    4 + blocks * MAX_OUTLIERS * OUTLIER_BYTES
}

/// The lists of a tile while outliers are added. They hold columns; [`OutlierColumns::add_list`]
/// replaces them by indices.
pub(super) struct OutlierLists<'a> {
    bytes: &'a mut [u8],
    /// Bytes of a row's list.
    size: usize,
    /// Outliers of each row.
    counts: [usize; TILE],
}

impl<'a> OutlierLists<'a> {
    pub(super) fn new(bytes: &'a mut [u8], size: usize) -> Self {
        Self { bytes, size, counts: [0; TILE] }
    }

    /// Moves the first number of this magnitude from block `number` of a row to the row's list.
    pub(super) fn take_out(
        &mut self,
        block: &mut [f32; BLOCK],
        number: usize,
        row: usize,
        magnitude: f32,
    ) {
        let index = block.iter().position(|x| x.abs() == magnitude).unwrap_or(0);
        let at = row * self.size + 4 + OUTLIER_BYTES * self.counts[row];
        let outlier = &mut self.bytes[at..at + OUTLIER_BYTES];
        outlier[..4].copy_from_slice(&((number * BLOCK + index) as u32).to_le_bytes());
        outlier[4..].copy_from_slice(&block[index].to_le_bytes());
        self.counts[row] += 1;
        block[index] = 0.0;
    }

    /// Writes the counts.
    pub(super) fn finish(self) {
        for (list, count) in self.bytes.chunks_exact_mut(self.size).zip(self.counts) {
            list[..4].copy_from_slice(&(count as u32).to_le_bytes());
        }
    }
}

/// The columns that have outliers in any of the rows.
#[derive(Debug, Default)]
pub(super) struct OutlierColumns {
    columns: Vec<u32>,
    /// The index of each column of a row among them.
    indices: Vec<Option<u32>>,
}

impl OutlierColumns {
    /// Starts over, for rows of `columns` columns.
    pub(super) fn begin(&mut self, columns: usize) {
        self.columns.clear();
        self.indices.clear();
        self.indices.resize(columns, None);
    }

    /// Replaces the columns of a row's outliers by their indices.
    pub(super) fn add_list(&mut self, list: &mut [u8]) {
        let (count, outliers) = list.split_at_mut(4);
        let count = read_u32(count) as usize;
        for outlier in outliers.as_chunks_mut::<OUTLIER_BYTES>().0.iter_mut().take(count) {
            let column = read_u32(outlier);
            let index = *self.indices[column as usize].get_or_insert_with(|| {
                self.columns.push(column);
                self.columns.len() as u32 - 1
            });
            outlier[..4].copy_from_slice(&index.to_le_bytes());
        }
    }

    pub(super) fn columns(&self) -> &[u32] {
        &self.columns
    }
}

/// The first four bytes, as an integer.
#[inline]
pub(super) fn read_u32(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
