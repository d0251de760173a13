//! The pixels that an image encoder takes.

use serde::{Deserialize, Serialize};

/// How a picture becomes the input of an image encoder: a square of RGB pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageInput {
    /// Pixels of a side.
    pub side: u32,
    /// How a picture of other proportions fits the square.
    pub fit: ImageFit,
    /// How the pixels between those of the picture are computed.
    pub resampling: Resampling,
}

/// How a picture fits a square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageFit {
    /// The shorter side becomes that of the square, and what is left over is cut off at both ends.
    Crop,
    /// Both sides become those of the square.
    Stretch,
}

/// How pixels are computed when a picture is made smaller or larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resampling {
    /// From the two nearest pixels of each row and column; of more where it is made smaller.
    Bilinear,
    /// From the four nearest, by Catmull and Rom's cubic.
    Bicubic,
}

impl ImageInput {
    /// Bytes of the square: three for each pixel.
    pub fn bytes(&self) -> usize {
        let side = self.side as usize;
        3 * side * side
    }
}
