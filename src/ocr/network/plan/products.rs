//! Convolutions and products of matrices.

use super::node::window;
use super::operations::{Builder, Operation, Value};
use crate::kernel::DepthwiseWeights;
use crate::network::{Matrix, PixelOperation, Precision, ValueId, Window};
use crate::ocr::network::graph::Node;

impl<'a> Builder<'a> {
    pub(super) fn convolution(&mut self, node: &'a Node, id: ValueId, value: Value) -> Option<()> {
        let weights = self.constant(node, 1)?;
        let [outputs, inputs, height, width] = *weights.shape.as_array()?;
        let size = [height, width];
        let window = window(node, size)?;
        let biases = self.biases(node, outputs)?;
        let group = node.int("group").unwrap_or(1);
        let output = Value { channels: outputs, ..value };
        if group == 1 && inputs == value.channels {
            let (values, counts) = (&weights.values, [inputs, height * width]);
            let matrix = Matrix::of_kernels(values, counts, biases, Precision::Codes)?;
            let is_point = size == [1, 1] && window.stride == [1, 1] && is_unpadded(&window);
            let operation = if is_point {
                Operation::Pixel(id, PixelOperation::Multiply(matrix))
            } else {
                Operation::Convolve(id, window, matrix)
            };
            return self.push(node, output, operation);
        }
        let is_depthwise =
            group == value.channels as i64 && inputs == 1 && outputs == value.channels;
        is_depthwise.then_some(())?;
        let weights = DepthwiseWeights::new(size, &weights.values, &biases);
        self.push(node, output, Operation::Depthwise(id, window, weights))
    }

    fn biases(&self, node: &Node, outputs: usize) -> Option<Vec<f32>> {
        match node.inputs.get(2) {
            None => Some(vec![0.0; outputs]),
            Some(_) => {
                let biases = &self.constant(node, 2)?.values;
                (biases.len() == outputs).then(|| biases.clone())
            }
        }
    }

    pub(super) fn transposed_convolution(
        &mut self,
        node: &'a Node,
        id: ValueId,
        value: Value,
    ) -> Option<()> {
        let weights = self.constant(node, 1)?;
        let [inputs, outputs, height, width] = *weights.shape.as_array()?;
        let is_known = inputs == value.channels
            && [outputs, height, width].iter().all(|size| *size > 0)
            && node.sizes("strides") == Some([height, width])
            && node.ints("pads").is_none_or(|pads| pads == [0; 4])
            && node.ints("dilations").is_none_or(|it| it == [1, 1])
            && node.int("group").unwrap_or(1) == 1
            && node.text("auto_pad").is_none_or(|it| it == "NOTSET")
            && ["output_padding", "output_shape"].iter().all(|name| node.ints(name).is_none());
        is_known.then_some(())?;
        // From [input, output, position] to [position, output, input].
        let positions = height * width;
        let number = |at: usize| {
            let (position, at) = (at / (outputs * inputs), at % (outputs * inputs));
            weights.values[(at % inputs * outputs + at / inputs) * positions + position]
        };
        let numbers: Vec<f32> = (0..weights.values.len()).map(number).collect();
        let biases = self.biases(node, outputs)?.repeat(positions);
        let matrix = Matrix::new(&numbers, inputs, biases, Precision::Codes)?;
        let output = Value { channels: outputs, ..value };
        self.push(node, output, Operation::Spread(id, matrix, [height, width]))
    }

    pub(super) fn product(&mut self, node: &'a Node, id: ValueId, value: Value) -> Option<()> {
        let weights = self.constant(node, 1)?;
        let [inputs, outputs] = *weights.shape.as_array()?;
        (inputs == value.channels && self.ids.contains_key(node.inputs[0].as_str()))
            .then_some(())?;
        let number = |at: usize| weights.values[at % inputs * outputs + at / inputs];
        let numbers: Vec<f32> = (0..weights.values.len()).map(number).collect();
        let matrix = Matrix::new(&numbers, inputs, vec![0.0; outputs], Precision::Codes)?;
        let output = Value { channels: outputs, ..value };
        self.push(node, output, Operation::Pixel(id, PixelOperation::Multiply(matrix)))
    }
}

fn is_unpadded(window: &Window) -> bool {
    window.before == [0, 0] && window.after == [0, 0]
}
