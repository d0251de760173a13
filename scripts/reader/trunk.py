"""The embedder file: its tensors in f32, and its tokenizer with places."""

import json
import struct
import unicodedata
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models

# A block of 32 weights: value = scale * (code - 8), the codes of the first half in the low bits.
Q4_0 = np.dtype([("scale", "<f2"), ("codes", "u1", 16)])
Q4_0_ZERO = 8
WORD_MARK = "▁"
WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"


class EmbedderFile:
    """Tensors are read when they are asked for: the word embeddings are large."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        (length,) = struct.unpack("<Q", self.data[:8])
        self.start = 8 + length
        self.header = json.loads(self.data[8 : self.start])
        packed = json.loads(self.header.pop("__metadata__")["multimodal_rag"])
        self.config = json.loads(packed["config"])
        self.special = packed["unigram"]

    def raw(self, name: str) -> np.ndarray:
        """A tensor as it is stored."""
        tensor = self.header[name]
        begin, end = (self.start + offset for offset in tensor["data_offsets"])
        dtype = {"F32": "<f4", "U8": "u1", "U32": "<u4"}[tensor["dtype"]]
        return np.frombuffer(self.data[begin:end], dtype).reshape(tensor["shape"])

    def tensor(self, name: str) -> np.ndarray:
        """A tensor in f32."""
        stored = self.raw(name)
        return stored if stored.dtype == np.float32 else dequantized(stored)

    def layer_names(self) -> list[str]:
        """All tensors but the tokenizer's and the word embeddings."""
        return [name for name in self.header if not name.startswith("tokenizer.") and name != WORD_EMBEDDINGS]


def dequantized(stored: np.ndarray) -> np.ndarray:
    """Rows of blocks of 4 bits in f32."""
    blocks = stored.reshape(-1).view(Q4_0)
    codes = np.concatenate([blocks["codes"] & 15, blocks["codes"] >> 4], axis=1)
    values = blocks["scale"].astype(np.float32)[:, None] * (codes.astype(np.float32) - Q4_0_ZERO)
    return values.reshape(stored.shape[0], -1)


class UnigramTokenizer:
    """The tokenizer of an embedder file, which tells where in the text each token is from.

    It does what src/model/encoder/unigram.rs does. Control characters, spaces and letters of
    other widths are replaced by a table first; the best pieces of a word are found by the library.
    """

    def __init__(self, file: EmbedderFile) -> None:
        lengths = file.raw("tokenizer.lengths").astype(int)
        ends = np.cumsum(lengths)
        data = file.raw("tokenizer.pieces").tobytes()
        pieces = [data[end - length : end].decode() for end, length in zip(ends, lengths)]
        scores = file.raw("tokenizer.scores").tolist()
        # Control tokens have score 0, and no text becomes one.
        vocabulary = [(piece if score < 0 else f"\0{at}", score) for at, (piece, score) in enumerate(zip(pieces, scores))]
        special = file.special
        self.begin, self.end, self.unknown = special["begin"], special["end"], special["unknown"]
        self.library = Tokenizer(models.Unigram(vocabulary, self.unknown, byte_fallback=False))
        self.replacements = replacements(file.raw("tokenizer.replacements").tolist())
        self.words: dict[str, tuple[list[int], list[tuple[int, int]]]] = {}

    def encode(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids without special ones, and of each the characters of `text` that it is from."""
        ids: list[int] = []
        places: list[tuple[int, int]] = []
        word: list[str] = []
        origins: list[int] = []
        for at, characters in self.replaced(text):
            for character in characters:
                if character != " ":
                    word.append(character)
                    origins.append(at)
                elif word:
                    self.push(word, origins, ids, places)
                    word, origins = [], []
        if word:
            self.push(word, origins, ids, places)
        return ids, places

    def replaced(self, text: str) -> list[tuple[int, str]]:
        """Where each character is, and what stands for it. Marks are joined with their letters."""
        if not unicodedata.is_normalized("NFC", text):
            return self.replaced_parts(text)
        return [(at, self.replacements.get(character, character)) for at, character in enumerate(text)]

    def replaced_parts(self, text: str) -> list[tuple[int, str]]:
        parts: list[tuple[int, str]] = []
        start = 0
        for at in range(1, len(text) + 1):
            # A character that does not combine begins a new part. Syllables in letters of Korean may be cut.
            if at == len(text) or unicodedata.combining(text[at]) == 0:
                joined = unicodedata.normalize("NFC", text[start:at])
                parts.extend((start, self.replacements.get(character, character)) for character in joined)
                start = at
        return parts

    def push(self, word: list[str], origins: list[int], ids: list[int], places: list[tuple[int, int]]) -> None:
        text = WORD_MARK + "".join(word)
        if text not in self.words:
            encoding = self.library.encode(text, add_special_tokens=False)
            self.words[text] = (encoding.ids, encoding.offsets)
        found, offsets = self.words[text]
        for token, (start, end) in zip(found, offsets):
            # The mark has no character of its own.
            first, last = max(start - 1, 0), end - 2
            ids.append(token)
            if last < first:
                places.append((origins[first], origins[first]))
            else:
                places.append((origins[first], origins[last] + 1))


def replacements(numbers: list[int]) -> dict[str, str]:
    table = {}
    at = 0
    while at < len(numbers):
        count = numbers[at + 1]
        table[chr(numbers[at])] = "".join(map(chr, numbers[at + 2 : at + 2 + count]))
        at += 2 + count
    return table
