//! Several segments -> one.

use std::collections::HashMap;

use super::bits::Bits;
use super::dense::Codes;
use super::lexical::PostingsMerger;
use super::segment::{Chunks, Documents, Segment};
use crate::document::DocumentInfo;

/// Makes one segment of several, without the removed documents, in steps of bounded
/// time: what comes out is what would have come of adding the documents to one segment.
pub struct SegmentMerger {
    sources: Vec<Source>,
    /// The source whose chunks are copied next.
    next: usize,
    documents: Vec<(DocumentInfo, u32, u32)>,
    chunks: Chunks,
    paths: HashMap<String, u32>,
    codes: Codes,
    postings: PostingsMerger,
}

struct Source {
    segment: Segment,
    removed: Bits,
    live: Bits,
}

impl SegmentMerger {
    /// Begins merging `sources`, each with the places of its removed documents. There is at
    /// least one, and all have vectors of as many numbers.
    pub fn new(sources: Vec<(Segment, Bits)>) -> Self {
        let dimensions = sources.first().map_or(0, |(segment, _)| segment.codes().dimensions());
        let source = |(segment, removed): (Segment, Bits)| {
            let live = segment.live_chunks(&removed);
            Source { segment, removed, live }
        };
        let sources: Vec<Source> = sources.into_iter().map(source).collect();
        let chunks = sources.iter().map(|source| source.live.count()).sum();
        let postings = sources
            .iter()
            .map(|source| (source.segment.shared_postings().clone(), source.live.clone()));
        Self {
            postings: PostingsMerger::new(postings.collect()),
            sources,
            next: 0,
            documents: Vec::new(),
            chunks: Chunks::default(),
            paths: HashMap::new(),
            codes: Codes::with_capacity(dimensions, chunks),
        }
    }

    /// Does a part of the work; `false` once there is nothing left to do.
    pub fn step(&mut self) -> bool {
        if self.next < self.sources.len() {
            self.copy(self.next);
            self.next += 1;
            return true;
        }
        self.postings.step()
    }

    /// The merged segment, with all the steps that are left.
    ///
    /// # Errors
    /// What does not fit together, where the sources hold a document twice.
    pub fn finish(mut self) -> Result<Segment, &'static str> {
        while self.step() {}
        let documents = Documents::from_parts(self.documents)?;
        Segment::from_parts(documents, self.chunks, self.codes, self.postings.finish())
    }

    /// Everything of a source but its postings.
    fn copy(&mut self, source: usize) {
        let Source { segment, removed, live } = &self.sources[source];
        for place in (0..removed.len()).filter(|&place| !removed.get(place)) {
            let info = DocumentInfo::clone(&segment.documents()[place]);
            let (chunks, bytes) = (segment.chunks_of(place).len(), segment.text_bytes(place));
            self.documents.push((info, chunks as u32, bytes as u32));
        }
        let chunks = segment.chunks();
        for chunk in live.iter() {
            let path = &chunks.paths[chunks.headings[chunk] as usize];
            self.chunks.push(&mut self.paths, chunks.spans[chunk], path);
            self.codes.push_row_of(segment.codes(), chunk);
        }
    }
}

impl std::fmt::Debug for SegmentMerger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SegmentMerger")
            .field("sources", &self.sources.len())
            .finish_non_exhaustive()
    }
}
