//! The byte layout of terms and posting lists, in memory and on disk.
//!
//! The terms are sorted and grouped in blocks of [`BLOCK_TERMS`]. Each block begins at a
//! byte. A term is written as follows (`bit_stream.rs` defines the codes):
//!
//! - the number of bytes that it shares with the term before it in the block, as Rice
//!   code; the number of the other bytes, as gamma code; then the other bytes. A byte is
//!   written as its index in the alphabet of the most frequent bytes, in [`SYMBOL_BITS`]
//!   bits, or as [`OTHER_SYMBOL`] and the byte in eight bits;
//! - the number of chunks that hold it, as gamma code;
//! - its posting list, if one chunk holds it. The list of several chunks lies among the
//!   other lists, in the same order as the terms. In its place the term has, as gamma
//!   code, one more than the bits by which the list exceeds [`least_bits`].
//!
//! A posting list has two numbers for each chunk, both as Rice code: how many chunks are
//! skipped before it, and how often the term occurs in it after the first time.

use crate::index::bit_stream::MAX_RICE_WIDTH;

/// Terms in a block. Larger blocks take less memory, smaller ones are faster to search.
pub(super) const BLOCK_TERMS: u32 = 32;

/// Low bits in the Rice code of the number of shared bytes.
pub(super) const SHARED_WIDTH: u32 = 1;

/// Low bits in the Rice code of the further occurrences of a term in a chunk.
pub(super) const REPEATED_WIDTH: u32 = 0;

/// Bits of an index into the alphabet.
pub(super) const SYMBOL_BITS: u32 = 5;

/// The symbol of a byte that is not in the alphabet.
pub(super) const OTHER_SYMBOL: u8 = (1 << SYMBOL_BITS) - 1;

/// The width at which a Rice code is shortest for the chunks skipped in a list of `chunks`
/// among `all`, if these are distributed at random: the binary logarithm of 0.69 times
/// the mean number of skipped chunks.
pub(super) fn rice_width(all: usize, chunks: u32) -> u32 {
    let typical = all as u64 * 11 / 16 / u64::from(chunks.max(1));
    typical.checked_ilog2().unwrap_or(0).min(MAX_RICE_WIDTH)
}

/// The bits of the shortest list of so many chunks.
pub(super) fn least_bits(chunks: u32, width: u32) -> u64 {
    u64::from(chunks) * u64::from(width + 1 + REPEATED_WIDTH + 1)
}

/// The number of a chunk's terms as it is stored: `u16::MAX` for that many and more.
pub(super) fn stored_length(terms: usize) -> u16 {
    terms.try_into().unwrap_or(u16::MAX)
}
