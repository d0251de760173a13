//! Picture or text -> vector of unit length in one space, by an encoder of `model/image_encoder`.

use std::fmt;
use std::sync::OnceLock;

use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::image_input::ImageInput;
use crate::model::{ImageEncoder, OriginalImageEncoder, quantize_image_encoder_in_steps};
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// Texts that say nothing of what a picture shows. A question belongs to a picture more than these
/// do, or not at all.
const NEUTRAL: [&str; 4] = ["a photo", "a picture", "an image of something", "text on a page"];

/// An encoder of pictures and texts, with its tokenizer. It is immutable, and takes about as much
/// memory as its file.
pub struct ImageEmbedder {
    encoder: ImageEncoder,
    /// The vectors of [`NEUTRAL`], once a question was compared with them.
    neutral: OnceLock<Vec<Vec<f32>>>,
    bytes: usize,
}

impl ImageEmbedder {
    /// Loads a file of [`quantize_image_encoder`](crate::quantize_image_encoder), in steps of a few
    /// milliseconds.
    ///
    /// # Errors
    /// [`Error::CorruptModel`](crate::Error::CorruptModel) says what does not fit.
    pub async fn load(
        file: &(impl ByteSource + ?Sized),
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let encoder = ImageEncoder::from_file(&SourceReader::new(&file, runtime, task)).await?;
        Ok(Self::new(encoder, file.size() as usize))
    }

    /// Loads and quantizes an encoder's original files. The embedder and its fingerprint equal those of
    /// the file that [`quantize_image_encoder`](crate::quantize_image_encoder) makes.
    pub async fn load_original(
        files: OriginalImageEncoder<'_>,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let weights = SourceReader::new(&files.weights, runtime, task);
        let packed = quantize_image_encoder_in_steps(&weights, files).await?;
        Self::load(&packed, runtime, task).await
    }

    /// Loads an encoder's original files at full precision, to measure the loss of accuracy by
    /// quantization.
    pub async fn load_full_precision(
        files: OriginalImageEncoder<'_>,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let file = SourceReader::new(&files.weights, runtime, task);
        let encoder = ImageEncoder::from_original(&file, files).await?;
        Ok(Self::new(encoder, files.weights.len()))
    }

    fn new(encoder: ImageEncoder, bytes: usize) -> Self {
        Self { encoder, neutral: OnceLock::new(), bytes }
    }

    /// The number of dimensions of a vector.
    pub fn dimensions(&self) -> usize {
        self.encoder.dimensions()
    }

    /// Identifies the model. Vectors of different fingerprints cannot be compared.
    pub fn fingerprint(&self) -> Fingerprint {
        self.encoder.fingerprint()
    }

    /// The size of the model file.
    pub fn file_bytes(&self) -> usize {
        self.bytes
    }

    /// How a picture becomes the pixels of [`Self::embed_image`].
    pub fn input(&self) -> ImageInput {
        self.encoder.input()
    }

    /// The vector of a square of RGB pixels, three bytes each in rows from the top, in one step: about
    /// 90 ms natively for CLIP ViT-B/32, on one thread of a processor without AVX-VNNI.
    ///
    /// # Errors
    /// [`Error::Internal`](crate::Error::Internal) where the pixels are not as many as [`Self::input`]
    /// says.
    pub fn embed_image(&self, rgb: &[u8]) -> Result<Vec<f32>> {
        self.encoder.embed_image(rgb)
    }

    /// The vector of a text, in one step. Of a long text, the first tokens are read: 77 by CLIP, 64 by
    /// SigLIP.
    pub fn embed_text(&self, text: &str) -> Result<Vec<f32>> {
        self.encoder.embed_text(text)
    }

    /// The tokens of a text, as the encoder reads it: special ones and filling included.
    pub fn tokens(&self, text: &str) -> Result<Vec<u32>> {
        self.encoder.tokens(text)
    }

    /// The vectors of texts that say nothing of a picture, to compare with a question's.
    pub(crate) fn neutral_vectors(&self) -> Result<&[Vec<f32>]> {
        if let Some(vectors) = self.neutral.get() {
            return Ok(vectors);
        }
        let vectors = NEUTRAL.iter().map(|text| self.embed_text(text)).collect::<Result<_>>()?;
        Ok(self.neutral.get_or_init(|| vectors))
    }

    /// The probability that a text belongs to a picture rather than the best of the neutral ones, by
    /// the products of their unit vectors with the picture's. SigLIP's own probability is not taken: it
    /// is below .5 for many texts that are right.
    pub(crate) fn probability(&self, product: f32, neutral: f32) -> f32 {
        1.0 / (1.0 + (self.encoder.logit_scale() * (neutral - product)).exp())
    }
}

impl fmt::Debug for ImageEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageEmbedder")
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}
