//! The configuration files of image encoders, as transformers and open_clip publish them.

mod open_clip;
mod transformers;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::image_input::{ImageFit, ImageInput, Resampling};
use crate::kernel::Activation;
use crate::model::corrupt;

/// The largest sizes that are read: above those of every encoder that is published.
const MAX_WIDTH: usize = 1 << 13;
const MAX_LAYERS: usize = 1 << 8;
const MAX_POSITIONS: usize = 1 << 14;
const MAX_VOCABULARY: usize = 1 << 20;
const MAX_SIDE: usize = 1 << 11;

/// What an error says of the encoders that are read.
const SUPPORTED: &str = "clip, siglip, and MobileCLIP (fastvit_mci0 to fastvit_mci2)";

/// The architectures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Radford et al. 2021, <https://arxiv.org/abs/2103.00020>.
    Clip,
    /// Zhai et al. 2023, <https://arxiv.org/abs/2303.15343>.
    Siglip,
    /// Vasu et al. 2023, <https://arxiv.org/abs/2311.17049>, as open_clip has it.
    MobileClip,
}

/// What is known of an encoder without its weights.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) family: Family,
    pub(super) vision: VisionConfig,
    pub(super) text: TowerConfig,
    /// Whether a token of a text sees only those before it.
    pub(super) is_causal: bool,
    /// Numbers in a vector.
    pub(super) dimensions: usize,
    pub(super) input: ImageInput,
    /// What is subtracted from each colour, of 0 to 1, and what the rest is divided by.
    pub(super) mean: [f32; 3],
    pub(super) deviation: [f32; 3],
    pub(super) vocabulary: usize,
    /// Tokens of a text, at the most.
    pub(super) tokens: usize,
}

/// The sizes of what reads pictures.
#[derive(Debug, Clone, Copy)]
pub(super) enum VisionConfig {
    /// A transformer over patches of so many pixels a side.
    Transformer {
        tower: TowerConfig,
        patch: usize,
    },
    FastVit(FastVitConfig),
}

/// The sizes of one of the two transformers.
#[derive(Debug, Clone, Copy)]
pub(super) struct TowerConfig {
    pub(super) width: usize,
    pub(super) between: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) epsilon: f32,
    pub(super) activation: Activation,
}

/// The sizes of a FastViT.
#[derive(Debug, Clone, Copy)]
pub(super) struct FastVitConfig {
    /// Channels of the first stage; each stage has twice as many as the one before.
    pub(super) width: usize,
    /// Blocks of each stage.
    pub(super) blocks: [usize; 4],
}

impl VisionConfig {
    /// Parts that are read one after the other.
    pub(super) fn layers(&self) -> usize {
        match self {
            Self::Transformer { tower, .. } => tower.layers,
            Self::FastVit(trunk) => trunk.blocks.iter().sum(),
        }
    }
}

/// Whether a configuration file is of an image encoder that is read here.
pub fn is_image_encoder(config: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(config) else { return false };
    open_clip::is_known(&value) || transformers::is_known(&value)
}

impl Config {
    /// Reads the configuration, and checks the sizes that computing relies on. `preprocessor` is the
    /// second file of transformers.
    pub(super) fn parse(config: &str, preprocessor: Option<&str>) -> Result<Self> {
        let value: Value = serde_json::from_str(config)
            .map_err(|e| corrupt(format!("its configuration cannot be read: {e}")))?;
        let config = if open_clip::is_of_open_clip(&value) {
            open_clip::parse(value)?
        } else {
            transformers::parse(value, preprocessor)?
        };
        config.checked()
    }

    fn checked(self) -> Result<Self> {
        let Self { tokens, vocabulary, dimensions, .. } = self;
        if !(4..=MAX_POSITIONS).contains(&tokens) || !(1..=MAX_VOCABULARY).contains(&vocabulary) {
            return Err(corrupt(format!("it has {tokens} positions and {vocabulary} tokens")));
        }
        if !(1..=MAX_WIDTH).contains(&dimensions) {
            return Err(corrupt(format!("its vectors have {dimensions} numbers")));
        }
        let of_colours = self.mean.iter().chain(&self.deviation);
        if !of_colours.clone().all(|it| it.is_finite()) || self.deviation.contains(&0.0) {
            return Err(corrupt("its colours have means or deviations that are no numbers"));
        }
        Ok(self)
    }
}

impl TowerConfig {
    /// The sizes, where they fit each other.
    fn checked(self) -> Result<Self> {
        let Self { width, between, layers, heads, epsilon, .. } = self;
        let sizes_fit = (1..=MAX_WIDTH).contains(&width)
            && (1..=4 * MAX_WIDTH).contains(&between)
            && layers <= MAX_LAYERS
            && heads > 0
            && width.is_multiple_of(heads);
        if sizes_fit && epsilon.is_finite() && epsilon >= 0.0 {
            return Ok(self);
        }
        Err(corrupt(format!(
            "a tower has {layers} layers of {heads} heads over {width} dimensions"
        )))
    }
}

fn unsupported(got: String) -> Error {
    Error::UnsupportedArchitecture { got, supported: SUPPORTED }
}
