//! Networks on our kernels, compared with the same ones on `rten`.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, ValueInfoProto,
};

use super::*;
use crate::rng::Rng;

/// Writes a network of nodes that follow each other, or name their inputs.
struct Writer {
    graph: GraphProto,
    rng: Rng,
    last: String,
}

impl Writer {
    fn new(seed: u64) -> Self {
        let named = |name: &str| ValueInfoProto { name: Some(name.to_owned()), r#type: None };
        let graph = GraphProto { input: vec![named("x")], ..GraphProto::default() };
        Self { graph, rng: Rng::new(seed), last: "x".to_owned() }
    }

    /// Random numbers of this shape, as a constant.
    fn random(&mut self, shape: &[usize], scale: f32, shift: f32) -> String {
        let count = shape.iter().product();
        let numbers =
            (0..count).map(|_| self.rng.signed_fraction() * scale + shift).collect::<Vec<f32>>();
        self.constant(shape, &numbers)
    }

    fn constant(&mut self, shape: &[usize], numbers: &[f32]) -> String {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensor(shape, DataType::FLOAT, bytes)
    }

    fn ints(&mut self, numbers: &[i64]) -> String {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensor(&[numbers.len()], DataType::INT64, bytes)
    }

    fn tensor(&mut self, shape: &[usize], data_type: DataType, bytes: Vec<u8>) -> String {
        let name = format!("constant{}", self.graph.initializer.len());
        self.graph.initializer.push(TensorProto {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: Some(data_type),
            raw_data: Some(RefCell::new(bytes)),
            name: Some(name.clone()),
            ..TensorProto::default()
        });
        name
    }

    /// A node of these inputs. Returns its output, which is the last one.
    fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[(&str, &[i64])]) -> String {
        let output = format!("value{}", self.graph.node.len());
        let attribute = |(name, ints): &(&str, &[i64])| AttributeProto {
            name: Some((*name).to_owned()),
            ints: if ints.len() > 1 { ints.to_vec() } else { Vec::new() },
            i: (ints.len() == 1).then(|| ints[0]),
            r#type: Some(if ints.len() > 1 { AttributeType::INTS } else { AttributeType::INT }),
            ..AttributeProto::default()
        };
        self.graph.node.push(NodeProto {
            op_type: Some(operator.to_owned()),
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![output.clone()],
            attribute: attributes.iter().map(attribute).collect(),
            ..NodeProto::default()
        });
        self.last.clone_from(&output);
        output
    }

    fn with_attribute(&mut self, attribute: AttributeProto) {
        self.graph.node.last_mut().unwrap().attribute.push(attribute);
    }

    fn convolution(&mut self, [to, from, height, width]: [usize; 4], rest: &[(&str, &[i64])]) {
        // As large as keeps the size of what goes through.
        let scale = (3.0 / (from * height * width) as f32).sqrt();
        let weights = self.random(&[to, from, height, width], scale, 0.0);
        let size = [height as i64, width as i64];
        let mut attributes: Vec<(&str, &[i64])> = vec![("kernel_shape", &size)];
        attributes.extend(rest);
        let last = self.last.clone();
        self.node("Conv", &[&last, &weights], &attributes);
    }

    fn biases(&mut self, channels: usize) {
        let biases = self.random(&[1, channels, 1, 1], 0.3, 0.0);
        let last = self.last.clone();
        self.node("Add", &[&last, &biases], &[]);
    }

    fn norm(&mut self, channels: usize) {
        let [scale, shift, mean] = [1.0, 0.0, 0.0].map(|at| self.random(&[channels], 0.3, at));
        let variance = self.random(&[channels], 0.3, 1.0);
        let last = self.last.clone();
        self.node("BatchNormalization", &[&last, &scale, &shift, &mean, &variance], &[]);
    }

    fn gelu(&mut self) {
        let [root, one, half] =
            [std::f32::consts::SQRT_2, 1.0, 0.5].map(|it| self.constant(&[], &[it]));
        let input = self.last.clone();
        let divided = self.node("Div", &[&input, &root], &[]);
        let erf = self.node("Erf", &[&divided], &[]);
        let sum = self.node("Add", &[&erf, &one], &[]);
        let product = self.node("Mul", &[&input, &sum], &[]);
        self.node("Mul", &[&product, &half], &[]);
    }

    /// Each channel times what follows from the means of all.
    fn gate(&mut self, channels: usize) {
        let input = self.last.clone();
        self.node("GlobalAveragePool", &[&input], &[]);
        self.convolution([4, channels, 1, 1], &[]);
        self.biases(4);
        let last = self.last.clone();
        self.node("Relu", &[&last], &[]);
        self.convolution([channels, 4, 1, 1], &[]);
        let last = self.last.clone();
        let gate = self.node("HardSigmoid", &[&last], &[]);
        for (name, number) in [("alpha", 0.2), ("beta", 0.5)] {
            self.with_attribute(AttributeProto {
                name: Some(name.to_owned()),
                f: Some(number),
                r#type: Some(AttributeType::FLOAT),
                ..AttributeProto::default()
            });
        }
        self.node("Mul", &[&input, &gate], &[]);
    }

    fn finish(mut self) -> Vec<u8> {
        let output = ValueInfoProto { name: Some(self.last.clone()), r#type: None };
        self.graph.output = vec![output];
        let version = OperatorSetIdProto { version: Some(13), ..OperatorSetIdProto::default() };
        let model = ModelProto {
            ir_version: Some(8),
            graph: Some(self.graph),
            opset_import: vec![version],
            ..ModelProto::default()
        };
        model.write_buf().unwrap()
    }
}

const PADDED: [(&str, &[i64]); 2] = [("pads", &[1, 1, 1, 1]), ("strides", &[1, 1])];
const HALVED: [(&str, &[i64]); 2] = [("pads", &[1, 1, 1, 1]), ("strides", &[2, 2])];

/// Finds text as PP-OCR does: a body, maps of two sizes that are joined, and a map of the input's size.
fn detection(seed: u64, channels: usize) -> Vec<u8> {
    let mut it = Writer::new(seed);
    it.convolution([channels, 3, 3, 3], &HALVED);
    it.norm(channels);
    it.gelu();
    let wide = it.last.clone();
    it.node(
        "MaxPool",
        &[&wide],
        &[("kernel_shape", &[2, 2]), ("pads", &[0, 0, 1, 1]), ("strides", &[1, 1])],
    );
    let group = [channels as i64];
    let [pads, strides] = PADDED;
    it.convolution([channels, 1, 3, 3], &[pads, strides, ("group", &group)]);
    it.biases(channels);
    let input = it.last.clone();
    it.convolution([2 * channels, channels, 1, 1], &[]);
    it.biases(2 * channels);
    it.gelu();
    it.convolution([channels, 2 * channels, 1, 1], &[]);
    let inner = it.last.clone();
    it.node("Add", &[&input, &inner], &[]);
    it.gate(channels);
    it.convolution([channels, channels, 3, 3], &HALVED);
    let scales = it.constant(&[4], &[1.0, 1.0, 2.0, 2.0]);
    let (last, none) = (it.last.clone(), it.constant(&[0], &[]));
    let upper = it.node("Resize", &[&last, &none, &scales], &[]);
    for (name, text) in [
        ("mode", "nearest"),
        ("coordinate_transformation_mode", "asymmetric"),
        ("nearest_mode", "floor"),
    ] {
        it.with_attribute(AttributeProto {
            name: Some(name.to_owned()),
            s: Some(text.to_owned()),
            r#type: Some(AttributeType::STRING),
            ..AttributeProto::default()
        });
    }
    it.node("Concat", &[&upper, &wide], &[("axis", &[1])]);
    it.convolution([8, 2 * channels, 3, 3], &PADDED);
    it.biases(8);
    let last = it.last.clone();
    it.node("Relu", &[&last], &[]);
    let weights = it.random(&[8, 1, 2, 2], 0.5, 0.0);
    let last = it.last.clone();
    it.node(
        "ConvTranspose",
        &[&last, &weights],
        &[("kernel_shape", &[2, 2]), ("strides", &[2, 2])],
    );
    it.biases(1);
    let last = it.last.clone();
    it.node("Sigmoid", &[&last], &[]);
    it.finish()
}

/// Reads a line as PP-OCR does: a map of one row, whose columns become probabilities.
fn recognition(seed: u64, channels: usize, classes: usize) -> Vec<u8> {
    let mut it = Writer::new(seed);
    it.convolution([channels, 3, 3, 3], &HALVED);
    let last = it.last.clone();
    it.node("AveragePool", &[&last], &[("kernel_shape", &[8, 2]), ("strides", &[8, 2])]);
    let axis = it.ints(&[2]);
    let last = it.last.clone();
    it.node("Squeeze", &[&last, &axis], &[]);
    it.norm(channels);
    let last = it.last.clone();
    it.node("HardSwish", &[&last], &[]);
    let last = it.last.clone();
    it.node("Transpose", &[&last], &[("perm", &[0, 2, 1])]);
    let (weights, biases) =
        (it.random(&[channels, classes], 1.0, 0.0), it.random(&[classes], 0.5, 0.0));
    let last = it.last.clone();
    it.node("MatMul", &[&last, &weights], &[]);
    let last = it.last.clone();
    it.node("Add", &[&last, &biases], &[]);
    let last = it.last.clone();
    it.node("Softmax", &[&last], &[("axis", &[2])]);
    it.finish()
}

/// What both make of a random picture: the shape, and the numbers of ours and of `rten`.
fn both(onnx: Vec<u8>, [height, width]: [usize; 2], seed: u64) -> (Vec<usize>, Vec<f32>, Vec<f32>) {
    let general = GeneralNetwork::load(onnx.clone()).unwrap();
    let ours = Network::load(onnx).unwrap();
    assert!(matches!(ours.0, Kind::Planned(_)), "its operators are known");
    let mut rng = Rng::new(seed);
    let input: Vec<f32> = (0..3 * height * width).map(|_| rng.signed_fraction()).collect();
    let shape = [1, 3, height, width];
    let (ours, general) = (ours.run(shape, &input).unwrap(), general.run(shape, &input).unwrap());
    assert_eq!(ours.shape, general.shape);
    (ours.shape, ours.values, general.values)
}

fn worst((_, ours, general): &(Vec<usize>, Vec<f32>, Vec<f32>)) -> f32 {
    let differences = ours.iter().zip(general).map(|(one, other)| (one - other).abs());
    differences.fold(0.0, f32::max)
}

#[test]
fn a_network_that_finds_text_gives_what_rten_gives() {
    // Most matrices of 3 channels have short rows, of floats; those of 40 are codes.
    for (seed, channels) in [(1, 3), (2, 8), (3, 40)] {
        let compared = both(detection(seed, channels), [64, 96], seed);
        assert_eq!(compared.0, [1, 1, 64, 96]);
        assert!(worst(&compared) < 0.03, "seed {seed}: {}", worst(&compared));
    }
}

#[test]
fn a_network_that_reads_lines_gives_what_rten_gives() {
    for (seed, channels, most) in [(4, 24, 1e-5), (5, 80, 0.02)] {
        let compared = both(recognition(seed, channels, 37), [16, 88], seed);
        assert_eq!(compared.0, [1, 22, 37]);
        assert!(worst(&compared) < most, "seed {seed}: {}", worst(&compared));
        let sums = compared.1.chunks_exact(37).map(|column| column.iter().sum::<f32>());
        assert!(sums.into_iter().all(|sum| (sum - 1.0).abs() < 1e-5));
    }
}

#[test]
fn the_default_models_run_on_our_kernels() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pp-ocrv6-tiny");
    for (file, size, seed) in [("detection.onnx", [64, 96], 6), ("recognition.onnx", [48, 160], 7)]
    {
        let onnx = std::fs::read(folder.join(file)).expect("make models has fetched it");
        let (_, ours, general) = both(onnx, size, seed);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let cosine = dot(&ours, &general) / (dot(&ours, &ours) * dot(&general, &general)).sqrt();
        assert!(cosine > 0.95, "{file}: {cosine}");
    }
}

#[test]
fn a_network_of_other_operators_runs_on_rten() {
    let mut it = Writer::new(8);
    it.node("Sqrt", &["x"], &[]);
    let network = Network::load(it.finish()).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(network.0, Kind::General(_)));
    assert_eq!(network.run([1, 3, 1, 1], &[4.0, 9.0, 16.0]).unwrap().values, [2.0, 3.0, 4.0]);
}

#[test]
fn maps_that_do_not_fit_are_an_error() {
    let network = Network::load(detection(9, 3)).unwrap();
    // The two maps that are joined have different sizes.
    let error = network.run([1, 3, 62, 62], &[0.0; 3 * 62 * 62]).err().unwrap();
    assert_eq!(error.code(), "corrupt_model");
    let error = network.run([1, 1, 64, 64], &[0.0; 64 * 64]).err().unwrap();
    assert_eq!(error.code(), "corrupt_model");
    let network = Network::load(recognition(9, 3, 5)).unwrap();
    let error = network.run([1, 3, 48, 32], &[0.0; 3 * 48 * 32]).err().unwrap();
    assert_eq!(error.code(), "corrupt_model", "three rows are no line");
}

#[test]
fn bytes_that_are_no_network_are_a_corrupt_model() {
    for bytes in [Vec::new(), vec![0; 100], b"\x08\x07".to_vec(), b"RTEN1234".to_vec()] {
        assert!(matches!(Network::load(bytes), Err(Error::CorruptModel { .. })));
    }
}
