//! The configuration files of image encoders as transformers publishes them.

use serde::Deserialize;
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

/// The architectures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Radford et al. 2021, <https://arxiv.org/abs/2103.00020>.
    Clip,
    /// Zhai et al. 2023, <https://arxiv.org/abs/2303.15343>.
    Siglip,
}

/// What is known of an encoder without its weights.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) family: Family,
    pub(super) vision: TowerConfig,
    pub(super) text: TowerConfig,
    /// Numbers in a vector.
    pub(super) dimensions: usize,
    /// Pixels of a patch's side.
    pub(super) patch: usize,
    pub(super) input: ImageInput,
    /// What is subtracted from each colour, of 0 to 1, and what the rest is divided by.
    pub(super) mean: [f32; 3],
    pub(super) deviation: [f32; 3],
    pub(super) vocabulary: usize,
    /// Tokens of a text, at the most.
    pub(super) tokens: usize,
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

/// `config.json`. What is left out has the value that transformers gives it.
#[derive(Deserialize)]
struct ConfigFile {
    #[serde(default)]
    model_type: String,
    projection_dim: Option<usize>,
    #[serde(default)]
    text_config: TowerFile,
    #[serde(default)]
    vision_config: TowerFile,
}

#[derive(Deserialize, Default)]
struct TowerFile {
    hidden_size: Option<usize>,
    intermediate_size: Option<usize>,
    num_hidden_layers: Option<usize>,
    num_attention_heads: Option<usize>,
    layer_norm_eps: Option<f32>,
    hidden_act: Option<String>,
    image_size: Option<usize>,
    patch_size: Option<usize>,
    num_channels: Option<usize>,
    vocab_size: Option<usize>,
    max_position_embeddings: Option<usize>,
    projection_size: Option<usize>,
}

/// `preprocessor_config.json`.
#[derive(Deserialize)]
struct PreprocessorFile {
    #[serde(default)]
    do_center_crop: bool,
    #[serde(default)]
    resample: Value,
    #[serde(default)]
    size: Value,
    image_mean: Option<[f32; 3]>,
    image_std: Option<[f32; 3]>,
}

impl Family {
    fn of(model_type: &str) -> Result<Self> {
        match model_type {
            "clip" => Ok(Self::Clip),
            "siglip" => Ok(Self::Siglip),
            other => Err(Error::UnsupportedArchitecture {
                got: other.to_owned(),
                supported: "clip and siglip",
            }),
        }
    }

    /// What transformers takes where a file says nothing.
    fn defaults(self) -> Defaults {
        match self {
            Self::Clip => Defaults {
                text: [512, 2048, 8],
                epsilon: 1e-5,
                activation: "quick_gelu",
                patch: 32,
                tokens: 77,
                vocabulary: 49_408,
            },
            Self::Siglip => Defaults {
                text: [768, 3072, 12],
                epsilon: 1e-6,
                activation: "gelu_pytorch_tanh",
                patch: 16,
                tokens: 64,
                vocabulary: 32_000,
            },
        }
    }
}

struct Defaults {
    /// Width, the width between the last two matrices of a layer, and heads of the text's transformer.
    text: [usize; 3],
    epsilon: f32,
    activation: &'static str,
    patch: usize,
    tokens: usize,
    vocabulary: usize,
}

/// Width, the width between the last two matrices of a layer, and heads of the picture's transformer.
const VISION: [usize; 3] = [768, 3072, 12];
const LAYERS: usize = 12;
const SIDE: usize = 224;
const PROJECTION: usize = 512;

/// Whether a `config.json` is of an image encoder that is read here.
pub fn is_image_encoder(config: &str) -> bool {
    let file: Option<ConfigFile> = serde_json::from_str(config).ok();
    file.is_some_and(|file| Family::of(&file.model_type).is_ok())
}

impl Config {
    /// Reads the two files, and checks the sizes that computing relies on.
    pub(super) fn parse(config: &str, preprocessor: &str) -> Result<Self> {
        let file: ConfigFile = serde_json::from_str(config)
            .map_err(|e| corrupt(format!("its config.json cannot be read: {e}")))?;
        let family = Family::of(&file.model_type)?;
        let defaults = family.defaults();
        let (text, vision) = (&file.text_config, &file.vision_config);
        let side = vision.image_size.unwrap_or(SIDE);
        let patch = vision.patch_size.unwrap_or(defaults.patch);
        let tokens = text.max_position_embeddings.unwrap_or(defaults.tokens);
        let vocabulary = text.vocab_size.unwrap_or(defaults.vocabulary);
        if vision.num_channels.is_some_and(|channels| channels != 3) {
            return Err(corrupt("its pictures have not three colours"));
        }
        let is_sound = patch > 0 && side > 0 && side <= MAX_SIDE && side.is_multiple_of(patch);
        if !is_sound || (side / patch).pow(2) > MAX_POSITIONS {
            return Err(corrupt(format!("its pictures of {side} pixels have patches of {patch}")));
        }
        if !(4..=MAX_POSITIONS).contains(&tokens) || !(1..=MAX_VOCABULARY).contains(&vocabulary) {
            return Err(corrupt(format!("it has {tokens} positions and {vocabulary} tokens")));
        }
        let vision = vision.tower(VISION, &defaults)?;
        let of_text = text.tower(defaults.text, &defaults)?;
        let dimensions = match family {
            Family::Clip => file.projection_dim.unwrap_or(PROJECTION),
            Family::Siglip => text.projection_size.unwrap_or(of_text.width),
        };
        if !(1..=MAX_WIDTH).contains(&dimensions) {
            return Err(corrupt(format!("its vectors have {dimensions} numbers")));
        }
        if family == Family::Siglip && dimensions != vision.width {
            let width = vision.width;
            return Err(corrupt(format!("its pictures have {width} numbers, texts {dimensions}")));
        }
        let (input, mean, deviation) = preprocessing(preprocessor, side)?;
        Ok(Self {
            family,
            vision,
            text: of_text,
            dimensions,
            patch,
            input,
            mean,
            deviation,
            vocabulary,
            tokens,
        })
    }

    /// Patches of a picture.
    pub(super) fn patches(&self) -> usize {
        (self.input.side as usize / self.patch).pow(2)
    }
}

impl TowerFile {
    fn tower(
        &self,
        [width, between, heads]: [usize; 3],
        defaults: &Defaults,
    ) -> Result<TowerConfig> {
        let tower = TowerConfig {
            width: self.hidden_size.unwrap_or(width),
            between: self.intermediate_size.unwrap_or(between),
            layers: self.num_hidden_layers.unwrap_or(LAYERS),
            heads: self.num_attention_heads.unwrap_or(heads),
            epsilon: self.layer_norm_eps.unwrap_or(defaults.epsilon),
            activation: activation(self.hidden_act.as_deref().unwrap_or(defaults.activation))?,
        };
        let TowerConfig { width, between, layers, heads, epsilon, .. } = tower;
        let sizes_fit = (1..=MAX_WIDTH).contains(&width)
            && (1..=4 * MAX_WIDTH).contains(&between)
            && layers <= MAX_LAYERS
            && heads > 0
            && width.is_multiple_of(heads);
        if sizes_fit && epsilon.is_finite() && epsilon >= 0.0 {
            return Ok(tower);
        }
        Err(corrupt(format!(
            "a tower has {layers} layers of {heads} heads over {width} dimensions"
        )))
    }
}

fn activation(name: &str) -> Result<Activation> {
    Ok(match name {
        "quick_gelu" => Activation::QuickGelu,
        "gelu" => Activation::Gelu,
        "gelu_pytorch_tanh" | "gelu_new" => Activation::GeluTanh,
        other => {
            let got = format!("an image encoder with the activation {other}");
            return Err(Error::UnsupportedArchitecture { got, supported: "clip and siglip" });
        }
    })
}

fn preprocessing(json: &str, side: usize) -> Result<(ImageInput, [f32; 3], [f32; 3])> {
    let file: PreprocessorFile = serde_json::from_str(json)
        .map_err(|e| corrupt(format!("its preprocessor_config.json cannot be read: {e}")))?;
    let unreadable = || corrupt("its preprocessor_config.json has no size or filter that is known");
    let shortest = &file.size["shortest_edge"];
    // An older spelling has a number: the shorter side.
    let is_cropped = shortest.is_u64() || (file.size.is_u64() && file.do_center_crop);
    let size = [shortest, &file.size["height"], &file.size].into_iter().find_map(Value::as_u64);
    if size.is_some_and(|size| size != side as u64) {
        return Err(corrupt(format!("its pictures have {side} pixels, and are made otherwise")));
    }
    let fit = if is_cropped { ImageFit::Crop } else { ImageFit::Stretch };
    let resampling = match file.resample.as_u64() {
        Some(2) => Resampling::Bilinear,
        Some(3) => Resampling::Bicubic,
        _ => return Err(unreadable()),
    };
    let mean = file.image_mean.ok_or_else(unreadable)?;
    let deviation = file.image_std.ok_or_else(unreadable)?;
    if !mean.iter().chain(&deviation).all(|x| x.is_finite()) || deviation.contains(&0.0) {
        return Err(unreadable());
    }
    Ok((ImageInput { side: side as u32, fit, resampling }, mean, deviation))
}
