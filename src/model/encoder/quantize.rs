//! The original files of an encoder become an embedder file.

use futures_util::FutureExt;

use super::config::parse_config;
use super::embedder_file::{
    EmbedderOptions, OriginalFiles, OutputTokenizer, check_token_limit, write,
};
use super::tokenizer::{EncoderTokenizer, plain_tokenizer};
use crate::error::{Error, Result};
use crate::kernel::BLOCK;
use crate::model::quantized_tensors::{MIN_QUANTIZED_ELEMENTS, QuantizedTensors};
use crate::model::weights::Weights;
use crate::runtime::{IdleRuntime, Task};
use crate::source::SourceReader;

/// Bits of a weight in an embedder file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeightBits {
    /// Blocks of 32 weights with a scale each: 4.5 bits a weight.
    Four,
    /// A scale for each row.
    #[default]
    Eight,
}

/// Quantizes an encoder into one file of about a byte for each weight. Takes about a second for
/// MiniLM natively, and memory of a little more than twice the bytes of that file.
pub fn quantize(files: OriginalFiles, options: EmbedderOptions) -> Result<Vec<u8>> {
    quantize_to(WeightBits::Eight, files, options)
}

/// [`quantize`] to as many bits for each weight as given. 4 bits halve the file; the cosine of a
/// vector to that at full precision falls from .997 to about .985.
pub fn quantize_to(
    bits: WeightBits,
    files: OriginalFiles,
    options: EmbedderOptions,
) -> Result<Vec<u8>> {
    let task = Task::default();
    let weights = SourceReader::new(&files.weights, &IdleRuntime, &task);
    let file = quantize_in_steps(&weights, files.config, files.tokenizer, options, bits);
    file.now_or_never().unwrap_or_else(|| {
        Err(Error::Internal { detail: "bytes in memory were waited for".to_owned() })
    })
}

/// [`quantize`] in steps, with weights that are read piece by piece.
pub(crate) async fn quantize_in_steps(
    file: &SourceReader<'_>,
    config: &str,
    tokenizer: &str,
    options: EmbedderOptions,
    bits: WeightBits,
) -> Result<Vec<u8>> {
    let parsed = parse_config(config)?;
    EncoderTokenizer::build(&plain_tokenizer(tokenizer)?, parsed.vocab_size)?;
    check_token_limit(&options, &parsed)?;
    file.step().await?;
    let (weights, _) = Weights::open(file).await?;
    let mut quantized = QuantizedTensors::new(&weights);
    for (name, shape) in weights.float_tensors() {
        // Only classifiers use the pooler.
        if !name.contains("pooler.") {
            push_tensor(&mut quantized, name, shape, bits).await?;
        }
    }
    let tokenizer = OutputTokenizer::Json(tokenizer.to_owned());
    write(quantized.tensors, config.to_owned(), tokenizer, options)
}

async fn push_tensor(
    to: &mut QuantizedTensors<'_>,
    name: &str,
    shape: &[usize],
    bits: WeightBits,
) -> Result<()> {
    let &[rows, columns] = shape else { return to.push_floats(name, shape).await };
    if rows * columns < MIN_QUANTIZED_ELEMENTS {
        return to.push_floats(name, shape).await;
    }
    // Positions are few, and all texts have the same.
    let is_small = name.ends_with("position_embeddings.weight");
    if bits == WeightBits::Four && columns.is_multiple_of(BLOCK) && !is_small {
        return to.push_blocks(name, [rows, columns]).await;
    }
    to.push_codes(name, [rows, columns]).await
}
