"""A BERT encoder small enough to be checked in, whose vectors still mean something.

Words get random directions, and the layers change them little, so a text's
vector is close to the mean of its words' and texts that share words are near
each other. Frequent words, punctuation and the pieces of unknown words count
less: see `BULK`.
"""

import json
import string
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from words import STOP_WORDS, SUFFIXES, WORDS

HIDDEN, LAYERS, HEADS, INTERMEDIATE, POSITIONS = 32, 2, 2, 64, 128
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Two dimensions hold a token's bulk, +b and -b. Layer normalization makes the
# rest the smaller the larger b is; no layer reads or writes these dimensions,
# and the last normalization drops them.
BULK = [HIDDEN - 2, HIDDEN - 1]
BULK_OF_FREQUENT, BULK_OF_PIECE = 60.0, 20.0


def vocabulary() -> list[str]:
    characters = string.ascii_lowercase + string.digits
    tokens = SPECIAL + list(string.punctuation) + list(characters)
    tokens += ["##" + piece for piece in characters]
    tokens += ["##" + piece for piece in SUFFIXES] + STOP_WORDS + WORDS
    return list(dict.fromkeys(tokens))


def bulk(token: str) -> float:
    if token in WORDS:
        return 0.0
    if token.startswith("##") or (len(token) == 1 and token.isalnum()):
        return BULK_OF_PIECE
    return BULK_OF_FREQUENT


def write_config(folder: Path, size: int) -> None:
    config = {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": HIDDEN,
        "initializer_range": 0.02,
        "intermediate_size": INTERMEDIATE,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": POSITIONS,
        "model_type": "bert",
        "num_attention_heads": HEADS,
        "num_hidden_layers": LAYERS,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        "type_vocab_size": 2,
        "vocab_size": size,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def write_tokenizer(folder: Path, tokens: list[str]) -> None:
    """As Hugging Face writes it, padding and truncation included: a loader has
    to override both (the truncation is below the model's own limit)."""

    def piece(name: str, kind: int) -> dict:
        key = "Sequence" if name in "AB" else "SpecialToken"
        return {key: {"id": name, "type_id": kind}}

    single = [piece("[CLS]", 0), piece("A", 0), piece("[SEP]", 0)]
    added = [
        {
            "id": index,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index, token in enumerate(SPECIAL)
    ]
    tokenizer = {
        "version": "1.0",
        "truncation": {
            "direction": "Right",
            "max_length": POSITIONS // 2,
            "strategy": "LongestFirst",
            "stride": 0,
        },
        "padding": {
            "strategy": {"Fixed": POSITIONS},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": single + [piece("B", 1), piece("[SEP]", 1)],
            "special_tokens": {
                name: {"id": name, "ids": [tokens.index(name)], "tokens": [name]}
                for name in ("[CLS]", "[SEP]")
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {token: index for index, token in enumerate(tokens)},
        },
    }
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(tokenizer, separators=(",", ":")) + "\n")
    Tokenizer.from_file(str(path))


def weights(tokens: list[str], chance: np.random.Generator) -> dict[str, np.ndarray]:
    def normal(*shape: int, spread: float) -> np.ndarray:
        return (chance.standard_normal(shape) * spread).astype(np.float32)

    words = normal(len(tokens), HIDDEN, spread=1.0)
    words[:, BULK[0]] = [bulk(token) for token in tokens]
    words[:, BULK[1]] = -words[:, BULK[0]]
    tensors = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": normal(POSITIONS, HIDDEN, spread=0.03),
        "embeddings.token_type_embeddings.weight": normal(2, HIDDEN, spread=0.02),
        # No weight, but older exports carry it; a loader must not stumble on it.
        "embeddings.position_ids": np.arange(POSITIONS, dtype=np.int64)[None],
        "pooler.dense.weight": normal(HIDDEN, HIDDEN, spread=0.05),
        "pooler.dense.bias": normal(HIDDEN, spread=0.05),
    }

    def norm(name: str, bulk_gain: float = 1.0) -> None:
        tensors[f"{name}.weight"] = 1 + normal(HIDDEN, spread=0.05)
        tensors[f"{name}.weight"][BULK] = bulk_gain
        tensors[f"{name}.bias"] = normal(HIDDEN, spread=0.005)
        tensors[f"{name}.bias"][BULK] = 0.0

    def dense(name: str, rows: int, columns: int) -> None:
        tensors[f"{name}.weight"] = normal(rows, columns, spread=0.06)
        tensors[f"{name}.bias"] = normal(rows, spread=0.005)

    def reads(name: str) -> None:
        tensors[f"{name}.weight"][:, BULK] = 0.0

    def writes(name: str) -> None:
        tensors[f"{name}.weight"][BULK] = 0.0
        tensors[f"{name}.bias"][BULK] = 0.0

    norm("embeddings.LayerNorm")
    for index in range(LAYERS):
        layer = f"encoder.layer.{index}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            dense(f"{layer}.attention.{part}", HIDDEN, HIDDEN)
            if part != "output.dense":
                reads(f"{layer}.attention.{part}")
        writes(f"{layer}.attention.output.dense")
        norm(f"{layer}.attention.output.LayerNorm")
        dense(f"{layer}.intermediate.dense", INTERMEDIATE, HIDDEN)
        reads(f"{layer}.intermediate.dense")
        dense(f"{layer}.output.dense", HIDDEN, INTERMEDIATE)
        writes(f"{layer}.output.dense")
        last = index == LAYERS - 1
        norm(f"{layer}.output.LayerNorm", bulk_gain=0.0 if last else 1.0)
    return tensors


def write(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokens = vocabulary()
    write_config(folder, len(tokens))
    write_tokenizer(folder, tokens)
    tensors = weights(tokens, np.random.default_rng(seed))
    path = folder / "model.safetensors"
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)
