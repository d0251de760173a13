//! The one place that knows the runtime of the models.

use std::sync::Arc;

use rten::{Model, ModelOptions, OpRegistry, RunOptions, ThreadPool, ValueView, op_registry};

use crate::error::{Error, Result};

/// A network from one tensor of floats to another one. It runs on one thread, because the order
/// of sums, and so the result, must not depend on the machine.
pub(super) struct Network {
    model: Model,
    threads: Arc<ThreadPool>,
}

/// A tensor in row-major order.
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

impl Network {
    /// Loads an ONNX file. Its hash should have been checked before: rten-onnx 0.27 never ends
    /// on a number of more than nine bytes, which only a damaged file has.
    pub(super) fn load(onnx: Vec<u8>) -> Result<Self> {
        let mut options = ModelOptions::with_ops(operators());
        let model = options.prepack_weights(true).load(onnx).map_err(corrupt)?;
        if model.input_ids().len() != 1 || model.output_ids().len() != 1 {
            return Err(corrupt("a network with one input and one output was expected"));
        }
        Ok(Self { model, threads: Arc::new(ThreadPool::with_num_threads(1)) })
    }

    /// Runs the network on an input of this shape.
    pub(super) fn run(&self, shape: [usize; 4], values: &[f32]) -> Result<Tensor> {
        let input = ValueView::from_shape(shape, values).map_err(corrupt)?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.threads)));
        let output = self.model.run_one(input.into(), Some(options)).map_err(corrupt)?;
        let output: rten_tensor::Tensor<f32> = output.try_into().map_err(corrupt)?;
        let shape = rten_tensor::Layout::shape(&output).to_vec();
        Ok(Tensor { shape, values: output.into_data() })
    }
}

/// The operators of PP-OCR's networks. Others are not linked.
fn operators() -> OpRegistry {
    op_registry!(
        Add,
        AveragePool,
        BatchNormalization,
        Concat,
        Conv,
        ConvTranspose,
        Div,
        Erf,
        GlobalAveragePool,
        HardSigmoid,
        HardSwish,
        Identity,
        MatMul,
        MaxPool,
        Mul,
        Pow,
        ReduceMean,
        Relu,
        Reshape,
        Resize,
        Shape,
        Sigmoid,
        Slice,
        Softmax,
        Sqrt,
        Squeeze,
        Sub,
        Transpose,
        Unsqueeze
    )
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.model.fmt(f)
    }
}

/// The error of a file that is no network of the kind that is needed.
pub(super) fn corrupt(detail: impl ToString) -> Error {
    Error::CorruptModel { detail: detail.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_network_are_a_corrupt_model() {
        for bytes in [Vec::new(), vec![0; 100], b"\x08\x07".to_vec(), b"RTEN1234".to_vec()] {
            assert!(matches!(Network::load(bytes), Err(Error::CorruptModel { .. })));
        }
    }
}
