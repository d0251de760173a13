//! Which terms stand in which chunk, and BM25 over them.

use std::collections::BTreeMap;

use std::rc::Rc;

use super::bits::Bits;
use super::terms::terms;

/// How soon another occurrence of a term stops to add to the score.
pub(super) const BM25_K1: f32 = 1.2;

/// How much of a chunk's length is held against it, from 0 to 1.
pub(super) const BM25_B: f32 = 0.75;

/// The terms of a segment's chunks: for each term, the chunks that hold it and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postings {
    /// All terms, sorted, one after another.
    terms: String,
    /// Where each term ends in `terms`.
    term_ends: Vec<u32>,
    /// The lists of all terms, in the order of `terms`.
    lists: Vec<u8>,
    /// Where each term's list ends in `lists`.
    list_ends: Vec<u32>,
    /// Terms in each chunk.
    lengths: Vec<u32>,
    /// The sum of `lengths`.
    total_length: u64,
}

/// Collects [`Postings`], chunk by chunk.
#[derive(Debug, Default)]
pub(super) struct PostingsBuilder {
    /// For each term its chunks, in order, each with its number of occurrences.
    postings: BTreeMap<String, Vec<(u32, u32)>>,
    lengths: Vec<u32>,
}

/// What is stored of [`Postings`].
pub(super) struct Parts {
    pub(super) terms: String,
    pub(super) term_lengths: Vec<u32>,
    pub(super) lists: Vec<u8>,
    pub(super) list_lengths: Vec<u32>,
    pub(super) chunk_lengths: Vec<u32>,
}

/// The chunks that hold a term, read from the bytes of its list: first how many they
/// are, then for each the distance from the chunk before it and the occurrences.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a> {
    chunks: u32,
    entries: &'a [u8],
}

impl PostingsBuilder {
    /// Counts the terms of the next chunk's text.
    pub(super) fn push(&mut self, text: &str) {
        let chunk = self.lengths.len() as u32;
        let terms = terms(text);
        self.lengths.push(terms.len() as u32);
        for term in terms {
            let list = self.postings.entry(term).or_default();
            match list.last_mut() {
                Some((last, occurrences)) if *last == chunk => *occurrences += 1,
                _ => list.push((chunk, 1)),
            }
        }
    }

    pub(super) fn finish(self) -> Postings {
        let mut postings = Postings {
            terms: String::new(),
            term_ends: Vec::with_capacity(self.postings.len()),
            lists: Vec::new(),
            list_ends: Vec::with_capacity(self.postings.len()),
            total_length: self.lengths.iter().map(|&length| u64::from(length)).sum(),
            lengths: self.lengths,
        };
        for (term, list) in self.postings {
            postings.terms.push_str(&term);
            postings.term_ends.push(postings.terms.len() as u32);
            write_number(list.len() as u32, &mut postings.lists);
            let mut last = 0;
            for (chunk, occurrences) in list {
                write_number(chunk - last, &mut postings.lists);
                write_number(occurrences, &mut postings.lists);
                last = chunk;
            }
            postings.list_ends.push(postings.lists.len() as u32);
        }
        postings.terms.shrink_to_fit();
        postings.lists.shrink_to_fit();
        postings.lengths.shrink_to_fit();
        postings
    }
}

impl Postings {
    /// The postings with these parts, or what is wrong with them.
    pub(super) fn from_parts(parts: Parts) -> Result<Self, &'static str> {
        let postings = Self {
            term_ends: ends(&parts.term_lengths, parts.terms.len())
                .ok_or("its terms do not fill their room")?,
            terms: parts.terms,
            list_ends: ends(&parts.list_lengths, parts.lists.len())
                .ok_or("its lists of chunks do not fill their room")?,
            lists: parts.lists,
            total_length: parts.chunk_lengths.iter().map(|&length| u64::from(length)).sum(),
            lengths: parts.chunk_lengths,
        };
        if postings.term_ends.len() != postings.list_ends.len() {
            return Err("its lists of chunks are not as many as its terms");
        }
        if !postings.are_terms_sorted() {
            return Err("its terms are not in order");
        }
        if postings.count_lengths().as_ref() != Some(&postings.lengths) {
            return Err("a list of chunks is damaged");
        }
        Ok(postings)
    }

    /// What is to be stored.
    pub(super) fn to_parts(&self) -> Parts {
        Parts {
            terms: self.terms.clone(),
            term_lengths: lengths(&self.term_ends),
            lists: self.lists.clone(),
            list_lengths: lengths(&self.list_ends),
            chunk_lengths: self.lengths.clone(),
        }
    }

    /// How many chunks there are.
    pub fn chunks(&self) -> usize {
        self.lengths.len()
    }

    /// How many terms a chunk holds, repeated ones counted again.
    pub(super) fn length(&self, chunk: usize) -> u32 {
        self.lengths[chunk]
    }

    /// How many terms all chunks hold together, repeated ones counted again.
    pub fn total_length(&self) -> u64 {
        self.total_length
    }

    /// How many chunks hold `term`.
    pub fn chunks_with(&self, term: &str) -> u32 {
        self.list(term).map_or(0, |list| list.chunks)
    }

    /// The list of `term`, if any chunk holds it.
    pub(super) fn list(&self, term: &str) -> Option<List<'_>> {
        let (mut low, mut high) = (0, self.term_ends.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.term(middle)?.cmp(term) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.list_at(middle),
            }
        }
        None
    }

    /// Adds to `scores`, which has one place a chunk, what one term gives: `weight` is
    /// its inverse document frequency, `list` is its list here, `average_length` is the
    /// number of terms in a chunk of the whole collection.
    pub(super) fn score_into(
        &self,
        list: List<'_>,
        weight: f32,
        average_length: f32,
        scores: &mut [f32],
    ) {
        for (chunk, occurrences) in list {
            let occurrences = occurrences as f32;
            let length = self.lengths[chunk as usize] as f32 / average_length;
            let saturation = BM25_K1 * (1.0 - BM25_B + BM25_B * length);
            let score = occurrences * (BM25_K1 + 1.0) / (occurrences + saturation);
            scores[chunk as usize] += weight * score;
        }
    }

    /// Bytes of memory in use.
    pub(super) fn memory_bytes(&self) -> usize {
        let numbers = [&self.term_ends, &self.list_ends, &self.lengths];
        let numbers: usize = numbers.map(|list| list.capacity() * size_of::<u32>()).iter().sum();
        self.terms.capacity() + self.lists.capacity() + numbers
    }

    fn term(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { self.term_ends[index - 1] as usize };
        self.terms.get(start..self.term_ends[index] as usize)
    }

    fn list_at(&self, index: usize) -> Option<List<'_>> {
        let start = if index == 0 { 0 } else { self.list_ends[index - 1] as usize };
        let mut entries = &self.lists[start..self.list_ends[index] as usize];
        let chunks = read_number(&mut entries)?;
        Some(List { chunks, entries })
    }

    /// Whether each term is text of its own and greater than the one before it.
    fn are_terms_sorted(&self) -> bool {
        let mut last = "";
        (0..self.term_ends.len()).all(|index| {
            let Some(term) = self.term(index) else { return false };
            std::mem::replace(&mut last, term) < term
        })
    }

    /// The number of terms of each chunk by the lists, if these are sound.
    fn count_lengths(&self) -> Option<Vec<u32>> {
        let mut lengths = vec![0_u32; self.lengths.len()];
        for index in 0..self.list_ends.len() {
            let mut list = self.list_at(index)?;
            let mut last = None;
            for _ in 0..list.chunks {
                let distance = read_number(&mut list.entries)?;
                let chunk = u32::checked_add(last.unwrap_or(0), distance)?;
                if last == Some(chunk) {
                    return None;
                }
                let occurrences = read_number(&mut list.entries).filter(|&count| count > 0)?;
                let length = lengths.get_mut(chunk as usize)?;
                *length = length.checked_add(occurrences)?;
                last = Some(chunk);
            }
            if !list.entries.is_empty() || list.chunks == 0 {
                return None;
            }
        }
        Some(lengths)
    }
}

/// INTERIM
pub(super) struct PostingsMerger(Vec<(Rc<Postings>, Bits)>);

impl PostingsMerger {
    pub(super) fn new(sources: Vec<(Rc<Postings>, Bits)>) -> Self {
        Self(sources)
    }

    pub(super) fn step(&mut self) -> bool {
        false
    }

    pub(super) fn finish(self) -> Postings {
        let mut builder = PostingsBuilder::default();
        let mut first = 0;
        for (postings, live) in &self.0 {
            let numbers: BTreeMap<usize, u32> = live.iter().zip(first..).collect();
            for index in 0..postings.term_ends.len() {
                for (chunk, times) in postings.list_at(index).into_iter().flatten() {
                    if let Some(&chunk) = numbers.get(&(chunk as usize)) {
                        let term = postings.term(index).unwrap_or_default().to_owned();
                        builder.postings.entry(term).or_default().push((chunk, times));
                    }
                }
            }
            builder.lengths.extend(live.iter().map(|chunk| postings.lengths[chunk]));
            first += live.count() as u32;
        }
        builder.finish()
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
        Entries { chunk: 0, entries: self.entries }
    }
}

/// Each chunk of a [`List`] with its number of occurrences.
pub(super) struct Entries<'a> {
    chunk: u32,
    entries: &'a [u8],
}

impl Iterator for Entries<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        self.chunk += read_number(&mut self.entries)?;
        Some((self.chunk, read_number(&mut self.entries)?))
    }
}

/// Where parts of these lengths end that lie one after another and fill `total` bytes.
fn ends(lengths: &[u32], total: usize) -> Option<Vec<u32>> {
    let mut end = 0_u32;
    let ends: Option<Vec<u32>> = lengths
        .iter()
        .map(|&length| {
            end = end.checked_add(length)?;
            Some(end)
        })
        .collect();
    ends.filter(|_| end as usize == total)
}

/// The lengths of parts that end at `ends`.
fn lengths(ends: &[u32]) -> Vec<u32> {
    let mut start = 0;
    ends.iter().map(|&end| end - std::mem::replace(&mut start, end)).collect()
}

/// Appends `number` in groups of seven bits, the lowest first; the eighth bit says
/// that another follows.
fn write_number(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number that [`write_number`] wrote from the front of `bytes`.
fn read_number(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let group = u32::from(byte & 0x7F);
        if (group << shift) >> shift != group {
            return None;
        }
        number |= group << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
