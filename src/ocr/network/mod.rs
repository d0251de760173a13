//! Networks of ONNX files.
//!
//! Networks whose operators are known here run on [our own](crate::network), with weights of 8 bits. All
//! others run on `rten`.
//!
//! ```text
//! file -> graph -> plan (operations, then steps) -> run
//! ```

mod general;
mod graph;
mod plan;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};
use crate::network::Map;

use general::GeneralNetwork;
use graph::Graph;
use plan::{GraphPlan, INPUT_CHANNELS};

/// A network from one tensor of floats to another one. It runs on one thread, because the order
/// of sums, and so the result, must not depend on the machine.
pub(super) struct Network(Kind);

enum Kind {
    Planned(GraphPlan),
    General(Box<GeneralNetwork>),
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
        match Graph::parse(&onnx).and_then(|graph| GraphPlan::of(&graph)) {
            Some(plan) => Ok(Self(Kind::Planned(plan))),
            None => Ok(Self(Kind::General(Box::new(GeneralNetwork::load(onnx)?)))),
        }
    }

    /// Runs the network on an input of this shape.
    pub(super) fn run(&self, shape: [usize; 4], values: &[f32]) -> Result<Tensor> {
        match &self.0 {
            Kind::General(network) => network.run(shape, values),
            Kind::Planned(plan) => run_plan(plan, shape, values),
        }
    }
}

fn run_plan(plan: &GraphPlan, shape: [usize; 4], values: &[f32]) -> Result<Tensor> {
    let [1, INPUT_CHANNELS, height, width] = shape else {
        return Err(corrupt(format!("a picture of three planes was expected, not {shape:?}")));
    };
    let input = Map::from_planes([height, width], INPUT_CHANNELS, values);
    let output = plan.plan.run(input).map_err(|unfit| corrupt(unfit.0))?;
    let Map { height, width, channels, .. } = output;
    Ok(if plan.has_rows {
        Tensor { shape: vec![1, height * width, channels], values: output.values }
    } else {
        Tensor { shape: vec![1, channels, height, width], values: output.into_planes() }
    })
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Planned(plan) => write!(f, "a network of {} steps", plan.plan.len()),
            Kind::General(network) => network.fmt(f),
        }
    }
}

/// The error of a file that is no network of the kind that is needed.
pub(super) fn corrupt(detail: impl ToString) -> Error {
    Error::CorruptModel { detail: detail.to_string() }
}
