//! The stored vector of one chunk.

use std::rc::Rc;

use super::{Entry, Found, QuantizedVector};

/// The vector that says what a chunk in the index is about. It keeps its segment in memory.
#[derive(Debug, Clone)]
pub(crate) struct ChunkVector {
    entry: Rc<Entry>,
    row: usize,
}

impl Found {
    /// The vector of a chunk of the document, by its index there; none where there is no such chunk.
    pub(crate) fn chunk_vector(&self, chunk: u32) -> Option<ChunkVector> {
        let chunk = self.chunks().nth(chunk as usize)?;
        let row = self.entry.segment.vector_row(chunk).unwrap_or(chunk);
        Some(ChunkVector { entry: self.entry.clone(), row })
    }
}

impl ChunkVector {
    /// The numbers in it.
    pub(crate) fn dimensions(&self) -> usize {
        self.entry.segment.vectors().dimensions()
    }

    /// Its product with `query`: the cosine, where that has unit length.
    pub(crate) fn similarity(&self, query: &QuantizedVector) -> f32 {
        self.entry.segment.vectors().similarity(query, self.row)
    }

    /// Adds it, times `weight`, to `sum`, which has as many numbers.
    pub(crate) fn add_to(&self, weight: f32, sum: &mut [f32]) {
        self.entry.segment.vectors().add_row(self.row, weight, sum);
    }
}
