//! Chooses the segments that are merged.

use std::rc::Rc;

use crate::index::{Entry, Index};

/// How many segments of about the same size are merged at a time. A chunk is copied once for
/// each power of this number that the knowledge base grows by.
const FAN_IN: usize = 8;
/// Segments of up to so many chunks have the smallest size class.
const MIN_CLASS_CHUNKS: usize = 64;
/// Chunks in the largest segment that merging makes: about 16 MB in the store, and half a
/// second of work.
pub(crate) const MAX_SEGMENT_CHUNKS: usize = 32_768;

/// The ids of the segments to merge next, if any: enough segments of one size class, or one
/// segment from which much was removed.
pub(crate) fn segments_to_merge(index: &Index) -> Option<Vec<u64>> {
    let entries = index.entries();
    if let Some(sparse) = entries.iter().find(|entry| entry.is_sparse()) {
        return Some(vec![sparse.id]);
    }
    let classes = entries.iter().map(|entry| size_class(entry)).max()?;
    (0..=classes).find_map(|wanted| {
        let mut of_class: Vec<&Rc<Entry>> =
            entries.iter().filter(|entry| size_class(entry) == wanted).collect();
        of_class.sort_by_key(|entry| (entry.live_chunks(), entry.id));
        let mut chunks = 0;
        let fitting = of_class.into_iter().take(FAN_IN).take_while(|entry| {
            chunks += entry.live_chunks();
            chunks <= MAX_SEGMENT_CHUNKS
        });
        let mut ids: Vec<u64> = fitting.map(|entry| entry.id).collect();
        ids.sort_unstable();
        (ids.len() == FAN_IN).then_some(ids)
    })
}

/// The size class: it grows by one with each power of [`FAN_IN`].
fn size_class(entry: &Entry) -> u32 {
    let mut limit = MIN_CLASS_CHUNKS;
    let mut class = 0;
    while entry.live_chunks() > limit {
        limit *= FAN_IN;
        class += 1;
    }
    class
}
