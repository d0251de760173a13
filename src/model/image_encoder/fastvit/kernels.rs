//! Kernels of convolutions. In the files a convolution is a sum of branches, each with a norm of its
//! own; here they become one kernel (Vasu et al. 2022, <https://arxiv.org/abs/2206.04040>).

use crate::error::Result;
use crate::model::matrix::check_finite;
use crate::model::weights::Weights;

/// The norms of all files add it to a variance.
const EPSILON: f32 = 1e-5;

/// Kernels of one size, and a bias for each.
pub(super) struct Kernels {
    /// Each output has a kernel for each input of its group.
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    /// Numbers of a kernel's side; an odd number.
    pub(super) side: usize,
    /// Of each output, of each input, row by row.
    pub(super) weights: Vec<f32>,
    pub(super) biases: Vec<f32>,
}

/// What a norm does to a channel: `number * scale + shift`.
pub(super) struct ChannelNorm {
    pub(super) scales: Vec<f32>,
    pub(super) shifts: Vec<f32>,
}

impl ChannelNorm {
    /// Reads a batch norm with the means and variances of its training.
    pub(super) async fn read(weights: &Weights<'_>, name: &str, channels: usize) -> Result<Self> {
        let vector = async |part: &str| weights.vector(&format!("{name}.{part}"), channels).await;
        let (factors, biases) = (vector("weight").await?, vector("bias").await?);
        let (means, variances) = (vector("running_mean").await?, vector("running_var").await?);
        let scale = |(factor, variance): (&f32, &f32)| factor / (variance + EPSILON).sqrt();
        let scales: Vec<f32> = factors.iter().zip(&variances).map(scale).collect();
        check_finite(&scales)?;
        let shift = |((bias, mean), scale): ((&f32, &f32), &f32)| bias - mean * scale;
        let shifts: Vec<f32> = biases.iter().zip(&means).zip(&scales).map(shift).collect();
        check_finite(&shifts)?;
        Ok(Self { scales, shifts })
    }
}

impl Kernels {
    /// Zeros.
    pub(super) fn new([outputs, inputs]: [usize; 2], side: usize) -> Self {
        let weights = vec![0.0; outputs * inputs * side * side];
        Self { outputs, inputs, side, weights, biases: vec![0.0; outputs] }
    }

    /// Adds a convolution without biases and its norm, times a factor. Its kernels may be smaller.
    pub(super) async fn add(
        &mut self,
        weights: &Weights<'_>,
        name: &str,
        side: usize,
    ) -> Result<()> {
        let count = self.outputs * self.inputs * side * side;
        let kernels = weights.numbers(&format!("{name}.conv.weight"), count).await?;
        let norm = ChannelNorm::read(weights, &format!("{name}.bn"), self.outputs).await?;
        self.add_kernels(&kernels, side, &norm);
        Ok(())
    }

    fn add_kernels(&mut self, kernels: &[f32], side: usize, norm: &ChannelNorm) {
        let (before, own) = ((self.side - side) / 2, self.side);
        let mut rows = kernels.chunks_exact(side);
        for (at, kernel) in self.weights.chunks_exact_mut(own * own).enumerate() {
            let scale = norm.scales[at / self.inputs];
            for (row, numbers) in rows.by_ref().take(side).enumerate() {
                let first = (before + row) * own + before;
                let to = kernel[first..first + side].iter_mut();
                to.zip(numbers).for_each(|(to, number)| *to += number * scale);
            }
        }
        self.biases.iter_mut().zip(&norm.shifts).for_each(|(bias, shift)| *bias += shift);
    }

    /// Adds the input itself, normed. There are as many outputs as inputs.
    pub(super) fn add_identity(&mut self, norm: &ChannelNorm) {
        self.add_diagonal(&norm.scales);
        self.biases.iter_mut().zip(&norm.shifts).for_each(|(bias, shift)| *bias += shift);
    }

    /// Adds each input times a number to its output. A kernel has one input, or all of them.
    pub(super) fn add_diagonal(&mut self, numbers: &[f32]) {
        let (positions, middle) = (self.side * self.side, self.side * self.side / 2);
        for (output, number) in numbers.iter().enumerate() {
            let input = output % self.inputs;
            self.weights[(output * self.inputs + input) * positions + middle] += number;
        }
    }

    /// Subtracts others of the same size.
    pub(super) fn subtract(&mut self, other: &Self) {
        let subtract = |(number, other): (&mut f32, &f32)| *number -= other;
        self.weights.iter_mut().zip(&other.weights).for_each(subtract);
        self.biases.iter_mut().zip(&other.biases).for_each(subtract);
    }

    /// Multiplies each output with a number.
    pub(super) fn scale(&mut self, factors: &[f32]) {
        let length = self.inputs * self.side * self.side;
        for (kernels, factor) in self.weights.chunks_exact_mut(length).zip(factors) {
            kernels.iter_mut().for_each(|number| *number *= factor);
        }
        self.biases.iter_mut().zip(factors).for_each(|(bias, factor)| *bias *= factor);
    }
}
