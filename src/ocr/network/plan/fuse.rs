//! Operations -> steps.

use std::collections::HashMap;

use super::operations::Operation;
use crate::network::{PixelOperation, Source, Step, ValueId};

/// The operations as steps: operations on pixels that follow each other are one step, so that a pixel
/// stays in the processor's cache.
pub(super) fn fused(
    operations: Vec<(Operation, ValueId)>,
    output: ValueId,
) -> Vec<(Step, ValueId)> {
    let mut uses: HashMap<ValueId, usize> = HashMap::from([(output, 1)]);
    for (operation, _) in &operations {
        for input in operation.inputs() {
            *uses.entry(input).or_default() += 1;
        }
    }
    let mut rest: Vec<Option<(Operation, ValueId)>> = operations.into_iter().map(Some).collect();
    let mut computed = vec![0];
    let mut steps = Vec::new();
    for at in 0..rest.len() {
        let Some((operation, mut id)) = rest[at].take() else { continue };
        let mut step = operation.into_step();
        while let Step::Pixels { operations, spread, .. } = &mut step
            && uses.get(&id) == Some(&1)
            && let Some(next) = next_on_pixels(&rest[at + 1..], id, &computed, *spread)
        {
            let Some((operation, next_id)) = rest[at + 1 + next].take() else { break };
            match operation {
                Operation::Pixel(input, operation) => {
                    operations.extend(operation.continuing(id, input));
                }
                Operation::Spread(_, matrix, by) => {
                    operations.push(PixelOperation::Multiply(matrix));
                    *spread = Some(by);
                }
                _ => unreachable!("it is an operation on pixels"),
            }
            id = next_id;
        }
        computed.push(id);
        steps.push((step, id));
    }
    steps
}

/// The place of the operation that uses `id`, where it can be done with the same step.
fn next_on_pixels(
    rest: &[Option<(Operation, ValueId)>],
    id: ValueId,
    computed: &[ValueId],
    spread: Option<[usize; 2]>,
) -> Option<usize> {
    let uses = |entry: &Option<(Operation, ValueId)>| {
        entry.as_ref().is_some_and(|(operation, _)| operation.inputs().contains(&id))
    };
    let at = rest.iter().position(uses)?;
    let (operation, _) = rest[at].as_ref()?;
    let others = operation.inputs().into_iter().filter(|input| *input != id);
    let can_follow = match operation {
        // What is spread keeps its place, but no longer lies beside that of other maps.
        Operation::Pixel(_, PixelOperation::Activate(_)) => true,
        Operation::Pixel(_, PixelOperation::Gate(gate)) => spread.is_none() && *gate != id,
        Operation::Pixel(..) | Operation::Spread(..) => spread.is_none(),
        _ => false,
    };
    (can_follow && others.into_iter().all(|other| computed.contains(&other))).then_some(at)
}

impl PixelOperation {
    /// The operation on the pixels of value `id`, which is `input` or what is added to it. None where
    /// nothing is to be done.
    fn continuing(self, id: ValueId, input: ValueId) -> Option<Self> {
        match self {
            Self::Scale { scales, .. } if scales.is_empty() => None,
            Self::Add(_) if id != input => Some(Self::Add(input)),
            operation => Some(operation),
        }
    }
}

impl Operation {
    fn inputs(&self) -> Vec<ValueId> {
        match self {
            Self::Pixel(id, PixelOperation::Add(other) | PixelOperation::Gate(other)) => {
                vec![*id, *other]
            }
            Self::Pixel(id, _) | Self::Convolve(id, ..) => vec![*id],
            Self::Depthwise(id, ..) | Self::Spread(id, ..) => vec![*id],
            Self::Other(step) => step.inputs(),
        }
    }

    fn into_step(self) -> Step {
        let pixels = |source, operation| Step::Pixels {
            source,
            operations: Vec::from_iter(operation),
            spread: None,
        };
        match self {
            Self::Pixel(id, operation) => pixels(Source::Map(id), operation.continuing(id, id)),
            Self::Convolve(id, window, matrix) => {
                pixels(Source::Patches(id, window), Some(PixelOperation::Multiply(matrix)))
            }
            Self::Depthwise(id, window, weights) => {
                pixels(Source::Depthwise(id, window, weights), None)
            }
            Self::Spread(id, matrix, by) => Step::Pixels {
                source: Source::Map(id),
                operations: vec![PixelOperation::Multiply(matrix)],
                spread: Some(by),
            },
            Self::Other(step) => step,
        }
    }
}
