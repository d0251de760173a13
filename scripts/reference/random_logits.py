"""What llama.cpp makes of the decoders of random_models.py, over 64 greedy steps.

Writes random_logits.json and random_logits.bin. The tokens are those that
llama.cpp chooses from the file as it is; they are then fed to the same weights
widened to f32, where no activation is rounded. How far the two are apart is
what the activations' rounding costs in that type: its noise.

random_logits.bin holds no header: for each model, in the order of the JSON
file, the logits of the widened weights, `steps` rows of `vocabulary` numbers,
f32, little-endian. Row 0 follows the prompt, row n follows chosen[n - 1].
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import numpy as np
from decoder import Decoder, versions
from logits import STEPS, compact, difference, greedy, replay
from tiny_models import PROMPT, TEXTS
from widen import widen

# More than the window of the model that has one.
PROMPT_TOKENS = 24

# One model for each way to split a text that tiny_logits.json does not have.
WITH_TEXTS = ("qwen2", "gemma3")

SETTINGS = "f32 KV cache, no flash attention, 1 thread, the whole prompt in one batch."
LAYOUT = (
    "random_logits.bin: for each model, in this order, the logits of the weights widened to f32: steps rows of "
    "vocabulary f32, little-endian. Row 0 follows the prompt, row n follows chosen[n - 1]."
)
NOISE = (
    "llama.cpp against itself, the same tokens fed. promptOneByOne: the prompt one token at a time. f32Activations: the "
    "weights widened to f32. f32ActivationsOneByOne: both, against the widened weights. cosines: per step. changedTop: "
    "steps where the first token became another, and its lead before. leadNoise: the largest change of a lead over all "
    "of these; a smaller lead proves nothing."
)


def texts(decoder: Decoder) -> list[dict]:
    return [
        {
            "text": text,
            "ids": decoder.tokenize(text),
            "idsWithSpecial": decoder.tokenize(text, special=True),
        }
        for text in TEXTS
    ]


def again(path: Path, case: dict, one_by_one: bool) -> np.ndarray:
    decoder = Decoder(path, threads=1)
    rows = replay(decoder, case["prompt"], case["chosen"], one_by_one)
    decoder.close()
    return rows


def reference(path: Path) -> tuple[dict, np.ndarray]:
    """The description of a model's rows, and the rows of its widened weights."""
    decoder = Decoder(path, threads=1)
    case = {
        "name": path.stem,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "prompt": decoder.tokenize(PROMPT)[:PROMPT_TOKENS],
    }
    rows, case["chosen"] = greedy(decoder, case["prompt"])
    if path.stem in WITH_TEXTS:
        case["texts"] = texts(decoder)
    decoder.close()
    with tempfile.TemporaryDirectory() as folder:
        wide_path = Path(folder) / path.name
        widen(path, wide_path)
        wide = again(wide_path, case, False)
        wide_one_by_one = again(wide_path, case, True)
    noise = {
        "promptOneByOne": difference([rows], [again(path, case, True)]),
        "f32Activations": difference([rows], [wide]),
        "f32ActivationsOneByOne": difference([wide], [wide_one_by_one]),
    }
    case["leadNoise"] = max(run["maxLeadDifference"] for run in noise.values())
    case["noise"] = noise
    return case, wide


def table_row(case: dict, rows: np.ndarray) -> str:
    """A line for the table in README.md."""
    run = case["noise"]["f32Activations"]
    leads = np.diff(np.sort(rows, axis=1)[:, -2:], axis=1)
    proven = int((leads > case["leadNoise"]).sum())
    mean = float(np.mean(run["cosines"]))
    return (
        f"| `{case['name']}` | {run['minCosine']:.6f} | {mean:.6f} | {run['maxLogitDifference']:.3f} "
        f"| {case['leadNoise']:.3f} | {proven} |"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("models", type=Path, help="folder of random_models.py")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()
    cases, runs = [], []
    for path in sorted(options.models.glob("*.gguf")):
        case, rows = reference(path)
        cases.append(case)
        runs.append(rows)
        print(table_row(case, rows), flush=True)
    logits = np.stack(runs).astype("<f4")
    (options.output / "random_logits.bin").write_bytes(logits.tobytes())
    description = {
        "layout": LAYOUT,
        "settings": SETTINGS,
        "versions": versions(),
        "vocabulary": logits.shape[2],
        "steps": STEPS,
        "noiseMeaning": NOISE,
        "models": cases,
    }
    path = options.output / "random_logits.json"
    path.write_text(compact(description) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
