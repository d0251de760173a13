//! Tensors of an original file become tensors of fewer bits.

use safetensors::Dtype;

use super::q4_0::{BLOCK_BYTES, push_blocks};
use super::row_pieces::row_pieces;
use super::tensor_file::OutputTensor;
use super::weights::Weights;
use crate::error::Result;
use crate::kernel::{BLOCK, push_row_codes, try_with_capacity};

/// Matrices with fewer elements stay f32: they cost nothing, and quantizing would add noise.
pub(super) const MIN_QUANTIZED_ELEMENTS: usize = 1 << 16;

/// The tensors of a file that is written, quantized one by one.
pub(super) struct QuantizedTensors<'a> {
    weights: &'a Weights<'a>,
    pub(super) tensors: Vec<OutputTensor>,
}

impl<'a> QuantizedTensors<'a> {
    /// None yet; they are read from `weights`.
    pub(super) fn new(weights: &'a Weights<'a>) -> Self {
        Self { weights, tensors: Vec::new() }
    }

    /// Adds a tensor as it is, as f32.
    pub(super) async fn push_floats(&mut self, name: &str, shape: &[usize]) -> Result<()> {
        let whole = [shape.iter().product(), 1];
        let numbers = self.weights.tensor_rows(name, whole, 0..whole[0]).await?;
        self.tensors.push(OutputTensor::floats(name.to_owned(), shape.to_vec(), &numbers));
        Ok(())
    }

    /// Adds a tensor as blocks of 4 bits; its columns are a multiple of a block.
    pub(super) async fn push_blocks(
        &mut self,
        name: &str,
        [rows, columns]: [usize; 2],
    ) -> Result<()> {
        let mut blocks = try_with_capacity(rows * (columns / BLOCK * BLOCK_BYTES))?;
        for piece in row_pieces(rows, 4 * columns) {
            let numbers = self.weights.tensor_rows(name, [rows, columns], piece).await?;
            push_blocks(&numbers, &mut blocks);
        }
        self.tensors.push(OutputTensor::blocks(name.to_owned(), [rows, columns], blocks));
        Ok(())
    }

    /// Adds a tensor as bytes with a scale for each row.
    pub(super) async fn push_codes(
        &mut self,
        name: &str,
        [rows, columns]: [usize; 2],
    ) -> Result<()> {
        let mut codes = try_with_capacity(rows * columns)?;
        let mut scales = Vec::with_capacity(rows);
        for piece in row_pieces(rows, 4 * columns) {
            let numbers = self.weights.tensor_rows(name, [rows, columns], piece).await?;
            scales.extend(numbers.chunks_exact(columns).map(|row| push_row_codes(row, &mut codes)));
        }
        let scales = OutputTensor::floats(format!("{name}.scale"), vec![rows], &scales);
        let (name, shape) = (name.to_owned(), vec![rows, columns]);
        let bytes = bytemuck::cast_vec(codes);
        self.tensors.push(OutputTensor { name, dtype: Dtype::I8, shape, bytes });
        self.tensors.push(scales);
        Ok(())
    }
}
