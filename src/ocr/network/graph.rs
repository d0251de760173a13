//! An ONNX file -> the nodes of its graph, with their constants as floats.

use std::collections::HashMap;

use rten_onnx::onnx::{AttributeProto, DataType, ModelProto, NodeProto, TensorProto};

/// A graph from one value to another one.
pub(super) struct Graph {
    /// In an order in which they can run. Nodes that only pass a value on are left out.
    pub(super) nodes: Vec<Node>,
    pub(super) constants: HashMap<String, Constant>,
    pub(super) input: String,
    pub(super) output: String,
}

/// A node with one output.
pub(super) struct Node {
    pub(super) operator: String,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    attributes: Vec<AttributeProto>,
}

/// Numbers of the file.
pub(super) struct Constant {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

impl Graph {
    /// Parses a file. None for one of another form. Its hash should have been checked before:
    /// rten-onnx 0.27 never ends on a number of more than nine bytes, which only a damaged file has.
    pub(super) fn parse(file: &[u8]) -> Option<Self> {
        let graph = ModelProto::parse_buf(file).ok()?.graph?;
        let constants: HashMap<String, Constant> = graph
            .initializer
            .iter()
            .map(|tensor| Some((tensor.name.clone()?, Constant::of(tensor)?)))
            .collect::<Option<_>>()?;
        let inputs = graph.input.iter().filter_map(|input| input.name.as_ref());
        let mut inputs = inputs.filter(|name| !constants.contains_key(*name));
        let (input, None) = (inputs.next()?.clone(), inputs.next()) else { return None };
        let mut passed_on: HashMap<String, String> = HashMap::new();
        let mut nodes = Vec::new();
        for node in graph.node {
            let node = Node::of(node, &passed_on)?;
            if node.operator == "Identity" {
                passed_on.insert(node.output, node.inputs.into_iter().next()?);
            } else {
                nodes.push(node);
            }
        }
        let [output] = &graph.output[..] else { return None };
        let output = output.name.clone()?;
        let output = passed_on.get(&output).cloned().unwrap_or(output);
        Some(Self { nodes, constants, input, output })
    }
}

impl Node {
    fn of(node: NodeProto, passed_on: &HashMap<String, String>) -> Option<Self> {
        let resolved = |name: String| passed_on.get(&name).cloned().unwrap_or(name);
        let [output] = <[String; 1]>::try_from(node.output).ok()?;
        Some(Self {
            operator: node.op_type?,
            inputs: node.input.into_iter().map(resolved).collect(),
            output,
            attributes: node.attribute,
        })
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.attributes.iter().find(|attribute| attribute.name.as_deref() == Some(name))
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.i
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name)?.f
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.attribute(name)?.s.as_deref()
    }

    /// A list of numbers that are not negative.
    pub(super) fn sizes<const N: usize>(&self, name: &str) -> Option<[usize; N]> {
        let sizes = self.ints(name)?.iter().map(|&size| usize::try_from(size).ok());
        sizes.collect::<Option<Vec<_>>>()?.try_into().ok()
    }

    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }
}

impl Constant {
    fn of(tensor: &TensorProto) -> Option<Self> {
        let shape: Vec<usize> =
            tensor.dims.iter().map(|&size| usize::try_from(size).ok()).collect::<Option<_>>()?;
        let values = match tensor.data_type? {
            DataType::FLOAT => match &tensor.raw_data {
                Some(bytes) => numbers(&bytes.borrow(), f32::from_le_bytes)?,
                None => tensor.float_data.clone(),
            },
            DataType::INT64 => match &tensor.raw_data {
                Some(bytes) => numbers(&bytes.borrow(), |it| i64::from_le_bytes(it) as f32)?,
                None => tensor.int64_data.iter().map(|&number| number as f32).collect(),
            },
            _ => return None,
        };
        let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size))?;
        (count == values.len()).then_some(Self { shape, values })
    }
}

fn numbers<const N: usize>(bytes: &[u8], number: fn([u8; N]) -> f32) -> Option<Vec<f32>> {
    let (numbers, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| numbers.iter().map(|&bytes| number(bytes)).collect())
}
