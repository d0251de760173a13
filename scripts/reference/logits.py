"""Reference logits of SmolLM2-135M-Instruct, made by llama.cpp.

For each of three prompts: the logits after the prompt and after each of the
first 63 of llama.cpp's 64 greedy tokens. Writes smollm2_logits.json,
smollm2_logits.bin and smollm2_logits_f32.bin.

All logits of all steps would be 19 MB. A binary holds, for each step, the logits
of every eleventh token, from one end of the vocabulary to the other, and the
largest ones, where a wrong answer would show. How far the cosine of two such
samples is from that of the whole rows is measured: `sampleMaxCosineError`.
"""

import argparse
import hashlib
import json
import re
import tempfile
from pathlib import Path

import numpy as np
from decoder import Decoder, versions
from llama_cpp.llama_chat_format import Jinja2ChatFormatter
from widen import widen

STEPS = 64
# What is kept of a row.
STRIDE, TOP = 11, 256

SETTINGS = (
    "smollm2_logits.bin: the file as it is; llama.cpp rounds activations to 8 bits before each product with "
    "quantized weights. smollm2_logits_f32.bin: the same weights widened to f32, nothing rounded, the same tokens "
    "fed. Both: f32 KV cache, no flash attention, 2 threads, the whole prompt in one batch."
)
LAYOUT = (
    "each .bin: for each prompt, for each step, one record, little-endian: f32 scale, f32 zero; one int8 code for each "
    "token whose number is a multiple of stride, logit = zero + scale * code; then the u16 numbers of the top tokens, "
    "largest logit first; then their logits, f32. Step 0 follows the prompt, step n follows chosen[n - 1]."
)
NOISE = (
    "llama.cpp against itself, the same tokens fed: the prompt one token at a time; one thread and batches of 16; "
    "f32 activations; and f32 activations against f32 activations with the prompt one token at a time. "
    "cosines: per prompt, per step. changedTop: steps where the first token became another, and its lead before. "
    "leadNoise: the largest change of a lead over all of these; a smaller lead proves nothing."
)

PROSE = (
    "The old lighthouse stood at the end of the pier, and every evening the keeper climbed "
    "its narrow stairs to light the lamp. One night in November, when the wind came from the "
    "north and the sea was black, he saw a small boat"
)
MESSAGES = [
    {
        "role": "system",
        "content": "Answer the question from the sources alone and cite them by number.",
    },
    {
        "role": "user",
        "content": (
            "Sources:\n"
            "[1] The Rialto Bridge in Venice was completed in 1591 after three years of work. "
            "Its architect, Antonio da Ponte, chose a single stone arch of 28.8 metres, although "
            "rival plans had proposed several smaller ones.\n\n"
            "Question: Who designed the Rialto Bridge, when was it finished, and why was the design unusual?"
        ),
    },
]
CODE = (
    "def fibonacci(n: int) -> list[int]:\n"
    '    """Return the first n Fibonacci numbers.\n\n'
    "    >>> fibonacci(10)\n"
    "    [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]\n"
    '    """\n'
    "    numbers = [0, 1]\n"
    "    while len(numbers) < n:\n"
)


def chat_prompt(decoder: Decoder) -> str:
    """The messages in the model's own template, as the file carries it."""
    template = decoder.llama.metadata["tokenizer.chat_template"]
    render = Jinja2ChatFormatter(template, eos_token="", bos_token="")
    return render(messages=MESSAGES).prompt


def prompts(decoder: Decoder) -> list[dict]:
    chat = chat_prompt(decoder)
    return [
        {"name": "prose", "text": PROSE, "ids": decoder.tokenize(PROSE)},
        {
            "name": "chat",
            "messages": MESSAGES,
            "text": chat,
            "ids": decoder.tokenize(chat, special=True),
        },
        {"name": "code", "text": CODE, "ids": decoder.tokenize(CODE)},
    ]


def greedy(decoder: Decoder, prompt: list[int]) -> tuple[np.ndarray, list[int]]:
    decoder.reset()
    rows, chosen = [decoder.logits(prompt)], []
    while True:
        chosen.append(int(rows[-1].argmax()))
        if len(chosen) == STEPS:
            return np.stack(rows), chosen
        rows.append(decoder.logits(chosen[-1:]))


def replay(
    decoder: Decoder, prompt: list[int], chosen: list[int], one_by_one: bool
) -> np.ndarray:
    """The logits of the same steps when those tokens are given."""
    decoder.reset()
    if one_by_one:
        for token in prompt[:-1]:
            decoder.logits([token])
        prompt = prompt[-1:]
    rows = [decoder.logits(prompt)]
    rows += [decoder.logits([token]) for token in chosen[:-1]]
    return np.stack(rows)


def cosines(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return (ours * theirs).sum(axis=1) / norms


def lead(row: np.ndarray, other: np.ndarray) -> float:
    """How far the first token of `row` is before its second in `other`."""
    second, first = np.argsort(row)[-2:]
    return float(other[first] - other[second])


def difference(ours: list[np.ndarray], theirs: list[np.ndarray]) -> dict:
    """How far two runs are apart: over all logits, and in the lead of the first
    token over the second, which is what a lead must be compared with."""
    leads, changed = [], []
    for prompt, (a, b) in enumerate(zip(ours, theirs)):
        for step in range(len(a)):
            before = lead(a[step], a[step])
            leads.append(abs(before - lead(a[step], b[step])))
            if a[step].argmax() != b[step].argmax():
                changed.append({"prompt": prompt, "step": step, "lead": round(before, 5)})
    pairs = list(zip(ours, theirs))
    cosine = [[round(float(x), 6) for x in cosines(a, b)] for a, b in pairs]
    return {
        "maxLogitDifference": round(max(float(np.abs(a - b).max()) for a, b in pairs), 5),
        "maxLeadDifference": round(max(leads), 5),
        "minCosine": min(map(min, cosine)),
        "medianCosine": round(float(np.median(cosine)), 6),
        "changedTop": changed,
        "cosines": cosine,
    }


def again(path: Path, cases: list[dict], one_by_one: bool, **settings) -> list[np.ndarray]:
    decoder = Decoder(path, **settings)
    rows = [replay(decoder, case["ids"], case["chosen"], one_by_one) for case in cases]
    decoder.close()
    return rows


def unrounded(model: Path, cases: list[dict]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The same steps with f32 activations: the prompt at once, and one by one."""
    with tempfile.TemporaryDirectory() as folder:
        wide = Path(folder) / "f32.gguf"
        widen(model, wide)
        return again(wide, cases, False), again(wide, cases, True)


def pack(runs: list[np.ndarray], path: Path) -> float:
    """Write one record a row. The worst cosine between a sample and what is read
    back."""
    out, worst = b"", 1.0
    for row in np.concatenate(runs):
        sample, top = row[::STRIDE], np.argsort(-row, kind="stable")[:TOP]
        low, high = float(sample.min()), float(sample.max())
        scale = np.float32((high - low) / 255)
        zero = np.float32(low + 128 * float(scale))
        codes = np.clip(np.rint((sample - zero) / scale), -128, 127).astype(np.int8)
        out += np.array([scale, zero], dtype="<f4").tobytes() + codes.tobytes()
        out += top.astype("<u2").tobytes() + row[top].astype("<f4").tobytes()
        back = zero + scale * codes.astype(np.float32)
        worst = min(worst, float(cosines(sample[None], back[None])[0]))
    path.write_bytes(out)
    return round(worst, 6)


def sample_error(ours: list[np.ndarray], theirs: list[np.ndarray]) -> float:
    """How far the cosine of two samples is at most from that of the whole rows."""
    errors = [
        np.abs(cosines(a, b) - cosines(a[:, ::STRIDE], b[:, ::STRIDE])).max()
        for a, b in zip(ours, theirs)
    ]
    return round(float(max(errors)), 6)


def leaders(row: np.ndarray) -> list:
    second, first = np.argsort(row)[-2:]
    return [
        int(first),
        round(float(row[first]), 5),
        int(second),
        round(float(row[second]), 5),
    ]


def compact(value: dict) -> str:
    """JSON with one line for each list that holds no object."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return re.sub(r"\[[^\[\]{}\"]*\]", lambda found: re.sub(r"\s+", " ", found[0]), text)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path, help="SmolLM2-135M-Instruct.Q4_1.gguf")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()

    decoder = Decoder(options.model)
    cases, runs = prompts(decoder), []
    for case in cases:
        rows, case["chosen"] = greedy(decoder, case["ids"])
        text = decoder.llama.detokenize(case["chosen"], special=True)
        case["continuation"] = text.decode(errors="replace")
        runs.append(rows)
    vocabulary = decoder.llama.n_vocab()
    decoder.close()

    wide, wide_one_by_one = unrounded(options.model, cases)
    for case, rows, wide_rows in zip(cases, runs, wide):
        case["leaders"] = [leaders(row) for row in rows]
        case["f32Leaders"] = [leaders(row) for row in wide_rows]
    one_by_one = again(options.model, cases, True)
    noise = {
        "promptOneByOne": difference(runs, one_by_one),
        "oneThreadSmallBatches": difference(
            runs, again(options.model, cases, False, threads=1, ubatch=16)
        ),
        "f32Activations": difference(runs, wide),
        "f32ActivationsOneByOne": difference(wide, wide_one_by_one),
    }
    description = {
        "model": options.model.name,
        "sha256": hashlib.sha256(options.model.read_bytes()).hexdigest(),
        "versions": versions(),
        "settings": SETTINGS,
        "vocabulary": vocabulary,
        "steps": STEPS,
        "stride": STRIDE,
        "top": TOP,
        "layout": LAYOUT,
        "packingMinCosine": pack(runs, options.output / "smollm2_logits.bin"),
        "f32PackingMinCosine": pack(wide, options.output / "smollm2_logits_f32.bin"),
        "sampleMaxCosineError": sample_error(runs, wide),
        "leaders": "per step: id and logit of the first, id and logit of the second",
        "noiseMeaning": NOISE,
        "leadNoise": max(run["maxLeadDifference"] for run in noise.values()),
        "noise": noise,
        "prompts": cases,
    }
    path = options.output / "smollm2_logits.json"
    path.write_text(compact(description) + "\n", encoding="utf-8")
    for name, run in noise.items():
        print(name, {key: run[key] for key in run if key != "cosines"})
    for case in cases:
        print(case["name"], len(case["ids"]), repr(case["continuation"]))


if __name__ == "__main__":
    main()
