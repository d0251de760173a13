//! The nearest vectors of many segments.

mod sign_search;

use super::bit_set::BitSet;
use super::graph::{GRAPH_EF_SEARCH, Graph};
use super::quantized::{QuantizedVector, QuantizedVectors};

/// One segment's vectors, and which of them may be found.
#[derive(Debug, Clone, Copy)]
pub struct VectorSet<'a> {
    /// The vectors.
    pub codes: &'a QuantizedVectors,
    /// The rows that may be found, of as many as there are codes; all where there is none.
    pub allowed: Option<&'a BitSet>,
    /// The segment's graph, if it has one.
    pub graph: Option<&'a Graph>,
}

/// How the nearest vectors are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchStrategy {
    /// All allowed vectors are compared.
    Exact,
    /// The signs of all vectors are compared, then those vectors that are near by them.
    Signs,
    /// The graphs of the segments that have one are asked, and all vectors of the others
    /// compared; of those where not all are allowed as well.
    Graph,
}

/// What the strategies take, in nanoseconds for vectors of 384 numbers, as wasm on one core of
/// an AMD EPYC (Zen 4); only their ratios matter. Comparing a vector with those before
/// and after it takes 14 from the cache and 20 from memory, and alone 100, as the
/// memory is waited for.
const ROW: usize = 20;
const LONE_ROW: usize = 100;
/// Comparing the signs of a vector, and telling whether it is near by them.
const SIGNS: usize = 4;
/// Vectors whose signs are near, for each that is asked for: of 100,000 sentences.
const NEAR_BY_SIGNS: usize = 20;
/// Signs tell too little of vectors of which a few numbers are most, and these are those
/// with less than this [`sign_search::evenness`]. That of embeddings is 0.8.
const MIN_EVENNESS: f64 = 0.7;
/// A search in one graph.
const GRAPH: usize = 500_000;

/// Above so many vectors asked for, a graph finds too few.
const GRAPH_MAX_COUNT: usize = GRAPH_EF_SEARCH / 2;

/// For each segment, in ascending order, the rows that may be among the `count` nearest
/// of all, with their cosines: all allowed rows where comparing them all is as fast,
/// else nearly always all of the `count` nearest, and some more. As many as `count` come
/// back if so many are allowed, and none that is not. The vectors must all have as many
/// numbers as the query ([`QuantizedVectors::check_dimensions`]).
pub fn nearest(
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    let strategies =
        [SearchStrategy::Exact, SearchStrategy::Signs, SearchStrategy::Graph].into_iter();
    let quickest = strategies
        .min_by_key(|&strategy| cost(strategy, segments, count))
        .unwrap_or(SearchStrategy::Exact);
    nearest_by(quickest, segments, query, count)
}

/// The same, found in this way. A graph finds [`GRAPH_EF_SEARCH`] at most.
pub fn nearest_by(
    strategy: SearchStrategy,
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    let by_graph_or_codes = |segment: &VectorSet<'_>| match segment.usable_graph() {
        Some(graph) => {
            let mut found: Vec<_> = graph.candidates(query).collect();
            found.sort_unstable_by_key(|&(row, _)| row);
            found
        }
        None => segment.compared(query),
    };
    match strategy {
        SearchStrategy::Exact => segments.iter().map(|segment| segment.compared(query)).collect(),
        SearchStrategy::Signs => sign_search::by_signs(segments, query, count),
        SearchStrategy::Graph => segments.iter().map(by_graph_or_codes).collect(),
    }
}

/// What a strategy is expected to take.
fn cost(strategy: SearchStrategy, segments: &[VectorSet<'_>], count: usize) -> usize {
    let by_codes = |segments: &mut dyn Iterator<Item = &VectorSet<'_>>| -> usize {
        segments.map(VectorSet::cost_of_codes).sum()
    };
    match strategy {
        SearchStrategy::Exact => by_codes(&mut segments.iter()),
        SearchStrategy::Signs => {
            let rows = segments.iter().map(|segment| segment.codes.len()).sum();
            let cost = cost_of_signs(rows, count);
            // Asked last, as the signs must be there to tell.
            let is_of_use = cost < by_codes(&mut segments.iter())
                && sign_search::evenness(segments) >= MIN_EVENNESS;
            if is_of_use { cost } else { usize::MAX }
        }
        SearchStrategy::Graph if count > GRAPH_MAX_COUNT => usize::MAX,
        SearchStrategy::Graph => {
            let graphs = segments.iter().filter(|segment| segment.usable_graph().is_some());
            let others = &mut segments.iter().filter(|segment| segment.usable_graph().is_none());
            GRAPH * graphs.count() + by_codes(others)
        }
    }
}

fn cost_of_signs(rows: usize, count: usize) -> usize {
    SIGNS * rows + count.saturating_mul(NEAR_BY_SIGNS * LONE_ROW)
}

/// Whether the signs of `rows` vectors are of use where at least `count` are asked for: if
/// not, all are compared as quickly.
pub(super) fn needs_signs(rows: usize, count: usize) -> bool {
    cost_of_signs(rows, count) < ROW * rows
}

impl<'a> VectorSet<'a> {
    fn usable_graph(&self) -> Option<&'a Graph> {
        self.graph.filter(|_| self.allowed.is_none())
    }

    fn cost_of_codes(&self) -> usize {
        let all = ROW * self.codes.len();
        self.allowed.map_or(all, |allowed| all.min(LONE_ROW * allowed.count()))
    }

    /// All allowed rows with their cosines.
    fn compared(&self, query: &QuantizedVector) -> Vec<(u32, f32)> {
        let Some(allowed) = self.allowed else {
            return (0..).zip(self.codes.scan(query)).collect();
        };
        let rows: Vec<u32> = allowed.iter().map(|row| row as u32).collect();
        self.codes.scan_rows(query, &rows)
    }
}
