//! Layer norms of encoders.

use super::weights::Weights;
use crate::error::Result;
use crate::kernel::{add_and_layer_norm, layer_norm};

/// A layer norm with its weights.
pub(super) struct Norm {
    weights: Vec<f32>,
    biases: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    /// Reads a norm of `width` numbers, whose tensors have either of two pairs of names.
    pub(super) async fn read(
        weights: &Weights<'_>,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self> {
        let vector = async |new: &str, old: &str| {
            let (new, old) = (format!("{name}.{new}"), format!("{name}.{old}"));
            let name = if weights.has(&old) { old } else { new };
            weights.vector(&name, width).await
        };
        Ok(Self {
            weights: vector("weight", "gamma").await?,
            biases: vector("bias", "beta").await?,
            epsilon,
        })
    }

    /// Normalizes rows in place.
    pub(super) fn apply(&self, rows: &mut [f32]) {
        layer_norm(rows, &self.weights, &self.biases, self.epsilon);
    }

    /// The normalized rows, in `into`.
    pub(super) fn apply_to(&self, rows: &[f32], into: &mut Vec<f32>) {
        into.clear();
        into.extend_from_slice(rows);
        self.apply(into);
    }

    /// Adds `result` to the rows, then normalizes them.
    pub(super) fn add_and_normalize(&self, rows: &mut [f32], result: &[f32]) {
        add_and_layer_norm(rows, result, &self.weights, &self.biases, self.epsilon);
    }

    /// Its weights and biases.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &f32> {
        self.weights.iter().chain(&self.biases)
    }
}
