//! A segment: everything about one document that search reads.

use std::sync::Arc;

use super::dense::Codes;
use super::language::{LANGUAGE_SAMPLE_BYTES, Language};
use super::lexical::{Postings, PostingsBuilder};
use crate::chunk::Chunk;
use crate::document::DocumentId;
use crate::error::{Error, Result};

/// The chunks of one document with their vectors and terms. Never changes once it is
/// made. The text itself is not in it, but in the document's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    document: DocumentId,
    language: Option<Language>,
    chunks: Vec<Chunk>,
    /// Shared with the segment's graph, which compares them.
    codes: Arc<Codes>,
    postings: Postings,
}

impl Segment {
    /// The segment of these parts, or what does not fit together.
    pub(super) fn from_parts(
        document: DocumentId,
        language: Option<Language>,
        chunks: Vec<Chunk>,
        codes: Codes,
        postings: Postings,
    ) -> Result<Self, &'static str> {
        if codes.len() != chunks.len() || postings.chunks() != chunks.len() {
            return Err("its vectors and terms are not as many as its chunks");
        }
        Ok(Self { document, language, chunks, codes: Arc::new(codes), postings })
    }

    /// The document that it was made of.
    pub fn document(&self) -> DocumentId {
        self.document
    }

    /// The language of the document, if it could be told.
    pub fn language(&self) -> Option<Language> {
        self.language
    }

    /// The chunks, in the order of the text; their places here are their ids.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The vectors, one a chunk.
    pub fn codes(&self) -> &Arc<Codes> {
        &self.codes
    }

    /// The terms of each chunk.
    pub fn postings(&self) -> &Postings {
        &self.postings
    }

    /// An error under the name `record` unless every chunk is a part of `text`.
    pub fn check_text(&self, record: &str, text: &str) -> Result<()> {
        if self.chunks.iter().all(|chunk| text.get(chunk.span.range()).is_some()) {
            return Ok(());
        }
        let detail = "a chunk is no part of the document's text".to_owned();
        Err(Error::CorruptStorage { record: record.to_owned(), detail })
    }

    /// Bytes of memory in use.
    pub(super) fn memory_bytes(&self) -> usize {
        let headings: usize = self.chunks.iter().map(|chunk| chunk.headings.capacity()).sum();
        let chunks = self.chunks.capacity() * size_of::<Chunk>() + headings;
        size_of::<Self>() + chunks + self.codes.memory_bytes() + self.postings.memory_bytes()
    }
}

/// Makes a [`Segment`], chunk by chunk.
#[derive(Debug)]
pub struct SegmentBuilder {
    document: DocumentId,
    chunks: Vec<Chunk>,
    codes: Codes,
    postings: PostingsBuilder,
    /// What the language is told by.
    sample: String,
}

impl SegmentBuilder {
    /// No chunks yet of `document`, whose vectors will have `dimensions` numbers.
    pub fn new(document: DocumentId, dimensions: usize) -> Self {
        let (codes, postings) = (Codes::new(dimensions), PostingsBuilder::default());
        Self { document, chunks: Vec::new(), codes, postings, sample: String::new() }
    }

    /// Appends a chunk, given the text that was embedded (its terms are indexed) and
    /// the unit vector that came out. After an error the segment is as before.
    pub fn push(&mut self, chunk: Chunk, embedded_text: &str, embedding: &[f32]) -> Result<()> {
        self.codes.push(embedding)?;
        self.postings.push(embedded_text);
        if self.sample.len() < LANGUAGE_SAMPLE_BYTES {
            self.sample.push_str(embedded_text);
            self.sample.push('\n');
        }
        self.chunks.push(chunk);
        Ok(())
    }

    /// How many chunks were pushed.
    pub fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether none was pushed.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The segment, complete.
    pub fn finish(self) -> Segment {
        let Self { document, mut chunks, codes, postings, sample } = self;
        chunks.shrink_to_fit();
        let (language, postings) = (Language::of(&sample), postings.finish());
        Segment { document, language, chunks, codes: Arc::new(codes), postings }
    }
}
