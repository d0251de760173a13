//! Networks of maps, on our [kernels](crate::kernel): the channels of a pixel are next to each other, and
//! a step takes few pixels through several operations while they are in the cache.

mod map;
mod matrix;
mod run;

use std::collections::HashMap;

use crate::kernel::{Activation, DepthwiseWeights};

pub(crate) use map::{Map, Window};
pub(crate) use matrix::{Matrix, Precision};

/// The number of a value: a map.
pub(crate) type ValueId = usize;

/// What is done with a pixel, whatever is beside it.
pub(crate) enum PixelOperation {
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
pub(crate) enum Function {
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
pub(crate) enum Source {
    /// Those of a map.
    Map(ValueId),
    /// All numbers of a map that a window covers.
    Patches(ValueId, Window),
    /// Each channel of a map with a window of weights.
    Depthwise(ValueId, Window, DepthwiseWeights),
}

/// A step of a network.
pub(crate) enum Step {
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
    /// Each channel twice, one after the other.
    Twice(ValueId),
    /// All pixels attend to each other, with so many heads. A pixel has queries, keys and values.
    Attend(ValueId, usize),
}

/// A step, the value that it computes, and the values that nothing needs after it.
pub(crate) struct Planned {
    pub(crate) step: Step,
    pub(crate) output: ValueId,
    pub(crate) last_uses: Vec<ValueId>,
}

/// The steps of a network. Value 0 is its input.
pub(crate) struct Plan {
    steps: Vec<Planned>,
    output: ValueId,
}

impl Plan {
    /// A network of these steps, each with the value that it computes, in an order in which they can
    /// run.
    pub(crate) fn new(steps: Vec<(Step, ValueId)>, output: ValueId) -> Self {
        Self { steps: with_last_uses(steps, output), output }
    }

    /// How many steps it has.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }
}

impl Step {
    /// The values that it needs.
    pub(crate) fn inputs(&self) -> Vec<ValueId> {
        match self {
            Self::Pixels { source, operations, .. } => {
                let (Source::Map(id) | Source::Patches(id, _) | Source::Depthwise(id, ..)) = source;
                let others = operations.iter().filter_map(|operation| match operation {
                    PixelOperation::Add(other) | PixelOperation::Gate(other) => Some(*other),
                    _ => None,
                });
                std::iter::once(*id).chain(others).collect()
            }
            Self::Mean(id) | Self::OneRow(id) | Self::Twice(id) => vec![*id],
            Self::Repeat(id, _) | Self::Attend(id, _) => vec![*id],
            Self::Largest(id, _) | Self::Average(id, _) => vec![*id],
            Self::Concat(ids) => ids.clone(),
        }
    }
}

fn with_last_uses(steps: Vec<(Step, ValueId)>, output: ValueId) -> Vec<Planned> {
    let mut last: HashMap<ValueId, usize> = HashMap::new();
    for (at, (step, _)) in steps.iter().enumerate() {
        last.extend(step.inputs().into_iter().map(|id| (id, at)));
    }
    last.remove(&output);
    let planned = |(at, (step, output)): (usize, (Step, ValueId))| {
        let mut last_uses = step.inputs();
        last_uses.sort_unstable();
        last_uses.dedup();
        last_uses.retain(|id| last.get(id) == Some(&at));
        Planned { step, output, last_uses }
    };
    steps.into_iter().enumerate().map(planned).collect()
}
