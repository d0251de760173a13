"""all-MiniLM-L6-v2 as ONNX, for the benchmark against onnxruntime-web: in f32,
and with its linear layers quantized to 8 bits as they run (dynamically), as
pages usually get it. Pooling and normalizing are part of the graph, so its
outputs can be compared with our vectors.

Writes minilm-f32.onnx and minilm-int8.onnx.
"""

import argparse
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

OPSET = 17


class Encoder(torch.nn.Module):
    """Ids and mask of padded texts to their unit vectors."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        # One bias for all heads: 0 where a text is, and far below where it ended.
        hidden = self.bert.embeddings(input_ids=input_ids)
        bias = (1.0 - attention_mask[:, None, None, :].to(hidden.dtype)) * -1e9
        for layer in self.bert.encoder.layer:
            hidden = block(layer, hidden, bias)
        weights = attention_mask[:, :, None].to(hidden.dtype)
        mean = (hidden * weights).sum(1) / weights.sum(1)
        return torch.nn.functional.normalize(mean, dim=1)


def block(layer: torch.nn.Module, hidden: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """One layer, spelled out: the form in which onnxruntime knows attention."""
    attention = layer.attention.self
    heads, size = attention.num_attention_heads, attention.attention_head_size

    def split(values: torch.Tensor) -> torch.Tensor:
        return values.view(values.shape[0], values.shape[1], heads, size).transpose(1, 2)

    query, key, value = (
        split(linear(hidden))
        for linear in (attention.query, attention.key, attention.value)
    )
    scores = query @ key.transpose(2, 3) / size**0.5 + bias
    mixed = (scores.softmax(-1) @ value).transpose(1, 2)
    mixed = mixed.reshape(hidden.shape[0], hidden.shape[1], heads * size)
    attended = layer.attention.output(mixed, hidden)
    return layer.output(layer.intermediate(attended), attended)


def load(folder: Path) -> Encoder:
    config = BertConfig.from_pretrained(folder)
    bert = BertModel(config, add_pooling_layer=False).eval()
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if not name.startswith("pooler.")}
    missing, unexpected = bert.load_state_dict(kept, strict=False)
    assert all("position_ids" in name for name in [*missing, *unexpected])
    return Encoder(bert).eval()


def export(encoder: Encoder, path: Path) -> None:
    ids = torch.randint(1000, 2000, (2, 9))
    dimensions = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        encoder,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["vectors"],
        dynamic_axes={
            "input_ids": dimensions,
            "attention_mask": dimensions,
            "vectors": {0: "texts"},
        },
        opset_version=OPSET,
        dynamo=False,
    )
    onnx.checker.check_model(str(path))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path, help="folder of all-MiniLM-L6-v2")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()

    options.output.mkdir(parents=True, exist_ok=True)
    full = options.output / "minilm-f32.onnx"
    with torch.no_grad():
        export(load(options.model), full)
    prepared = options.output / "minilm-prepared.onnx"
    quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
    quantize_dynamic(
        str(prepared),
        str(options.output / "minilm-int8.onnx"),
        weight_type=QuantType.QInt8,
        per_channel=True,
    )
    prepared.unlink()
    for path in sorted(options.output.glob("minilm-*.onnx")):
        print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
