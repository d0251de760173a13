//! Texts of chunks -> [`Postings`].

use ahash::AHashMap;

use super::layout::stored_length;
use super::postings::Postings;
use super::writer::{AlphabetBuilder, PostingsWriter};
use crate::text::terms;

/// Collects [`Postings`], chunk by chunk.
#[derive(Debug, Default)]
pub(in crate::index) struct PostingsBuilder {
    /// For each term its chunks, in order, each with its number of occurrences.
    lists: AHashMap<String, Vec<(u32, u32)>>,
    lengths: Vec<u16>,
}

impl PostingsBuilder {
    /// Counts the terms of the next chunk's text, and the `further` ones.
    pub(in crate::index) fn push(&mut self, text: &str, further: &[String]) {
        let chunk = self.lengths.len() as u32;
        let mut terms = terms(text);
        terms.extend_from_slice(further);
        self.lengths.push(stored_length(terms.len()));
        for term in terms {
            let list = self.lists.entry(term).or_default();
            match list.last_mut() {
                Some((last, occurrences)) if *last == chunk => *occurrences += 1,
                _ => list.push((chunk, 1)),
            }
        }
    }

    pub(in crate::index) fn finish(self) -> Postings {
        let mut alphabet = AlphabetBuilder::default();
        self.lists.keys().for_each(|term| alphabet.count(term.as_bytes()));
        let mut writer = PostingsWriter::new(alphabet.finish(), self.lengths);
        let mut lists: Vec<_> = self.lists.into_iter().collect();
        lists.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (term, list) in &lists {
            writer.push(term.as_bytes(), list);
        }
        writer.finish()
    }
}
