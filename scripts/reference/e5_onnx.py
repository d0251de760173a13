"""multilingual-e5-small as ONNX, for the benchmark against onnxruntime-web: in
f32, and with its linear layers and its word embeddings quantized to 8 bits as
they run (dynamically), as pages usually get it. The weights are those of our
embedder file, whose blocks of 4 bits become f32. Pooling and normalizing are
part of the graph, so its outputs can be compared with our vectors.

Writes e5-f32.onnx and e5-int8.onnx, and tells how far they are from numpy.

Needs numpy 2.4.6, onnx 1.23.2 and onnxruntime 1.32.0, and nothing else of
requirements.txt.
"""

import argparse
import json
import math
import struct
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process

OPSET = 17
# The newest, which the package onnx would choose, is refused by onnxruntime-web.
IR_VERSION = 10
FAR_BELOW = -1e9
# A block of 32 weights: value = scale * (code - 8), the codes of the first half in the low bits.
Q4_0 = np.dtype([("scale", "<f2"), ("codes", "u1", 16)])
Q4_0_ZERO = 8
# The least cosine with the vectors by numpy.
LEAST_COSINES = {"f32": 0.99999, "int8": 0.98}
LENGTHS = (9, 16, 40)

# The name of the mean of many vectors among the tensors.
MEAN = "mean"

Tensors = dict[str, np.ndarray]


def read_embedder(path: Path) -> tuple[dict, Tensors]:
    """The config and the tensors of an embedder file, in f32."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    packed = json.loads(header.pop("__metadata__")["multimodal_rag"])
    config = json.loads(packed["config"])
    # What a calibrated file subtracts from its vectors.
    tensors = {MEAN: np.array(packed["options"].get("calibration", {}).get("mean", []), np.float32)}
    for name, tensor in header.items():
        if name.startswith("tokenizer."):
            continue
        begin, end = (8 + length + offset for offset in tensor["data_offsets"])
        tensors[name] = numbers_of(tensor, data[begin:end])
    return config, tensors


def numbers_of(tensor: dict, data: bytes) -> np.ndarray:
    if tensor["dtype"] == "F32":
        return np.frombuffer(data, "<f4").reshape(tensor["shape"])
    assert tensor["dtype"] == "U8" and tensor["shape"][2] == Q4_0.itemsize
    blocks = np.frombuffer(data, Q4_0)
    codes = np.concatenate([blocks["codes"] & 15, blocks["codes"] >> 4], axis=1)
    values = blocks["scale"].astype(np.float32)[:, None] * (codes.astype(np.float32) - Q4_0_ZERO)
    return values.reshape(tensor["shape"][0], -1)


class Graph:
    """Nodes in order, each with one output, and the constants that they take."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: object, dtype: type = np.float32) -> str:
        if name not in self.constants:
            array = np.ascontiguousarray(values, dtype=dtype)
            self.constants[name] = numpy_helper.from_array(array, name)
        return name

    def add(self, kind: str, *inputs: str, output: str = "", **attributes: object) -> str:
        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output


class Encoder:
    """The graph from ids and a mask of padded texts to their unit vectors."""

    def __init__(self, config: dict, tensors: Tensors) -> None:
        self.heads = config["num_attention_heads"]
        self.width = config["hidden_size"]
        self.layers = config["num_hidden_layers"]
        self.epsilon = config["layer_norm_eps"]
        self.tensors = tensors
        self.graph = Graph()

    def model(self) -> onnx.ModelProto:
        hidden = self.embeddings()
        bias = self.bias()
        for layer in range(self.layers):
            hidden = self.layer(f"encoder.layer.{layer}", hidden, bias)
        self.vectors(hidden)
        inputs = [
            self.value(name, TensorProto.INT64, "tokens")
            for name in ("input_ids", "attention_mask")
        ]
        outputs = [self.value("vectors", TensorProto.FLOAT, self.width)]
        constants = list(self.graph.constants.values())
        graph = helper.make_graph(self.graph.nodes, "encoder", inputs, outputs, constants)
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)

    def value(self, name: str, kind: int, last: str | int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, kind, ["texts", last])

    def embeddings(self) -> str:
        add, constant = self.graph.add, self.graph.constant
        word = add("Gather", self.weights("embeddings.word_embeddings"), "input_ids")
        length = add("Shape", "input_ids", start=1, end=2)
        table = self.weights("embeddings.position_embeddings")
        position = add("Slice", table, constant("first", [0], np.int64), length)
        # All tokens are of the first type.
        kind = constant("token_type", self.tensors["embeddings.token_type_embeddings.weight"][0])
        hidden = add("Add", add("Add", word, position), kind)
        return self.norm("embeddings.LayerNorm", hidden)

    def bias(self) -> str:
        """One for all heads: 0 where a text is, and far below where it ended."""
        add, constant = self.graph.add, self.graph.constant
        mask = add("Unsqueeze", "attention_mask", constant("head_and_query", [1, 2], np.int64))
        outside = add("Sub", constant("whole", 1), add("Cast", mask, to=TensorProto.FLOAT))
        return add("Mul", outside, constant("far_below", FAR_BELOW))

    def layer(self, name: str, hidden: str, bias: str) -> str:
        add = self.graph.add
        mixed = self.attention(f"{name}.attention.self", hidden, bias)
        mixed = self.dense(f"{name}.attention.output.dense", mixed)
        attended = self.norm(f"{name}.attention.output.LayerNorm", add("Add", mixed, hidden))
        between = self.gelu(self.dense(f"{name}.intermediate.dense", attended))
        output = self.dense(f"{name}.output.dense", between)
        return self.norm(f"{name}.output.LayerNorm", add("Add", output, attended))

    def attention(self, name: str, hidden: str, bias: str) -> str:
        """Spelled out in the form in which onnxruntime knows attention."""
        add, constant = self.graph.add, self.graph.constant
        size = self.width // self.heads
        split = constant("split", [0, 0, self.heads, size], np.int64)

        def heads(part: str, order: list[int]) -> str:
            return add("Transpose", add("Reshape", self.dense(part, hidden), split), perm=order)

        query = heads(f"{name}.query", [0, 2, 1, 3])
        key = heads(f"{name}.key", [0, 2, 3, 1])
        value = heads(f"{name}.value", [0, 2, 1, 3])
        scores = add("Div", add("MatMul", query, key), constant("root", math.sqrt(size)))
        weights = add("Softmax", add("Add", scores, bias), axis=-1)
        mixed = add("Transpose", add("MatMul", weights, value), perm=[0, 2, 1, 3])
        return add("Reshape", mixed, constant("join", [0, 0, self.width], np.int64))

    def gelu(self, values: str) -> str:
        add, constant = self.graph.add, self.graph.constant
        error = add("Erf", add("Div", values, constant("root_of_two", math.sqrt(2))))
        doubled = add("Mul", values, add("Add", error, constant("whole", 1)))
        return add("Mul", doubled, constant("half", 0.5))

    def vectors(self, hidden: str) -> None:
        """The mean over a text's tokens, of unit length, without the mean of many texts."""
        add, constant = self.graph.add, self.graph.constant
        last, tokens = constant("last", [2], np.int64), constant("tokens", [1], np.int64)
        mask = add("Cast", add("Unsqueeze", "attention_mask", last), to=TensorProto.FLOAT)
        total = add("ReduceSum", add("Mul", hidden, mask), tokens, keepdims=0)
        mean = add("Div", total, add("ReduceSum", mask, tokens, keepdims=0))
        is_centred = self.tensors[MEAN].size > 0
        unit = self.unit(mean, "" if is_centred else "vectors")
        if is_centred:
            self.unit(add("Sub", unit, constant(MEAN, self.tensors[MEAN])), "vectors")

    def unit(self, vectors: str, output: str) -> str:
        length = self.graph.add("ReduceL2", vectors, axes=[1], keepdims=1)
        return self.graph.add("Div", vectors, length, output=output)

    def dense(self, name: str, values: str) -> str:
        matrix = self.graph.constant(f"{name}.matrix", self.tensors[f"{name}.weight"].T)
        product = self.graph.add("MatMul", values, matrix)
        return self.graph.add("Add", product, self.weights(name, "bias"))

    def norm(self, name: str, values: str) -> str:
        inputs = (values, self.weights(name), self.weights(name, "bias"))
        return self.graph.add("LayerNormalization", *inputs, axis=-1, epsilon=self.epsilon)

    def weights(self, name: str, part: str = "weight") -> str:
        return self.graph.constant(f"{name}.{part}", self.tensors[f"{name}.{part}"])


def forward(config: dict, tensors: Tensors, ids: np.ndarray) -> np.ndarray:
    """The unit vector of one text, by numpy: what the graphs are compared with."""

    def norm(name: str, values: np.ndarray) -> np.ndarray:
        centred = values - values.mean(-1, keepdims=True)
        variance = (centred**2).mean(-1, keepdims=True)
        scaled = centred / np.sqrt(variance + config["layer_norm_eps"])
        return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    def dense(name: str, values: np.ndarray) -> np.ndarray:
        return values @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def heads(values: np.ndarray) -> np.ndarray:
        return values.reshape(len(ids), config["num_attention_heads"], -1).swapaxes(0, 1)

    def attention(name: str, hidden: np.ndarray) -> np.ndarray:
        parts = (dense(f"{name}.{part}", hidden) for part in ("query", "key", "value"))
        query, key, value = map(heads, parts)
        scores = query @ key.swapaxes(1, 2) / math.sqrt(query.shape[2])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = weights / weights.sum(-1, keepdims=True) @ value
        return mixed.swapaxes(0, 1).reshape(len(ids), -1)

    erf = np.vectorize(math.erf)
    rows = {"word": ids, "position": np.arange(len(ids)), "token_type": 0}
    # All that follows is in f64, as this is.
    hidden = np.zeros((len(ids), config["hidden_size"]))
    for part, row in rows.items():
        hidden += tensors[f"embeddings.{part}_embeddings.weight"][row]
    hidden = norm("embeddings.LayerNorm", hidden)
    for layer in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{layer}"
        mixed = attention(f"{name}.attention.self", hidden)
        mixed = dense(f"{name}.attention.output.dense", mixed)
        attended = norm(f"{name}.attention.output.LayerNorm", hidden + mixed)
        between = dense(f"{name}.intermediate.dense", attended)
        between = between * (1 + erf(between / math.sqrt(2))) / 2
        output = dense(f"{name}.output.dense", between)
        hidden = norm(f"{name}.output.LayerNorm", attended + output)
    mean = hidden.mean(0)
    unit = mean / np.linalg.norm(mean)
    centred = unit - tensors[MEAN] if tensors[MEAN].size else unit
    return centred / np.linalg.norm(centred)


def compare(path: Path, texts: list[np.ndarray], expected: list[np.ndarray]) -> tuple[float, float]:
    """The largest difference from the expected vectors, and the least cosine. All texts go through
    together, padded.
    """
    longest = max(map(len, texts))
    ids = np.array([np.pad(text, (0, longest - len(text)), constant_values=1) for text in texts])
    mask = np.array([np.arange(longest) < len(text) for text in texts], np.int64)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (vectors,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    return float(np.abs(vectors - expected).max()), float((vectors * expected).sum(1).min())


def quantize(full: Path, output: Path) -> None:
    prepared = output.with_suffix(".prepared")
    quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(str(prepared), str(output), weight_type=QuantType.QInt8, per_channel=True)
    prepared.unlink()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("embedder", type=Path, help="multilingual-e5-small-en-pt.q4.safetensors")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()

    config, tensors = read_embedder(options.embedder)
    options.output.mkdir(parents=True, exist_ok=True)
    paths = {precision: options.output / f"e5-{precision}.onnx" for precision in LEAST_COSINES}
    model = Encoder(config, tensors).model()
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, paths["f32"])
    quantize(paths["f32"], paths["int8"])

    chance = np.random.default_rng(7)
    texts = [chance.integers(4, config["vocab_size"], length) for length in LENGTHS]
    expected = [forward(config, tensors, text) for text in texts]
    for precision, path in paths.items():
        difference, cosine = compare(path, texts, expected)
        print(f"{path}: {path.stat().st_size} bytes", end=", ")
        print(f"largest difference {difference:.2g}, least cosine {cosine:.5f}")
        assert cosine >= LEAST_COSINES[precision]


if __name__ == "__main__":
    main()
