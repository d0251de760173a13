"""The answer reader: the embedder's trunk, frozen, with a low-rank adapter (LoRA, Hu et al. 2021) and heads.

A row is: begin, question, end, title and passage, end. The question's tokens get one learned vector added, the passage's
another, a claim's a third. All matrices of a layer are adapted; queries, keys and values are one matrix, as in the engine.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kinds import DECISIONS, KINDS, PASSAGE
from trunk import dequantized


@dataclass
class Sizes:
    width: int
    heads: int
    layers: int
    between: int
    epsilon: float

    @staticmethod
    def of(config: dict) -> "Sizes":
        return Sizes(config["hidden_size"], config["num_attention_heads"], config["num_hidden_layers"], config["intermediate_size"], config["layer_norm_eps"])


class AdaptedLinear(nn.Module):
    """A frozen matrix with biases, and the product of two small trained ones beside it."""

    def __init__(self, weights: np.ndarray, biases: np.ndarray, rank: int, scale: float, dropout: float) -> None:
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(np.ascontiguousarray(weights)), persistent=False)
        self.register_buffer("bias", torch.from_numpy(np.ascontiguousarray(biases)), persistent=False)
        rows, columns = weights.shape
        self.down = nn.Parameter(torch.randn(rank, columns) / math.sqrt(columns))
        self.up = nn.Parameter(torch.zeros(rows, rank))
        self.scale = scale
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias) + self.scale * F.linear(F.linear(self.dropout(x), self.down), self.up)


class Norm(nn.Module):
    def __init__(self, weights: np.ndarray, biases: np.ndarray, epsilon: float) -> None:
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(weights.copy()), persistent=False)
        self.register_buffer("bias", torch.from_numpy(biases.copy()), persistent=False)
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)


class Layer(nn.Module):
    def __init__(self, number: int, tensors: "Tensors", sizes: Sizes, rank: int, scale: float, dropout: float) -> None:
        super().__init__()
        self.heads = sizes.heads

        def name(part: str) -> str:
            return f"encoder.layer.{number}.{part}"

        def linear(*parts: str) -> AdaptedLinear:
            weights = np.concatenate([tensors.get(name(f"{part}.weight")) for part in parts])
            biases = np.concatenate([tensors.get(name(f"{part}.bias")) for part in parts])
            return AdaptedLinear(weights, biases, rank, scale, dropout)

        def norm(part: str) -> Norm:
            return Norm(tensors.get(name(f"{part}.LayerNorm.weight")), tensors.get(name(f"{part}.LayerNorm.bias")), sizes.epsilon)

        self.projections = linear(*(f"attention.self.{part}" for part in ("query", "key", "value")))
        self.attention_output = linear("attention.output.dense")
        self.attention_norm = norm("attention.output")
        self.intermediate = linear("intermediate.dense")
        self.output = linear("output.dense")
        self.output_norm = norm("output")
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        parts = self.projections(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=mask)
        attended = attended.transpose(1, 2).reshape(batch, length, width)
        x = self.attention_norm(x + self.dropout(self.attention_output(attended)))
        return self.output_norm(x + self.dropout(self.output(F.gelu(self.intermediate(x)))))


class Tensors:
    """The trunk's tensors in f32, as examples.npz has them."""

    def __init__(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays = arrays

    def get(self, name: str) -> np.ndarray:
        stored = self.arrays[f"trunk.{name}"]
        return dequantized(stored) if stored.dtype == np.uint8 else stored


class Reader(nn.Module):
    def __init__(self, arrays: dict[str, np.ndarray], config: dict, rank: int, scale: float = 1.0, dropout: float = 0.1) -> None:
        super().__init__()
        sizes = Sizes.of(config)
        tensors = Tensors(arrays)

        def fixed(name: str, values: np.ndarray) -> None:
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values)), persistent=False)

        fixed("words", dequantized(arrays["word_embeddings"]))
        fixed("positions", tensors.get("embeddings.position_embeddings.weight"))
        fixed("token_type", tensors.get("embeddings.token_type_embeddings.weight")[0])
        self.norm = Norm(tensors.get("embeddings.LayerNorm.weight"), tensors.get("embeddings.LayerNorm.bias"), sizes.epsilon)
        self.layers = nn.ModuleList(Layer(number, tensors, sizes, rank, scale, dropout) for number in range(sizes.layers))
        self.kinds = nn.Parameter(torch.zeros(len(KINDS), sizes.width))
        self.span = nn.Linear(sizes.width, 2)
        self.pool = nn.Linear(sizes.width, sizes.width)
        self.decide = nn.Linear(sizes.width, len(DECISIONS))
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, kinds: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of start and end for each token, [rows, tokens, 2], and of the decisions, [rows, 3].

        The first token stands for "no answer here". Tokens before the passage have no logits.
        """
        places = torch.arange(ids.shape[1], device=ids.device)
        inside = places[None] < lengths[:, None]
        x = self.words[ids] + self.positions[places][None] + self.token_type + F.one_hot(kinds, len(KINDS)).to(self.kinds) @ self.kinds
        x = self.dropout(self.norm(x))
        mask = inside[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        candidates = ((kinds == PASSAGE) & (places[None] < lengths[:, None] - 1)) | (places == 0)[None]
        spans = self.span(x).float().masked_fill(~candidates[..., None], -1e4)
        decisions = self.decide(self.dropout(torch.tanh(self.pool(x[:, 0])))).float()
        return spans, decisions
