"""What llama.cpp makes of the decoders of random_models.py with the adapters of random_adapters.py.

Writes adapter_logits.json and adapter_logits.bin. All weights, those of the adapters
too, are widened to f32, so that llama.cpp rounds no activations. It is the compiled
llama.cpp inside xllamacpp, which does not offer adapters itself; its functions are
declared by llama-cpp-py-sync, of one build earlier.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xllamacpp
from llama_cpp_py_sync._cffi_bindings import get_ffi
from random_adapters import ADAPTERS
from widen import widen

STEPS = 12
CONTEXT = 512
# Scales that the caller gives, besides alpha and rank.
SCALES = {"llama": 1.0, "qwen2": 0.5, "qwen3": 1.0, "gemma3": -0.75}
LAYOUT = (
    "adapter_logits.bin: for each adapter, in this order, steps rows of vocabulary f32, little-endian. Row 0 follows "
    "the prompt, row n follows chosen[n - 1]. Weights and adapter are widened to f32; f32 KV cache, no flash attention."
)


class AdaptedDecoder:
    """A model with an adapter, an f32 KV cache and no flash attention."""

    def __init__(self, model: Path, adapter: Path, scale: float) -> None:
        self.ffi = get_ffi()
        self.lib = self.ffi.dlopen(xllamacpp.xllamacpp.__file__)
        self.lib.llama_backend_init()
        path = str(model).encode()
        self.model = self.lib.llama_model_load_from_file(path, self.lib.llama_model_default_params())
        assert self.model
        params = self.lib.llama_context_default_params()
        params.n_ctx = CONTEXT
        params.n_threads = params.n_threads_batch = 1
        params.type_k = params.type_v = self.lib.GGML_TYPE_F32
        params.flash_attn_type = self.lib.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self.context = self.lib.llama_init_from_model(self.model, params)
        assert self.context
        lora = self.lib.llama_adapter_lora_init(self.model, str(adapter).encode())
        assert lora
        adapters = self.ffi.new("struct llama_adapter_lora *[]", [lora])
        assert self.lib.llama_set_adapters_lora(self.context, adapters, 1, self.ffi.new("float[]", [scale])) == 0

    def logits(self, tokens: Sequence[int]) -> np.ndarray:
        """Feed tokens after those already fed; the logits after the last."""
        ids = self.ffi.new("llama_token[]", list(tokens))
        assert self.lib.llama_decode(self.context, self.lib.llama_batch_get_one(ids, len(tokens))) == 0
        size = self.lib.llama_vocab_n_tokens(self.lib.llama_model_get_vocab(self.model))
        row = self.lib.llama_get_logits_ith(self.context, -1)
        return np.frombuffer(self.ffi.buffer(row, 4 * size), dtype="<f4").copy()

    def close(self) -> None:
        self.lib.llama_free(self.context)
        self.lib.llama_model_free(self.model)


def run(model: Path, adapter: Path, scale: float, prompt: list[int]) -> tuple[np.ndarray, list[int]]:
    """The logits of greedy steps, and the tokens that they give."""
    with tempfile.TemporaryDirectory() as folder:
        wide_model, wide_adapter = (Path(folder) / name for name in ("model.gguf", "adapter.gguf"))
        widen(model, wide_model)
        widen(adapter, wide_adapter)
        decoder = AdaptedDecoder(wide_model, wide_adapter, scale)
        rows, chosen = [decoder.logits(prompt)], []
        for _ in range(STEPS - 1):
            chosen.append(int(rows[-1].argmax()))
            rows.append(decoder.logits(chosen[-1:]))
        decoder.close()
    return np.stack(rows), chosen


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("models", type=Path, help="folder of random_models.py")
    arguments.add_argument("adapters", type=Path, help="folder of random_adapters.py")
    arguments.add_argument("output", type=Path, help="folder with random_logits.json, to write to")
    options = arguments.parse_args()
    known = json.loads((options.output / "random_logits.json").read_text(encoding="utf-8"))["models"]
    prompts = {model["name"]: model["prompt"] for model in known}
    cases, runs = [], []
    for adapter in ADAPTERS:
        scale, prompt = SCALES[adapter.name], prompts[adapter.base]
        files = options.models / f"{adapter.base}.gguf", options.adapters / f"{adapter.name}.gguf"
        rows, chosen = run(*files, scale, prompt)
        names = {"adapter": adapter.name, "base": adapter.base}
        cases.append(names | {"scale": scale, "prompt": prompt, "chosen": chosen})
        runs.append(rows)
    logits = np.stack(runs).astype("<f4")
    (options.output / "adapter_logits.bin").write_bytes(logits.tobytes())
    description = {
        "layout": LAYOUT,
        "versions": {
            "xllamacpp": version("xllamacpp"),
            "llama-cpp-py-sync": version("llama-cpp-py-sync"),
            "numpy": np.__version__,
        },
        "steps": STEPS,
        "vocabulary": logits.shape[2],
        "adapters": cases,
    }
    text = json.dumps(description, indent=1)
    (options.output / "adapter_logits.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
