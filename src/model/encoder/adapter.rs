//! A low-rank adapter (LoRA, Hu et al. 2021, <https://arxiv.org/abs/2106.09685>) of an encoder: two
//! small matrices beside each matrix of its layers, whose product is added. The encoder's own
//! weights stay as they are, so that one encoder embeds and, with an adapter, does something else.

use crate::error::Result;
use crate::kernel::add;
use crate::model::weights::{Linear, Weights};

/// The adapter of one layer.
pub(super) struct LayerAdapter {
    pub(super) projections: LowRank,
    pub(super) attention_output: LowRank,
    pub(super) intermediate: LowRank,
    pub(super) output: LowRank,
}

/// What is added to the product of a matrix.
pub(super) struct LowRank {
    /// `[rank, columns]`
    down: Linear,
    /// `[rows, rank]`
    up: Linear,
}

/// Buffers for the products of an adapter.
#[derive(Default)]
pub(super) struct AdapterBuffers {
    hidden: Vec<f32>,
    added: Vec<f32>,
}

impl LayerAdapter {
    /// Reads the adapter of a layer of this width, with this width between its last two matrices.
    pub(super) async fn read(
        weights: &Weights<'_>,
        number: usize,
        [width, between]: [usize; 2],
        rank: usize,
    ) -> Result<Self> {
        let low_rank = async |part: &str, [rows, columns]: [usize; 2]| -> Result<LowRank> {
            let name = |part2: &str| format!("layer.{number}.{part}.{part2}");
            let down = weights.linear_without_biases(&name("down"), [rank, columns]).await?;
            let up = weights.linear_without_biases(&name("up"), [rows, rank]).await?;
            Ok(LowRank { down, up })
        };
        Ok(Self {
            projections: low_rank("projections", [3 * width, width]).await?,
            attention_output: low_rank("attention_output", [width, width]).await?,
            intermediate: low_rank("intermediate", [between, width]).await?,
            output: low_rank("output", [width, between]).await?,
        })
    }
}

impl LowRank {
    /// Adds to `output`, which is the product of a matrix and `input`.
    pub(super) fn add_to(
        &self,
        input: &[f32],
        output: &mut [f32],
        AdapterBuffers { hidden, added }: &mut AdapterBuffers,
    ) -> Result<()> {
        self.down.multiply(input, hidden)?;
        self.up.multiply(hidden, added)?;
        add(output, added);
        Ok(())
    }
}
