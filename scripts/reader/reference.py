"""Reference outputs of the answer reader's adapter file, by numpy in f32: the engine's tests compare with them.

Writes answer_reader.json: of each row its texts and token ids, the best answer, its logit over that of none,
and the decisions. Claims are read as claims.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
from safetensors import safe_open

from kinds import CLAIM, PASSAGE, QUESTION
from trunk import WORD_EMBEDDINGS, EmbedderFile, UnigramTokenizer, dequantized

MILL = "The restoration took eleven years. The boatbuilder Teodor Hale made the new gates of oak, and the mill has run ever since."
ROWS = [
    ("When was the lighthouse built?", "The lighthouse at the end of the northern pier was built in 1874, after three fishing boats were lost in a single winter."),
    ("Who made the new gates?", MILL),
    ("What colour were the new gates?", MILL),
]
CLAIMS = [
    ("The new gates were made by Teodor Hale.", MILL),
    ("The new gates were not made by Teodor Hale.", MILL),
    ("Sourdough bread needs flour and water.", MILL),
]


class Adapter:
    def __init__(self, path: Path) -> None:
        with safe_open(path, "np") as file:
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}

    def get(self, name: str) -> np.ndarray:
        values = self.tensors[name].astype(np.float32)
        scale = self.tensors.get(f"{name}.scale")
        return values if scale is None else values * scale[:, None]


def normalized(x: np.ndarray, weights: np.ndarray, biases: np.ndarray, epsilon: float) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon) * weights + biases


def gelu(x: np.ndarray) -> np.ndarray:
    return 0.5 * x * (1 + np.vectorize(math.erf, otypes=[np.float32])(x / math.sqrt(2)))


class Reference:
    def __init__(self, trunk: EmbedderFile, adapter: Adapter) -> None:
        self.trunk, self.adapter = trunk, adapter
        self.words = trunk.raw(WORD_EMBEDDINGS)

    def outputs(self, ids: list[int], kinds: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Logits of start and end of each token, and of the decisions."""
        get, own, config = self.trunk.tensor, self.adapter.get, self.trunk.config
        epsilon, heads = config["layer_norm_eps"], config["num_attention_heads"]
        x = dequantized(self.words[np.asarray(ids)]) + get("embeddings.position_embeddings.weight")[: len(ids)]
        x = x + get("embeddings.token_type_embeddings.weight")[0] + own("kinds")[kinds]
        x = normalized(x, get("embeddings.LayerNorm.weight"), get("embeddings.LayerNorm.bias"), epsilon)
        for number in range(config["num_hidden_layers"]):

            def linear(x: np.ndarray, own_name: str, *parts: str) -> np.ndarray:
                names = [f"encoder.layer.{number}.{part}" for part in parts]
                weights = np.concatenate([get(f"{name}.weight") for name in names])
                biases = np.concatenate([get(f"{name}.bias") for name in names])
                adapter = f"layer.{number}.{own_name}"
                return x @ weights.T + biases + x @ own(f"{adapter}.down.weight").T @ own(f"{adapter}.up.weight").T

            def norm(x: np.ndarray, part: str) -> np.ndarray:
                name = f"encoder.layer.{number}.{part}.LayerNorm"
                return normalized(x, get(f"{name}.weight"), get(f"{name}.bias"), epsilon)

            projected = linear(x, "projections", *(f"attention.self.{part}" for part in ("query", "key", "value")))
            queries, keys, values = projected.reshape(len(ids), 3, heads, -1).transpose(1, 2, 0, 3)
            scores = queries @ keys.transpose(0, 2, 1) / math.sqrt(queries.shape[-1])
            shares = np.exp(scores - scores.max(-1, keepdims=True))
            attended = (shares / shares.sum(-1, keepdims=True)) @ values
            attended = attended.transpose(1, 0, 2).reshape(len(ids), -1)
            x = norm(x + linear(attended, "attention_output", "attention.output.dense"), "attention.output")
            x = norm(x + linear(gelu(linear(x, "intermediate", "intermediate.dense")), "output", "output.dense"), "output")
        spans = x @ own("span.weight").T + own("span.bias")
        pooled = np.tanh(own("pool.weight") @ x[0] + own("pool.bias"))
        return spans, own("decide.weight") @ pooled + own("decide.bias")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("embedder", type=Path)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("output", type=Path, help="folder to write to")
    options = parser.parse_args()
    trunk = EmbedderFile(options.embedder)
    tokenizer = UnigramTokenizer(trunk)
    reference = Reference(trunk, Adapter(options.adapter))
    rows = []
    for kind, head, text in [(QUESTION, *row) for row in ROWS] + [(CLAIM, *row) for row in CLAIMS]:
        (first, _), (second, places) = tokenizer.encode(head), tokenizer.encode(text)
        ids = [tokenizer.begin, *first, tokenizer.end, *second, tokenizer.end]
        kinds = np.full(len(ids), PASSAGE)
        kinds[: len(first) + 2] = kind
        spans, decisions = reference.outputs(ids, kinds)
        inside = spans[len(first) + 2 : -1]
        scores = np.where(np.triu(np.ones((len(inside), len(inside)), bool)), inside[:, :1] + inside[None, :, 1], -np.inf)
        start, end = divmod(int(scores.argmax()), len(inside))
        row = {"question" if kind == QUESTION else "claim": head, "text": text, "ids": ids, "answer": text[places[start][0] : places[end][1]]}
        row |= {"answerLogit": float(scores.max() - spans[0].sum()), "decisions": [float(value) for value in decisions]}
        rows.append(row)
        print(head, row["answer"], row["answerLogit"], row["decisions"])
    (options.output / "answer_reader.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
