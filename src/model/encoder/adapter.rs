//! A low-rank adapter of an encoder: with it, an encoder that embeds does something else.

use crate::error::Result;
use crate::model::low_rank::LowRank;
use crate::model::weights::Weights;

/// The adapter of one layer.
pub(super) struct LayerAdapter {
    pub(super) projections: LowRank,
    pub(super) attention_output: LowRank,
    pub(super) intermediate: LowRank,
    pub(super) output: LowRank,
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
            Ok(LowRank::new(down, up, 1.0))
        };
        Ok(Self {
            projections: low_rank("projections", [3 * width, width]).await?,
            attention_output: low_rank("attention_output", [width, width]).await?,
            intermediate: low_rank("intermediate", [between, width]).await?,
            output: low_rank("output", [width, between]).await?,
        })
    }
}
