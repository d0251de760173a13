//! The weights of an encoder, by name, and what they become.

use std::collections::HashMap;

use super::corrupt;
use super::matrix::check_finite;
use crate::error::Result;
use crate::kernel::{FloatMatrix, Numbers, RowScaledMatrix, add};

/// A tensor as its file has it.
pub(crate) enum Tensor {
    /// Rows of codes, each with its scale.
    Codes { codes: Vec<i8>, scales: Vec<f32> },
    /// Plain numbers.
    Floats(Vec<f32>),
}

/// All tensors of an encoder with their shapes.
#[derive(Default)]
pub(crate) struct Weights {
    tensors: HashMap<String, (Vec<usize>, Tensor)>,
}

/// Rows that are looked up.
pub(crate) struct Table {
    rows: usize,
    width: usize,
    tensor: Tensor,
}

/// A matrix with biases.
pub(crate) enum Linear {
    RowScaled(RowScaledMatrix),
    Floats { matrix: FloatMatrix, biases: Vec<f32> },
}

impl Weights {
    /// Files made with a head on top say "bert." before each name, which says nothing.
    pub(crate) fn insert(&mut self, name: &str, shape: &[usize], tensor: Tensor) -> Result<()> {
        let name = name.strip_prefix("bert.").unwrap_or(name);
        match self.tensors.insert(name.to_owned(), (shape.to_vec(), tensor)) {
            None => Ok(()),
            Some(_) => Err(corrupt(format!("the tensor {name} is there twice"))),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    fn get(&self, name: &str, shape: &[usize]) -> Result<&Tensor> {
        let (got, tensor) = self
            .tensors
            .get(name)
            .ok_or_else(|| corrupt(format!("the tensor {name} is missing")))?;
        if got != shape {
            return Err(corrupt(format!("{name} has the shape {got:?}, expected {shape:?}")));
        }
        Ok(tensor)
    }

    pub(crate) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>> {
        match self.get(name, &[length])? {
            Tensor::Floats(numbers) => Ok(numbers.clone()),
            Tensor::Codes { .. } => Err(corrupt(format!("{name} is a matrix"))),
        }
    }

    /// Takes a tensor out, as it is.
    pub(crate) fn table(&mut self, name: &str, [rows, width]: [usize; 2]) -> Result<Table> {
        self.get(name, &[rows, width])?;
        let missing = || corrupt(format!("the tensor {name} is missing"));
        let (_, tensor) = self.tensors.remove(name).ok_or_else(missing)?;
        Ok(Table { rows, width, tensor })
    }

    /// Matrices of one shape, one below the other, so that their input is read once.
    pub(crate) fn linear(&self, names: &[String], shape: [usize; 2]) -> Result<Linear> {
        let mut biases = Vec::new();
        let (mut codes, mut scales, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            biases.extend(self.vector(&format!("{name}.bias"), shape[0])?);
            match self.get(&format!("{name}.weight"), &shape)? {
                Tensor::Floats(more) => numbers.extend_from_slice(more),
                Tensor::Codes { codes: more, scales: their } => {
                    codes.extend_from_slice(more);
                    scales.extend_from_slice(their);
                }
            }
        }
        if numbers.is_empty() {
            let matrix = RowScaledMatrix::new(shape[1], &codes, &scales, &biases);
            return Ok(Linear::RowScaled(matrix));
        }
        if !codes.is_empty() {
            return Err(corrupt(format!("{names:?} are of different types")));
        }
        let shape = [biases.len(), shape[1]];
        Ok(Linear::Floats { matrix: FloatMatrix::new(shape, &Numbers::F32(numbers)), biases })
    }
}

impl Table {
    pub(crate) fn has(&self, row: u32) -> bool {
        (row as usize) < self.rows
    }

    /// Adds a row, which must exist, to `to`.
    pub(crate) fn add_row(&self, row: usize, to: &mut [f32]) {
        let place = row * self.width..(row + 1) * self.width;
        match &self.tensor {
            Tensor::Floats(numbers) => add(to, &numbers[place]),
            Tensor::Codes { codes, scales } => {
                for (to, &code) in to.iter_mut().zip(&codes[place]) {
                    *to += f32::from(code) * scales[row];
                }
            }
        }
    }
}

impl Linear {
    /// Products of all rows of `input`, and the biases. Fails where weights gave
    /// something that is no number, which the rounding of activations would hide.
    pub(crate) fn multiply(&self, input: &[f32], output: &mut Vec<f32>) -> Result<()> {
        check_finite(input)?;
        match self {
            Self::RowScaled(matrix) => {
                output.resize(input.len() / matrix.columns() * matrix.rows(), 0.0);
                matrix.multiply(input, output);
            }
            Self::Floats { matrix, biases } => {
                output.resize(input.len() / matrix.columns() * matrix.rows(), 0.0);
                matrix.multiply(input, output);
                add(output, biases);
            }
        }
        Ok(())
    }
}
