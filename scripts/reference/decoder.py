"""llama.cpp with the settings every reference here is made with."""

import sys
from collections.abc import Sequence
from pathlib import Path

import llama_cpp
import numpy as np
from llama_cpp import Llama

GGML_TYPE_F32 = 0
# The commit of llama.cpp inside each llama-cpp-python this was used with; the
# package itself does not say.
LLAMA_CPP_COMMITS = {"0.3.36": "0c1e57098"}


def versions() -> dict[str, str]:
    package = llama_cpp.__version__
    system = llama_cpp.llama_print_system_info().decode().strip()
    return {
        "llama-cpp-python": package,
        "llama.cpp": LLAMA_CPP_COMMITS.get(package, "unknown"),
        "llama.cpp build": system,
        "numpy": np.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
    }


class Decoder:
    """A model with an f32 KV cache, no flash attention and a fixed number of
    threads, so that what is left of rounding is the arithmetic of the weights."""

    def __init__(
        self,
        path: Path,
        *,
        context: int = 512,
        threads: int = 2,
        ubatch: int = 512,
    ) -> None:
        self.llama = Llama(
            str(path),
            n_ctx=context,
            n_batch=512,
            n_ubatch=ubatch,
            n_threads=threads,
            n_threads_batch=threads,
            type_k=GGML_TYPE_F32,
            type_v=GGML_TYPE_F32,
            flash_attn=False,
            verbose=False,
        )

    def reset(self) -> None:
        self.llama.reset()

    def logits(self, tokens: Sequence[int]) -> np.ndarray:
        """Feed tokens after those already fed; the logits after the last."""
        self.llama.eval(list(tokens))
        row = llama_cpp.llama_get_logits_ith(self.llama.ctx, -1)
        return np.ctypeslib.as_array(row, shape=(self.llama.n_vocab(),)).copy()

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        return self.llama.tokenize(text.encode(), add_bos=False, special=special)

    def close(self) -> None:
        self.llama.close()
