//! The nearest rows by their signs, then by their codes.
//!
//! How many rows to compare by their codes depends on the query: some that are near by
//! their signs give a cosine that the nearest reach at least, and every row is compared
//! then whose signs are as near as those of such a row are likely to be. Where that does
//! not tell the near from the far, all are compared.

use super::VectorSet;
use crate::index::quantized::QuantizedVector;
use crate::index::ranking::top_k;
use crate::index::signs::{Tables, mean_evenness};

/// Rows compared first, for each that is asked for, and at least.
const FIRST: usize = 4;
const MIN_FIRST: usize = 100;

/// Of so many rows, more than one in [`MAX_COMPARED_PART`] are not picked out: reading all of them is
/// quicker than finding each in memory.
const MAX_COMPARED_PART: usize = 5;

/// Stands where a row is not allowed.
const NOT_ALLOWED: u16 = u16::MAX;

/// Distances looked at together; most blocks hold none that is near.
const BLOCK: usize = 64;

/// For each segment, the allowed rows whose signs are near enough for the `count`
/// nearest of all, with their cosines.
pub(super) fn by_signs(
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    let tables = Tables::new(query.numbers());
    let scanned: Vec<_> = segments.iter().map(|of| Distances::of(of, &tables)).collect();
    let rows = rows_within(&scanned, tables.largest());
    let wanted = MIN_FIRST.max(count.saturating_mul(FIRST));
    let first = rows.iter().position(|&rows| rows >= wanted).unwrap_or(rows.len() - 1);
    let found = compared(segments, &scanned, query, first as u16);
    let cosines = found.iter().flatten().copied().collect();
    let Some(&(_, least)) = top_k(cosines, count).last() else { return found };
    let last = tables.likely(least, evenness(segments));
    if usize::from(last) <= first {
        found
    } else if rows[usize::from(last)] * MAX_COMPARED_PART
        > scanned.iter().map(|of| of.0.len()).sum()
    {
        segments.iter().map(|segment| segment.compared(query)).collect()
    } else {
        compared(segments, &scanned, query, last)
    }
}

/// How evenly the rows are spread over their numbers, in the mean.
pub(super) fn evenness(segments: &[VectorSet<'_>]) -> f64 {
    let sum = segments.iter().map(|segment| segment.codes.signs().evenness()).sum();
    mean_evenness(sum, segments.iter().map(|segment| segment.codes.len()).sum())
}

/// The distances of a segment's rows.
struct Distances(Vec<u16>);

impl Distances {
    fn of(segment: &VectorSet<'_>, tables: &Tables) -> Self {
        let mut distances = segment.codes.signs().distances(tables);
        if let Some(allowed) = segment.allowed {
            for (distances, &word) in distances.chunks_mut(64).zip(allowed.words()) {
                if word != u64::MAX {
                    let each = distances.iter_mut().enumerate();
                    let others = each.filter(|(bit, _)| word >> bit & 1 == 0);
                    others.for_each(|(_, distance)| *distance = NOT_ALLOWED);
                }
            }
        }
        Self(distances)
    }

    /// The rows within `limit`, in ascending order.
    fn rows_within(&self, limit: u16) -> Vec<u32> {
        let mut rows = Vec::new();
        for (block, first) in self.0.chunks(BLOCK).zip((0..).step_by(BLOCK)) {
            // Without an early end, so that the compiler may look at many at once.
            if block.iter().fold(u16::MAX, |least, &distance| least.min(distance)) <= limit {
                let within = (first..).zip(block).filter(|&(_, &distance)| distance <= limit);
                rows.extend(within.map(|(row, _)| row));
            }
        }
        rows
    }
}

/// How many allowed rows are within each distance up to `largest`.
fn rows_within(scanned: &[Distances], largest: u16) -> Vec<usize> {
    let mut rows = vec![0; usize::from(largest) + 1];
    for distance in scanned.iter().flat_map(|distances| &distances.0) {
        if let Some(rows) = rows.get_mut(usize::from(*distance)) {
            *rows += 1;
        }
    }
    let mut within = 0;
    for rows in &mut rows {
        within += *rows;
        *rows = within;
    }
    rows
}

/// The allowed rows within `limit`, compared by their codes.
fn compared(
    segments: &[VectorSet<'_>],
    scanned: &[Distances],
    query: &QuantizedVector,
    limit: u16,
) -> Vec<Vec<(u32, f32)>> {
    let compare = |(segment, distances): (&VectorSet<'_>, &Distances)| {
        segment.codes.scan_rows(query, &distances.rows_within(limit))
    };
    segments.iter().zip(scanned).map(compare).collect()
}
