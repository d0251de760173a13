//! Reads packed terms and posting lists without unpacking them.

use std::cmp::Ordering;

use super::layout::{
    BLOCK_TERMS, REPEATED_WIDTH, SHARED_WIDTH, SYMBOL_BITS, least_bits, rice_width,
};
use super::postings::{Block, Postings};
use crate::index::bit_stream::BitReader;
use crate::text::MAX_TERM_BYTES;

/// Reads terms in order.
#[derive(Debug, Clone)]
pub(super) struct TermCursor<'a> {
    postings: &'a Postings,
    /// The number of the next term.
    next: u32,
    reader: BitReader<'a>,
    /// The bit where the next list of more than one chunk begins.
    lists: u64,
    term: Vec<u8>,
}

/// The chunks that hold a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct PostingList<'a> {
    chunks: u32,
    width: u32,
    reader: BitReader<'a>,
}

/// Each chunk of a [`PostingList`] with its number of occurrences, in order.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    left: u32,
    /// The chunk after the last one.
    next: u32,
    width: u32,
    reader: BitReader<'a>,
}

impl Postings {
    /// The posting list of `term`, if any chunk holds it.
    pub(super) fn list(&self, term: &str) -> Option<PostingList<'_>> {
        let mut terms = self.terms_near(term.as_bytes());
        loop {
            let list = terms.next()?;
            match terms.term().cmp(term.as_bytes()) {
                Ordering::Less => {}
                Ordering::Equal => return Some(list),
                Ordering::Greater => return None,
            }
        }
    }

    /// Calls `visit` with each term that begins with `prefix`, in order, and its list.
    pub(super) fn with_prefix<'a>(
        &'a self,
        prefix: &str,
        mut visit: impl FnMut(&str, PostingList<'a>),
    ) {
        self.each_from(prefix, |term, list| {
            let has_prefix = term.starts_with(prefix);
            if has_prefix {
                visit(term, list);
            }
            has_prefix
        });
    }

    /// Calls `visit` with each term, in order.
    pub(in crate::index) fn each_term(&self, mut visit: impl FnMut(&str)) {
        self.each_from("", |term, _| {
            visit(term);
            true
        });
    }

    /// Calls `visit` with each term from `first` on, in order, and its list, until `visit`
    /// returns `false`.
    pub(super) fn each_from<'a>(
        &'a self,
        first: &str,
        mut visit: impl FnMut(&str, PostingList<'a>) -> bool,
    ) {
        let mut terms = self.terms_near(first.as_bytes());
        while let Some(list) = terms.next() {
            if terms.term() >= first.as_bytes()
                && !visit(std::str::from_utf8(terms.term()).unwrap_or_default(), list)
            {
                return;
            }
        }
    }

    /// A cursor over all terms.
    pub(super) fn all_terms(&self) -> TermCursor<'_> {
        TermCursor::at_block(self, 0)
    }

    /// A cursor at the last block whose first term is not greater than `term`.
    fn terms_near(&self, term: &[u8]) -> TermCursor<'_> {
        let mut terms = self.all_terms();
        let (mut low, mut high) = (0, self.blocks().len());
        while low + 1 < high {
            let middle = (low + high) / 2;
            terms.move_to(middle);
            terms.next();
            if terms.term() <= term { low = middle } else { high = middle }
        }
        terms.move_to(low);
        terms
    }
}

impl<'a> TermCursor<'a> {
    /// A cursor before the first term of a block.
    pub(super) fn at_block(postings: &'a Postings, block: usize) -> Self {
        let reader = BitReader::new(postings.terms(), 0);
        let mut terms = Self { postings, next: 0, reader, lists: 0, term: Vec::new() };
        terms.move_to(block);
        terms
    }

    /// Moves before the first term of a block, or to the end if there is no such block.
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

    /// The term that [`Self::next`] moved to.
    pub(super) fn term(&self) -> &[u8] {
        &self.term
    }

    /// The bits where the next term and the next list of several chunks begin.
    pub(super) fn positions(&self) -> [u64; 2] {
        [self.reader.position(), self.lists]
    }

    /// Moves to the next term and returns its list. None after the last term and for a
    /// damaged term, which includes one not greater than the term before it in its block.
    pub(super) fn next(&mut self) -> Option<PostingList<'a>> {
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
        // The shared bytes are all that the two terms have in common.
        if self.term.get(shared).copied() <= before {
            return None;
        }
        self.next_list()
    }

    fn next_list(&mut self) -> Option<PostingList<'a>> {
        let chunks = self.reader.gamma();
        let all = self.postings.chunks();
        if chunks == 0 || chunks as usize > all {
            return None;
        }
        let width = rice_width(all, chunks);
        if chunks == 1 {
            let list = PostingList { chunks, width, reader: self.reader };
            let mut entries = list.into_iter();
            entries.next();
            self.reader = entries.reader;
            return Some(list);
        }
        let reader = BitReader::new(self.postings.lists(), self.lists);
        let further_bits = self.reader.gamma().checked_sub(1)?;
        self.lists += least_bits(chunks, width) + u64::from(further_bits);
        let is_there = self.lists <= self.postings.lists().len() as u64 * 8;
        is_there.then_some(PostingList { chunks, width, reader })
    }
}

impl PostingList<'_> {
    /// How many chunks hold the term.
    pub(super) fn chunks(self) -> u32 {
        self.chunks
    }
}

impl<'a> IntoIterator for PostingList<'a> {
    type Item = (u32, u32);
    type IntoIter = Entries<'a>;

    fn into_iter(self) -> Entries<'a> {
        Entries { left: self.chunks, next: 0, width: self.width, reader: self.reader }
    }
}

impl Entries<'_> {
    /// The bit where the next entry begins.
    pub(super) fn position(&self) -> u64 {
        self.reader.position()
    }
}

impl Iterator for Entries<'_> {
    type Item = (u32, u32);

    // Numbers that are too large wrap here; `check.rs` finds them.
    // Inlined, as otherwise every entry loads and stores the reader's fields.
    #[inline(always)]
    fn next(&mut self) -> Option<(u32, u32)> {
        self.left = self.left.checked_sub(1)?;
        const { assert!(REPEATED_WIDTH == 0, "rice_pair reads the second number with width 0") };
        let (skipped, repeated) = self.reader.rice_pair(self.width);
        let chunk = self.next.wrapping_add(skipped);
        self.next = chunk.wrapping_add(1);
        Some((chunk, repeated.wrapping_add(1)))
    }
}
