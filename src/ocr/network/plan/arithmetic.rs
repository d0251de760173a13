//! Sums, products and quotients of numbers: with constants, and of maps.

use super::node::of_channels;
use super::operations::{Builder, Operation, Value};
use crate::kernel::Activation;
use crate::network::{Function, PixelOperation, Step, ValueId};
use crate::ocr::network::graph::Node;

/// The root of 2, as the files have it, is not exact.
const ROOT_TOLERANCE: f32 = 1e-3;

impl<'a> Builder<'a> {
    pub(super) fn norm(&mut self, node: &'a Node, id: ValueId, value: Value) -> Option<()> {
        let numbers = |input: usize| {
            let numbers = &self.constant(node, input)?.values;
            (numbers.len() == value.channels).then_some(numbers)
        };
        let (weights, biases, means, variances) =
            (numbers(1)?, numbers(2)?, numbers(3)?, numbers(4)?);
        let epsilon = node.float("epsilon").unwrap_or(1e-5);
        let scales: Vec<f32> = weights
            .iter()
            .zip(variances)
            .map(|(it, variance)| it / (variance + epsilon).sqrt())
            .collect();
        let shift = |((bias, mean), scale): ((&f32, &f32), &f32)| bias - mean * scale;
        let shifts = biases.iter().zip(means).zip(&scales).map(shift).collect();
        self.push(node, value, Operation::Pixel(id, PixelOperation::Scale { scales, shifts }))
    }

    /// A sum or a product.
    pub(super) fn arithmetic(&mut self, node: &'a Node, id: ValueId, value: Value) -> Option<()> {
        let [first, second] = node.inputs.as_array()?;
        let is_sum = node.operator == "Add";
        let constant = self.constants.get(first).or_else(|| self.constants.get(second));
        if let Some(constant) = constant {
            let numbers = of_channels(constant, value)?;
            if is_sum && self.merge_biases(id, &numbers) {
                self.ids.retain(|_, other| *other != id);
                self.ids.insert(&node.output, id);
                return Some(());
            }
            let neutral = vec![if is_sum { 1.0 } else { 0.0 }; value.channels];
            let (scales, shifts) = if is_sum { (neutral, numbers) } else { (numbers, neutral) };
            let operation = PixelOperation::Scale { scales, shifts };
            return self.push(node, value, Operation::Pixel(id, operation));
        }
        let other = *self.ids.get(second.as_str())?;
        let one = *self.ids.get(first.as_str())?;
        let (a, b) = (self.values[one], self.values[other]);
        (a.layout == b.layout && a.channels == b.channels).then_some(())?;
        if is_sum {
            return self.push(node, a, Operation::Pixel(one, PixelOperation::Add(other)));
        }
        // Of a product, one is a gate: a map of one pixel.
        let (map, gate) = match (self.is_pixel(first), self.is_pixel(second)) {
            (false, true) => (one, other),
            (true, false) => (other, one),
            _ => return None,
        };
        self.push(node, a, Operation::Pixel(map, PixelOperation::Gate(gate)))
    }

    /// Whether a value has one pixel: a mean, and what is made of it.
    fn is_pixel(&self, name: &str) -> bool {
        let mut id = self.ids.get(name).copied();
        while let Some(at) = id {
            let operation = self.operations.iter().find(|(_, output)| *output == at);
            id = match operation {
                Some((Operation::Other(Step::Mean(_)), _)) => return true,
                Some((Operation::Pixel(input, _), _)) => Some(*input),
                _ => None,
            };
        }
        false
    }

    /// Adds constants to the biases of the operation that computes a value, where nothing else uses
    /// that value.
    fn merge_biases(&mut self, id: ValueId, numbers: &[f32]) -> bool {
        let name = self.ids.iter().find(|(_, other)| **other == id).map(|(name, _)| *name);
        if name.is_none_or(|name| self.users.get(name).map_or(0, Vec::len) != 1) {
            return false;
        }
        match self.operations.last_mut() {
            Some((operation, output)) if *output == id => match operation {
                Operation::Convolve(_, _, matrix)
                | Operation::Pixel(_, PixelOperation::Multiply(matrix)) => {
                    matrix.add_biases(numbers)
                }
                Operation::Spread(_, matrix, [height, width]) => {
                    matrix.add_biases(&numbers.repeat(*height * *width));
                }
                Operation::Depthwise(_, _, weights) => weights.add_biases(numbers),
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    /// A division by a constant; by the root of 2 it begins the normal distribution's activation.
    pub(super) fn division(&mut self, node: &'a Node, id: ValueId, value: Value) -> Option<()> {
        let divisors = of_channels(self.constant(node, 1)?, value)?;
        if let Some((nodes, output)) = self.gelu(node, &divisors) {
            self.parts.extend(nodes);
            let operation = PixelOperation::Activate(Function::Kernel(Activation::Gelu));
            return self.push_as(output, value, Operation::Pixel(id, operation));
        }
        let scales = divisors.iter().map(|divisor| 1.0 / divisor).collect();
        let shifts = vec![0.0; value.channels];
        self.push(node, value, Operation::Pixel(id, PixelOperation::Scale { scales, shifts }))
    }

    /// The nodes of `x * (1 + erf(x / √2)) / 2` after the division, and what they compute.
    fn gelu(&self, division: &'a Node, divisors: &[f32]) -> Option<([*const Node; 4], &'a str)> {
        let root = std::f32::consts::SQRT_2;
        let only = |node: &Node, operator: &str| {
            let [user] = self.users.get(node.output.as_str())?[..] else { return None };
            (user.operator == operator).then_some(user)
        };
        let adds = |node: &Node, number: f32| {
            let constant = node.inputs.iter().find_map(|input| self.constants.get(input));
            constant.is_some_and(|constant| constant.values == [number])
        };
        let is_root = divisors.iter().all(|divisor| (divisor - root).abs() < ROOT_TOLERANCE);
        let erf = only(division, "Erf").filter(|_| is_root)?;
        let sum = only(erf, "Add").filter(|sum| adds(sum, 1.0))?;
        let product = only(sum, "Mul").filter(|it| it.inputs.contains(&division.inputs[0]))?;
        let half = only(product, "Mul").filter(|half| adds(half, 0.5))?;
        Some(([erf, sum, product, half].map(std::ptr::from_ref), &half.output))
    }
}
