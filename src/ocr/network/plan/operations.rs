//! The nodes of a graph -> operations on values.

use std::collections::HashMap;

use super::INPUT_CHANNELS;
use super::node::window;
use crate::kernel::{Activation, DepthwiseWeights};
use crate::network::{Function, Matrix, PixelOperation, Step, ValueId, Window};
use crate::ocr::network::graph::{Constant, Graph, Node};

/// The order of a value's axes in the file. In memory it is the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Channels, rows, columns.
    Planes,
    /// Channels, columns: of maps with one row.
    Lines,
    /// Columns, channels: likewise.
    Rows,
}

#[derive(Clone, Copy)]
pub(super) struct Value {
    pub(super) layout: Layout,
    pub(super) channels: usize,
}

/// An operation of the file, on values.
pub(super) enum Operation {
    Pixel(ValueId, PixelOperation),
    Convolve(ValueId, Window, Matrix),
    Depthwise(ValueId, Window, DepthwiseWeights),
    /// A product whose numbers are a rectangle of pixels.
    Spread(ValueId, Matrix, [usize; 2]),
    Other(Step),
}

pub(super) struct Builder<'a> {
    pub(super) constants: &'a HashMap<String, Constant>,
    /// The nodes that use a value.
    pub(super) users: HashMap<&'a str, Vec<&'a Node>>,
    /// Nodes that are computed with another one.
    pub(super) parts: Vec<*const Node>,
    pub(super) ids: HashMap<&'a str, ValueId>,
    pub(super) values: Vec<Value>,
    pub(super) operations: Vec<(Operation, ValueId)>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let mut users: HashMap<&str, Vec<&Node>> = HashMap::new();
        for node in &graph.nodes {
            for input in &node.inputs {
                users.entry(input).or_default().push(node);
            }
        }
        let input = Value { layout: Layout::Planes, channels: INPUT_CHANNELS };
        let ids = HashMap::from([(graph.input.as_str(), 0)]);
        let (parts, operations) = (Vec::new(), Vec::new());
        let constants = &graph.constants;
        Self { constants, users, parts, ids, values: vec![input], operations }
    }

    pub(super) fn is_part_of_another(&self, node: &Node) -> bool {
        self.parts.contains(&std::ptr::from_ref(node))
    }

    pub(super) fn read(&mut self, node: &'a Node) -> Option<()> {
        let id = *self.ids.get(node.inputs.first()?.as_str()).or_else(|| {
            // A sum or a product may begin with its constant.
            self.ids.get(node.inputs.get(1)?.as_str())
        })?;
        let value = self.values[id];
        let is_plane = value.layout == Layout::Planes;
        match node.operator.as_str() {
            "Conv" if is_plane => self.convolution(node, id, value),
            "ConvTranspose" if is_plane => self.transposed_convolution(node, id, value),
            "MatMul" if value.layout == Layout::Rows => self.product(node, id, value),
            "BatchNormalization" if value.layout != Layout::Rows => self.norm(node, id, value),
            "Add" | "Mul" => self.arithmetic(node, id, value),
            "Div" => self.division(node, id, value),
            "Relu" => self.activate(node, id, Function::Relu),
            "Sigmoid" => self.activate(node, id, Function::Kernel(Activation::Sigmoid)),
            "HardSwish" => self.activate(node, id, Function::HardSwish),
            "HardSigmoid" => {
                let (slope, offset) = (node.float("alpha")?, node.float("beta")?);
                self.activate(node, id, Function::HardSigmoid { slope, offset })
            }
            "Softmax" => {
                let is_last = matches!(node.int("axis"), Some(-1 | 2));
                (is_last && value.layout == Layout::Rows).then_some(())?;
                self.push(node, value, Operation::Pixel(id, PixelOperation::Softmax))
            }
            "GlobalAveragePool" if is_plane => {
                self.push(node, value, Operation::Other(Step::Mean(id)))
            }
            "ReduceMean" if is_plane => {
                let is_whole = node.ints("axes")? == [2, 3] && node.int("keepdims") != Some(0);
                is_whole.then_some(())?;
                self.push(node, value, Operation::Other(Step::Mean(id)))
            }
            "MaxPool" if is_plane => {
                let window = window(node, node.sizes("kernel_shape")?)?;
                self.push(node, value, Operation::Other(Step::Largest(id, window)))
            }
            "AveragePool" if is_plane => {
                let window = window(node, node.sizes("kernel_shape")?)?;
                let is_within = window.before == [0, 0] && window.after == [0, 0];
                is_within.then_some(())?;
                self.push(node, value, Operation::Other(Step::Average(id, window)))
            }
            "Resize" if is_plane => self.resize(node, id, value),
            "Concat" if is_plane => self.concat(node),
            "Squeeze" if is_plane => {
                matches!(self.constant(node, 1)?.values[..], [2.0 | -2.0]).then_some(())?;
                let value = Value { layout: Layout::Lines, ..value };
                self.push(node, value, Operation::Other(Step::OneRow(id)))
            }
            "Unsqueeze" if value.layout == Layout::Lines => {
                matches!(self.constant(node, 1)?.values[..], [2.0 | -2.0]).then_some(())?;
                self.relabel(node, id, Layout::Planes)
            }
            "Transpose" => {
                (node.ints("perm")? == [0, 2, 1]).then_some(())?;
                match value.layout {
                    Layout::Lines => self.relabel(node, id, Layout::Rows),
                    Layout::Rows => self.relabel(node, id, Layout::Lines),
                    Layout::Planes => None,
                }
            }
            _ => None,
        }
    }

    pub(super) fn push(
        &mut self,
        node: &'a Node,
        value: Value,
        operation: Operation,
    ) -> Option<()> {
        self.push_as(&node.output, value, operation)
    }

    pub(super) fn push_as(
        &mut self,
        output: &'a str,
        value: Value,
        operation: Operation,
    ) -> Option<()> {
        let id = self.values.len();
        self.values.push(value);
        self.ids.insert(output, id);
        self.operations.push((operation, id));
        Some(())
    }

    fn activate(&mut self, node: &'a Node, id: ValueId, function: Function) -> Option<()> {
        let operation = PixelOperation::Activate(function);
        self.push(node, self.values[id], Operation::Pixel(id, operation))
    }

    /// The same numbers in memory, with other axes in the file.
    fn relabel(&mut self, node: &'a Node, id: ValueId, layout: Layout) -> Option<()> {
        let operation = PixelOperation::Scale { scales: Vec::new(), shifts: Vec::new() };
        self.push(node, Value { layout, ..self.values[id] }, Operation::Pixel(id, operation))
    }

    pub(super) fn constant(&self, node: &Node, input: usize) -> Option<&'a Constant> {
        self.constants.get(node.inputs.get(input)?)
    }

    fn resize(&mut self, node: &'a Node, id: ValueId, value: Value) -> Option<()> {
        let scales =
            self.constant(node, node.inputs.len().checked_sub(1).filter(|at| *at <= 2)?)?;
        let [1.0, 1.0, down, right] = scales.values[..] else { return None };
        let is_known = node.text("mode") == Some("nearest")
            && node.text("coordinate_transformation_mode") == Some("asymmetric")
            && node.text("nearest_mode") == Some("floor")
            && [down, right].iter().all(|by| by.fract() == 0.0 && (1.0..=64.0).contains(by));
        is_known.then_some(())?;
        let by = [down as usize, right as usize];
        self.push(node, value, Operation::Other(Step::Repeat(id, by)))
    }

    fn concat(&mut self, node: &'a Node) -> Option<()> {
        (node.int("axis") == Some(1)).then_some(())?;
        let ids = node.inputs.iter().map(|name| self.ids.get(name.as_str()).copied());
        let ids: Vec<ValueId> = ids.collect::<Option<_>>()?;
        let is_plane = |id: &ValueId| self.values[*id].layout == Layout::Planes;
        ids.iter().all(is_plane).then_some(())?;
        let channels = ids.iter().map(|id| self.values[*id].channels).sum();
        let value = Value { layout: Layout::Planes, channels };
        self.push(node, value, Operation::Other(Step::Concat(ids)))
    }
}
