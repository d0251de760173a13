//! Reads terms and lists where they lie packed.

use super::layout::{
    BLOCK_TERMS, REPEATED_WIDTH, SHARED_WIDTH, SYMBOL_BITS, least_bits, rice_width,
};
use super::postings::{Block, Postings};
use crate::index::bit_stream::BitReader;
use crate::index::terms::MAX_TERM_BYTES;

/// Reads terms one after another.
#[derive(Debug, Clone)]
pub(super) struct Terms<'a> {
    postings: &'a Postings,
    /// The number of the next term.
    next: u32,
    reader: BitReader<'a>,
    /// Where the next list is that has more than one chunk: bits.
    lists: u64,
    term: Vec<u8>,
}

/// The chunks that hold a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    chunks: u32,
    width: u32,
    reader: BitReader<'a>,
}

/// Each chunk of a [`List`] with its number of occurrences, in order.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    left: u32,
    /// The chunk after the last one.
    next: u32,
    width: u32,
    reader: BitReader<'a>,
}

impl<'a> Terms<'a> {
    /// The terms from where a block begins.
    pub(super) fn at_block(postings: &'a Postings, block: usize) -> Self {
        let reader = BitReader::new(postings.terms(), 0);
        let mut terms = Self { postings, next: 0, reader, lists: 0, term: Vec::new() };
        terms.move_to(block);
        terms
    }

    /// Goes to where a block begins; to the end, if there is no such block.
    pub(super) fn move_to(&mut self, block: usize) {
        let Some(&Block { terms, lists }) = self.postings.blocks().get(block) else {
            self.next = self.postings.term_count();
            return;
        };
        self.next = block as u32 * BLOCK_TERMS;
        self.reader = BitReader::new(self.postings.terms(), u64::from(terms) * 8);
        self.lists = u64::from(lists) * 8;
        self.term.clear();
    }

    /// The term that [`Self::next`] went to.
    pub(super) fn term(&self) -> &[u8] {
        &self.term
    }

    /// Where the next term and the next list of several chunks begin: bits.
    pub(super) fn positions(&self) -> [u64; 2] {
        [self.reader.position(), self.lists]
    }

    /// Goes to the next term, and gives its list; none after the last, and where what
    /// stands there cannot be a term, as it is not greater than the one before in its block.
    pub(super) fn next(&mut self) -> Option<List<'a>> {
        if self.next == self.postings.term_count() {
            return None;
        }
        if self.next.is_multiple_of(BLOCK_TERMS) {
            self.move_to((self.next / BLOCK_TERMS) as usize);
        }
        self.next += 1;
        let shared = self.reader.rice(SHARED_WIDTH) as usize;
        let further = self.reader.gamma() as usize;
        if shared > self.term.len() || further == 0 || shared + further > MAX_TERM_BYTES {
            return None;
        }
        let before = self.term.get(shared).copied();
        self.term.truncate(shared);
        for _ in 0..further {
            let symbol = self.reader.plain(SYMBOL_BITS) as usize;
            let byte = self.postings.alphabet().get(symbol).copied();
            self.term.push(byte.unwrap_or_else(|| self.reader.plain(8) as u8));
        }
        // What is shared is all that the two have in common.
        if self.term.get(shared).copied() <= before {
            return None;
        }
        self.next_list()
    }

    fn next_list(&mut self) -> Option<List<'a>> {
        let chunks = self.reader.gamma();
        let all = self.postings.chunks();
        if chunks == 0 || chunks as usize > all {
            return None;
        }
        let width = rice_width(all, chunks);
        if chunks == 1 {
            let list = List { chunks, width, reader: self.reader };
            let mut entries = list.into_iter();
            entries.next();
            self.reader = entries.reader;
            return Some(list);
        }
        let reader = BitReader::new(self.postings.lists(), self.lists);
        let further_bits = self.reader.gamma().checked_sub(1)?;
        self.lists += least_bits(chunks, width) + u64::from(further_bits);
        let is_there = self.lists <= self.postings.lists().len() as u64 * 8;
        is_there.then_some(List { chunks, width, reader })
    }
}

impl List<'_> {
    /// How many chunks hold the term.
    pub(super) fn chunks(self) -> u32 {
        self.chunks
    }
}

impl<'a> IntoIterator for List<'a> {
    type Item = (u32, u32);
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        Entries { left: self.chunks, next: 0, width: self.width, reader: self.reader }
    }
}

impl Entries<'_> {
    /// Where the next entry begins: bits.
    pub(super) fn position(&self) -> u64 {
        self.reader.position()
    }
}

impl Iterator for Entries<'_> {
    type Item = (u32, u32);

    // Numbers that are too large are found when the list is checked; here they wrap.
    // Inlined, as the reader otherwise goes through memory with every entry.
    #[inline(always)]
    fn next(&mut self) -> Option<(u32, u32)> {
        self.left = self.left.checked_sub(1)?;
        const { assert!(REPEATED_WIDTH == 0, "pairs are read so") };
        let (left_out, repeated) = self.reader.rice_pair(self.width);
        let chunk = self.next.wrapping_add(left_out);
        self.next = chunk.wrapping_add(1);
        Some((chunk, repeated.wrapping_add(1)))
    }
}
