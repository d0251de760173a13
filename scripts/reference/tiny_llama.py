"""Two decoders of the Llama family with random weights, small enough to be
checked in: one with the byte-level BPE of SmolLM2, its head tied to the token
embeddings, grouped key heads and mixed quantized types; one with SentencePiece
tokens, a head of its own and f32 weights.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, TokenType
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from words import STOP_WORDS, SUFFIXES, WORDS

VOCABULARY, CONTEXT = 400, 512

CHATML = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
# The form of the small Llama 2 chat models: the file's own end token after
# every turn, named by variable.
TURNS = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + eos_token + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)


@dataclass
class Shape:
    width: int
    layers: int
    heads: int
    key_heads: int
    inner: int

    @property
    def head(self) -> int:
        return self.width // self.heads


BYTE_LEVEL = Shape(width=64, layers=2, heads=4, key_heads=2, inner=128)
SENTENCE_PIECE = Shape(width=32, layers=2, heads=4, key_heads=4, inner=64)

# Every type that a file of this size can hold a row of, each at least once.
MIXED = {
    "token_embd": Type.Q8_0,
    "blk.0.attn_q": Type.Q4_0,
    "blk.0.attn_k": Type.Q4_1,
    "blk.0.attn_v": Type.Q5_0,
    "blk.0.attn_output": Type.F16,
    "blk.0.ffn_gate": Type.Q4_1,
    "blk.0.ffn_up": Type.Q4_0,
    "blk.0.ffn_down": Type.Q8_0,
    "blk.1.attn_q": Type.F32,
    "blk.1.attn_k": Type.Q8_0,
    "blk.1.attn_v": Type.Q4_1,
    "blk.1.attn_output": Type.Q5_0,
    "blk.1.ffn_gate": Type.Q4_0,
    "blk.1.ffn_up": Type.F16,
    "blk.1.ffn_down": Type.Q4_1,
}


def corpus() -> list[str]:
    """Text to learn merges from: words with and without a space and an ending."""
    plain = STOP_WORDS * 8 + WORDS * 2
    ended = [word + suffix for word in WORDS[::3] for suffix in SUFFIXES[:4]]
    return [" ".join(plain + ended), "\n\n", "    return", "don't it's we'll"]


def learn(bpe: Tokenizer, alphabet: list[str], size: int) -> list[tuple[str, str]]:
    """The merges of a byte pair vocabulary of that many tokens, in order."""
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(corpus(), trainer)
    return [tuple(pair) for pair in json.loads(bpe.to_str())["model"]["merges"]]


def add_byte_level(writer: GGUFWriter, split: str = "smollm") -> None:
    """The tokens; `split` is llama.cpp's name for how text is split before merging."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    merges = learn(bpe, alphabet, VOCABULARY - len(special))
    tokens = special + alphabet + [left + right for left, right in merges]
    assert len(tokens) == len(set(tokens)) == VOCABULARY
    kinds = [TokenType.CONTROL] * len(special)
    kinds += [TokenType.NORMAL] * (len(tokens) - len(special))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(split)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHATML)


def sentence_pieces(
    special: dict[str, TokenType],
) -> tuple[list[str], list[float], list[TokenType]]:
    """Tokens, scores and kinds: the special ones, all bytes, what was learned."""
    raw = [f"<0x{byte:02X}>" for byte in range(256)]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.Metaspace()
    letters = sorted(set("\u2581,.'?\u00e9\u00fc0123456789") | set("".join(WORDS)))
    # Pieces in the order they were merged: the earlier one has the better score.
    merges = learn(bpe, letters, VOCABULARY)
    pieces = list(dict.fromkeys(left + right for left, right in merges))
    pieces = pieces[: VOCABULARY - len(special) - len(raw) - len(letters)]
    tokens = [*special, *raw, *pieces, *letters]
    assert len(tokens) == len(set(tokens)) == VOCABULARY
    scores = [0.0] * (len(special) + len(raw))
    scores += [-float(rank) for rank in range(len(pieces) + len(letters))]
    kinds = list(special.values()) + [TokenType.BYTE] * len(raw)
    kinds += [TokenType.NORMAL] * (len(pieces) + len(letters))
    return tokens, scores, kinds


def add_sentence_piece(writer: GGUFWriter) -> None:
    control = TokenType.CONTROL
    special = {"<unk>": TokenType.UNKNOWN, "<s>": control, "</s>": control}
    tokens, scores, kinds = sentence_pieces(special)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TURNS)


def tensors(shape: Shape, seed: int, tied: bool) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)

    def normal(rows: int, columns: int, gain: float) -> np.ndarray:
        values = chance.standard_normal((rows, columns)) * gain / np.sqrt(columns)
        return values.astype(np.float32)

    def norm() -> np.ndarray:
        return (1 + 0.1 * chance.standard_normal(shape.width)).astype(np.float32)

    keys = shape.key_heads * shape.head
    out = {"token_embd": normal(VOCABULARY, shape.width, gain=3.0)}
    for layer in (f"blk.{index}" for index in range(shape.layers)):
        out[f"{layer}.attn_norm"] = norm()
        out[f"{layer}.attn_q"] = normal(shape.width, shape.width, gain=1.5)
        out[f"{layer}.attn_k"] = normal(keys, shape.width, gain=1.5)
        out[f"{layer}.attn_v"] = normal(keys, shape.width, gain=1.5)
        out[f"{layer}.attn_output"] = normal(shape.width, shape.width, gain=1.5)
        out[f"{layer}.ffn_norm"] = norm()
        out[f"{layer}.ffn_gate"] = normal(shape.inner, shape.width, gain=1.5)
        out[f"{layer}.ffn_up"] = normal(shape.inner, shape.width, gain=1.5)
        out[f"{layer}.ffn_down"] = normal(shape.width, shape.inner, gain=1.5)
    out["output_norm"] = norm()
    if not tied:
        out["output"] = normal(VOCABULARY, shape.width, gain=3.0)
    return out


def add_shape(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_block_count(shape.layers)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(1e-5)


def write(path: Path, seed: int, byte_level: bool) -> None:
    shape = BYTE_LEVEL if byte_level else SENTENCE_PIECE
    writer = GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    add_shape(writer, shape)
    if byte_level:
        # The other file leaves these out, which stands for their defaults:
        # 10000 and the whole head.
        writer.add_rope_freq_base(100000.0)
        writer.add_rope_dimension_count(shape.head)
        writer.add_vocab_size(VOCABULARY)
        add_byte_level(writer)
    else:
        add_sentence_piece(writer)
    for name, values in tensors(shape, seed, tied=byte_level).items():
        kind = MIXED.get(name, Type.F32) if byte_level else Type.F32
        data = gguf.quantize(values, kind)
        writer.add_tensor(f"{name}.weight", data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
