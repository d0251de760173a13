//! Image encoders: a picture and a text become vectors of one space. CLIP and SigLIP as transformers
//! publishes them, MobileCLIP as open_clip does, or in one file of fewer bits.

mod colours;
mod config;
mod fastvit;
mod file;
mod text;
mod transformer;
mod vision;

use std::cell::Cell;

pub use config::is_image_encoder;
use config::{Config, VisionConfig};
use fastvit::FastVit;
use file::ImageEncoderFile;
pub(crate) use file::quantize_image_encoder_in_steps;
pub use file::{OriginalImageEncoder, quantize_image_encoder};
use text::TextTower;
use vision::VisionTower;

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::image_input::ImageInput;
use crate::model::corrupt;
use crate::model::encoder::{EncoderTokenizer, plain_tokenizer};
use crate::model::matrix::normalize;
use crate::model::weights::Weights;
use crate::network::Precision;
use crate::source::SourceReader;

/// The token that fills texts of SigLIP, where its tokenizer does not say.
const PADDING: u32 = 1;

/// An image encoder with everything that is needed to use it.
pub(crate) struct ImageEncoder {
    vision: Vision,
    text: TextTower,
    dimensions: usize,
    input: ImageInput,
    /// The factor that turns products of vectors into logits.
    logit_scale: f32,
    fingerprint: Fingerprint,
}

/// What reads pictures.
enum Vision {
    Transformer(Box<VisionTower>),
    FastVit(FastVit),
}

impl Vision {
    async fn load(
        weights: &Weights<'_>,
        config: &Config,
        precision: Precision,
        report: impl Fn(),
    ) -> Result<Self> {
        match &config.vision {
            VisionConfig::Transformer { tower, patch } => {
                let tower = VisionTower::load(weights, config, (tower, *patch), report).await?;
                Ok(Self::Transformer(Box::new(tower)))
            }
            VisionConfig::FastVit(trunk) => {
                Ok(Self::FastVit(FastVit::load(weights, config, trunk, precision, report).await?))
            }
        }
    }

    fn embed(&self, rgb: &[u8]) -> Result<Vec<f32>> {
        match self {
            Self::Transformer(tower) => tower.embed(rgb),
            Self::FastVit(trunk) => trunk.embed(rgb),
        }
    }
}

impl ImageEncoder {
    /// Reads a file of [`quantize_image_encoder`].
    pub(crate) async fn from_file(file: &SourceReader<'_>) -> Result<Self> {
        let (weights, texts) = Weights::open(file).await?;
        file.step().await?;
        let ImageEncoderFile { config, tokenizer, preprocessor, .. } = file::read_metadata(&texts)?;
        let preprocessor = preprocessor.as_deref();
        let config = Config::parse(&config, preprocessor)?;
        Self::load(config, &tokenizer, Precision::Codes, &weights).await
    }

    /// Reads the original files without quantizing them; `file` is that of the weights.
    pub(crate) async fn from_original(
        file: &SourceReader<'_>,
        files: OriginalImageEncoder<'_>,
    ) -> Result<Self> {
        let (weights, _) = Weights::open(file).await?;
        let config = Config::parse(files.config, files.preprocessor)?;
        Self::load(config, files.tokenizer, Precision::Floats, &weights).await
    }

    async fn load(
        config: Config,
        tokenizer: &str,
        precision: Precision,
        weights: &Weights<'_>,
    ) -> Result<Self> {
        let tokenizer = read_tokenizer(tokenizer, &config)?;
        weights.file().step().await?;
        let fingerprint = weights.file().fingerprint().await?;
        let logit_scale = weights.numbers("logit_scale", 1).await?[0].exp();
        if !logit_scale.is_finite() {
            return Err(corrupt("its logit_scale is beyond all numbers"));
        }
        let total = config.vision.layers() + config.text.layers;
        let since = weights.file().now_ms();
        let done = Cell::new(0);
        weights.file().report_layers(0, total, since);
        let report = || {
            done.set(done.get() + 1);
            weights.file().report_layers(done.get(), total, since);
        };
        Ok(Self {
            vision: Vision::load(weights, &config, precision, report).await?,
            text: TextTower::load(weights, &config, tokenizer, report).await?,
            dimensions: config.dimensions,
            input: config.input,
            logit_scale,
            fingerprint,
        })
    }

    /// Numbers in a vector.
    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How a picture becomes the pixels of [`Self::embed_image`].
    pub(crate) fn input(&self) -> ImageInput {
        self.input
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The factor that turns products of unit vectors into logits.
    pub(crate) fn logit_scale(&self) -> f32 {
        self.logit_scale
    }

    /// The unit vector of a square of RGB pixels, in one step.
    ///
    /// # Errors
    /// [`Error::Internal`] where the pixels are not as many as [`Self::input`] says.
    pub(crate) fn embed_image(&self, rgb: &[u8]) -> Result<Vec<f32>> {
        let (got, expected) = (rgb.len(), self.input.bytes());
        if got != expected {
            let detail = format!("a picture has {got} bytes for the encoder, not {expected}");
            return Err(Error::Internal { detail });
        }
        normalize(self.vision.embed(rgb)?)
    }

    /// The unit vector of a text, in one step. Of a long text, the first tokens are read.
    pub(crate) fn embed_text(&self, text: &str) -> Result<Vec<f32>> {
        normalize(self.text.embed(text)?)
    }

    /// The tokens of a text, as the encoder reads it.
    pub(crate) fn tokens(&self, text: &str) -> Result<Vec<u32>> {
        self.text.tokens(text)
    }
}

/// The tokenizer, and the token that fills texts.
fn read_tokenizer(json: &str, config: &Config) -> Result<(EncoderTokenizer, u32)> {
    let tokenizer = EncoderTokenizer::build(&plain_tokenizer(json)?, config.vocabulary)?;
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    let padding = value["padding"]["pad_id"].as_u64().map_or(PADDING, |id| id as u32);
    Ok((tokenizer, padding))
}
