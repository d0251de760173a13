//! What encoders compute with: tables of rows that are looked up, and matrices with biases.

use super::matrix::check_finite;
use super::q4_0;
use crate::error::Result;
use crate::kernel::{BLOCK, FloatMatrix, FloatVec, RowScaledMatrix, add};

/// A table of rows that are looked up by id.
pub(crate) struct EmbeddingTable {
    pub(super) width: usize,
    pub(super) rows: TableRows,
}

pub(super) enum TableRows {
    /// Rows of [`q4_0`] blocks.
    Blocks(Vec<u8>),
    /// Quantized rows, each with a scale.
    Codes {
        codes: Vec<i8>,
        scales: Vec<f32>,
    },
    Floats(Vec<f32>),
}

/// A matrix with biases.
pub(crate) enum Linear {
    RowScaled(RowScaledMatrix),
    /// Without biases where there are none.
    Floats {
        matrix: FloatMatrix,
        biases: Vec<f32>,
    },
}

impl EmbeddingTable {
    pub(crate) fn has(&self, row: u32) -> bool {
        (row as usize) < self.count()
    }

    /// The number of rows.
    pub(crate) fn count(&self) -> usize {
        let numbers = match &self.rows {
            TableRows::Blocks(blocks) => blocks.len() / q4_0::BLOCK_BYTES * BLOCK,
            TableRows::Codes { codes, .. } => codes.len(),
            TableRows::Floats(numbers) => numbers.len(),
        };
        numbers / self.width
    }

    /// Adds a row, which must exist, to `to`.
    pub(crate) fn add_row(&self, row: usize, to: &mut [f32]) {
        let range = row * self.width..(row + 1) * self.width;
        match &self.rows {
            TableRows::Floats(numbers) => add(to, &numbers[range]),
            TableRows::Blocks(blocks) => {
                let size = self.width / BLOCK * q4_0::BLOCK_BYTES;
                q4_0::add_weights(&blocks[row * size..(row + 1) * size], to);
            }
            TableRows::Codes { codes, scales } => {
                for (to, &code) in to.iter_mut().zip(&codes[range]) {
                    *to += f32::from(code) * scales[row];
                }
            }
        }
    }
}

impl Linear {
    /// A matrix of these rows of f32, one after another, without biases.
    pub(crate) fn from_rows(numbers: Vec<f32>, shape: [usize; 2]) -> Result<Self> {
        let mut matrix = FloatMatrix::with_capacity(shape, &FloatVec::F32(Vec::new()))?;
        matrix.push_rows(&FloatVec::F32(numbers));
        Ok(Self::Floats { matrix, biases: Vec::new() })
    }

    /// Computes the products of all rows of `input`, plus the biases. Fails where an input is not
    /// finite, because quantizing would hide that.
    pub(crate) fn multiply(&self, input: &[f32], output: &mut Vec<f32>) -> Result<()> {
        match self {
            Self::RowScaled(matrix) => {
                output.resize(input.len() / matrix.columns() * matrix.rows(), 0.0);
                matrix.multiply(input, output)?;
            }
            Self::Floats { matrix, biases } => {
                check_finite(input)?;
                output.resize(input.len() / matrix.columns() * matrix.rows(), 0.0);
                matrix.multiply(input, output);
                if !biases.is_empty() {
                    add(output, biases);
                }
            }
        }
        Ok(())
    }
}
