"""A trained reader as the adapter file that the engine loads: matrices of 8 bits with a scale for each row.

The file is a safetensors container, as src/model/encoder/adapter_file.rs describes it. Needs numpy and safetensors.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from batches import Examples
from kinds import DECISIONS, KINDS

VERSION = 1


def trunk_check(examples: Examples) -> str:
    """SHA-256 of the norms of the trunk's layers, by which the engine knows that an adapter fits."""
    digest = hashlib.sha256()
    for number in range(examples.config["num_hidden_layers"]):
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            for kind in ("weight", "bias"):
                values = examples.arrays[f"trunk.encoder.layer.{number}.{part}.{kind}"]
                digest.update(np.ascontiguousarray(values, "<f4").tobytes())
    return digest.hexdigest()


def quantized(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scales = np.maximum(np.abs(weights).max(axis=1), 1e-12) / 127
    return np.rint(weights / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("reader", type=Path, help="reader.safetensors")
    parser.add_argument("output", type=Path)
    parser.add_argument("--calibration", type=Path, help="calibration.json, which calibrate.py wrote")
    options = parser.parse_args()
    examples = Examples(options.examples)
    tensors: dict[str, np.ndarray] = {}
    with safe_open(options.reader, "np") as file:
        rank, scale = (float(file.metadata()[name]) for name in ("rank", "scale"))
        state = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}
    for name, values in state.items():
        if name.endswith((".down", ".up")):
            name = f"{name.removeprefix('layers.')}.weight"
            name = f"layer.{name}"
            # The factor of the adapter is part of its second matrix.
            values = values * scale if ".up." in name else values
        if name.endswith(".weight") and min(values.shape) > len(DECISIONS):
            tensors[name], tensors[f"{name}.scale"] = quantized(values)
        else:
            tensors[name] = np.ascontiguousarray(values, np.float32)
    described = {"version": VERSION, "kind": "answer reader", "rank": int(rank), "kinds": KINDS, "decisions": DECISIONS, "trunk": trunk_check(examples)}
    if options.calibration:
        described["calibration"] = json.loads(options.calibration.read_text())
    save_file(tensors, options.output, {"multimodal_rag": json.dumps(described)})
    data = options.output.read_bytes()
    print(f"{options.output}: {len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
