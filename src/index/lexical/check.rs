//! Checks stored [`Parts`] before they become [`Postings`].

use super::layout::{BLOCK_TERMS, OTHER_SYMBOL, stored_length};
use super::postings::{Block, Parts, Postings};
use super::reader::PostingList;
use crate::index::bit_stream::BitReader;

impl Postings {
    /// The postings with these parts, or a description of the damage. Reads all of them.
    pub(in crate::index) fn from_parts(parts: Parts) -> Result<Self, &'static str> {
        let postings = Self::new(parts);
        postings.check_blocks()?;
        postings.check_terms()?;
        Ok(postings)
    }

    /// Checks that the number of blocks is right and that each begins after the one before.
    fn check_blocks(&self) -> Result<(), &'static str> {
        let Parts { alphabet, term_count, terms, lists, blocks, .. } = self.parts();
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

    /// Checks that all terms and lists can be read, are in order and leave no gaps, and
    /// that they add up to the chunks' lengths.
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
            // Within a block the cursor refuses terms that are out of order.
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
            let end = add_occurrences(list, &mut lengths).ok_or("a list of chunks is damaged")?;
            ends = terms.positions();
            if list.chunks() > 1 && end != ends[1] {
                return Err("a list of chunks does not fill its room");
            }
        }
        if !self.is_filled(self.term_count(), ends) {
            return Err("its terms do not fill their room");
        }
        if !lengths.into_iter().map(stored_length).eq(self.lengths().iter().copied()) {
            return Err("its chunks are not as long as they should be");
        }
        Ok(())
    }

    /// Whether nothing but padding zeros lies between `ends`, the bits where the terms and
    /// the lists before the term `number` end, and the bytes where its block begins.
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

/// Adds the occurrences in a list to the lengths of its chunks and returns the bit where
/// the list ends; none for a damaged list.
fn add_occurrences(list: PostingList<'_>, lengths: &mut [usize]) -> Option<u64> {
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
