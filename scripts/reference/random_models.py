"""Writes small decoders with random weights: one in each weight type, and one of
each architecture, with the shapes of heads and the metadata that real files have.

The matrices of llama-TYPE.gguf are all of that type, the token embeddings
among them; the others are Q8_0. Norms and biases are f32, as everywhere.
"""

import argparse
import ctypes
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import gguf
import llama_cpp
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, TokenType
from tiny_llama import VOCABULARY, add_byte_level, sentence_pieces

SEED = 20241122
CONTEXT = 512

# Types that hold two bytes a weight or more have one layer, to stay small.
TYPES = {
    Type.Q4_0: 2,
    Type.Q4_1: 2,
    Type.Q5_0: 2,
    Type.Q5_1: 2,
    Type.Q8_0: 2,
    Type.Q4_K: 2,
    Type.Q5_K: 2,
    Type.Q6_K: 2,
    Type.F16: 1,
    Type.BF16: 1,
    Type.F32: 1,
}

# Gemma's form: the role of the model is named "model", a system message is part
# of the first turn.
GEMMA_TURNS = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] + '\n\n' %}"
    "{% set turns = messages[1:] %}{% else %}{% set first = '' %}{% set turns = messages %}{% endif %}"
    "{% for message in turns %}{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + (first if loop.first else '') + message['content'] | trim"
    " + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)


@dataclass
class Shape:
    width: int = 256
    layers: int = 2
    heads: int = 4
    key_heads: int = 2
    head: int = 64
    inner: int = 256


@dataclass
class Gains:
    """How much a matrix of each kind enlarges its input: enough that logits are
    far apart, little enough that the next token is not the last one again."""

    embedding: float = 3.0
    attention: float = 1.0
    inner: float = 1.5
    # Biases, and norms after a block, where there are such.
    bias: float = 0.5
    after_attention: float = 6.0
    after_inner: float = 12.0


@dataclass
class Family:
    architecture: str
    add_metadata: Callable[[GGUFWriter], None]
    shape: Shape = field(default_factory=Shape)
    gains: Gains = field(default_factory=Gains)
    own_head: bool = False
    biases: bool = False
    head_norms: bool = False
    norms_after: bool = False


def add_llama(writer: GGUFWriter) -> None:
    writer.add_rope_freq_base(100000.0)
    writer.add_rope_dimension_count(LLAMA.shape.head)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    add_byte_level(writer)


def add_qwen2(writer: GGUFWriter) -> None:
    writer.add_rope_freq_base(1000000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    add_byte_level(writer, split="qwen2")


def add_qwen3(writer: GGUFWriter) -> None:
    add_qwen2(writer)
    add_head_size(writer, QWEN3.shape)


def add_gemma3(writer: GGUFWriter) -> None:
    # The rope base of the layers with a window is not in such files: 10000.
    writer.add_rope_freq_base(1000000.0)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_sliding_window(16)
    add_head_size(writer, GEMMA3.shape)
    special = {name: TokenType.CONTROL for name in ("<pad>", "<eos>", "<bos>")}
    special["<unk>"] = TokenType.UNKNOWN
    special |= {turn: TokenType.CONTROL for turn in ("<start_of_turn>", "<end_of_turn>")}
    special |= {text: TokenType.USER_DEFINED for text in ("\n", "\n\n", "\u2581\u2581")}
    tokens, scores, kinds = sentence_pieces(special)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_pad_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_unk_token_id(3)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(GEMMA_TURNS)


def add_head_size(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)


LLAMA = Family("llama", add_llama)
QWEN2 = Family("qwen2", add_qwen2, gains=Gains(attention=1.2), own_head=True, biases=True)
QWEN3 = Family("qwen3", add_qwen3, Shape(head=128), Gains(attention=1.5), head_norms=True)
# Every sixth layer sees all tokens: seven layers, so that one follows it.
GEMMA3 = Family(
    "gemma3",
    add_gemma3,
    Shape(width=128, layers=7, heads=2, key_heads=1, head=256),
    Gains(attention=1.5),
    head_norms=True,
    norms_after=True,
)


class Weights:
    """Seeded chance in the shapes of one family."""

    def __init__(self, family: Family, seed: int) -> None:
        self.family = family
        self.chance = np.random.default_rng(seed)

    def matrix(self, rows: int, columns: int, gain: float) -> np.ndarray:
        values = self.chance.standard_normal((rows, columns)) * gain / np.sqrt(columns)
        return values.astype(np.float32)

    def norm(self, size: int, gain: float = 1.0) -> np.ndarray:
        values = gain * np.exp(0.3 * self.chance.standard_normal(size))
        return values.astype(np.float32)

    def bias(self, size: int) -> np.ndarray:
        values = self.family.gains.bias * self.chance.standard_normal(size)
        return values.astype(np.float32)

    def all(self) -> dict[str, np.ndarray]:
        shape, gains = self.family.shape, self.family.gains
        out = {"token_embd.weight": self.matrix(VOCABULARY, shape.width, gains.embedding)}
        for index in range(shape.layers):
            for name, values in (self.attention() | self.feed_forward()).items():
                out[f"blk.{index}.{name}"] = values
        out["output_norm.weight"] = self.norm(shape.width)
        if self.family.own_head:
            out["output.weight"] = self.matrix(VOCABULARY, shape.width, gains.embedding)
        return out

    def attention(self) -> dict[str, np.ndarray]:
        family, shape, gains = self.family, self.family.shape, self.family.gains
        queries, keys = shape.heads * shape.head, shape.key_heads * shape.head
        out = {"attn_norm.weight": self.norm(shape.width)}
        for name, rows in (("attn_q", queries), ("attn_k", keys), ("attn_v", keys)):
            out[f"{name}.weight"] = self.matrix(rows, shape.width, gains.attention)
            if family.biases:
                out[f"{name}.bias"] = self.bias(rows)
        if family.head_norms:
            out["attn_q_norm.weight"] = self.norm(shape.head)
            out["attn_k_norm.weight"] = self.norm(shape.head)
        out["attn_output.weight"] = self.matrix(shape.width, queries, gains.attention)
        if family.norms_after:
            out["post_attention_norm.weight"] = self.norm(shape.width, gains.after_attention)
        return out

    def feed_forward(self) -> dict[str, np.ndarray]:
        shape, gains = self.family.shape, self.family.gains
        out = {
            "ffn_norm.weight": self.norm(shape.width),
            "ffn_gate.weight": self.matrix(shape.inner, shape.width, gains.inner),
            "ffn_up.weight": self.matrix(shape.inner, shape.width, gains.inner),
            "ffn_down.weight": self.matrix(shape.width, shape.inner, gains.inner),
        }
        if self.family.norms_after:
            out["post_ffw_norm.weight"] = self.norm(shape.width, gains.after_inner)
        return out


def ggml() -> ctypes.CDLL:
    """The library inside llama-cpp-python that knows every type."""
    folder = Path(inspect.getfile(llama_cpp)).parent / "lib"
    return ctypes.CDLL(str(next(folder.glob("libggml-base.*"))))


def quantize(values: np.ndarray, kind: Type) -> np.ndarray:
    try:
        return gguf.quantize(values, kind)
    except NotImplementedError:
        return quantize_by_ggml(values, kind)


def quantize_by_ggml(values: np.ndarray, kind: Type) -> np.ndarray:
    rows, columns = values.shape
    block, size = gguf.GGML_QUANT_SIZES[kind]
    assert columns % block == 0
    out = np.zeros((rows, columns // block * size), dtype=np.uint8)
    function = ggml().ggml_quantize_chunk
    function.restype = ctypes.c_size_t
    source = values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    target = out.ctypes.data_as(ctypes.c_void_p)
    start, count, row = map(ctypes.c_int64, (0, rows, columns))
    importance = None
    written = function(int(kind), source, target, start, count, row, importance)
    assert written == out.nbytes
    return out


def write(path: Path, family: Family, kind: Type) -> None:
    shape = family.shape
    writer = GGUFWriter(path, family.architecture)
    writer.add_name(path.stem)
    writer.add_context_length(CONTEXT)
    writer.add_block_count(shape.layers)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    family.add_metadata(writer)
    for name, values in Weights(family, SEED).all().items():
        own = kind if values.ndim == 2 else Type.F32
        writer.add_tensor(name, quantize(values, own), raw_dtype=own)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for kind, layers in TYPES.items():
        path = options.output / f"llama-{kind.name.lower()}.gguf"
        write(path, replace(LLAMA, shape=Shape(layers=layers)), kind)
    for family in (QWEN2, QWEN3, GEMMA3):
        path = options.output / f"{family.architecture}.gguf"
        write(path, family, Type.Q8_0)


if __name__ == "__main__":
    main()
