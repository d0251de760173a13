//! Sorted terms with their posting lists -> [`Postings`].

use std::cmp::Reverse;

use super::layout::{
    BLOCK_TERMS, OTHER_SYMBOL, REPEATED_WIDTH, SHARED_WIDTH, SYMBOL_BITS, least_bits, rice_width,
};
use super::postings::{Block, Parts, Postings};
use crate::index::bit_stream::BitWriter;

/// Finds the most frequent bytes of terms.
#[derive(Debug)]
pub(super) struct AlphabetBuilder([u64; 256]);

impl Default for AlphabetBuilder {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl AlphabetBuilder {
    pub(super) fn count(&mut self, term: &[u8]) {
        term.iter().for_each(|&byte| self.0[usize::from(byte)] += 1);
    }

    /// The bytes, the most frequent first; among equals the smaller first.
    pub(super) fn finish(&self) -> Vec<u8> {
        let count = |byte: u8| self.0[usize::from(byte)];
        let mut bytes: Vec<u8> = (0..=u8::MAX).filter(|&byte| count(byte) > 0).collect();
        bytes.sort_by_key(|&byte| Reverse(count(byte)));
        bytes.truncate(usize::from(OTHER_SYMBOL));
        bytes.shrink_to_fit();
        bytes
    }
}

/// Packs terms and their posting lists.
#[derive(Debug)]
pub(super) struct PostingsWriter {
    alphabet: Vec<u8>,
    /// The symbol of each byte.
    symbols: [u8; 256],
    terms: BitWriter,
    lists: BitWriter,
    blocks: Vec<Block>,
    term_count: u32,
    last_term: Vec<u8>,
    lengths: Vec<u16>,
}

impl PostingsWriter {
    /// A writer for chunks of these lengths, without any terms yet.
    pub(super) fn new(alphabet: Vec<u8>, lengths: Vec<u16>) -> Self {
        let mut symbols = [OTHER_SYMBOL; 256];
        for (symbol, &byte) in (0..).zip(&alphabet) {
            symbols[usize::from(byte)] = symbol;
        }
        Self {
            alphabet,
            symbols,
            terms: BitWriter::default(),
            lists: BitWriter::default(),
            blocks: Vec::new(),
            term_count: 0,
            last_term: Vec::new(),
            lengths,
        }
    }

    /// Appends `term`, which is greater than those before it, with its chunks in order,
    /// each with its number of occurrences.
    pub(super) fn push(&mut self, term: &[u8], list: &[(u32, u32)]) {
        if self.term_count.is_multiple_of(BLOCK_TERMS) {
            let (terms, lists) = (self.terms.align() as u32, self.lists.align() as u32);
            self.blocks.push(Block { terms, lists });
            self.last_term.clear();
        }
        self.term_count += 1;
        self.push_term(term);
        let chunks = list.len() as u32;
        let width = rice_width(self.lengths.len(), chunks);
        self.terms.gamma(chunks);
        if chunks == 1 {
            write_list(list, width, &mut self.terms);
        } else {
            let start = self.lists.position();
            write_list(list, width, &mut self.lists);
            let bits = self.lists.position() - start;
            self.terms.gamma((bits - least_bits(chunks, width)) as u32 + 1);
        }
    }

    fn push_term(&mut self, term: &[u8]) {
        let pairs = self.last_term.iter().zip(term);
        let shared = pairs.take_while(|(last, this)| last == this).count();
        self.terms.rice(shared as u32, SHARED_WIDTH);
        self.terms.gamma((term.len() - shared) as u32);
        for &byte in &term[shared..] {
            let symbol = self.symbols[usize::from(byte)];
            self.terms.plain(symbol.into(), SYMBOL_BITS);
            if symbol == OTHER_SYMBOL {
                self.terms.plain(byte.into(), 8);
            }
        }
        self.last_term.truncate(shared);
        self.last_term.extend(&term[shared..]);
    }

    pub(super) fn finish(mut self) -> Postings {
        self.blocks.shrink_to_fit();
        self.lengths.shrink_to_fit();
        Postings::new(Parts {
            alphabet: self.alphabet,
            term_count: self.term_count,
            terms: self.terms.finish(),
            lists: self.lists.finish(),
            blocks: self.blocks,
            lengths: self.lengths,
        })
    }
}

fn write_list(list: &[(u32, u32)], width: u32, to: &mut BitWriter) {
    let mut next = 0;
    for &(chunk, occurrences) in list {
        to.rice(chunk - next, width);
        to.rice(occurrences - 1, REPEATED_WIDTH);
        next = chunk + 1;
    }
}
