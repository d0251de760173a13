//! Pooling: token states become one vector.

use serde::{Deserialize, Serialize};

use crate::kernel::add;

/// How an encoder's token states become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// The mean over all tokens of the text (MiniLM, e5, gte).
    Mean,
    /// The state of the first token (bge).
    Cls,
}

impl Pooling {
    /// The vector, of any length, of a text whose states are `rows` of `width` numbers.
    pub(super) fn pool(self, rows: &[f32], width: usize) -> Vec<f32> {
        match self {
            Self::Cls => rows.iter().take(width).copied().collect(),
            // A sum: the later normalization removes its scale.
            Self::Mean => rows.chunks_exact(width).fold(vec![0.0; width], |mut sum, row| {
                add(&mut sum, row);
                sum
            }),
        }
    }
}
