//! Vectors that the caller made: documents that have them, and search by them.

use super::Engine;
use super::find::check_limit;
use crate::error::{Error, Result};
use crate::index::{Filter, QuantizedVectors, Search};
use crate::retrieve::Passage;
use crate::runtime::Task;

impl Engine {
    /// The `limit` passages whose vectors are nearest to this one, nearest first, of documents that match `filter`.
    /// Words do not count. The vector has any length but 0, and the dimensions of the embedder.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a vector that is none of the embedder's; [`Error::EmptyKnowledgeBase`].
    pub async fn search_vector(
        &self,
        vector: &[f32],
        limit: usize,
        filter: Option<&Filter>,
        task: &Task,
    ) -> Result<Vec<Passage>> {
        check_limit(limit)?;
        self.check_open()?;
        let embedding = self.unit_vector(vector)?;
        let _guard = self.question_gate.question();
        let mut tries = 0;
        loop {
            let state = self.state_to_ask(task).await?;
            let hits = state.index.search_with(&Search {
                embedding: &embedding,
                dense_weight: 1.0,
                question: "",
                foreign: None,
                phrases: &[],
                limit,
                filter,
                documents: None,
                vector_index: self.graphs.vector_index,
                images: None,
            })?;
            match self.passages_of(hits, &state).await? {
                Ok(passages) => return Ok(passages),
                Err((hit, error)) => {
                    self.leave_out(hit.document, error, &state, &mut tries, task).await?;
                }
            }
        }
    }

    /// A vector of the caller as it is stored: one row.
    pub(super) fn given_vectors(&self, vector: &[f32]) -> Result<QuantizedVectors> {
        let mut vectors = QuantizedVectors::new(self.embedder.dimensions());
        vectors.push(&self.unit_vector(vector)?)?;
        Ok(vectors)
    }

    /// The vector with the length 1.
    fn unit_vector(&self, vector: &[f32]) -> Result<Vec<f32>> {
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let dimensions = self.embedder.dimensions();
        if vector.len() == dimensions && length.is_normal() {
            return Ok(vector.iter().map(|value| value / length).collect());
        }
        Err(Error::InvalidOption {
            option: "vector",
            got: format!("{} numbers of the length {length}", vector.len()),
            expected: "as many numbers as the embedder has dimensions, not all 0",
        })
    }
}
