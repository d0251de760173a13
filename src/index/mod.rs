//! The index: chunks, vectors and terms, and the search in them.
//!
//! Adding a document makes an immutable [`Segment`]. An [`Index`] is the list of live
//! segments, with marks on removed documents. Small segments are merged into larger ones
//! ([`SegmentMerger`]). Dense and lexical search run over all segments; without graphs,
//! the result does not depend on how chunks are divided among segments.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use crate::document::{DocumentId, DocumentInfo, Span};
use crate::text::Languages;

mod bit_set;
mod bit_stream;
mod chunk_vector;
mod chunks;
mod dense;
mod filter;
mod foreign;
mod graph;
mod graph_builder;
mod image_search;
mod image_vectors;
mod lexical;
mod merge;
mod quantized;
mod query;
mod ranking;
mod search;
mod segment;
mod segment_record;
mod signs;
mod spelling;
mod vector_index;

pub use bit_set::BitSet;
pub(crate) use chunk_vector::ChunkVector;
pub use dense::{SearchStrategy, VectorSet, nearest, nearest_by};
pub use filter::{Comparison, Filter, Predicate};
pub(crate) use foreign::ForeignSearch;
pub use graph::{GRAPH_EF_SEARCH, GRAPH_MIN_CHUNKS, Graph};
pub use graph_builder::{GraphBuilder, InlineGraphBuilder, PendingGraph, build_graph};
pub(crate) use image_search::ImageQuery;
pub use image_search::PictureMatch;
pub(crate) use image_vectors::picture_vector;
pub use lexical::Postings;
pub use merge::{MergeSource, SegmentMerger};
pub use quantized::{QuantizedVector, QuantizedVectors};
pub(crate) use query::Phrase;
pub use ranking::top_k;
pub(crate) use search::Search;
pub use search::{Hit, Rarity};
pub use segment::{Segment, SegmentBuilder};
pub use vector_index::VectorIndex;

/// A segment in the index. It is immutable, except for cached filters and the graph.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    /// The checksum of its record.
    pub(crate) checksum: u32,
    pub(crate) segment: Segment,
    /// Places of documents in the segment that are no longer in the index.
    pub(crate) removed: BitSet,
    /// The chunks of the other documents; none where no document is removed.
    live: Option<Rc<BitSet>>,
    live_chunks: usize,
    /// The languages of its documents.
    languages: Languages,
    /// The live chunks that recent filters allow.
    filtered: RefCell<VecDeque<(Filter, Rc<BitSet>)>>,
    /// The segment's graph, once it is read or built; shared by all entries of the segment.
    graph: Rc<OnceCell<Graph>>,
    /// The name of the shipped knowledge base that it is of.
    shipped: Option<Rc<str>>,
}

/// Filters whose chunks are cached.
const MAX_FILTERED: usize = 4;

impl Entry {
    fn new(id: u64, checksum: u32, segment: Segment, removed: BitSet) -> Self {
        let live = (removed.count() > 0).then(|| segment.live_chunks(&removed));
        let live_chunks = live.as_ref().map_or(segment.len(), BitSet::count);
        let live = live.map(Rc::new);
        let filtered = RefCell::default();
        let places = (0..segment.documents().len()).filter(|&place| !removed.get(place));
        let languages = places.filter_map(|place| segment.language(place)).collect();
        let graph = Rc::default();
        let shipped = None;
        Self {
            id,
            checksum,
            segment,
            removed,
            live,
            live_chunks,
            languages,
            filtered,
            graph,
            shipped,
        }
    }

    /// The same segment with other documents removed.
    fn with_removed(&self, removed: BitSet) -> Self {
        let entry = Self::new(self.id, self.checksum, self.segment.clone(), removed);
        Self { graph: self.graph.clone(), shipped: self.shipped.clone(), ..entry }
    }

    /// The segment's graph, if it was read or built.
    pub(crate) fn graph(&self) -> Option<&Graph> {
        self.graph.get()
    }

    /// From now on the segment has this graph, in every index that holds it.
    pub(crate) fn set_graph(&self, graph: Graph) {
        self.graph.get_or_init(|| graph);
    }

    /// The chunks that may be found; none where all may be found.
    fn allowed(&self, filter: Option<&Filter>) -> Option<Rc<BitSet>> {
        let Some(filter) = filter else { return self.live.clone() };
        let mut filtered = self.filtered.borrow_mut();
        if let Some((_, allowed)) = filtered.iter().find(|(known, _)| known == filter) {
            return Some(allowed.clone());
        }
        let mut left_out = self.removed.clone();
        for (place, info) in self.segment.documents().iter().enumerate() {
            let matches = || {
                let metadata = serde_json::from_str(&info.metadata);
                filter.matches(&metadata.unwrap_or_default())
            };
            if !left_out.get(place) && !matches() {
                left_out.set(place, true);
            }
        }
        let allowed = Rc::new(self.segment.live_chunks(&left_out));
        filtered.truncate(MAX_FILTERED - 1);
        filtered.push_front((filter.clone(), allowed.clone()));
        Some(allowed)
    }

    /// Whether so many documents were removed that the segment should be written again.
    pub(crate) fn is_sparse(&self) -> bool {
        self.live_chunks * 4 < self.segment.len() * 3
    }

    pub(crate) fn live_chunks(&self) -> usize {
        self.live_chunks
    }

    /// The place of a document that is not removed.
    pub(crate) fn find(&self, id: DocumentId) -> Option<usize> {
        self.segment.find(id).filter(|&place| !self.removed.get(place))
    }
}

/// The segments that are searched: one consistent, immutable state. A change makes a new
/// index; readers of the old one are not affected. Cloning is cheap. Adding copies a
/// pointer for each segment, removing a bit for each document of one segment.
#[derive(Debug, Clone, Default)]
pub struct Index {
    entries: Rc<Vec<Rc<Entry>>>,
    chunks: usize,
    languages: Languages,
}

/// A document in the index.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    entry: Rc<Entry>,
    place: usize,
}

impl Found {
    pub(crate) fn info(&self) -> &Rc<DocumentInfo> {
        &self.entry.segment.documents()[self.place]
    }

    /// The numbers of the document's chunks in the segment.
    pub(crate) fn chunks(&self) -> Range<usize> {
        self.entry.segment.chunks_of(self.place)
    }

    pub(crate) fn segment(&self) -> &Segment {
        &self.entry.segment
    }

    /// The number of the segment.
    pub(crate) fn segment_id(&self) -> u64 {
        self.entry.id
    }

    /// The name of the shipped knowledge base that it is in.
    pub(crate) fn shipped(&self) -> Option<&Rc<str>> {
        self.entry.shipped.as_ref()
    }

    /// The spans of its chunks in its text.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.entry.segment.spans_of(self.place)
    }

    pub(crate) fn text_bytes(&self) -> usize {
        self.entry.segment.text_bytes(self.place)
    }
}

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// This index with `segment`, whose documents must not be in it, under an unused number.
    pub fn with(&self, id: u64, segment: Segment) -> Self {
        let removed = BitSet::none(segment.documents().len());
        self.with_stored(id, 0, segment, removed)
    }

    /// The same for a segment whose record has this checksum, without the documents at the
    /// places `removed`.
    pub(crate) fn with_stored(
        &self,
        id: u64,
        checksum: u32,
        segment: Segment,
        removed: BitSet,
    ) -> Self {
        let mut entries = Vec::clone(&self.entries);
        entries.push(Rc::new(Entry::new(id, checksum, segment, removed)));
        Self::of(entries)
    }

    /// This index with a segment of another index, and with other removed documents.
    pub(crate) fn with_known(&self, entry: &Rc<Entry>, removed: BitSet) -> Self {
        let mut entries = Vec::clone(&self.entries);
        if entry.removed == removed {
            entries.push(entry.clone());
        } else {
            entries.push(Rc::new(entry.with_removed(removed)));
        }
        Self::of(entries)
    }

    /// This index without `document`, or the same index where it has no such document.
    pub fn without(&self, document: DocumentId) -> Self {
        let without = |entry: &Rc<Entry>| {
            let Some(place) = entry.find(document) else { return Some(entry.clone()) };
            let mut removed = entry.removed.clone();
            removed.set(place, true);
            // A segment whose documents are all removed is dropped.
            (removed.count() < removed.len()).then(|| Rc::new(entry.with_removed(removed)))
        };
        Self::of(self.entries.iter().filter_map(without).collect())
    }

    /// This index with the segments of the shipped knowledge base `name`, without documents that are in this index or
    /// `left_out`. Their numbers count down from the largest, which no other segment has.
    pub(crate) fn with_shipped(
        &self,
        name: &Rc<str>,
        other: &Self,
        left_out: &dyn Fn(DocumentId) -> bool,
    ) -> Self {
        let mut entries = Vec::clone(&self.entries);
        for entry in &*other.entries {
            let mut removed = entry.removed.clone();
            for (place, info) in entry.segment.documents().iter().enumerate() {
                if self.find(info.id).is_some() || left_out(info.id) {
                    removed.set(place, true);
                }
            }
            if removed.count() < removed.len() {
                let (id, shipped) = (u64::MAX - entries.len() as u64, Some(name.clone()));
                entries.push(Rc::new(Entry { id, shipped, ..entry.with_removed(removed) }));
            }
        }
        Self::of(entries)
    }

    /// Whether both are the same state.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.entries, &other.entries)
    }

    /// This index without the segments of these numbers.
    pub(crate) fn without_segments(&self, ids: &[u64]) -> Self {
        let kept = self.entries.iter().filter(|entry| !ids.contains(&entry.id));
        Self::of(kept.cloned().collect())
    }

    fn of(entries: Vec<Rc<Entry>>) -> Self {
        let chunks = entries.iter().map(|entry| entry.live_chunks).sum();
        let languages = entries.iter().flat_map(|entry| entry.languages.iter()).collect();
        let rows = entries.iter().map(|entry| entry.segment.len()).sum();
        if dense::needs_signs(rows, search::DENSE_CANDIDATES) {
            // Made here, so that no question waits for them.
            entries.iter().for_each(|entry| entry.segment.vectors().make_signs());
        }
        Self { entries: Rc::new(entries), chunks, languages }
    }

    /// The segments, in the order in which they were added.
    pub(crate) fn entries(&self) -> &[Rc<Entry>] {
        &self.entries
    }

    /// A document, if it is in the index.
    pub(crate) fn find(&self, id: DocumentId) -> Option<Found> {
        self.entries.iter().find_map(|entry| {
            let place = entry.find(id)?;
            Some(Found { entry: entry.clone(), place })
        })
    }

    /// Every document, with how many chunks it has.
    pub fn documents(&self) -> impl Iterator<Item = (&Rc<DocumentInfo>, usize)> {
        self.entries.iter().flat_map(|entry| {
            let documents = entry.segment.documents().iter().enumerate();
            documents
                .filter(|(place, _)| !entry.removed.get(*place))
                .map(|(place, info)| (info, entry.segment.chunks_of(place).len()))
        })
    }

    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.chunks
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.chunks == 0
    }

    /// Bytes of memory in use, without the allocator's own.
    pub fn memory_bytes(&self) -> usize {
        let bytes = |entry: &Rc<Entry>| {
            let marks =
                (entry.removed.len() + entry.live.as_ref().map_or(0, |live| live.len())) / 8;
            let graph = entry.graph().map_or(0, Graph::memory_bytes);
            size_of::<Entry>() + marks + entry.segment.memory_bytes() + graph
        };
        self.entries.iter().map(bytes).sum()
    }
}
