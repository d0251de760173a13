//! The order of scores.

use std::cmp::Ordering;

/// The `count` best of `scored`, best first. Equal scores are ordered by number.
pub fn top_k(mut scored: Vec<(u32, f32)>, count: usize) -> Vec<(u32, f32)> {
    let order = |a: &(u32, f32), b: &(u32, f32)| descending(a.1, b.1).then(a.0.cmp(&b.0));
    if count < scored.len() {
        if count > 0 {
            scored.select_nth_unstable_by(count - 1, order);
        }
        scored.truncate(count);
    }
    scored.sort_unstable_by(order);
    scored
}

/// Orders scores from the highest to the lowest.
pub(super) fn descending(a: f32, b: f32) -> Ordering {
    b.total_cmp(&a)
}
