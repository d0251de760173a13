//! Matrices of weights: of bytes, or of floats where rows are short.

use crate::kernel::{FloatMatrix, FloatVec, NotFinite, RowScaledMatrix, push_row_codes};

/// Rows of at most so many numbers stay floats: codes go in groups that would be half empty.
const MAX_FLOAT_COLUMNS: usize = 32;

/// How exact weights are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// As they are.
    Floats,
    /// 8 bits, and a scale for each row, where rows are long enough for it.
    Codes,
}

/// A matrix with a bias for each row.
pub(crate) struct Matrix {
    product: Product,
    biases: Vec<f32>,
}

enum Product {
    Floats(FloatMatrix),
    Codes(RowScaledMatrix),
}

impl Matrix {
    /// A matrix of so many numbers a row. None where memory is short, or a number is not finite.
    pub(crate) fn new(
        numbers: &[f32],
        columns: usize,
        biases: Vec<f32>,
        precision: Precision,
    ) -> Option<Self> {
        let rows = biases.len();
        if columns == 0 || rows == 0 || numbers.len() != rows * columns {
            return None;
        }
        if !numbers.iter().chain(&biases).all(|number| number.is_finite()) {
            return None;
        }
        let product = if columns <= MAX_FLOAT_COLUMNS || precision == Precision::Floats {
            let numbers = FloatVec::F32(numbers.to_vec());
            let mut matrix = FloatMatrix::with_capacity([rows, columns], &numbers).ok()?;
            matrix.push_rows(&numbers);
            Product::Floats(matrix)
        } else {
            let mut codes = Vec::with_capacity(numbers.len());
            let row_codes = |row| push_row_codes(row, &mut codes);
            let scales: Vec<f32> = numbers.chunks_exact(columns).map(row_codes).collect();
            let mut matrix = RowScaledMatrix::with_capacity([rows, columns]).ok()?;
            matrix.push_rows(&codes, &scales, &vec![0.0; rows]);
            Product::Codes(matrix)
        };
        Some(Self { product, biases })
    }

    /// The kernels of a convolution: `weights` are of each output, then of each input, then of each
    /// position of a window of so many.
    pub(crate) fn of_kernels(
        weights: &[f32],
        [inputs, positions]: [usize; 2],
        biases: Vec<f32>,
        precision: Precision,
    ) -> Option<Self> {
        let columns = positions * inputs;
        if weights.len() != biases.len() * columns {
            return None;
        }
        // From [output, input, position] to [output, position, input].
        let number = |at: usize| {
            let (row, at) = (at / columns, at % columns);
            weights[(row * inputs + at % inputs) * positions + at / inputs]
        };
        let numbers: Vec<f32> = (0..weights.len()).map(number).collect();
        Self::new(&numbers, columns, biases, precision)
    }

    /// Adds `more` to the biases.
    pub(crate) fn add_biases(&mut self, more: &[f32]) {
        self.biases.iter_mut().zip(more).for_each(|(bias, more)| *bias += more);
    }

    /// Numbers of a row of its products.
    pub(crate) fn rows(&self) -> usize {
        self.biases.len()
    }

    /// Numbers of a row that it is multiplied with.
    pub(crate) fn columns(&self) -> usize {
        match &self.product {
            Product::Floats(matrix) => matrix.columns(),
            Product::Codes(matrix) => matrix.columns(),
        }
    }

    /// The product of each row of `input` with every row of weights, plus the biases.
    pub(crate) fn multiply(&self, input: &[f32], output: &mut [f32]) -> Result<(), NotFinite> {
        match &self.product {
            Product::Floats(matrix) => matrix.multiply(input, output),
            Product::Codes(matrix) => matrix.multiply(input, output)?,
        }
        for row in output.chunks_exact_mut(self.biases.len()) {
            row.iter_mut().zip(&self.biases).for_each(|(number, bias)| *number += bias);
        }
        Ok(())
    }
}
