//! The low-rank matrices of adapters (LoRA, Hu et al. 2021, <https://arxiv.org/abs/2106.09685>): two
//! small matrices beside a large one, whose product is added. The large one stays as it is, so that
//! one model serves with adapters and without.

use super::linear::Linear;
use crate::error::Result;
use crate::kernel::add;

/// What is added to the product of a matrix.
pub(crate) struct LowRank {
    /// `[rank, columns]`
    down: Linear,
    /// `[rows, rank]`
    up: Linear,
    /// What the product is multiplied with.
    factor: f32,
}

/// Buffers for the products of an adapter.
#[derive(Debug, Default)]
pub(crate) struct AdapterBuffers {
    hidden: Vec<f32>,
    added: Vec<f32>,
}

impl LowRank {
    /// The rows of `down`, and the columns of `up`, are the rank.
    pub(crate) fn new(down: Linear, up: Linear, factor: f32) -> Self {
        Self { down, up, factor }
    }

    /// Adds `scale` times its product to `output`, which is the product of a matrix and `input`.
    pub(crate) fn add_to(
        &self,
        input: &[f32],
        scale: f32,
        output: &mut [f32],
        AdapterBuffers { hidden, added }: &mut AdapterBuffers,
    ) -> Result<()> {
        self.down.multiply(input, hidden)?;
        let scale = scale * self.factor;
        hidden.iter_mut().for_each(|x| *x *= scale);
        self.up.multiply(hidden, added)?;
        add(output, added);
        Ok(())
    }
}
