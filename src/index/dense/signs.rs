//! The nearest by the signs of their codes, then by the codes themselves.
//!
//! The share of numbers whose signs differ is about the angle between two vectors in
//! half turns (Charikar 2002, <https://doi.org/10.1145/509907.509965>), and counting
//! them takes an eighth of the time of multiplying codes. How many of the rows to
//! compare by their codes depends on the query: a first few give a cosine that the
//! nearest reach at least, and every row is compared then whose signs differ as little
//! as those of such a row may. Where that does not tell the near from the far, all are.

use super::{Code, Scanned, best};
use crate::kernel::sign_distances;

/// Rows compared first, for each that is asked for, and at least.
const FIRST: usize = 4;
const LEAST_FIRST: usize = 100;

/// Standard deviations by which the signs of one of the nearest may differ more than is
/// expected, if each sign were drawn by itself. They hang together in embeddings, so
/// that as many as this leave out less than one in 500 (sentences, questions about them,
/// and the tests' clusters alike).
const DEVIATIONS: f64 = 2.0;

/// Distances looked at together, most of which hold none that is near.
const BLOCK: usize = 64;

/// For each segment, the allowed rows whose signs differ little enough from the query's
/// to be among the `count` nearest of all, with their cosines.
pub(super) fn nearest(
    segments: &[Scanned<'_>],
    query: &Code,
    count: usize,
) -> Vec<Vec<(u32, f32)>> {
    let scanned: Vec<Distances> = segments.iter().map(|of| Distances::of(of, query)).collect();
    let first =
        distance_of(&scanned, query.dimensions(), LEAST_FIRST.max(count.saturating_mul(FIRST)));
    let found = compared(segments, &scanned, query, first);
    let cosines = found.iter().flatten().copied().collect();
    let Some(&(_, least)) = best(cosines, count).last() else { return found };
    let last = likely_distance(least, query.dimensions());
    if last <= first { found } else { compared(segments, &scanned, query, last) }
}

/// How many signs of each row of a segment differ from the query's.
struct Distances(Vec<u16>);

/// Stands where a row is not allowed.
const NOT_ALLOWED: u16 = u16::MAX;

impl Distances {
    fn of(segment: &Scanned<'_>, query: &Code) -> Self {
        let mut distances = vec![0; segment.codes.len()];
        sign_distances(query.signs(), segment.codes.signs(), &mut distances);
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

    /// The rows that are no further than `limit`, in ascending order.
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

/// The least distance that at least `count` of the allowed rows are within, or all.
fn distance_of(scanned: &[Distances], dimensions: usize, count: usize) -> u16 {
    let mut rows_at = vec![0usize; dimensions + 1];
    for Distances(distances) in scanned {
        for &distance in distances {
            if let Some(rows) = rows_at.get_mut(usize::from(distance)) {
                *rows += 1;
            }
        }
    }
    let mut within = 0;
    let is_enough = |&rows: &usize| {
        within += rows;
        within >= count
    };
    rows_at.iter().position(is_enough).unwrap_or(dimensions) as u16
}

/// The allowed rows within `limit`, compared by their codes.
fn compared(
    segments: &[Scanned<'_>],
    scanned: &[Distances],
    query: &Code,
    limit: u16,
) -> Vec<Vec<(u32, f32)>> {
    let compare = |(segment, distances): (&Scanned<'_>, &Distances)| {
        segment.codes.scan_rows(query, &distances.rows_within(limit))
    };
    segments.iter().zip(scanned).map(compare).collect()
}

/// The most signs in which a row is likely to differ whose cosine is at least `cosine`.
fn likely_distance(cosine: f32, dimensions: usize) -> u16 {
    let share = f64::from(cosine.clamp(-1.0, 1.0)).acos() / std::f64::consts::PI;
    let signs = dimensions as f64;
    let deviation = (signs * share * (1.0 - share)).sqrt();
    (signs * share + DEVIATIONS * deviation).min(signs) as u16
}
