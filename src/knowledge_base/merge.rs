//! Which segments are to become one.

use std::rc::Rc;

use crate::index::{Entry, Index};

/// Segments of about the same size that are merged at a time: each chunk is copied once
/// for each power of this that the knowledge base grows by.
const FAN_IN: usize = 8;
/// Segments of up to so many chunks count as of the same size: the smallest.
const SMALLEST: usize = 64;
/// Chunks in the largest segment that merging makes: some 16 MB in the store, and half a
/// second's work.
pub(crate) const MAX_SEGMENT_CHUNKS: usize = 32_768;

/// The numbers of the segments to merge next, if any: enough of one size, or one of
/// which much was removed.
pub(crate) fn segments_to_merge(index: &Index) -> Option<Vec<u64>> {
    let entries = index.entries();
    if let Some(sparse) = entries.iter().find(|entry| entry.is_sparse()) {
        return Some(vec![sparse.id]);
    }
    let sizes = entries.iter().map(|entry| size(entry)).max()?;
    (0..=sizes).find_map(|wanted| {
        let mut of_size: Vec<&Rc<Entry>> =
            entries.iter().filter(|entry| size(entry) == wanted).collect();
        of_size.sort_by_key(|entry| (entry.live_chunks(), entry.id));
        let mut chunks = 0;
        let fitting = of_size.into_iter().take(FAN_IN).take_while(|entry| {
            chunks += entry.live_chunks();
            chunks <= MAX_SEGMENT_CHUNKS
        });
        let mut ids: Vec<u64> = fitting.map(|entry| entry.id).collect();
        ids.sort_unstable();
        (ids.len() == FAN_IN).then_some(ids)
    })
}

/// Grows by one with each power of [`FAN_IN`].
fn size(entry: &Entry) -> u32 {
    let mut limit = SMALLEST;
    let mut size = 0;
    while entry.live_chunks() > limit {
        limit *= FAN_IN;
        size += 1;
    }
    size
}
