//! Configurations as open_clip publishes them: `open_clip_config.json`, which says how pictures are
//! prepared, too.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Config, Family, FastVitConfig, ImageFit, ImageInput, Resampling, TowerConfig, VisionConfig,
    corrupt, unsupported,
};
use crate::error::Result;
use crate::kernel::Activation;

/// The trunks that are read here, by timm's names. All else of them is the same.
const TRUNKS: [(&str, FastVitConfig); 3] = [
    ("fastvit_mci0", FastVitConfig { width: 64, blocks: [2, 6, 10, 2] }),
    ("fastvit_mci1", FastVitConfig { width: 64, blocks: [4, 12, 20, 4] }),
    ("fastvit_mci2", FastVitConfig { width: 80, blocks: [4, 12, 24, 4] }),
];
/// A trunk makes a picture so many times smaller, and maps of the largest one fit into the memory of a
/// page.
const MIN_SIDE: usize = 32;
const MAX_SIDE: usize = 1 << 10;
/// open_clip's norms add it.
const EPSILON: f32 = 1e-5;

#[derive(Deserialize)]
struct ConfigFile {
    model_cfg: ModelFile,
    preprocess_cfg: PreprocessFile,
}

#[derive(Deserialize)]
struct ModelFile {
    embed_dim: usize,
    vision_cfg: VisionFile,
    #[serde(default)]
    text_cfg: TextFile,
}

#[derive(Deserialize)]
struct VisionFile {
    image_size: usize,
}

/// What is left out has the value that open_clip gives it.
#[derive(Deserialize)]
#[serde(default)]
struct TextFile {
    context_length: usize,
    vocab_size: usize,
    width: usize,
    heads: usize,
    layers: usize,
    mlp_ratio: f32,
    no_causal_mask: bool,
}

#[derive(Deserialize)]
struct PreprocessFile {
    mean: [f32; 3],
    std: [f32; 3],
    interpolation: String,
    resize_mode: String,
}

impl Default for TextFile {
    fn default() -> Self {
        Self {
            context_length: 77,
            vocab_size: 49_408,
            width: 512,
            heads: 8,
            layers: 12,
            mlp_ratio: 4.0,
            no_causal_mask: false,
        }
    }
}

/// Whether a configuration is open_clip's.
pub(super) fn is_of_open_clip(config: &Value) -> bool {
    config.get("model_cfg").is_some()
}

/// Whether it is of a trunk that is read here.
pub(super) fn is_known(config: &Value) -> bool {
    trunk_of(config).is_some()
}

fn trunk_of(config: &Value) -> Option<FastVitConfig> {
    let name = config["model_cfg"]["vision_cfg"]["timm_model_name"].as_str()?;
    TRUNKS.iter().find(|(known, _)| *known == name).map(|(_, trunk)| *trunk)
}

/// Reads the file.
pub(super) fn parse(config: Value) -> Result<Config> {
    let trunk = trunk_of(&config).ok_or_else(|| {
        let name = &config["model_cfg"]["vision_cfg"]["timm_model_name"];
        unsupported(format!("open_clip with the trunk {}", name.as_str().unwrap_or("of a ViT")))
    })?;
    if let Some(name) = foreign_part(&config["model_cfg"]) {
        return Err(unsupported(format!("open_clip with {name}")));
    }
    let ConfigFile { model_cfg, preprocess_cfg } = serde_json::from_value(config)
        .map_err(|e| corrupt(format!("its open_clip_config.json cannot be read: {e}")))?;
    let (text, side) = (model_cfg.text_cfg, model_cfg.vision_cfg.image_size);
    if !(MIN_SIDE..=MAX_SIDE).contains(&side) {
        return Err(corrupt(format!("its pictures have {side} pixels a side")));
    }
    let of_text = TowerConfig {
        width: text.width,
        between: (text.width as f32 * text.mlp_ratio) as usize,
        layers: text.layers,
        heads: text.heads,
        epsilon: EPSILON,
        activation: Activation::Gelu,
    };
    Ok(Config {
        family: Family::MobileClip,
        vision: VisionConfig::FastVit(trunk),
        text: of_text.checked()?,
        is_causal: !text.no_causal_mask,
        dimensions: model_cfg.embed_dim,
        input: input(&preprocess_cfg, side)?,
        mean: preprocess_cfg.mean,
        deviation: preprocess_cfg.std,
        vocabulary: text.vocab_size,
        tokens: text.context_length,
    })
}

/// What a model has that would give other numbers, if there is anything.
fn foreign_part(model: &Value) -> Option<String> {
    let is_usual = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text == "argmax" || text == "linear",
        _ => false,
    };
    if !is_usual(&model["quick_gelu"]) {
        return Some("quick_gelu".to_owned());
    }
    let parts = [
        "hf_model_name",
        "text_mask",
        "embed_cls",
        "pool_type",
        "proj_type",
        "ls_init_value",
        "act_kwargs",
        "norm_kwargs",
        "proj_bias",
        "final_ln_after_pool",
    ];
    let foreign = parts.into_iter().find(|name| !is_usual(&model["text_cfg"][*name]));
    foreign.map(|name| format!("texts that have {name}"))
}

fn input(file: &PreprocessFile, side: usize) -> Result<ImageInput> {
    let unreadable = |what: &str, got: &str| {
        corrupt(format!("its open_clip_config.json has the {what} \"{got}\", which is not known"))
    };
    let resampling = match file.interpolation.as_str() {
        "bilinear" => Resampling::Bilinear,
        "bicubic" => Resampling::Bicubic,
        other => return Err(unreadable("interpolation", other)),
    };
    let fit = match file.resize_mode.as_str() {
        "shortest" => ImageFit::Crop,
        "squash" => ImageFit::Stretch,
        other => return Err(unreadable("resize_mode", other)),
    };
    Ok(ImageInput { side: side as u32, fit, resampling })
}
