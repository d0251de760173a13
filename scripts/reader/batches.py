"""Rows for the training: questions with passages that answer and that do not, and claims."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinds import CLAIM, PASSAGE, QUESTION

BEGIN, END = 0, 1
MAX_QUESTION, MAX_ROW = 96, 384
# Lengths are rounded up, so that few shapes occur.
ROUND = 32
# How often a source's questions come in one round over the data.
TIMES = {"squad-1.1": 3, "squad-2.0": 3, "xquad": 1, "qed-dev": 2, "nq-oracle": 2, "policyqa": 1, "jaquad-train": 0.5}
CLAIM_SHARES = {"made": 30_000, "snli": 12_000, "boolq": 6_000}
WITH_TITLE, IN_TRANSLATION, RANDOM_NEGATIVE, NEAR_MISS = 0.6, 0.35, 0.15, 0.5


@dataclass
class Row:
    ids: np.ndarray
    kinds: np.ndarray
    # Token of the first and the last of the answer; 0, 0 for none; -1, -1 where it is not learned.
    span: tuple[int, int] = (-1, -1)
    # Each 1 or 0, or -1 where it is not learned.
    answerable: int = -1
    relevant: int = -1
    supported: int = -1
    # Rows of one question have one number, and the one with its passage comes first.
    group: int = -1


class Examples:
    def __init__(self, folder: Path) -> None:
        with np.load(folder / "examples.npz") as file:
            self.arrays = {name: file[name] for name in file.files}
        self.names = json.loads(gzip.decompress((folder / "examples.json.gz").read_bytes()))
        self.config = self.names["config"]

    def row_of(self, name: str, number: int) -> np.ndarray:
        ends = self.arrays[f"{name}_ends"]
        return self.arrays[name][ends[number] : ends[number + 1]]

    def text(self, number: int) -> np.ndarray:
        return self.row_of("tokens", number)

    def answers(self, question: int) -> np.ndarray:
        return self.row_of("answers", question).reshape(-1, 2)

    def translations(self, question: int) -> list[tuple[int, np.ndarray]]:
        passages = self.row_of("translations", question)
        return list(zip(passages, self.row_of("translated_answers", question).reshape(-1, 2)))

    def numbers(self, splits: set[str], sources: set[str] | None = None) -> list[int]:
        names = zip(self.names["splits"], self.names["sources"])
        return [at for at, (split, source) in enumerate(names) if split in splits and (sources is None or source in sources)]

    def claims(self, splits: set[str]) -> dict[str, np.ndarray]:
        """The claims of each kind. Those that were made of passages are of these splits."""
        kinds = np.asarray(self.names["claim_kinds"])
        made = np.isin(kinds, [f"made-{split}" for split in splits])
        return {kind: np.flatnonzero(made if kind == "made" else kinds == kind) for kind in CLAIM_SHARES}

    def row(self, question: int, passage: int, rng: np.random.Generator | None, answer: np.ndarray | None = None, head: np.ndarray | None = None) -> tuple[Row, int, int]:
        """A question with a passage, where the passage's tokens begin in it, and how many of them are left out before.

        Of a long passage, the part with the answer is taken; without `rng`, its beginning.
        """
        head = (self.text(self.arrays["question_texts"][question]) if head is None else head)[:MAX_QUESTION]
        text = self.text(self.arrays["passage_texts"][passage])
        title = self.text(self.arrays["passage_titles"][passage])[:16]
        if rng is not None and rng.random() > WITH_TITLE:
            title = title[:0]
        room = MAX_ROW - 3 - len(head) - len(title)
        skipped = 0
        if len(text) > room and rng is not None:
            least, most = 0, len(text) - room
            if answer is not None:
                least, most = max(0, int(answer[1]) + 1 - room), min(most, int(answer[0]))
            skipped = int(rng.integers(least, most + 1)) if least <= most else least
        ids, kinds = joined(head, np.concatenate([title, text[skipped : skipped + room]]), QUESTION)
        return Row(ids, kinds), 2 + len(head) + len(title), skipped

    def answered(self, question: int, passage: int, answer: np.ndarray, rng: np.random.Generator) -> Row:
        row, first, skipped = self.row(question, passage, rng, answer)
        row.span = (first + int(answer[0]) - skipped, first + int(answer[1]) - skipped)
        if row.span[1] >= len(row.ids) - 1:
            row.span = (-1, -1)
        row.answerable = row.relevant = 1
        return row

    def group(self, question: int, rng: np.random.Generator) -> list[Row]:
        """The row of a question with its passage, one of a like question, and one with another passage."""
        passage, answers = self.arrays["question_passages"][question], self.answers(question)
        if len(answers) == 0:
            own, _, _ = self.row(question, passage, rng)
            own.span, own.answerable, own.relevant = (0, 0), 0, 1
        else:
            answer = answers[rng.integers(len(answers))]
            translations = self.translations(question)
            if translations and rng.random() < IN_TRANSLATION:
                passage, answer = translations[rng.integers(len(translations))]
            own = self.answered(question, passage, answer, rng)
        rows = [own]
        misses = self.row_of("near_misses", question)
        if len(misses) and own.answerable and rng.random() < NEAR_MISS:
            row, _, _ = self.row(question, passage, rng, head=self.text(misses[rng.integers(len(misses))]))
            row.span, row.answerable = (0, 0), 0
            rows.append(row)
        negatives = self.row_of("negatives", question)
        if len(negatives) == 0:
            return rows
        if rng.random() < RANDOM_NEGATIVE:
            other = int(rng.integers(len(self.arrays["passage_texts"])))
        else:
            # The most alike comes most often.
            other = negatives[min(int(rng.geometric(0.5)) - 1, len(negatives) - 1)]
        row, _, _ = self.row(question, other, rng)
        row.span, row.answerable, row.relevant = (0, 0), 0, 0
        return [*rows, row]

    def claim(self, number: int) -> Row:
        arrays = self.arrays
        head, text = self.text(arrays["claim_texts"][number])[:128], self.text(arrays["claim_evidence"][number])
        ids, kinds = joined(head, text[: MAX_ROW - 3 - len(head)], CLAIM)
        return Row(ids, kinds, supported=int(arrays["claim_supported"][number]))

    def groups(self, questions: list[int], claims: dict[str, np.ndarray], rng: np.random.Generator) -> list[tuple[str, int]]:
        """One round over the data in random order."""
        times = [TIMES[self.names["sources"][number]] for number in questions]
        chosen = [("question", number) for number, often in zip(questions, times) for _ in range(int(often + rng.random()))]
        for kind, share in CLAIM_SHARES.items():
            numbers = claims[kind]
            chosen += [("claim", int(number)) for number in rng.permutation(numbers)[:share]]
        return [chosen[at] for at in rng.permutation(len(chosen))]

    def rows(self, chosen: tuple[str, int], rng: np.random.Generator) -> list[Row]:
        kind, number = chosen
        return self.group(number, rng) if kind == "question" else [self.claim(number)]


def joined(head: np.ndarray, text: np.ndarray, kind: int) -> tuple[np.ndarray, np.ndarray]:
    ids = np.concatenate([[BEGIN], head, [END], text, [END]]).astype(np.int64)
    kinds = np.full(len(ids), PASSAGE, np.int64)
    kinds[: len(head) + 2] = kind
    return ids, kinds


def collated(rows: list[Row]) -> dict[str, np.ndarray]:
    lengths = np.asarray([len(row.ids) for row in rows])
    longest = -(-int(lengths.max()) // ROUND) * ROUND
    ids, kinds = np.zeros((2, len(rows), longest), np.int64)
    for at, row in enumerate(rows):
        ids[at, : lengths[at]], kinds[at, : lengths[at]] = row.ids, row.kinds
    batch = {"ids": ids, "kinds": kinds, "lengths": lengths, "span": np.asarray([row.span for row in rows])}
    for name in ("answerable", "relevant", "supported", "group"):
        batch[name] = np.asarray([getattr(row, name) for row in rows])
    return batch


def batches(groups: list[list[Row]], tokens: int) -> Iterator[list[Row]]:
    """Groups of like length together, at most this many tokens with padding."""
    batch: list[Row] = []
    longest = 0
    for number, group in enumerate(sorted(groups, key=lambda rows: max(len(row.ids) for row in rows))):
        for row in group:
            row.group = number
        longest = max(len(row.ids) for row in group)
        if batch and (len(batch) + len(group)) * (-(-longest // ROUND) * ROUND) > tokens:
            yield batch
            batch = []
        batch.extend(group)
    if batch:
        yield batch
