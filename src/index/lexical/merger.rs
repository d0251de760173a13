//! Several postings -> one, without the chunks that are removed.

use super::postings::Postings;
use super::reader::{List, Terms};
use super::writer::{AlphabetBuilder, PostingsWriter};

/// Entries of lists that are read in one step: about a millisecond's work.
const STEP_ENTRIES: usize = 1 << 16;

/// Makes one [`Postings`] of several, in steps: the very same that would be built anew of
/// the chunks that are kept.
///
/// It takes the memory of what comes out, and reads the sources twice: the alphabet must
/// be known before the first term is written.
#[derive(Debug)]
pub(in crate::index) struct PostingsMerger<'a, K> {
    sources: Vec<Source<'a>>,
    /// The new number of a source's chunk, if it is kept.
    keep: K,
    lengths: Vec<u16>,
    alphabet: AlphabetBuilder,
    /// Once the bytes of all terms are counted.
    writer: Option<PostingsWriter>,
    /// The term at hand, and its list in the new numbers.
    term: Vec<u8>,
    list: Vec<(u32, u32)>,
}

/// One of the postings that are merged, and the term that is next in it.
#[derive(Debug)]
struct Source<'a> {
    postings: &'a Postings,
    terms: Terms<'a>,
    list: Option<List<'a>>,
}

impl<'a> Source<'a> {
    fn of(postings: &'a Postings) -> Self {
        let mut terms = postings.all_terms();
        let list = terms.next();
        Self { postings, terms, list }
    }
}

impl<'a, K: Fn(usize, u32) -> Option<u32>> PostingsMerger<'a, K> {
    /// Begins to merge `sources`. `keep` has a source's place and the number of a chunk in
    /// it, and gives the chunk's new number, or none if it is removed. The new numbers of
    /// all that are kept, source after source, must be 0, 1, 2 and so on.
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
            sources: sources.iter().map(|postings| Source::of(postings)).collect(),
            keep,
            lengths,
            alphabet: AlphabetBuilder::default(),
            writer: None,
            term: Vec::new(),
            list: Vec::new(),
        }
    }

    /// Does the next step, and says whether another is left. A step takes about a
    /// millisecond, or as long as one term that very many chunks hold.
    pub(in crate::index) fn step(&mut self) -> bool {
        let mut entries = 0;
        while entries < STEP_ENTRIES {
            match self.next_term() {
                Some(read) => entries += read,
                None if self.writer.is_some() => return false,
                None => self.begin_to_write(),
            }
        }
        true
    }

    /// The merged postings; whatever steps are left are done now.
    pub(in crate::index) fn finish(mut self) -> Postings {
        while self.step() {}
        self.writer.map_or_else(|| unreachable!("all steps are done"), PostingsWriter::finish)
    }

    fn begin_to_write(&mut self) {
        let lengths = std::mem::take(&mut self.lengths);
        self.writer = Some(PostingsWriter::new(self.alphabet.finish(), lengths));
        for source in &mut self.sources {
            *source = Source::of(source.postings);
        }
    }

    /// Counts or writes the next term; gives how many entries it has, and one more, or
    /// none where no term is left.
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
