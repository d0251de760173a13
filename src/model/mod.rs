//! Model files, and the things they become that compute.
//!
//! The encoder's numerics are candle's. The decoder is our own, over the kernels: a
//! key-value cache that the caller owns, prompts read in slices between which a stop
//! can be heard, and weights that stay as the file has them.

mod bert;
mod chat_template;
mod embedder_file;
mod gguf;
mod llama;
mod matrix;
mod tokenizer;

pub(crate) use bert::Bert;
pub(crate) use chat_template::{ChatTemplate, Piece};
pub use chat_template::{Message, Role};
pub(crate) use embedder_file::EmbedderParts;
pub use embedder_file::{EmbedderOptions, OriginalFiles, Pooling, quantize};
pub(crate) use gguf::Gguf;
pub use llama::KvCache;
pub(crate) use llama::{Llama, LlamaLoader};
pub(crate) use tokenizer::{TextTokenizer, WordPiece};

use crate::error::Error;

/// A `CorruptModel` error that says what was expected and what was found.
pub(crate) fn corrupt(detail: impl Into<String>) -> Error {
    Error::CorruptModel { detail: detail.into() }
}

/// An error of candle's, met while computing with weights that were checked.
pub(crate) fn from_candle(error: candle_core::Error) -> Error {
    Error::CorruptModel { detail: error.to_string() }
}
