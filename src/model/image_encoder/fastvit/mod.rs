//! The trunk of MobileCLIP: FastViT (Vasu et al. 2023, <https://arxiv.org/abs/2303.14189>), as timm has it.
//! Its convolutions are steps of our [networks](crate::network).

mod builder;
mod kernels;

use super::colours::Colours;
use super::config::{Config, FastVitConfig};
use crate::error::Result;
use crate::model::corrupt;
use crate::model::weights::Weights;
use crate::network::{Map, Plan, Precision};
use builder::Builder;

/// Below this name are the tensors of the trunk.
const PREFIX: &str = "visual.trunk";

/// The trunk with its weights.
pub(super) struct FastVit {
    side: usize,
    colours: Colours,
    plan: Plan,
}

impl FastVit {
    /// Reads the trunk, and calls `report` after each block.
    pub(super) async fn load(
        weights: &Weights<'_>,
        config: &Config,
        trunk: &FastVitConfig,
        precision: Precision,
        report: impl Fn(),
    ) -> Result<Self> {
        let builder = Builder::new(weights, precision);
        let plan = builder.build(PREFIX, trunk, config.dimensions, report).await?;
        Ok(Self { side: config.input.side as usize, colours: Colours::of(config), plan })
    }

    /// The vector, of any length, of a square of RGB pixels in rows from the top.
    pub(super) fn embed(&self, rgb: &[u8]) -> Result<Vec<f32>> {
        let mut map = Map::new([self.side; 2], 3);
        for (numbers, pixel) in map.values.as_chunks_mut::<3>().0.iter_mut().zip(rgb.as_chunks().0)
        {
            *numbers = std::array::from_fn(|colour| self.colours.number(*pixel, colour));
        }
        Ok(self.plan.run(map).map_err(|unfit| corrupt(unfit.0))?.values)
    }
}
