//! Configurations as transformers publishes them: `config.json` and `preprocessor_config.json`.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Config, Family, ImageFit, ImageInput, MAX_POSITIONS, MAX_SIDE, Resampling, TowerConfig,
    VisionConfig, corrupt, unsupported,
};
use crate::error::Result;
use crate::kernel::Activation;

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

/// Whether a `config.json` is of an architecture that is read here.
pub(super) fn is_known(config: &Value) -> bool {
    config["model_type"].as_str().is_some_and(|it| family_of(it).is_ok())
}

fn family_of(model_type: &str) -> Result<Family> {
    match model_type {
        "clip" => Ok(Family::Clip),
        "siglip" => Ok(Family::Siglip),
        other => Err(unsupported(other.to_owned())),
    }
}

/// What transformers takes where a file says nothing.
fn defaults_of(family: Family) -> Defaults {
    if family == Family::Siglip {
        return Defaults {
            text: [768, 3072, 12],
            epsilon: 1e-6,
            activation: "gelu_pytorch_tanh",
            patch: 16,
            tokens: 64,
            vocabulary: 32_000,
        };
    }
    Defaults {
        text: [512, 2048, 8],
        epsilon: 1e-5,
        activation: "quick_gelu",
        patch: 32,
        tokens: 77,
        vocabulary: 49_408,
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

/// Reads the two files.
pub(super) fn parse(config: Value, preprocessor: Option<&str>) -> Result<Config> {
    let file: ConfigFile = serde_json::from_value(config)
        .map_err(|e| corrupt(format!("its config.json cannot be read: {e}")))?;
    let family = family_of(&file.model_type)?;
    let defaults = defaults_of(family);
    let (text, vision) = (&file.text_config, &file.vision_config);
    let side = vision.image_size.unwrap_or(SIDE);
    let patch = vision.patch_size.unwrap_or(defaults.patch);
    if vision.num_channels.is_some_and(|channels| channels != 3) {
        return Err(corrupt("its pictures have not three colours"));
    }
    let is_sound = patch > 0 && side > 0 && side <= MAX_SIDE && side.is_multiple_of(patch);
    if !is_sound || (side / patch).pow(2) > MAX_POSITIONS {
        return Err(corrupt(format!("its pictures of {side} pixels have patches of {patch}")));
    }
    let tower = vision.tower(VISION, &defaults)?;
    let of_text = text.tower(defaults.text, &defaults)?;
    let dimensions = match family {
        Family::Siglip => text.projection_size.unwrap_or(of_text.width),
        _ => file.projection_dim.unwrap_or(PROJECTION),
    };
    if family == Family::Siglip && dimensions != tower.width {
        let width = tower.width;
        return Err(corrupt(format!("its pictures have {width} numbers, texts {dimensions}")));
    }
    let preprocessor = preprocessor.ok_or_else(|| {
        corrupt("its preprocessor_config.json is missing, which is beside the config.json")
    })?;
    let (input, mean, deviation) = preprocessing(preprocessor, side)?;
    Ok(Config {
        family,
        vision: VisionConfig::Transformer { tower, patch },
        text: of_text,
        is_causal: family == Family::Clip,
        dimensions,
        input,
        mean,
        deviation,
        vocabulary: text.vocab_size.unwrap_or(defaults.vocabulary),
        tokens: text.max_position_embeddings.unwrap_or(defaults.tokens),
    })
}

impl TowerFile {
    fn tower(
        &self,
        [width, between, heads]: [usize; 3],
        defaults: &Defaults,
    ) -> Result<TowerConfig> {
        TowerConfig {
            width: self.hidden_size.unwrap_or(width),
            between: self.intermediate_size.unwrap_or(between),
            layers: self.num_hidden_layers.unwrap_or(LAYERS),
            heads: self.num_attention_heads.unwrap_or(heads),
            epsilon: self.layer_norm_eps.unwrap_or(defaults.epsilon),
            activation: activation(self.hidden_act.as_deref().unwrap_or(defaults.activation))?,
        }
        .checked()
    }
}

fn activation(name: &str) -> Result<Activation> {
    Ok(match name {
        "quick_gelu" => Activation::QuickGelu,
        "gelu" => Activation::Gelu,
        "gelu_pytorch_tanh" | "gelu_new" => Activation::GeluTanh,
        other => {
            return Err(unsupported(format!("an image encoder with the activation {other}")));
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
    Ok((ImageInput { side: side as u32, fit, resampling }, mean, deviation))
}
