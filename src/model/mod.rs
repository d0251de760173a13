//! Model files become encoders and decoders that compute.
//!
//! Both are implemented here on top of the kernels; candle computes the expected results in tests.
//! Files are read piece by piece, and each piece is converted to the layout of the kernels, so that
//! a file is never in memory beside its model. The caller owns the key-value cache of a decoder. A
//! decoder reads a prompt in slices, between which it can be cancelled, and keeps weights in the
//! types of the file.

mod charsmap;
mod chat_template;
mod decoder;
mod encoder;
mod gguf;
mod image_encoder;
mod linear;
mod low_rank;
mod matrix;
mod norm;
mod q4_0;
mod quantized_tensors;
mod row_pieces;
mod tensor_file;
mod tokenizer;
mod weights;

pub(crate) use chat_template::{ChatTemplate, Piece};
pub use chat_template::{Message, Role};
pub use decoder::KvCache;
pub(crate) use decoder::{Decoder, DecoderLoader};
pub(crate) use encoder::{
    AnswerReaderWeights, EmbedderParts, HeadKind, ReaderRow, RowLogits, quantize_in_steps,
};
pub use encoder::{
    AnswerableThresholds, Calibration, ClaimCalibration, DENSE_WEIGHT, EmbedderOptions,
    OriginalFiles, Pooling, ReaderCalibration, SupportThreshold, WeightBits, convert_e5s1,
    quantize, quantize_to,
};
pub(crate) use gguf::{Gguf, StringArray};
pub(crate) use image_encoder::{ImageEncoder, quantize_image_encoder_in_steps};
pub use image_encoder::{OriginalImageEncoder, is_image_encoder, quantize_image_encoder};
pub(crate) use tokenizer::TextTokenizer;
pub(crate) use weights::Weights;

use crate::error::Error;

/// A `CorruptModel` error; `detail` states what was expected and what was found.
pub(crate) fn corrupt(detail: impl Into<String>) -> Error {
    Error::CorruptModel { detail: detail.into() }
}

/// An `UnsupportedTokenizer` error; `detail` states what is missing or unknown.
fn unsupported_tokenizer(detail: impl Into<String>) -> Error {
    Error::UnsupportedTokenizer { detail: detail.into() }
}

/// An error of candle from computing with weights that were checked.
pub(crate) fn from_candle(error: candle_core::Error) -> Error {
    Error::CorruptModel { detail: error.to_string() }
}
