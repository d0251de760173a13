//! The original files of an encoder become an embedder file.

use futures_util::FutureExt;
use safetensors::Dtype;

use super::bert::parse_config;
use super::embedder_file::{
    EmbedderOptions, OriginalFiles, OutputTensor, OutputTokenizer, check_token_limit, write,
};
use super::tokenizer::{EncoderTokenizer, plain_tokenizer};
use crate::error::{Error, Result};
use crate::kernel::{BLOCK, try_with_capacity};
use crate::model::q4_0::{BLOCK_BYTES, push_blocks};
use crate::model::row_pieces::row_pieces;
use crate::model::weights::{Weights, push_row_codes};
use crate::runtime::{IdleRuntime, Task};
use crate::source::SourceReader;

/// Matrices with fewer elements stay f32: they cost nothing, and quantizing would add noise.
const MIN_QUANTIZED_ELEMENTS: usize = 1 << 16;

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
    let mut tensors = Vec::new();
    for (name, shape) in weights.float_tensors() {
        // Only classifiers use the pooler.
        if !name.contains("pooler.") {
            quantize_tensor(&weights, name, shape, bits, &mut tensors).await?;
        }
    }
    let tokenizer = OutputTokenizer::Json(tokenizer.to_owned());
    write(tensors, config.to_owned(), tokenizer, options)
}

async fn quantize_tensor(
    weights: &Weights<'_>,
    name: &str,
    shape: &[usize],
    bits: WeightBits,
    tensors: &mut Vec<OutputTensor>,
) -> Result<()> {
    let (name, shape) = (name.to_owned(), shape.to_vec());
    let [rows, columns] = shape.as_array().copied().unwrap_or([shape.iter().product(), 1]);
    if shape.len() != 2 || rows * columns < MIN_QUANTIZED_ELEMENTS {
        let numbers = weights.tensor_rows(&name, [rows, columns], 0..rows).await?;
        tensors.push(OutputTensor::floats(name, shape, &numbers));
        return Ok(());
    }
    // Positions are few, and all texts have the same.
    let is_small = name.ends_with("position_embeddings.weight");
    if bits == WeightBits::Four && columns.is_multiple_of(BLOCK) && !is_small {
        let mut blocks = try_with_capacity(rows * (columns / BLOCK * BLOCK_BYTES))?;
        for piece in row_pieces(rows, 4 * columns) {
            let numbers = weights.tensor_rows(&name, [rows, columns], piece).await?;
            push_blocks(&numbers, &mut blocks);
        }
        tensors.push(OutputTensor::blocks(name, [rows, columns], blocks));
        return Ok(());
    }
    let (mut codes, mut scales) = (try_with_capacity(rows * columns)?, Vec::with_capacity(rows));
    for piece in row_pieces(rows, 4 * columns) {
        let numbers = weights.tensor_rows(&name, [rows, columns], piece).await?;
        scales.extend(numbers.chunks_exact(columns).map(|row| push_row_codes(row, &mut codes)));
    }
    let scales = OutputTensor::floats(format!("{name}.scale"), vec![rows], &scales);
    let bytes = bytemuck::cast_vec(codes);
    tensors.push(OutputTensor { name, dtype: Dtype::I8, shape, bytes });
    tensors.push(scales);
    Ok(())
}
