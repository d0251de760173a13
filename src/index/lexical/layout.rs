//! How terms and their lists lie in memory and on disk.
//!
//! The terms are in order, in blocks of [`BLOCK_TERMS`], each block beginning with a new
//! byte. Of every term are written (see `bit_stream.rs` for the codes)
//!
//! - the bytes that it shares with the one before it in the block, as Rice code; the
//!   bytes that follow these, as gamma code; and these bytes themselves, each in
//!   [`SYMBOL_BITS`] bits as its place in the alphabet of the most frequent bytes, or as
//!   [`OTHER_SYMBOL`] and the byte in eight bits;
//! - the number of its chunks, as gamma code;
//! - where it has one chunk, its list. Where it has more, the list is with the other lists
//!   of the block, elsewhere, one after another; and here is one more than the bits by
//!   which it is longer than any list of so many chunks must be, as gamma code.
//!
//! A list has for each chunk the number of chunks left out before it, and how often the
//! term stands in it after the first time, both as Rice code.

use crate::index::bit_stream::MAX_RICE_WIDTH;

/// Terms in a block. More take less memory, fewer are found sooner.
pub(super) const BLOCK_TERMS: u32 = 32;

/// Low bits in the Rice code of the bytes that two neighbouring terms share.
pub(super) const SHARED_WIDTH: u32 = 1;

/// Low bits in the Rice code of how often a term is repeated in a chunk.
pub(super) const REPEATED_WIDTH: u32 = 0;

/// BitSet of a place in the alphabet.
pub(super) const SYMBOL_BITS: u32 = 5;

/// The symbol of a byte that is not in the alphabet.
pub(super) const OTHER_SYMBOL: u8 = (1 << SYMBOL_BITS) - 1;

/// The width at which a Rice code is shortest for the chunks left out in a list of
/// `chunks` among `all`, if they lie there by rng: the binary logarithm of 0.69 times
/// their mean number.
pub(super) fn rice_width(all: usize, chunks: u32) -> u32 {
    let typical = all as u64 * 11 / 16 / u64::from(chunks.max(1));
    typical.checked_ilog2().unwrap_or(0).min(MAX_RICE_WIDTH)
}

/// The bits of the shortest list of so many chunks.
pub(super) fn least_bits(chunks: u32, width: u32) -> u64 {
    u64::from(chunks) * u64::from(width + 1 + REPEATED_WIDTH + 1)
}
