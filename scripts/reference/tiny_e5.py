"""Writes tiny-e5.bin: a model of random weights in the container "E5S1", small enough to be checked in.

It has everything that multilingual-e5-small has in that container: pieces with
scores, control tokens, replaced characters, blocks of 4 bits.
"""

import argparse
import math
import random
import struct
from pathlib import Path

SEED = 20240917
WIDTH, LAYERS, HEADS, BETWEEN, POSITIONS, TOKEN_TYPES = 32, 2, 2, 64, 40, 2
EPSILON = 1e-12
BLOCK = 32
CONTROL = ["<s>", "<pad>", "</s>", "<unk>"]
BEGIN, FILLER, END, UNKNOWN = range(4)
WORDS = (
    "\u2581 \u2581the \u2581light house \u2581lighthouse \u2581of \u2581ke ep er s \u2581bread \u2581old \u2581query \u2581pass age : . ' ? "
    "\u2581caf \u00e9 \u00df \u6771 \u4eac \u6771\u4eac \u2581na \u00efve ing \u2581burn ed \u2581and"
).split()
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)] + list("0123456789")
# As the normalizer of XLM-R has them: control characters go, wide and joined ones become plain.
REPLACED = {
    0x01: "",
    0x09: " ",
    0x0A: " ",
    0xA0: " ",
    0xBD: "1\u20442",
    0x2581: " ",
    0x3000: " ",
    0xFB01: "fi",
    0xFF21: "A",
}


def pieces() -> list[tuple[str, float]]:
    """Pieces by falling score, as SentencePiece orders them; the last one is a control token too."""
    texts = list(dict.fromkeys(WORDS + LETTERS))
    scored = [(text, -3.0 - 0.125 * place) for place, text in enumerate(texts)]
    return [(text, 0.0) for text in CONTROL] + scored + [("<mask>", 0.0)]


def floats(chance: random.Random, count: int, spread: float, middle: float = 0.0) -> bytes:
    return struct.pack(f"<{count}f", *(chance.gauss(middle, spread) for _ in range(count)))


def blocks(chance: random.Random, rows: int, columns: int, spread: float) -> bytes:
    result = bytearray()
    for _ in range(rows * columns // BLOCK):
        codes = [min(15, max(0, round(chance.gauss(8, 3)))) for _ in range(BLOCK)]
        half = BLOCK // 2
        result += struct.pack("<e", spread / 3 * chance.choice((-1, 1)))
        result += bytes(low | high << 4 for low, high in zip(codes[:half], codes[half:]))
    return bytes(result)


def tensors(chance: random.Random, vocabulary: int) -> list[tuple[str, int, int, bytes]]:
    """Names, types, numbers of elements and bytes."""
    found = []

    def add_floats(name: str, count: int, spread: float, middle: float = 0.0) -> None:
        found.append((name, 0, count, floats(chance, count, spread, middle)))

    def add_dense(name: str, rows: int, columns: int) -> None:
        weights = blocks(chance, rows, columns, 1 / math.sqrt(columns))
        found.append((f"{name}.w", 1, rows * columns, weights))
        add_floats(f"{name}.b", rows, 0.05)

    def add_norm(name: str) -> None:
        add_floats(f"{name}.w", WIDTH, 0.1, 1.0)
        add_floats(f"{name}.b", WIDTH, 0.05)

    found.append(("emb.word", 1, vocabulary * WIDTH, blocks(chance, vocabulary, WIDTH, 1.0)))
    add_floats("emb.pos", POSITIONS * WIDTH, 0.1)
    add_floats("emb.type", TOKEN_TYPES * WIDTH, 0.1)
    add_norm("emb.ln")
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao"):
            add_dense(f"l{layer}.{name}", WIDTH, WIDTH)
        add_norm(f"l{layer}.aln")
        add_dense(f"l{layer}.fi", BETWEEN, WIDTH)
        add_dense(f"l{layer}.fo", WIDTH, BETWEEN)
        add_norm(f"l{layer}.oln")
    return found


def tokenizer() -> bytes:
    known = pieces()
    texts = [text.encode() for text, _ in known]
    starts = [sum(map(len, texts[:count])) for count in range(len(texts) + 1)]
    blob = b"".join(texts)
    result = struct.pack("<5iQ", len(known), BEGIN, END, FILLER, UNKNOWN, len(blob))
    result += struct.pack(f"<{len(starts)}I", *starts)
    result += struct.pack(f"<{len(known)}f", *(score for _, score in known)) + blob
    replaced = b"".join(
        struct.pack(f"<IB{len(text)}I", code, len(text), *map(ord, text)) for code, text in REPLACED.items()
    )
    return result + struct.pack("<iI", len(REPLACED), len(replaced)) + replaced


def model() -> bytes:
    # One embedding more than there are pieces, as in the original.
    vocabulary = len(pieces()) + 1
    sizes = (WIDTH, LAYERS, HEADS, BETWEEN, vocabulary, POSITIONS, TOKEN_TYPES)
    head = b"E5S1" + struct.pack("<I7ifi", 1, *sizes, EPSILON, BLOCK) + tokenizer()
    found = tensors(random.Random(SEED), vocabulary)
    directory_bytes = 4 + sum(2 + len(name) + 21 for name, _, _, _ in found)
    place = start = -(-(len(head) + directory_bytes) // 64) * 64
    directory = struct.pack("<i", len(found))
    for name, kind, count, data in found:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, count, place, len(data))
        place += len(data)
    return (head + directory).ljust(start, b"\0") + b"".join(data for _, _, _, data in found)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("output", type=Path, help="the file to write")
    arguments.parse_args().output.write_bytes(model())


if __name__ == "__main__":
    main()
