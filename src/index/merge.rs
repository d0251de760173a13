//! Merging several segments into one.

use std::rc::Rc;

use super::bit_set::BitSet;
use super::chunks::ChunksBuilder;
use super::image_vectors::ImageVectors;
use super::lexical::PostingsMerger;
use super::quantized::QuantizedVectors;
use super::segment::{Documents, Segment};
use crate::document::DocumentInfo;
use crate::error::{Error, Result};
use crate::text::Language;

/// Merges segments into one without the removed documents, in steps of bounded time. The
/// result is the same as if the documents had been added to one segment.
pub struct SegmentMerger<'a> {
    sources: &'a [MergeSource],
    /// Of each source, the new numbers of its chunks; none for a chunk that is dropped.
    numbers: Rc<Vec<Vec<Option<u32>>>>,
    /// The source whose chunks are copied next.
    next: usize,
    documents: Vec<(DocumentInfo, Option<Language>, u32, u32)>,
    chunks: ChunksBuilder,
    vectors: QuantizedVectors,
    postings: PostingsMerger<'a, Keep<'a>>,
    images: ImageVectors,
}

/// The new number of a chunk of a source; none if the chunk is dropped.
type Keep<'a> = Box<dyn Fn(usize, u32) -> Option<u32> + 'a>;

/// A segment to merge, and its documents that remain.
#[derive(Debug)]
pub struct MergeSource {
    segment: Segment,
    removed: BitSet,
    live: BitSet,
}

impl MergeSource {
    /// `segment` without the documents at the places `removed`.
    pub fn new(segment: Segment, removed: BitSet) -> Self {
        let live = segment.live_chunks(&removed);
        Self { segment, removed, live }
    }
}

impl<'a> SegmentMerger<'a> {
    /// Begins to merge `sources`: at least one segment, all with vectors of the same size.
    pub fn new(sources: &'a [MergeSource]) -> Self {
        let dimensions = sources.first().map_or(0, |source| source.segment.vectors().dimensions());
        let postings: Vec<_> = sources.iter().map(|source| source.segment.postings()).collect();
        let mut chunks = 0;
        let numbers: Vec<Vec<Option<u32>>> = sources
            .iter()
            .map(|MergeSource { live, .. }| {
                let number = |chunk| {
                    live.get(chunk).then(|| {
                        chunks += 1;
                        chunks - 1
                    })
                };
                (0..live.len()).map(number).collect()
            })
            .collect();
        let numbers = Rc::new(numbers);
        let of_postings = numbers.clone();
        let keep: Keep<'a> = Box::new(move |source, chunk| of_postings[source][chunk as usize]);
        Self {
            postings: PostingsMerger::new(&postings, keep),
            sources,
            numbers,
            next: 0,
            documents: Vec::new(),
            chunks: ChunksBuilder::default(),
            vectors: QuantizedVectors::with_capacity(dimensions, chunks as usize),
            images: ImageVectors::default(),
        }
    }

    /// Does a part of the work. Returns `false` once nothing is left to do.
    pub fn step(&mut self) -> Result<bool> {
        if self.next < self.sources.len() {
            self.copy(self.next)?;
            self.next += 1;
            return Ok(true);
        }
        Ok(self.postings.step())
    }

    /// Does the remaining steps, and returns the merged segment.
    ///
    /// # Errors
    /// [`Error::Internal`] where the sources hold a document twice, or vectors of other sizes.
    pub fn finish(mut self) -> Result<Segment> {
        while self.step()? {}
        let merged = || {
            let documents = Documents::from_parts(self.documents)?;
            self.vectors.shrink_to_fit();
            Segment::from_parts(
                documents,
                self.chunks.finish(),
                self.vectors,
                self.postings.finish(),
                self.images,
            )
        };
        merged().map_err(|detail: &str| Error::Internal { detail: detail.to_owned() })
    }

    /// Copies everything of a source except its postings.
    fn copy(&mut self, source: usize) -> Result<()> {
        let MergeSource { segment, removed, live } = &self.sources[source];
        for place in (0..removed.len()).filter(|&place| !removed.get(place)) {
            let info = DocumentInfo::clone(&segment.documents()[place]);
            let (chunks, bytes) = (segment.chunks_of(place).len(), segment.text_bytes(place));
            self.documents.push((info, segment.language(place), chunks as u32, bytes as u32));
        }
        let numbers = &self.numbers[source];
        self.images.push_all(segment.images(), |chunk| numbers[chunk as usize]);
        let chunks = segment.chunks();
        let places = chunks.from(0).enumerate().filter(|&(chunk, _)| live.get(chunk));
        for (chunk, (span, path)) in places {
            self.chunks.push_below(span, &chunks.paths()[path as usize]);
            self.vectors.push_row_of(segment.vectors(), chunk)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for SegmentMerger<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentMerger")
            .field("sources", &self.sources.len())
            .finish_non_exhaustive()
    }
}
