//! The nearest rows by their signs first, then by their vectors.
//!
//! The number of rows to compare depends on the query. Some rows that are near by their
//! signs are compared first: the nearest rows have at least the cosines that these give.
//! Then every row is compared whose signs are as near as those of such a row are likely to
//! be. Where signs do not tell near rows from others, all rows are compared.

use super::VectorSet;
use crate::index::quantized::QuantizedVector;
use crate::index::ranking::top_k;
use crate::index::signs::{Tables, mean_evenness};

/// Rows that are compared first, for each row asked for.
const FIRST_ROWS: usize = 4;
/// Rows that are compared first, at least.
const MIN_FIRST_ROWS: usize = 100;

/// At most one row in so many is compared alone. To compare more, reading all rows in order
/// is faster.
const MAX_COMPARED_PART: usize = 5;

/// The distance of a row that is not allowed, or has no vector.
const NOT_ALLOWED: u16 = u16::MAX;

/// Distances that are tested together; most blocks hold no near row.
const BLOCK: usize = 64;

/// For each segment, the allowed rows whose signs are near enough for the `count` nearest of
/// all segments, with their cosines.
pub(super) fn by_signs(
    segments: &[VectorSet<'_>],
    query: &QuantizedVector,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    let tables = Tables::new(query.numbers());
    let scanned: Vec<_> = segments.iter().map(|of| Distances::of(of, &tables)).collect();
    let rows = rows_within(&scanned, tables.largest());
    let wanted = MIN_FIRST_ROWS.max(count.saturating_mul(FIRST_ROWS));
    let first = rows.iter().position(|&rows| rows >= wanted).unwrap_or(rows.len() - 1);
    let found = compare(segments, &scanned, query, first as u16);
    let cosines = found.iter().flatten().copied().collect();
    let Some(&(_, least)) = top_k(cosines, count).last() else { return found };
    let last = tables.likely(least, evenness(segments));
    if usize::from(last) <= first {
        found
    } else if rows[usize::from(last)] * MAX_COMPARED_PART
        > scanned.iter().map(|of| of.0.len()).sum()
    {
        segments.iter().map(|segment| segment.compare_all(query)).collect()
    } else {
        compare(segments, &scanned, query, last)
    }
}

/// The mean evenness of all vectors ([`Signs::evenness`](crate::index::signs::Signs::evenness)).
pub(super) fn evenness(segments: &[VectorSet<'_>]) -> f64 {
    let sum = segments.iter().map(|segment| segment.vectors.signs().evenness()).sum();
    mean_evenness(sum, segments.iter().map(|segment| segment.vectors.present()).sum())
}

/// The distances of a segment's rows.
struct Distances(Vec<u16>);

impl Distances {
    fn of(segment: &VectorSet<'_>, tables: &Tables) -> Self {
        let mut distances = segment.vectors.signs().distances(tables);
        if let Some(allowed) = segment.allowed {
            for (distances, &word) in distances.chunks_mut(64).zip(allowed.words()) {
                if word != u64::MAX {
                    let each = distances.iter_mut().enumerate();
                    let others = each.filter(|(bit, _)| word >> bit & 1 == 0);
                    others.for_each(|(_, distance)| *distance = NOT_ALLOWED);
                }
            }
        }
        for missing in segment.vectors.missing() {
            distances[missing.start as usize..missing.end as usize].fill(NOT_ALLOWED);
        }
        Self(distances)
    }

    /// The rows within `limit`, in ascending order.
    fn rows_within(&self, limit: u16) -> Vec<u32> {
        let mut rows = Vec::new();
        for (block, first) in self.0.chunks(BLOCK).zip((0..).step_by(BLOCK)) {
            // No early end: the compiler can then test many at once.
            if block.iter().fold(u16::MAX, |least, &distance| least.min(distance)) <= limit {
                let within = (first..).zip(block).filter(|&(_, &distance)| distance <= limit);
                rows.extend(within.map(|(row, _)| row));
            }
        }
        rows
    }
}

/// The number of allowed rows within each distance up to `largest`.
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

/// The allowed rows within `limit`, with their cosines.
fn compare(
    segments: &[VectorSet<'_>],
    scanned: &[Distances],
    query: &QuantizedVector,
    limit: u16,
) -> Vec<Vec<(u32, f32)>> {
    let cosines = |(segment, distances): (&VectorSet<'_>, &Distances)| {
        segment.vectors.scan_rows(query, &distances.rows_within(limit))
    };
    segments.iter().zip(scanned).map(cosines).collect()
}
