//! [`Postings`] as they lie in memory and on disk. `layout.rs` describes the bytes,
//! `writer.rs` writes them, `reader.rs` reads them and `check.rs` checks them.

use serde::{Deserialize, Serialize};

/// The terms of a segment's chunks: for each term, the chunks that hold it and how often.
///
/// They take 140 bytes per chunk for a thousand chunks of 125 words each. More chunks
/// repeat more of each other's words and take less per chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postings {
    parts: Parts,
    /// The sum of the chunks' lengths.
    total_length: u64,
}

/// The stored fields of [`Postings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::index) struct Parts {
    /// The most frequent bytes of the terms, at most
    /// [`OTHER_SYMBOL`](super::layout::OTHER_SYMBOL) of them.
    #[serde(with = "serde_bytes")]
    pub(super) alphabet: Vec<u8>,
    pub(super) term_count: u32,
    /// The terms, and the posting lists of terms that only one chunk holds.
    #[serde(with = "serde_bytes")]
    pub(super) terms: Vec<u8>,
    /// All other posting lists.
    #[serde(with = "serde_bytes")]
    pub(super) lists: Vec<u8>,
    pub(super) blocks: Vec<Block>,
    /// The number of terms in each chunk, repeated terms included; `u16::MAX` also stands
    /// for every larger number.
    pub(super) lengths: Vec<u16>,
}

/// The byte offsets where the terms and the posting lists of a block begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    pub(super) terms: u32,
    pub(super) lists: u32,
}

impl Postings {
    /// The postings with these parts, which must be sound. `Postings::from_parts` checks.
    pub(super) fn new(parts: Parts) -> Self {
        let total_length = parts.lengths.iter().map(|&length| u64::from(length)).sum();
        Self { parts, total_length }
    }

    /// The fields to store.
    pub(in crate::index) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The number of chunks.
    pub fn chunks(&self) -> usize {
        self.parts.lengths.len()
    }

    /// The number of terms in each chunk, repeated terms included; 65,535 also stands for
    /// every larger number.
    pub(super) fn lengths(&self) -> &[u16] {
        &self.parts.lengths
    }

    /// The sum of [`Self::lengths`].
    pub(super) fn total_length(&self) -> u64 {
        self.total_length
    }

    /// Bytes of memory in use.
    pub(in crate::index) fn memory_bytes(&self) -> usize {
        let Parts { alphabet, terms, lists, blocks, lengths, .. } = &self.parts;
        [alphabet, terms, lists].map(Vec::capacity).iter().sum::<usize>()
            + blocks.capacity() * size_of::<Block>()
            + lengths.capacity() * size_of::<u16>()
    }

    pub(super) fn alphabet(&self) -> &[u8] {
        &self.parts.alphabet
    }

    pub(super) fn term_count(&self) -> u32 {
        self.parts.term_count
    }

    pub(super) fn terms(&self) -> &[u8] {
        &self.parts.terms
    }

    pub(super) fn lists(&self) -> &[u8] {
        &self.parts.lists
    }

    pub(super) fn blocks(&self) -> &[Block] {
        &self.parts.blocks
    }
}
