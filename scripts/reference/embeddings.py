"""Reference embeddings of all-MiniLM-L6-v2, made by sentence-transformers.

Writes minilm.json (sentences, token ids, versions) and minilm.f32
(little-endian float32, one row per sentence).
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np
import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

MAX_TOKENS = 256

# Longer than 128 tokens, shorter than 256: shows that the limit of 128 in the
# model's own tokenizer.json is not the one in force.
LONG = (
    "The lighthouse at the end of the northern pier was built in 1874, after three fishing boats were lost in a single winter. "
    "Its lamp first burned rape oil, later paraffin, and since 1931 electricity; the light reaches eighteen nautical miles in clear weather. "
    "A keeper lived in the two rooms below the lantern until 1978, when an automatic switch took over his work. "
    "Visitors may climb the 142 steps on the first Sunday of each month, weather permitting, and children under six enter free of charge. "
    "From the gallery one sees the old harbour, the salt marshes, the church of Saint Nicholas, and, on the clearest days, "
    "the blue line of the islands beyond the strait."
)

# Longer than 256 tokens: everything past the limit must be cut, and the last
# kept token must still be [SEP].
TOO_LONG = (
    "Sourdough bread rises without commercial yeast. A starter of flour and water is fed each day until wild yeasts and lactic bacteria settle in it, "
    "which takes about a week in a warm kitchen and twice as long in a cold one. Once it doubles in volume within six hours of a feeding it is strong enough to bake with. "
    "Mix 450 grams of strong flour, 320 grams of water, 90 grams of ripe starter and 10 grams of salt; leave the dough for half an hour, then stretch and fold it four times at intervals of thirty minutes. "
    "Let it rest until it has grown by half, shape it on a floured board, lay it in a basket lined with linen, and keep it in the refrigerator overnight. "
    "Next morning heat an iron pot in the oven to 250 degrees, turn the cold loaf into it, score the top with a razor, and bake it covered for twenty minutes and uncovered for twenty-five more. "
    "The crust should be the colour of chestnuts, and the loaf should sound hollow when knocked from below. Cool it on a rack for at least an hour before cutting, since the crumb is still setting. "
    "Stored in a paper bag it keeps for four days; after that it makes fine toast, and after a week fine crumbs. "
    "A neglected starter is rarely dead: pour off the grey liquid, feed what is left with fresh flour twice a day, and it will usually be lively again by the end of the week. "
    "Rye flour wakes it faster than wheat, because it carries more minerals and more of the wild yeasts themselves."
)

SENTENCES = [
    # English
    "Photosynthesis",
    "The cat sat on the mat.",
    "Where is the nearest railway station?",
    "How many people live in the capital of Norway?",
    "Water boils at 100 degrees Celsius at sea level.",
    "The invoice of 1,234,567.89 EUR is due on 2026-11-22.",
    "She didn't know whether they'd arrive before o'clock; it wasn't her problem.",
    "A quick brown fox jumps over the lazy dog, twice!",
    "Machine learning models can run inside a web browser without any server.",
    "The mitochondrion produces most of the chemical energy a cell needs.",
    "Call +44 20 7946 0958 or write to office@example.org for details.",
    "def add(a, b):\n    return a + b  # sums two numbers",
    "E = mc^2, and the speed of light is 299792458 m/s.",
    "   leading and trailing   spaces\tand\ttabs   ",
    "NEWS: PRICES ROSE 3.5% IN Q4 (COMPARED WITH 2.1% A YEAR BEFORE)",
    "Thanks a lot \U0001F600\U0001F680 see you soon \u2764\uFE0F",
    "The family emoji \U0001F468\u200D\U0001F469\u200D\U0001F467 is one glyph made of several code points.",
    "\u201cCurly quotes\u201d, en\u2013dashes, em\u2014dashes and an ellipsis\u2026",
    "Na\u00efve caf\u00e9 owners serve cr\u00e8me br\u00fbl\u00e9e and jalape\u00f1o soup in S\u00e3o Paulo.",
    "Decomposed accents: cafe\u0301, nai\u0308ve, A\u030angstro\u0308m.",
    "pneumonoultramicroscopicsilicovolcanoconiosis is a very long word",
    "The tenant shall give notice in writing at least thirty days before the end of the month.",
    "Apply the ointment twice daily and keep it away from the eyes.",
    LONG,
    TOO_LONG,
    # German
    "Der Zug nach M\u00fcnchen f\u00e4hrt um 14:35 Uhr von Gleis 7 ab.",
    "Donaudampfschifffahrtsgesellschaftskapit\u00e4n ist ein langes deutsches Wort.",
    "Die Stra\u00dfe war wegen Bauarbeiten gesperrt, daher mussten wir einen Umweg nehmen.",
    "Wie lange muss man Kartoffeln kochen?",
    # French
    "L'h\u00f4tel se trouve \u00e0 deux pas de la gare, pr\u00e8s du fleuve.",
    "O\u00f9 puis-je acheter des billets pour l'exposition ?",
    "Les \u0153ufs et le c\u0153ur du gar\u00e7on \u00e9taient d\u00e9j\u00e0 au march\u00e9.",
    # Spanish
    "\u00bfCu\u00e1nto cuesta el desayuno en este hotel?",
    "El ni\u00f1o compr\u00f3 pi\u00f1as y ma\u00f1ana volver\u00e1 al mercado.",
    "La reuni\u00f3n empieza a las nueve y termina al mediod\u00eda.",
    # Chinese
    "\u4eca\u5929\u5929\u6c14\u5f88\u597d\uff0c\u6211\u4eec\u53bb\u516c\u56ed\u6563\u6b65\u5427\u3002",
    "\u5317\u4eac\u662f\u4e2d\u56fd\u7684\u9996\u90fd\uff0c\u4eba\u53e3\u8d85\u8fc7\u4e24\u5343\u4e07\u3002",
    "\u8bf7\u95ee\u56fe\u4e66\u9986\u51e0\u70b9\u5f00\u95e8\uff1f",
    # Japanese
    "\u6771\u4eac\u306f\u65e5\u672c\u306e\u9996\u90fd\u3067\u3059\u3002",
    "\u30b3\u30fc\u30d2\u30fc\u3092\u4e00\u676f\u304f\u3060\u3055\u3044\u3002\u304c\u304e\u3050\u3052\u3054",
    # Korean: syllables that the normalizer takes apart into letters
    "\uc624\ub298\uc740 \ub0a0\uc528\uac00 \ub9e4\uc6b0 \uc88b\uc2b5\ub2c8\ub2e4.",
    # Russian
    "\u041c\u043e\u0441\u043a\u0432\u0430 \u2014 \u0441\u0442\u043e\u043b\u0438\u0446\u0430 \u0420\u043e\u0441\u0441\u0438\u0438.",
    "\u0401\u043b\u043a\u0430 \u0438 \u0451\u0436\u0438\u043a \u0436\u0438\u0432\u0443\u0442 \u0432 \u0442\u0451\u043c\u043d\u043e\u043c \u043b\u0435\u0441\u0443, \u0430 \u0439\u043e\u0434 \u043b\u0435\u0436\u0438\u0442 \u0432 \u0430\u043f\u0442\u0435\u0447\u043a\u0435.",
    # Arabic, the second with vowel marks
    "\u0627\u0644\u0642\u0627\u0647\u0631\u0629 \u0639\u0627\u0635\u0645\u0629 \u0645\u0635\u0631 \u0648\u0623\u0643\u0628\u0631 \u0645\u062f\u0646\u0647\u0627.",
    "\u0627\u0644\u0652\u062d\u064e\u0645\u0652\u062f\u064f \u0644\u0650\u0644\u064e\u0651\u0647\u0650",
    # Thai
    "\u0e27\u0e31\u0e19\u0e19\u0e35\u0e49\u0e2d\u0e32\u0e01\u0e32\u0e28\u0e14\u0e35\u0e21\u0e32\u0e01 \u0e09\u0e31\u0e19\u0e2d\u0e22\u0e32\u0e01\u0e44\u0e1b\u0e17\u0e30\u0e40\u0e25",
    # Hindi
    "\u0926\u093f\u0932\u094d\u0932\u0940 \u092d\u093e\u0930\u0924 \u0915\u0940 \u0930\u093e\u091c\u0927\u093e\u0928\u0940 \u0939\u0948\u0964",
    "\u0915\u0943\u092a\u092f\u093e \u092e\u0941\u091d\u0947 \u090f\u0915 \u0917\u093f\u0932\u093e\u0938 \u092a\u093e\u0928\u0940 \u0926\u0940\u091c\u093f\u090f\u0964",
    # Mixed
    "The word for library is \u56fe\u4e66\u9986 in Chinese, Bibliothek in German and \u0431\u0438\u0431\u043b\u0438\u043e\u0442\u0435\u043a\u0430 in Russian.",
    "See [CLS] and [SEP] written out in a text, \u2460\u2461\u2462, \uff21\uff22\uff23, \ufb01ne, x\u00b2 and \u00bd.",
]


def encode(folder: Path) -> tuple[np.ndarray, list[list[int]]]:
    """Unit vectors, and the ids that sentence-transformers fed to the model."""
    model = SentenceTransformer(str(folder), device="cpu")
    model.max_seq_length = MAX_TOKENS
    rows = [
        model.encode(
            [sentence], normalize_embeddings=True, convert_to_numpy=True
        )[0]
        for sentence in SENTENCES
    ]
    ids = [
        model.preprocess([sentence])["input_ids"][0].tolist()
        for sentence in SENTENCES
    ]
    return np.stack(rows).astype("<f4"), ids


def plain_ids(folder: Path) -> list[list[int]]:
    """Ids by tokenizer.json alone, its padding and truncation overridden."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return [tokenizer.encode(sentence).ids for sentence in SENTENCES]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path, help="folder of all-MiniLM-L6-v2")
    arguments.add_argument("output", type=Path, help="folder to write to")
    options = arguments.parse_args()

    torch.set_num_threads(2)
    assert len(SENTENCES) == 50 == len(set(SENTENCES))
    vectors, ids = encode(options.model)
    assert ids == plain_ids(options.model), "the two tokenizers disagree"
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)

    vectors.tofile(options.output / "minilm.f32")
    description = {
        "model": "sentence-transformers/all-MiniLM-L6-v2",
        "maxTokens": MAX_TOKENS,
        "pooling": "mean",
        "normalized": True,
        "dimensions": vectors.shape[1],
        "vectors": "minilm.f32: little-endian float32, one row per sentence, rows in the order of `sentences`",
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__,
            "sentence-transformers": sentence_transformers.__version__,
            "tokenizers": tokenizers.__version__,
            "numpy": np.__version__,
        },
        "sentences": SENTENCES,
        "ids": ids,
    }
    text = json.dumps(description, ensure_ascii=False, separators=(",", ":"))
    for name in description:
        text = text.replace(f',"{name}":', f',\n"{name}":', 1)
    (options.output / "minilm.json").write_text(text + "\n", encoding="utf-8")
    lengths = sorted(len(row) for row in ids)
    print(f"{vectors.shape} vectors; tokens from {lengths[0]} to {lengths[-1]}")
    print(f"longer than 128: {sum(n > 128 for n in lengths)}")


if __name__ == "__main__":
    main()
