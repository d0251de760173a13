"""Questions of files in SQuAD's layout, the split of articles, and passages that do not answer."""

import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# The articles of ../shared/eval in the order of their titles, by their places modulo 4. Reported ones are never read in
# training; those to tune with are read only in the last training, with everything settled.
SPLITS = {"train": (0, 2), "tune": (1,), "reported": (3,)}
# Hard negatives kept for each question.
NEGATIVES = 4


@dataclass
class Passage:
    title: str
    text: str
    language: str


@dataclass
class Question:
    source: str
    language: str
    text: str
    # Index of its passage, and where its answers are there. None where the passage has no answer.
    passage: int
    answers: list[tuple[int, int]]
    # Passages without an answer, most alike first.
    negatives: list[int] = field(default_factory=list)
    # The same passage in other languages, with where the answer is there.
    translations: list[tuple[int, list[tuple[int, int]]]] = field(default_factory=list)
    identifier: str = ""


class Corpus:
    """Questions and their passages."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.questions: list[Question] = []

    def add(self, path: Path, source: str, language: str, titles: set[str] | None = None) -> None:
        """Adds the articles of a file, or those with these titles."""
        for article in read(path)["data"]:
            title = article.get("title", "")
            if titles is not None and title not in titles:
                continue
            first, asked = len(self.passages), len(self.questions)
            for paragraph in article["paragraphs"]:
                number = len(self.passages)
                self.passages.append(Passage(title.replace("_", " "), paragraph["context"], language))
                for question in paragraph["qas"]:
                    answers = answers_of(question)
                    self.questions.append(Question(source, language, question["question"].strip(), number, answers, identifier=question["id"]))
            add_negatives(self.passages, first, self.questions[asked:])


def answers_of(question: dict) -> list[tuple[int, int]]:
    if question.get("is_impossible"):
        return []
    return sorted({(answer["answer_start"], answer["answer_start"] + len(answer["text"])) for answer in question["answers"]})


def read(path: Path) -> dict:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return json.load(file)


def split(path: Path) -> dict[str, set[str]]:
    """The titles of each split."""
    titles = sorted(article["title"] for article in read(path)["data"])
    return {name: {title for at, title in enumerate(titles) if at % 4 in places} for name, places in SPLITS.items()}


def terms(text: str) -> list[str]:
    """Words, and pairs of the letters of languages that are written without spaces."""
    found = re.findall(r"\w+", text.lower())
    result = []
    for word in found:
        if any("\u3040" <= letter <= "\u9fff" for letter in word):
            result.extend(word[at : at + 2] for at in range(max(len(word) - 1, 1)))
        else:
            result.append(word)
    return result


def add_negatives(passages: list[Passage], first: int, questions: list[Question]) -> None:
    """Finds for each question the passages of its article that BM25 ranks high and that lack the answer's text."""
    texts = [passage.text for passage in passages[first:]]
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    lengths = []
    for number, text in enumerate(texts):
        counts = Counter(terms(text))
        lengths.append(sum(counts.values()))
        for term, count in counts.items():
            postings[term].append((number, count))
    mean = sum(lengths) / max(len(lengths), 1)
    for question in questions:
        scores: Counter = Counter()
        for term in set(terms(question.text)):
            found = postings.get(term, [])
            rarity = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            for number, count in found:
                scores[number] += rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * lengths[number] / mean))
        own = passages[question.passage].text
        answers = {own[start:end].lower() for start, end in question.answers}
        for number, _ in scores.most_common(NEGATIVES + 8):
            text = texts[number].lower()
            if first + number != question.passage and not any(answer in text for answer in answers):
                question.negatives.append(first + number)
            if len(question.negatives) == NEGATIVES:
                break


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences are, roughly: an end mark, a space, and a capital or a digit."""
    start = 0
    for match in re.finditer(r"(?<=[.!?])\s+(?=[\"'(“‘]?[A-Z0-9])|(?<=[。！？])", text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text.rstrip()):
        yield start, len(text.rstrip())
