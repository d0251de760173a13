//! The nearest vectors of several segments.

mod graph_search;
mod sign_search;

use super::bit_set::BitSet;
use serde::Serialize;

use super::VectorIndex;
use super::graph::Graph;
use super::quantized::{QuantizedVector, QuantizedVectors};

/// The vectors of one segment, and those of them that may be found.
#[derive(Debug, Clone, Copy)]
pub struct VectorSet<'a> {
    /// The vectors.
    pub vectors: &'a QuantizedVectors,
    /// The rows that may be found, in a set of the same length; all rows where it is none. A row
    /// without a vector is never found.
    pub allowed: Option<&'a BitSet>,
    /// The segment's graph, if it has one.
    pub graph: Option<&'a Graph>,
}

/// How the nearest vectors are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchStrategy {
    /// All allowed vectors are compared.
    Exact,
    /// The signs of all vectors are compared, then those vectors that are near by them.
    Signs,
    /// Segments that have a graph are searched by it. All allowed vectors of the others
    /// are compared.
    Graph,
}

// The costs of the strategies, in nanoseconds for vectors of 384 numbers, as wasm on one core
// of an AMD EPYC (Zen 4). Only their ratios matter.

/// Comparing a vector among its neighbours: 14 from the cache, 20 from memory.
const ROW: usize = 20;
/// Comparing a vector alone: it must come from memory first.
const LONE_ROW: usize = 100;
/// Comparing the signs of a vector, and testing whether it is near by them.
const SIGNS: usize = 4;
/// Vectors that are near by their signs, for each vector asked for, among 100,000 sentences.
const NEAR_BY_SIGNS: usize = 20;

/// The least [`sign_search::evenness`] at which signs are used: they say little about vectors
/// of which a few numbers dominate. Embeddings have 0.8.
const MIN_EVENNESS: f64 = 0.7;

/// The strategy for these segments under a choice, where `count` vectors are asked for.
pub(super) fn strategy_of(
    vector_index: VectorIndex,
    segments: &[VectorSet<'_>],
    count: usize,
) -> SearchStrategy {
    match vector_index {
        VectorIndex::Auto => fastest(segments, count),
        VectorIndex::Graph if segments.iter().any(|segment| segment.graph.is_some()) => {
            SearchStrategy::Graph
        }
        VectorIndex::Exact | VectorIndex::Graph => SearchStrategy::Exact,
    }
}

/// For each segment, rows in ascending order with their cosines, found by the fastest
/// strategy without graphs: among them nearly always all of the `count` nearest rows of all
/// segments. At least `count` rows come back where so many are allowed, and only allowed
/// ones with a vector. All vectors must have as many numbers as the query
/// ([`QuantizedVectors::check_dimensions`]).
pub fn nearest(
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    nearest_by(fastest(segments, count), segments, query, count)
}

/// The same as [`nearest`], by this strategy.
pub fn nearest_by(
    strategy: SearchStrategy,
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    match strategy {
        SearchStrategy::Exact => {
            segments.iter().map(|segment| segment.compare_all(query)).collect()
        }
        SearchStrategy::Signs => sign_search::by_signs(segments, query, count),
        SearchStrategy::Graph => graph_search::by_graphs(segments, query, count),
    }
}

/// The faster one of comparing all vectors and comparing signs first.
fn fastest(segments: &[VectorSet<'_>], count: usize) -> SearchStrategy {
    let exact: usize = segments.iter().map(VectorSet::exact_cost).sum();
    let signs = sign_cost(segments.iter().map(|segment| segment.vectors.len()).sum(), count);
    // The evenness is asked for last: computing it makes the signs.
    if signs < exact && sign_search::evenness(segments) >= MIN_EVENNESS {
        SearchStrategy::Signs
    } else {
        SearchStrategy::Exact
    }
}

fn sign_cost(rows: usize, count: usize) -> usize {
    SIGNS * rows + count.saturating_mul(NEAR_BY_SIGNS * LONE_ROW)
}

/// Whether signs make the search of `rows` vectors faster where at least `count` are asked for.
pub(super) fn needs_signs(rows: usize, count: usize) -> bool {
    sign_cost(rows, count) < ROW * rows
}

impl VectorSet<'_> {
    fn exact_cost(&self) -> usize {
        let all = ROW * self.vectors.len();
        self.allowed.map_or(all, |allowed| all.min(LONE_ROW * allowed.count()))
    }

    /// All allowed rows with their cosines.
    fn compare_all(&self, query: &QuantizedVector) -> Vec<(u32, f32)> {
        let has_vector = |row: usize| self.vectors.has_vector(row);
        let Some(allowed) = self.allowed else {
            let cosines = (0..).zip(self.vectors.scan(query));
            return cosines.filter(|&(row, _)| has_vector(row as usize)).collect();
        };
        let rows: Vec<u32> =
            allowed.iter().filter(|&row| has_vector(row)).map(|row| row as u32).collect();
        self.vectors.scan_rows(query, &rows)
    }
}
