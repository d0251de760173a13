//! Which terms stand in which chunks, and how often: packed (see `layout.rs`), and read
//! where it lies.

use std::cmp::Ordering;

use ahash::AHashMap;
use serde::{Deserialize, Serialize};

use super::layout::{BLOCK_TERMS, OTHER_SYMBOL};
use super::reader::{List, Terms};
use super::writer::{AlphabetBuilder, PostingsWriter};
use crate::index::bit_stream::BitReader;
use crate::index::terms::terms;

/// The terms of a segment's chunks: for each term, the chunks that hold it and how often.
///
/// Of a thousand chunks of 125 words each it takes 140 bytes a chunk; of more chunks,
/// which repeat more of each other's words, less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postings {
    parts: Parts,
    /// The sum of the chunks' lengths.
    total_length: u64,
}

/// What is stored of [`Postings`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::index) struct Parts {
    /// The most frequent bytes of the terms, at most [`OTHER_SYMBOL`] of them.
    #[serde(with = "serde_bytes")]
    pub(super) alphabet: Vec<u8>,
    pub(super) term_count: u32,
    /// The terms, and the lists of those that one chunk holds.
    #[serde(with = "serde_bytes")]
    pub(super) terms: Vec<u8>,
    /// The other lists.
    #[serde(with = "serde_bytes")]
    pub(super) lists: Vec<u8>,
    pub(super) blocks: Vec<Block>,
    /// Terms in each chunk, repeated ones counted again; the largest number stands for
    /// that many and more.
    pub(super) lengths: Vec<u16>,
}

/// Where a block's terms and lists begin: bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Block {
    pub(super) terms: u32,
    pub(super) lists: u32,
}

/// Collects [`Postings`], chunk by chunk.
#[derive(Debug, Default)]
pub(in crate::index) struct PostingsBuilder {
    /// For each term its chunks, in order, each with its number of occurrences.
    postings: AHashMap<String, Vec<(u32, u32)>>,
    lengths: Vec<u16>,
}

impl PostingsBuilder {
    /// Counts the terms of the next chunk's text.
    pub(in crate::index) fn push(&mut self, text: &str) {
        let chunk = self.lengths.len() as u32;
        let terms = terms(text);
        self.lengths.push(length(terms.len()));
        for term in terms {
            let list = self.postings.entry(term).or_default();
            match list.last_mut() {
                Some((last, occurrences)) if *last == chunk => *occurrences += 1,
                _ => list.push((chunk, 1)),
            }
        }
    }

    pub(in crate::index) fn finish(self) -> Postings {
        let mut alphabet = AlphabetBuilder::default();
        self.postings.keys().for_each(|term| alphabet.count(term.as_bytes()));
        let mut writer = PostingsWriter::new(alphabet.finish(), self.lengths);
        let mut postings: Vec<_> = self.postings.into_iter().collect();
        postings.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (term, list) in &postings {
            writer.push(term.as_bytes(), list);
        }
        writer.finish()
    }
}

/// The number of a chunk's terms, as it is kept.
fn length(terms: usize) -> u16 {
    terms.try_into().unwrap_or(u16::MAX)
}

impl Postings {
    /// The postings with these parts, which must be sound.
    pub(super) fn new(parts: Parts) -> Self {
        let total_length = parts.lengths.iter().map(|&length| u64::from(length)).sum();
        Self { parts, total_length }
    }

    /// The postings with these parts, or what is wrong with them. Reads all of them.
    pub(in crate::index) fn from_parts(parts: Parts) -> Result<Self, &'static str> {
        let postings = Self::new(parts);
        postings.check_blocks()?;
        postings.check_terms()?;
        Ok(postings)
    }

    /// What is to be stored.
    pub(in crate::index) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// How many chunks there are.
    pub fn chunks(&self) -> usize {
        self.parts.lengths.len()
    }

    /// How many terms each chunk holds, repeated ones counted again; 65,535 stands for
    /// that many and more.
    pub(super) fn lengths(&self) -> &[u16] {
        &self.parts.lengths
    }

    /// The sum of [`Self::lengths`].
    pub(super) fn total_length(&self) -> u64 {
        self.total_length
    }

    /// The list of `term`, if any chunk holds it.
    pub(super) fn list(&self, term: &str) -> Option<List<'_>> {
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

    /// Calls `found` with each term that begins with `prefix`, in order, and its list.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &str, mut found: impl FnMut(&str, List<'a>)) {
        self.each_from(prefix, |term, list| {
            let is_with = term.starts_with(prefix);
            if is_with {
                found(term, list);
            }
            is_with
        });
    }

    /// Calls `found` with each term from `first` on, in order, and its list, until it says
    /// no.
    pub(super) fn each_from<'a>(
        &'a self,
        first: &str,
        mut found: impl FnMut(&str, List<'a>) -> bool,
    ) {
        let mut terms = self.terms_near(first.as_bytes());
        while let Some(list) = terms.next() {
            if terms.term() >= first.as_bytes()
                && !found(std::str::from_utf8(terms.term()).unwrap_or_default(), list)
            {
                return;
            }
        }
    }

    /// All terms, in order.
    pub(super) fn all_terms(&self) -> Terms<'_> {
        Terms::at_block(self, 0)
    }

    /// The terms from the last block on that does not begin after `term`.
    fn terms_near(&self, term: &[u8]) -> Terms<'_> {
        let mut terms = self.all_terms();
        let (mut low, mut high) = (0, self.parts.blocks.len());
        while low + 1 < high {
            let middle = (low + high) / 2;
            terms.move_to(middle);
            terms.next();
            if terms.term() <= term { low = middle } else { high = middle }
        }
        terms.move_to(low);
        terms
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

    /// Whether there are as many blocks as there should be, each after the one before it.
    fn check_blocks(&self) -> Result<(), &'static str> {
        let Parts { alphabet, term_count, terms, lists, blocks, .. } = &self.parts;
        let is_first = |block: &Block| block.terms == 0 && block.lists == 0;
        let is_before = |a: &Block, b: &Block| a.terms < b.terms && a.lists <= b.lists;
        let is_within = |block: &Block| {
            (block.terms as usize) < terms.len() && block.lists as usize <= lists.len()
        };
        if alphabet.len() > usize::from(OTHER_SYMBOL)
            || blocks.len() != term_count.div_ceil(BLOCK_TERMS) as usize
            || !blocks.first().is_none_or(is_first)
            || !blocks.is_sorted_by(is_before)
            || !blocks.iter().all(is_within)
        {
            return Err("its blocks of terms are not where they should be");
        }
        Ok(())
    }

    /// Whether all terms and lists can be read, are in order, and fill their room; and the
    /// chunks' lengths are what these come to.
    fn check_terms(&self) -> Result<(), &'static str> {
        let mut lengths = vec![0; self.chunks()];
        let mut terms = self.all_terms();
        let mut last = Vec::new();
        let mut ends = [0, 0];
        for number in 0..self.term_count() {
            if number.is_multiple_of(BLOCK_TERMS) && !self.is_filled(number, ends) {
                return Err("a block of terms does not fill its room");
            }
            let list = terms.next().ok_or("a term is damaged")?;
            // Within a block they cannot be read out of order.
            if number.is_multiple_of(BLOCK_TERMS) && terms.term() <= last.as_slice() {
                return Err("its terms are not in order");
            }
            if (number + 1).is_multiple_of(BLOCK_TERMS) {
                last.clear();
                last.extend(terms.term());
            }
            if std::str::from_utf8(terms.term()).is_err() {
                return Err("a term is no text");
            }
            let end = check_list(list, &mut lengths).ok_or("a list of chunks is damaged")?;
            ends = terms.positions();
            if list.chunks() > 1 && end != ends[1] {
                return Err("a list of chunks does not fill its room");
            }
        }
        if !self.is_filled(self.term_count(), ends) {
            return Err("its terms do not fill their room");
        }
        if !lengths.into_iter().map(length).eq(self.lengths().iter().copied()) {
            return Err("its chunks are not as long as they should be");
        }
        Ok(())
    }

    /// Whether what ends at `ends`, terms and lists, ends where that begins of the term
    /// `number`, but for zeros that fill a byte.
    fn is_filled(&self, number: u32, ends: [u64; 2]) -> bool {
        let whole = [self.terms().len(), self.lists().len()];
        let next = self.blocks().get((number / BLOCK_TERMS) as usize);
        let next = next.filter(|_| number < self.term_count());
        let starts = next.map_or(whole, |block| [block.terms as usize, block.lists as usize]);
        [self.terms(), self.lists()].iter().zip(ends).zip(starts).all(|((bytes, end), start)| {
            let zeros = (start as u64 * 8).checked_sub(end);
            zeros.is_some_and(|zeros| {
                zeros < 8 && BitReader::new(bytes, end).plain(zeros as u32) == 0
            })
        })
    }
}

/// Adds the occurrences in a list to the lengths of its chunks, and says where it ends;
/// none, if it is not sound.
fn check_list(list: List<'_>, lengths: &mut [usize]) -> Option<u64> {
    let mut next = 0;
    let mut entries = list.into_iter();
    for (chunk, occurrences) in entries.by_ref() {
        let length = lengths.get_mut(chunk as usize)?;
        if chunk < next || occurrences == 0 {
            return None;
        }
        *length = length.checked_add(occurrences as usize)?;
        next = chunk + 1;
    }
    Some(entries.position())
}
