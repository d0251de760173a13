"""Writes the small test models, and what llama.cpp and transformers make of them.

Models: tiny-bert/, tiny-llama.gguf, tiny-llama-spm.gguf. References:
tiny_logits.json, tiny_bert.json.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import tiny_bert
import tiny_llama
import torch
import transformers
from decoder import Decoder, versions
from tokenizers import Tokenizer
from transformers import BertModel
from widen import widen

SEED = 20240917

SENTENCES = [
    "lighthouse",
    "The keeper of the lighthouse lit the lamp every evening.",
    "Who kept the light in the old lighthouse?",
    "Sourdough bread needs flour, water, salt and time.",
    "How long does bread stay in the oven?",
    "The Rialto Bridge was designed by Antonio da Ponte in 1591.",
    "Caf\u00e9 na\u00efve, \u6771\u4eac and \u041c\u043e\u0441\u043a\u0432\u0430!",
    " ".join(["The train to the north leaves at noon from platform seven."] * 7),
    " ".join(["river bridge tower castle"] * 40),
]

PROMPT = "The keeper of the lighthouse lit the lamp every evening, and the light was seen far over the water."
TEXTS = [
    "",
    " ",
    "a",
    "Hello, world!",
    "The keeper of the lighthouse lit the lamp.",
    "  two spaces, and trailing  ",
    "1234567 and 3.14 on 2026-11-22",
    "def add(a, b):\n    return a + b\n",
    "\tindented\r\n\r\nlines\n\n\n",
    '{"key": [1, 2, true]}',
    "don't I'M we'll 's 'LL",
    "Na\u00efve caf\u00e9 Stra\u00dfe",
    "cafe\u0301",
    "\u4eca\u5929\u5929\u6c14\u5f88\u597d\u3002",
    "\u0e27\u0e31\u0e19\u0e19\u0e35\u0e49",
    "\u0627\u0644\u0642\u0627\u0647\u0631\u0629",
    "\U0001F468\u200D\U0001F469\u200D\U0001F467 \u2764\uFE0F",
    "\u2581word\u2581",
    "<|im_end|> </s> <s> <unk> <0x41>",
    "<|im_start|>user\nWhere is the key?<|im_end|>\n",
]


def forward(path: Path, prompt: list[int], given: list[int], one_by_one: bool) -> np.ndarray:
    """Logits after the prompt and after each of the given tokens."""
    decoder = Decoder(path, context=tiny_llama.CONTEXT)
    if one_by_one:
        for token in prompt[:-1]:
            decoder.logits([token])
        prompt = prompt[-1:]
    rows = [decoder.logits(prompt)] + [decoder.logits([token]) for token in given]
    decoder.close()
    return np.stack(rows)


def rounded(rows: np.ndarray) -> list[list[float]]:
    return [[round(float(value), 5) for value in row] for row in rows]


def llama_reference(path: Path) -> dict:
    decoder = Decoder(path, context=tiny_llama.CONTEXT)
    ids = decoder.tokenize(PROMPT)[:20]
    texts = [
        {
            "text": text,
            "ids": decoder.tokenize(text),
            "idsWithSpecial": decoder.tokenize(text, special=True),
        }
        for text in TEXTS
    ]
    decoder.close()
    prompt, given = ids[:16], ids[16:]
    rows = forward(path, prompt, given, False)
    with tempfile.TemporaryDirectory() as folder:
        wide = Path(folder) / path.name
        widen(path, wide)
        f32 = forward(wide, prompt, given, False)
    return {
        "prompt": prompt,
        "given": given,
        "noise": {
            "promptOneByOne": float(
                np.abs(rows - forward(path, prompt, given, True)).max()
            ),
            "f32Activations": float(np.abs(rows - f32).max()),
        },
        "logits": rounded(rows),
        "f32Logits": rounded(f32),
        "texts": texts,
    }


def bert_reference(folder: Path) -> dict:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(tiny_bert.POSITIONS)
    model = BertModel.from_pretrained(folder).eval()
    rows = []
    for sentence in SENTENCES:
        ids = tokenizer.encode(sentence).ids
        with torch.inference_mode():
            states = model(torch.tensor([ids])).last_hidden_state[0]
        vector = torch.nn.functional.normalize(states.mean(dim=0), dim=0)
        values = [round(float(value), 6) for value in vector]
        rows.append({"text": sentence, "ids": ids, "vector": values})
    return {
        "model": "tiny-bert",
        "maxTokens": tiny_bert.POSITIONS,
        "pooling": "mean",
        "normalized": True,
        "versions": {
            "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__,
        },
        "sentences": rows,
    }


def dump(value: dict, path: Path) -> None:
    """JSON with the innermost lists and objects on a line each."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for mark in ('{"text":', '"logits":', '"f32Logits":', '"texts":', '"sentences":'):
        text = text.replace(mark, "\n" + mark)
    path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("models", type=Path, help="folder to write models to")
    arguments.add_argument("output", type=Path, help="folder to write references to")
    options = arguments.parse_args()

    bert = options.models / "tiny-bert"
    tiny_bert.write(bert, SEED)
    dump(bert_reference(bert), options.output / "tiny_bert.json")

    logits = {
        "layout": (
            "per model: logits[0] follows the prompt, logits[n] follows given[n - 1]; f32Logits: the same with "
            "weights widened to f32, where llama.cpp does not round activations to 8 bits; noise: the largest "
            "difference between two such runs of llama.cpp"
        ),
        "versions": versions(),
        "models": {},
    }
    for name, byte_level in (("tiny-llama", True), ("tiny-llama-spm", False)):
        path = options.models / f"{name}.gguf"
        tiny_llama.write(path, SEED, byte_level)
        logits["models"][name] = llama_reference(path)
        print(name, logits["models"][name]["noise"])
    dump(logits, options.output / "tiny_logits.json")


if __name__ == "__main__":
    main()
