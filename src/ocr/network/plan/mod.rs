//! The nodes of a graph -> operations on maps, and these -> steps, each of which goes through a map
//! once.

mod arithmetic;
mod fuse;
mod node;
mod operations;
mod products;

use super::graph::Graph;
use super::map::Window;
use super::weights::Matrix;
use crate::kernel::{Activation, DepthwiseWeights};
use fuse::{fused, with_last_uses};
use operations::{Builder, Layout};

/// The number of a value: a map.
pub(super) type ValueId = usize;

/// What is done with a pixel, whatever is beside it.
pub(super) enum PixelOperation {
    /// A product with a matrix, plus its biases.
    Multiply(Matrix),
    /// Each channel times its scale, plus its shift.
    Scale {
        scales: Vec<f32>,
        shifts: Vec<f32>,
    },
    Activate(Function),
    /// The probabilities of the channels.
    Softmax,
    /// The same pixel of another map is added.
    Add(ValueId),
    /// Each channel times that of a map of one pixel.
    Gate(ValueId),
}

/// A function of each number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Function {
    Kernel(Activation),
    Relu,
    /// `x * slope + offset`, within 0 and 1.
    HardSigmoid {
        slope: f32,
        offset: f32,
    },
    /// `x` times a hard sigmoid of it.
    HardSwish,
}

/// What the pixels of a step are made from.
pub(super) enum Source {
    /// Those of a map.
    Map(ValueId),
    /// All numbers of a map that a window covers.
    Patches(ValueId, Window),
    /// Each channel of a map with a window of weights.
    Depthwise(ValueId, Window, DepthwiseWeights),
}

/// A step of a network.
pub(super) enum Step {
    /// Pixels, with operations on each, one after the other. The numbers of a pixel may become a
    /// rectangle of `spread` pixels in the end.
    Pixels { source: Source, operations: Vec<PixelOperation>, spread: Option<[usize; 2]> },
    /// The mean of each channel.
    Mean(ValueId),
    /// The largest number of each channel in a window.
    Largest(ValueId, Window),
    /// The mean of each channel in a window.
    Average(ValueId, Window),
    /// Each pixel so many times down and to the right.
    Repeat(ValueId, [usize; 2]),
    /// The channels of one map after those of the other.
    Concat(Vec<ValueId>),
    /// The map itself, which must have one row.
    OneRow(ValueId),
}

/// A step, the value that it computes, and the values that nothing needs after it.
pub(super) struct Planned {
    pub(super) step: Step,
    pub(super) output: ValueId,
    pub(super) last_uses: Vec<ValueId>,
}

/// The steps of a network. Value 0 is its input.
pub(super) struct Plan {
    pub(super) steps: Vec<Planned>,
    pub(super) output: ValueId,
    /// Whether the output has the channels of each pixel next to each other; planes otherwise.
    pub(super) has_rows: bool,
}

/// The channels of the input.
pub(super) const INPUT_CHANNELS: usize = 3;

impl Plan {
    /// None where the graph has an operator, or a form of one, that is not known here.
    pub(super) fn of(graph: &Graph) -> Option<Self> {
        let mut builder = Builder::new(graph);
        for node in &graph.nodes {
            if !builder.is_part_of_another(node) {
                builder.read(node)?;
            }
        }
        let output = *builder.ids.get(graph.output.as_str())?;
        let has_rows = builder.values[output].layout == Layout::Rows;
        let steps = fused(builder.operations, output);
        Some(Self { steps: with_last_uses(steps, output), output, has_rows })
    }
}

impl Step {
    /// The values that it needs.
    pub(super) fn inputs(&self) -> Vec<ValueId> {
        match self {
            Self::Pixels { source, operations, .. } => {
                let (Source::Map(id) | Source::Patches(id, _) | Source::Depthwise(id, ..)) = source;
                let others = operations.iter().filter_map(|operation| match operation {
                    PixelOperation::Add(other) | PixelOperation::Gate(other) => Some(*other),
                    _ => None,
                });
                std::iter::once(*id).chain(others).collect()
            }
            Self::Mean(id) | Self::OneRow(id) | Self::Repeat(id, _) => vec![*id],
            Self::Largest(id, _) | Self::Average(id, _) => vec![*id],
            Self::Concat(ids) => ids.clone(),
        }
    }
}
