//! Networks of any operators, on `rten`. It is the one place that knows that crate.

use std::sync::Arc;

use rten::{Model, ModelOptions, OpRegistry, RunOptions, ThreadPool, ValueView, op_registry};

use super::{Tensor, corrupt};
use crate::error::Result;

/// A network that `rten` runs.
pub(super) struct GeneralNetwork {
    model: Model,
    threads: Arc<ThreadPool>,
}

impl GeneralNetwork {
    /// Loads an ONNX file.
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

/// The operators of PP-OCR's networks in all sizes. Others are not linked.
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

impl std::fmt::Debug for GeneralNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.model.fmt(f)
    }
}
