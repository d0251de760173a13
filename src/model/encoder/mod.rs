//! Text encoders of the BERT family, and the embedder file.

mod bert;
mod embedder_file;
mod pooling;
mod tokenizer;

pub use embedder_file::{EmbedderOptions, OriginalFiles, quantize};
pub(crate) use embedder_file::{EmbedderParts, quantize_in_steps};
pub use pooling::Pooling;
