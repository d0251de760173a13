//! Text encoders of the BERT family, and the file that holds a whole one.

mod bert;
mod embedder_file;
mod pooling;
mod tokenizer;

pub use embedder_file::{EmbedderOptions, OriginalFiles, quantize};
pub(crate) use embedder_file::{EmbedderParts, quantize_in_steps};
pub use pooling::Pooling;
