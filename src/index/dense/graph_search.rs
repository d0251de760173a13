//! The nearest rows by the graphs of the segments.
//!
//! A graph finds the nearest rows of its segment up to some cosine, whether they are
//! allowed or not. If so few of them are allowed that a row beyond that cosine may be
//! among the `count` nearest of all segments, all allowed rows of the segment are
//! compared. So removals and filters cost time, but no result.

use super::VectorSet;
use crate::index::graph::GRAPH_EF_SEARCH;
use crate::index::quantized::QuantizedVector;
use crate::index::ranking::top_k;

/// The part of the rows found by a graph, the nearest ones, among which hardly any is missing.
const RELIABLE_PART: f64 = 0.75;

/// A graph is searched where at least one in so many rows is allowed: of fewer, it would
/// find too few.
const MIN_ALLOWED_PART: usize = 8;

/// For each segment, allowed rows with their cosines, among them nearly always all of the
/// `count` nearest of all segments.
pub(super) fn by_graphs(
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    let mut found: Vec<Found> = segments.iter().map(|of| Found::in_segment(of, query)).collect();
    let cosines = found.iter().flat_map(|of| &of.rows).copied().collect();
    let nearest = top_k(cosines, count);
    let least = match nearest.last() {
        _ if nearest.len() < count => f32::NEG_INFINITY,
        Some(&(_, cosine)) => cosine,
        None => f32::INFINITY,
    };
    for (segment, found) in segments.iter().zip(&mut found) {
        if found.complete_to > least {
            found.rows = segment.compare_all(query);
        }
    }
    found.into_iter().map(|of| of.rows).collect()
}

/// What is found in a segment.
struct Found {
    /// Allowed rows in ascending order, with their cosines.
    rows: Vec<(u32, f32)>,
    /// No other allowed row has a higher cosine, as far as the graph found.
    complete_to: f32,
}

impl Found {
    fn in_segment(segment: &VectorSet<'_>, query: &QuantizedVector) -> Self {
        let all = || Self { rows: segment.compare_all(query), complete_to: f32::NEG_INFINITY };
        let all_rows = segment.vectors.len();
        let allowed = segment.allowed.map_or(all_rows, |allowed| allowed.count());
        let Some(graph) = segment.graph.filter(|_| allowed * MIN_ALLOWED_PART >= all_rows) else {
            return all();
        };
        let rows = segment.vectors.present();
        let mut found: Vec<_> = graph.candidates(query).collect();
        if found.len() < rows.min(GRAPH_EF_SEARCH) {
            // Links do not lead to all rows.
            return all();
        }
        let reliable = (found.len() as f64 * RELIABLE_PART) as usize;
        let complete_to = match found.len() == rows {
            true => f32::NEG_INFINITY,
            false => top_k(found.clone(), reliable).last().map_or(f32::INFINITY, |last| last.1),
        };
        found.retain(|&(row, _)| segment.allowed.is_none_or(|allowed| allowed.get(row as usize)));
        found.sort_unstable_by_key(|&(row, _)| row);
        Self { rows: found, complete_to }
    }
}
