//! Lexical search: an inverted index of the terms of chunks, ranked by BM25.

mod builder;
mod check;
mod layout;
mod matching;
mod merger;
mod postings;
mod reader;
mod writer;

pub(super) use builder::PostingsBuilder;
pub(super) use merger::PostingsMerger;
pub(super) use postings::Parts;
pub use postings::Postings;

use self::matching::groups;
use self::reader::PostingList;
use super::bit_set::BitSet;
use super::query::{Phrase, Query};
use crate::text::Languages;

/// How quickly further occurrences of a term stop adding to the score.
const BM25_K1: f32 = 1.2;

/// How much a chunk's length lowers its score, from 0 to 1.
const BM25_B: f32 = 0.75;

/// The postings of a segment, and the chunks that a search may find in them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searched<'a> {
    pub(super) postings: &'a Postings,
    /// The chunks that were not removed. Only these are counted and found. None: all chunks.
    pub(super) live: Option<&'a BitSet>,
    /// The chunks that a filter allows. None: all chunks.
    pub(super) allowed: Option<&'a BitSet>,
}

/// Statistics over all live chunks of a collection, which BM25 needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Statistics {
    /// The number of chunks.
    pub(super) chunks: u64,
    /// The sum of their lengths.
    pub(super) total_length: u64,
}

impl Statistics {
    pub(super) fn of(segments: &[Searched<'_>]) -> Self {
        segments.iter().fold(Self::default(), |sum, segment| {
            let (chunks, total_length) = segment.count();
            Self { chunks: sum.chunks + chunks, total_length: sum.total_length + total_length }
        })
    }

    /// The inverse document frequency of a term in `chunks_with` chunks: above 0, and higher
    /// for rarer terms.
    pub(super) fn idf(&self, chunks_with: u64) -> f32 {
        let (all, with) = (self.chunks as f32, chunks_with as f32);
        ((all - with + 0.5) / (with + 0.5)).ln_1p()
    }
}

impl<'a> Searched<'a> {
    /// The number of live chunks, and the sum of their lengths.
    fn count(&self) -> (u64, u64) {
        let Some(live) = self.live else {
            return (self.postings.chunks() as u64, self.postings.total_length());
        };
        let lengths = self.postings.lengths().iter().enumerate();
        let lengths = lengths.filter(|&(chunk, _)| live.get(chunk));
        lengths.fold((0, 0), |(chunks, sum), (_, &length)| (chunks + 1, sum + u64::from(length)))
    }

    /// The number of live chunks in `list`.
    fn chunks_in(&self, list: PostingList<'_>) -> u64 {
        let Some(live) = self.live else { return list.chunks().into() };
        list.into_iter().filter(|&(chunk, _)| live.get(chunk as usize)).count() as u64
    }

    fn holding(&self, terms: &[String]) -> Vec<u32> {
        let lists: Option<Vec<PostingList<'_>>> =
            terms.iter().map(|term| self.postings.list(term)).collect();
        let mut lists = lists.unwrap_or_default();
        lists.sort_by_key(|list| list.chunks());
        let Some((rarest, others)) = lists.split_first() else { return Vec::new() };
        let is_found = |chunk| is_in(self.live, chunk) && is_in(self.allowed, chunk);
        let chunks = rarest.into_iter().map(|(chunk, _)| chunk);
        let mut chunks: Vec<u32> = chunks.filter(|&chunk| is_found(chunk)).collect();
        for list in others {
            let mut entries = list.into_iter().map(|(chunk, _)| chunk).peekable();
            chunks.retain(|&chunk| {
                while entries.next_if(|&other| other < chunk).is_some() {}
                entries.next_if_eq(&chunk).is_some()
            });
        }
        chunks
    }
}

/// The number of live chunks of `segments` that contain `term`.
pub(super) fn chunks_with(segments: &[Searched<'_>], term: &str) -> u64 {
    let chunks = |segment: &Searched<'_>| {
        segment.postings.list(term).map_or(0, |list| segment.chunks_in(list))
    };
    segments.iter().map(chunks).sum()
}

/// At most how many live chunks hold other forms of the word `term`: one that holds several counts as
/// often.
pub(super) fn chunks_with_other_forms(
    segments: &[Searched<'_>],
    term: &str,
    languages: Languages,
) -> u64 {
    let forms = matching::other_forms(term, languages, segments);
    forms.iter().map(|&(number, list)| segments[number].chunks_in(list)).sum()
}

/// For each segment, the live and allowed chunks that contain all terms of `phrase`, in
/// order. Only these can contain the phrase.
pub(super) fn holding(segments: &[Searched<'_>], phrase: &Phrase) -> Vec<Vec<u32>> {
    segments.iter().map(|segment| segment.holding(phrase.terms())).collect()
}

/// Writes the BM25 score of each chunk into `scores`, one list per segment. The score is 0
/// for chunks without any term of the query, removed chunks and chunks that are not allowed.
///
/// Takes about 5 ns per entry of the posting lists that are read.
pub(super) fn score(segments: &[Searched<'_>], query: &Query, scores: &mut [Vec<f32>]) {
    let statistics = Statistics::of(segments);
    let mut scorers: Vec<Scorer<'_, '_>> = segments
        .iter()
        .zip(scores)
        .map(|(&segment, scores)| Scorer::new(segment, &statistics, scores))
        .collect();
    for (pattern, weight) in query.patterns() {
        for group in groups(pattern, query.languages(), segments) {
            for (segment, list) in group.lists {
                scorers[segment].lists.push(list);
            }
            let chunks_with = scorers.iter_mut().map(Scorer::count).sum();
            let weight = weight * group.share * statistics.idf(chunks_with);
            scorers.iter_mut().for_each(|scorer| scorer.score(weight));
        }
    }
}

/// Scores the chunks of one segment.
struct Scorer<'a, 's> {
    segment: Searched<'a>,
    scores: &'s mut [f32],
    length_weight: f32,
    /// The lists of the current group.
    lists: Vec<PostingList<'a>>,
    /// If these are several, the chunks in them, and the occurrences in each chunk.
    chunks: Vec<u32>,
    occurrences: Vec<u32>,
}

impl<'a, 's> Scorer<'a, 's> {
    fn new(segment: Searched<'a>, statistics: &Statistics, scores: &'s mut Vec<f32>) -> Self {
        scores.clear();
        scores.resize(segment.postings.chunks(), 0.0);
        let average_length = statistics.total_length as f32 / statistics.chunks as f32;
        let length_weight = BM25_K1 * BM25_B / average_length.max(1.0);
        let (lists, chunks, occurrences) = (Vec::new(), Vec::new(), Vec::new());
        Self { segment, scores, length_weight, lists, chunks, occurrences }
    }

    /// The number of live chunks in any of the lists.
    fn count(&mut self) -> u64 {
        match self.lists[..] {
            [] => 0,
            [list] => self.segment.chunks_in(list),
            _ => self.unite(),
        }
    }

    /// Sums the occurrences in all lists, and returns the number of chunks in them.
    fn unite(&mut self) -> u64 {
        self.occurrences.resize(self.segment.postings.chunks(), 0);
        for list in self.lists.drain(..) {
            for (chunk, occurrences) in list {
                if is_in(self.segment.live, chunk) {
                    let so_far = &mut self.occurrences[chunk as usize];
                    if *so_far == 0 {
                        self.chunks.push(chunk);
                    }
                    *so_far += occurrences;
                }
            }
        }
        self.chunks.len() as u64
    }

    /// Adds to the scores of the counted chunks.
    fn score(&mut self, weight: f32) {
        let Searched { postings, live, allowed } = self.segment;
        let (lengths, length_weight) = (postings.lengths(), self.length_weight);
        let mut score = |chunk: u32, occurrences: u32| {
            if is_in(allowed, chunk) {
                let occurrences = occurrences as f32;
                let length = f32::from(lengths[chunk as usize]) * length_weight;
                let saturation = BM25_K1 * (1.0 - BM25_B) + length;
                let share = occurrences / (occurrences + saturation);
                self.scores[chunk as usize] += weight * (BM25_K1 + 1.0) * share;
            }
        };
        for list in self.lists.drain(..) {
            for (chunk, occurrences) in list {
                if is_in(live, chunk) {
                    score(chunk, occurrences);
                }
            }
        }
        for chunk in self.chunks.drain(..) {
            score(chunk, std::mem::take(&mut self.occurrences[chunk as usize]));
        }
    }
}

fn is_in(bits: Option<&BitSet>, chunk: u32) -> bool {
    bits.is_none_or(|bits| bits.get(chunk as usize))
}

#[cfg(test)]
mod tests;
