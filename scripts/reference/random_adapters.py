"""Writes a LoRA adapter with random weights for one decoder of each architecture of random_models.py.

Each is written twice: in the two files of PEFT, with the rows in PyTorch's order,
and as convert_lora_to_gguf.py of llama.cpp makes a GGUF file of them. Both hold the
same numbers. adapter_logits.py computes what llama.cpp makes of them.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFReader, GGUFValueType, GGUFWriter

SEED = 20241203
# B is small beside A, so that a change is about half as large as what it changes.
UP_GAIN = 0.1

# The names of a layer's matrices in a GGUF file and in PEFT.
PARTS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


@dataclass
class Adapter:
    """What an adapter changes, and how."""

    name: str
    base: str
    parts: tuple[str, ...]
    kind: Type
    rank: int
    alpha: float
    # Divides alpha by the root of the rank instead of the rank.
    rslora: bool = False
    head: bool = False


ADAPTERS = (
    Adapter("llama", "llama-q8_0", tuple(PARTS), Type.F16, rank=4, alpha=8.0),
    Adapter("qwen2", "qwen2", ("attn_q", "attn_k", "attn_v", "attn_output"), Type.F32, rank=3, alpha=6.0, head=True),
    Adapter("qwen3", "qwen3", ("attn_q", "attn_v", "ffn_gate", "ffn_down"), Type.BF16, rank=4, alpha=4.0, rslora=True),
    Adapter("gemma3", "gemma3", ("attn_q", "attn_v", "attn_output", "ffn_up"), Type.F16, rank=2, alpha=4.0),
)


def permute(rows: np.ndarray, heads: int) -> np.ndarray:
    """The order of the rows of queries and keys in files of the architecture
    "llama", as convert_hf_to_gguf.py of llama.cpp makes it."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def rounded(values: np.ndarray, kind: Type) -> np.ndarray:
    """The nearest numbers of this type, as f32."""
    return gguf.dequantize(gguf.quantize(values, kind), kind).astype(np.float32)


def random_pairs(adapter: Adapter, base: GGUFReader) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """A and B of each matrix, by its names in a GGUF file and in PEFT."""
    chance = np.random.default_rng(SEED)
    shapes = {tensor.name: tuple(map(int, reversed(tensor.shape))) for tensor in base.tensors}
    names = {
        f"blk.{layer}.{part}.weight": f"model.layers.{layer}.{PARTS[part]}"
        for layer in range(int(base.fields[f"{architecture(base)}.block_count"].contents()))
        for part in adapter.parts
    }
    if adapter.head:
        names["output.weight"] = "lm_head"
    pairs = {}
    for name, peft in names.items():
        rows, columns = shapes[name]
        down = chance.standard_normal((adapter.rank, columns)) / np.sqrt(columns)
        up = chance.standard_normal((rows, adapter.rank)) * UP_GAIN
        pairs[name, peft] = tuple(rounded(half.astype(np.float32), adapter.kind) for half in (down, up))
    return pairs


def architecture(base: GGUFReader) -> str:
    return base.fields["general.architecture"].contents()


def heads_of(name: str, base: GGUFReader) -> int | None:
    """The heads of a matrix whose rows a GGUF file has in another order."""
    if architecture(base) != "llama":
        return None
    key = {"attn_q": "head_count", "attn_k": "head_count_kv"}.get(name.split(".")[-2])
    return key and int(base.fields[f"llama.attention.{key}"].contents())


def write_gguf(path: Path, adapter: Adapter, base: GGUFReader, pairs: dict) -> None:
    writer = GGUFWriter(path, architecture(base))
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    # llama.cpp always divides by the rank.
    alpha = adapter.alpha * np.sqrt(adapter.rank) if adapter.rslora else adapter.alpha
    writer.add_key_value("adapter.lora.alpha", float(alpha), GGUFValueType.FLOAT32)
    for (name, _), (down, up) in pairs.items():
        heads = heads_of(name, base)
        halves = {"a": down, "b": permute(up, heads) if heads else up}
        for half, values in halves.items():
            data = gguf.quantize(values, adapter.kind)
            writer.add_tensor(f"{name}.lora_{half}", data, raw_dtype=adapter.kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_safetensors(path: Path, adapter: Adapter, pairs: dict) -> None:
    """safetensors.numpy cannot write BF16: the format is a JSON header, then the numbers."""
    tensors = {}
    for (_, peft), halves in pairs.items():
        for half, values in zip("AB", halves, strict=True):
            data = np.ascontiguousarray(gguf.quantize(values, adapter.kind)).tobytes()
            tensors[f"base_model.model.{peft}.lora_{half}.weight"] = (values.shape, data)
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, (shape, data) in sorted(tensors.items()):
        offsets = [end, end + len(data)]
        header[name] = {"dtype": adapter.kind.name, "shape": shape, "data_offsets": offsets}
        end = offsets[1]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(data for _, (_, data) in sorted(tensors.items()))
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def write_config(path: Path, adapter: Adapter) -> None:
    targets = [PARTS[part].split(".")[-1] for part in adapter.parts] + ["lm_head"] * adapter.head
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": adapter.base,
        "r": adapter.rank,
        "lora_alpha": adapter.alpha,
        "use_rslora": adapter.rslora,
        "use_dora": False,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "init_lora_weights": True,
        "modules_to_save": None,
        "rank_pattern": {},
        "alpha_pattern": {},
        "target_modules": targets,
    }
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("models", type=Path, help="folder of random_models.py")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for adapter in ADAPTERS:
        base = GGUFReader(options.models / f"{adapter.base}.gguf")
        pairs = random_pairs(adapter, base)
        write_gguf(options.output / f"{adapter.name}.gguf", adapter, base, pairs)
        write_safetensors(options.output / f"{adapter.name}.safetensors", adapter, pairs)
        write_config(options.output / f"{adapter.name}.json", adapter)


if __name__ == "__main__":
    main()
