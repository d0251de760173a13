//! Chunks and embeddings -> what search reads.
//!
//! Every document becomes one immutable [`Segment`]; an [`Index`] is the set of those
//! that are live. Dense and lexical search run over all of them, and their scores are
//! fused.

use std::collections::BTreeMap;
use std::rc::Rc;

use self::lexical::{Searched, Statistics};
use self::question::Query;
use crate::document::DocumentId;
use crate::error::Result;

#[cfg_attr(not(test), expect(dead_code, reason = "no part of a segment is removed yet"))]
mod bits;
mod dense;
pub(crate) mod format;
mod graph;
mod language;
mod lexical;
mod question;
mod segment;
mod terms;

pub use dense::{Code, Codes, best};
pub use graph::{GRAPH_EF_SEARCH, GRAPH_MIN_CHUNKS, GRAPH_SHARD, Graph, GraphBuilder};
pub(crate) use language::function_words;
pub use language::{Language, Languages};
pub use lexical::Postings;
pub use segment::{Segment, SegmentBuilder};
pub use terms::terms;

/// What a cosine counts against the best lexical score, which counts 1.
///
/// Measured on 4,617 questions over 998 paragraphs of SQuAD 1.1 with MiniLM: the right
/// paragraph comes first for 86.1 % with this sum, for 83.8 % by BM25 alone, 68.1 % by
/// cosine alone.
pub const DENSE_WEIGHT: f32 = 1.5;

/// How many of the best chunks by their terms are compared by their vectors as well, in
/// a segment where a graph saves comparing all.
const LEXICAL_CANDIDATES: usize = 128;

/// Above so many hits asked for, a graph finds too few, and all chunks are compared.
const GRAPH_MAX_LIMIT: usize = GRAPH_EF_SEARCH / 2;

/// A chunk that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The document it is of.
    pub document: DocumentId,
    /// Its place among the chunks of the document's segment.
    pub chunk: u32,
    /// What it is ranked by: `lexical` divided by the best of all chunks, plus
    /// [`DENSE_WEIGHT`] x `dense`.
    pub score: f32,
    /// The cosine of its vector and the question's, computed by their codes.
    pub dense: f32,
    /// Its BM25 score for the question's terms; 0 where it has none of them.
    pub lexical: f32,
}

/// A segment in the index.
#[derive(Debug)]
struct Entry {
    segment: Segment,
    graph: Option<Graph>,
}

/// The segments that are searched: one consistent state, which never changes. A change
/// makes a new index, and whoever still reads the old one is not disturbed. Cloning is
/// cheap; adding and removing cost a pointer for each document that there is.
#[derive(Debug, Clone, Default)]
pub struct Index {
    entries: Rc<BTreeMap<DocumentId, Rc<Entry>>>,
    chunks: usize,
    languages: Languages,
}

impl Index {
    /// An index of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// This index and `segment`, which replaces what its document had. The graph must
    /// be of this segment; without one, all of its vectors are compared.
    pub fn with(&self, segment: Segment, graph: Option<Graph>) -> Self {
        let mut entries = BTreeMap::clone(&self.entries);
        entries.insert(segment.document(), Rc::new(Entry { segment, graph }));
        Self::of(entries)
    }

    /// This index without the segment of `document`.
    pub fn without(&self, document: DocumentId) -> Self {
        let mut entries = BTreeMap::clone(&self.entries);
        entries.remove(&document);
        Self::of(entries)
    }

    fn of(entries: BTreeMap<DocumentId, Rc<Entry>>) -> Self {
        let chunks = entries.values().map(|entry| entry.segment.chunks().len()).sum();
        let languages = entries.values().filter_map(|entry| entry.segment.language()).collect();
        Self { entries: Rc::new(entries), chunks, languages }
    }

    /// The segment of `document`, if it is in the index.
    pub fn segment(&self, document: DocumentId) -> Option<&Segment> {
        self.entries.get(&document).map(|entry| &entry.segment)
    }

    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.chunks
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.chunks == 0
    }

    /// Bytes of memory in use, to within what the allocator adds.
    pub fn memory_bytes(&self) -> usize {
        let bytes = |entry: &Rc<Entry>| {
            entry.segment.memory_bytes() + entry.graph.as_ref().map_or(0, Graph::memory_bytes)
        };
        self.entries.values().map(bytes).sum()
    }

    /// Whether any chunk holds `term` (one of [`terms()`]).
    pub fn knows(&self, term: &str) -> bool {
        lexical::chunks_with(&self.searched(), term) > 0
    }

    /// How much it says about a chunk that it holds `term` (one of [`terms()`]): the inverse
    /// document frequency over all chunks, above 0, the higher the rarer.
    pub fn idf(&self, term: &str) -> f32 {
        let segments = self.searched();
        Statistics::of(&segments).idf(lexical::chunks_with(&segments, term))
    }

    fn searched(&self) -> Vec<Searched<'_>> {
        let postings = self.entries.values().map(|entry| entry.segment.postings());
        postings.map(|postings| Searched { postings, live: None, allowed: None }).collect()
    }

    /// The `limit` best chunks for a question and its embedding, best first; equals are
    /// in the order of document ids and chunks. The cost grows with the number of
    /// chunks, except in segments with a graph; 10,000 take a few milliseconds.
    ///
    /// Every chunk is scored in full, except in segments with a graph: there those that
    /// the graph finds near and those with the best lexical scores are.
    pub fn search(&self, embedding: &[f32], question: &str, limit: usize) -> Result<Vec<Hit>> {
        let query = Code::quantize(embedding)?;
        let mut lexical = vec![Vec::new(); self.entries.len()];
        lexical::score(&self.searched(), &Query::parse(question, self.languages), &mut lexical);
        let best_lexical = lexical.iter().flatten().copied().fold(0.0, f32::max);
        let mut hits = Vec::new();
        for ((&document, entry), lexical) in self.entries.iter().zip(&lexical) {
            entry.segment.codes().check_dimensions(query.dimensions())?;
            for (chunk, dense) in entry.candidates(&query, lexical, limit) {
                let lexical = lexical[chunk as usize];
                let share = if lexical > 0.0 { lexical / best_lexical } else { 0.0 };
                let score = share + DENSE_WEIGHT * dense;
                hits.push(Hit { document, chunk, score, dense, lexical });
            }
        }
        Ok(best_hits(hits, limit))
    }
}

impl Entry {
    /// The chunks that may be among the `limit` best, each with its cosine.
    fn candidates(&self, query: &Code, lexical: &[f32], limit: usize) -> Vec<(u32, f32)> {
        let codes = self.segment.codes();
        let Some(graph) = self.graph.as_ref().filter(|_| limit <= GRAPH_MAX_LIMIT) else {
            let mut cosines = Vec::new();
            codes.scan(query, &mut cosines);
            return (0..).zip(cosines).collect();
        };
        let by_terms = (0..).zip(lexical.iter().copied()).filter(|&(_, score)| score > 0.0);
        let by_terms = best(by_terms.collect(), LEXICAL_CANDIDATES).into_iter();
        let by_terms = by_terms.map(|(chunk, _)| (chunk, codes.similarity(query, chunk as usize)));
        let mut candidates = graph.search(query, usize::MAX);
        candidates.extend(by_terms);
        candidates.sort_unstable_by_key(|&(chunk, _)| chunk);
        candidates.dedup_by_key(|&mut (chunk, _)| chunk);
        candidates
    }
}

/// The `limit` best of `hits`, best first.
fn best_hits(mut hits: Vec<Hit>, limit: usize) -> Vec<Hit> {
    let order = |a: &Hit, b: &Hit| {
        let by_place = || (a.document, a.chunk).cmp(&(b.document, b.chunk));
        dense::descending(a.score, b.score).then_with(by_place)
    };
    if limit < hits.len() {
        if limit > 0 {
            hits.select_nth_unstable_by(limit - 1, order);
        }
        hits.truncate(limit);
    }
    hits.sort_unstable_by(order);
    hits
}
