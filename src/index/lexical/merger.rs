//! Merges postings and leaves out removed chunks.

use super::postings::Postings;
use super::reader::{PostingList, TermCursor};
use super::writer::{AlphabetBuilder, PostingsWriter};

/// Entries of posting lists read in one step: about a millisecond's work.
const STEP_ENTRIES: usize = 1 << 16;

/// Merges several [`Postings`] into one, in steps. The result equals the postings that
/// [`PostingsBuilder`](super::PostingsBuilder) makes of the kept chunks.
///
/// Takes the memory of the result, and reads the sources twice: the alphabet must be known
/// before the first term is written.
#[derive(Debug)]
pub(in crate::index) struct PostingsMerger<'a, K> {
    sources: Vec<Source<'a>>,
    /// Maps a source and its chunk to the chunk's new number; none for a removed chunk.
    keep: K,
    lengths: Vec<u16>,
    alphabet: AlphabetBuilder,
    /// None until the bytes of all terms are counted.
    writer: Option<PostingsWriter>,
    /// The current term, and its list in the new numbers.
    term: Vec<u8>,
    list: Vec<(u32, u32)>,
}

/// One of the merged postings, and its next term.
#[derive(Debug)]
struct Source<'a> {
    postings: &'a Postings,
    terms: TermCursor<'a>,
    list: Option<PostingList<'a>>,
}

impl<'a> Source<'a> {
    fn new(postings: &'a Postings) -> Self {
        let mut terms = postings.all_terms();
        let list = terms.next();
        Self { postings, terms, list }
    }
}

impl<'a, K: Fn(usize, u32) -> Option<u32>> PostingsMerger<'a, K> {
    /// Begins to merge `sources`. `keep` takes a source's index and the number of a chunk in
    /// it, and returns the chunk's new number, or none for a removed chunk. The new numbers
    /// of the kept chunks, source after source, must be 0, 1, 2 and so on.
    pub(in crate::index) fn new(sources: &[&'a Postings], keep: K) -> Self {
        let mut lengths = Vec::new();
        for (source, postings) in sources.iter().enumerate() {
            for (chunk, &length) in (0..).zip(postings.lengths()) {
                if let Some(number) = keep(source, chunk) {
                    debug_assert_eq!(number as usize, lengths.len());
                    lengths.push(length);
                }
            }
        }
        Self {
            sources: sources.iter().map(|postings| Source::new(postings)).collect(),
            keep,
            lengths,
            alphabet: AlphabetBuilder::default(),
            writer: None,
            term: Vec::new(),
            list: Vec::new(),
        }
    }

    /// Does the next step, and returns whether another is left. A step takes about a
    /// millisecond; a single term that very many chunks hold takes longer.
    pub(in crate::index) fn step(&mut self) -> bool {
        let mut entries = 0;
        while entries < STEP_ENTRIES {
            match self.next_term() {
                Some(read) => entries += read,
                None if self.writer.is_some() => return false,
                None => self.start_writing(),
            }
        }
        true
    }

    /// Does the steps that are left, and returns the merged postings.
    pub(in crate::index) fn finish(mut self) -> Postings {
        while self.step() {}
        self.writer.map_or_else(|| unreachable!("all steps are done"), PostingsWriter::finish)
    }

    fn start_writing(&mut self) {
        let lengths = std::mem::take(&mut self.lengths);
        self.writer = Some(PostingsWriter::new(self.alphabet.finish(), lengths));
        for source in &mut self.sources {
            *source = Source::new(source.postings);
        }
    }

    /// Counts or writes the next term. Returns one more than the entries read for it, or
    /// none after the last term.
    fn next_term(&mut self) -> Option<usize> {
        let heads = self.sources.iter().filter(|source| source.list.is_some());
        let least = heads.map(|source| source.terms.term()).min()?;
        self.term.clear();
        self.term.extend(least);
        self.list.clear();
        let mut entries = 1;
        for (number, source) in self.sources.iter_mut().enumerate() {
            let Some(list) = source.list.filter(|_| source.terms.term() == self.term) else {
                continue;
            };
            entries += list.chunks() as usize;
            let kept = list.into_iter().filter_map(|(chunk, occurrences)| {
                Some(((self.keep)(number, chunk)?, occurrences))
            });
            self.list.extend(kept);
            source.list = source.terms.next();
        }
        match &mut self.writer {
            _ if self.list.is_empty() => {}
            None => self.alphabet.count(&self.term),
            Some(writer) => writer.push(&self.term, &self.list),
        }
        Some(entries)
    }
}
