//! Text encoders of the BERT family, and the embedder file.

mod adapter;
mod answer_reader;
mod bert;
mod calibration;
mod config;
mod e5s1;
mod embedder_file;
mod pooling;
mod quantize;
mod reader_calibration;
mod tokenizer;
mod unigram;

pub(crate) use answer_reader::{AnswerReaderWeights, HeadKind, ReaderRow, RowLogits};
pub use calibration::{AnswerableThresholds, Calibration, DENSE_WEIGHT, SupportThreshold};
pub use e5s1::convert_e5s1;
pub(crate) use embedder_file::EmbedderParts;
pub use embedder_file::{EmbedderOptions, OriginalFiles};
pub use pooling::Pooling;
pub(crate) use quantize::quantize_in_steps;
pub use quantize::{WeightBits, quantize, quantize_to};
pub use reader_calibration::{ClaimCalibration, ReaderCalibration};
pub(super) use tokenizer::{EncoderTokenizer, plain_tokenizer};
