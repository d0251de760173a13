"""Questions, passages and claims as tokens, so that the training needs no tokenizer.

Writes examples.npz: all tokens in one row, and where each text begins. See `Packed` for its arrays. Needs numpy and
tokenizers.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np

import claims
from questions import Corpus, Question, split
from trunk import WORD_EMBEDDINGS, EmbedderFile, UnigramTokenizer, dequantized

SEED = 20261129
LANGUAGES = "de zh ar es ru tr vi th hi el ro".split()
# Claims from pictures' captions are many; no more of them than of the others.
MAX_SNLI = 25_000
# Of claims made of one split's passages.
MAX_MADE = 60_000


class Packed:
    """Rows of different lengths, one after another."""

    def __init__(self) -> None:
        self.numbers: list[np.ndarray] = []
        self.ends: list[int] = [0]

    def add(self, row: list[int]) -> int:
        self.numbers.append(np.asarray(row, np.int32))
        self.ends.append(self.ends[-1] + len(row))
        return len(self.ends) - 2

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        numbers = np.concatenate(self.numbers) if self.numbers else np.zeros(0, np.int32)
        return {name: numbers, f"{name}_ends": np.asarray(self.ends, np.int64)}


def corpus_of(shared: Path) -> tuple[Corpus, list[str]]:
    """All questions, and the split of each."""
    corpus = Corpus()
    splits: list[str] = []

    def add(path: Path, source: str, language: str, titles: set[str] | None, name: str) -> None:
        corpus.add(path, source, language, titles)
        splits.extend([name] * (len(corpus.questions) - len(splits)))

    for source, language in [("jaquad-train", "ja"), ("policyqa", "en"), ("qed-dev", "en"), ("nq-oracle", "en")]:
        add(shared / "training" / f"{source}.json.gz", source, language, None, "train")
    squad = shared / "eval" / "squad-1.1-dev-part.json"
    for name, titles in split(squad).items():
        add(squad, "squad-1.1", "en", titles, name)
        add(shared / "eval" / "squad-2.0-dev-part.json", "squad-2.0", "en", titles, name)
        for language in LANGUAGES:
            add(shared / "eval" / f"xquad-{language}.json", "xquad", language, titles, name)
    translate(corpus)
    return corpus, splits


def translate(corpus: Corpus) -> None:
    """Tells of each question of XQuAD, and of its English original, where it is answered in other languages."""
    by_identifier: dict[str, list] = {}
    for question in corpus.questions:
        if question.source in ("xquad", "squad-1.1"):
            by_identifier.setdefault(question.identifier, []).append(question)
    for same in by_identifier.values():
        for question in same:
            question.translations = [(other.passage, other.answers) for other in same if other is not question]


def near_misses(corpus: Corpus, question: Question, rng: random.Random) -> list[str]:
    """Questions that its passage does not answer, by changing one word of it."""
    if not question.answers or question.language not in ("en", "ja"):
        return []
    text = corpus.passages[question.passage].text
    names = sorted({match.group() for match in claims.NAME.finditer(text)})
    return claims.near_misses(question.text, names, rng)


def token_span(places: list[tuple[int, int]], answer: tuple[int, int]) -> tuple[int, int] | None:
    """The first and the last token of an answer."""
    inside = [at for at, (start, end) in enumerate(places) if start < answer[1] and end > answer[0]]
    return (inside[0], inside[-1]) if inside else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("embedder", type=Path, help="embedder file with the vocabulary of all languages")
    parser.add_argument("shared", type=Path, help="folder with training/ and eval/")
    parser.add_argument("output", type=Path, help="folder to write to")
    parser.add_argument("--snli", type=Path, help="snli_1.0_train_subset.jsonl")
    parser.add_argument("--boolq", type=Path, help="rows of BoolQ's training part")
    parser.add_argument("--claims", type=Path, required=True, help="claims.json, written by people about reported articles: only measured")
    options = parser.parse_args()
    file = EmbedderFile(options.embedder)
    tokenizer = UnigramTokenizer(file)
    corpus, splits = corpus_of(options.shared)
    rng = random.Random(SEED)

    texts, rows, places = Packed(), {}, {}

    def text_row(text: str) -> int:
        if text not in rows:
            ids, where = tokenizer.encode(text)
            rows[text] = texts.add(ids)
            places[rows[text]] = where
        return rows[text]

    passage_rows = [text_row(passage.text) for passage in corpus.passages]
    title_rows = [text_row(passage.title) for passage in corpus.passages]

    def spans(passage: int, answers: list[tuple[int, int]]) -> list[int]:
        found = [token_span(places[passage_rows[passage]], answer) for answer in answers]
        return [number for span in found if span for number in span]

    question_rows, answer_rows, negative_rows, missing_rows = [], Packed(), Packed(), Packed()
    translated, translated_answers = Packed(), Packed()
    for question in corpus.questions:
        question_rows.append(text_row(question.text))
        answer_rows.add(spans(question.passage, question.answers))
        negative_rows.add(question.negatives)
        missing_rows.add([text_row(text) for text in near_misses(corpus, question, rng)])
        kept = [(passage, spans(passage, answers)) for passage, answers in question.translations if answers]
        kept = [(passage, found[:2]) for passage, found in kept if found]
        translated.add([passage for passage, _ in kept])
        translated_answers.add([number for _, found in kept for number in found])

    made, kinds = [], []
    for name in ("train", "tune"):
        numbers = [number for number, of in enumerate(splits) if of == name]
        of_split = claims.of_corpus(corpus, numbers, rng)
        made += rng.sample(of_split, min(MAX_MADE, len(of_split)))
        kinds += [f"made-{name}"] * (len(made) - len(kinds))
    if options.snli:
        snli = claims.of_snli(options.snli)
        rng.shuffle(snli)
        made += snli[:MAX_SNLI]
        kinds += ["snli"] * (len(made) - len(kinds))
    if options.boolq:
        made += claims.of_boolq(options.boolq)
        kinds += ["boolq"] * (len(made) - len(kinds))
    written = claims.of_people(options.claims)
    made += written
    kinds += ["people"] * len(written)
    claim_rows = [(text_row(claim), text_row(evidence), supported) for claim, evidence, supported in made]

    arrays = {
        **texts.arrays("tokens"),
        "passage_texts": np.asarray(passage_rows), "passage_titles": np.asarray(title_rows),
        "question_texts": np.asarray(question_rows),
        "question_passages": np.asarray([question.passage for question in corpus.questions]),
        **answer_rows.arrays("answers"), **negative_rows.arrays("negatives"), **missing_rows.arrays("near_misses"),
        **translated.arrays("translations"), **translated_answers.arrays("translated_answers"),
        "claim_texts": np.asarray([row[0] for row in claim_rows]), "claim_evidence": np.asarray([row[1] for row in claim_rows]),
        "claim_supported": np.asarray([row[2] for row in claim_rows]),
    }
    # Only the embeddings of tokens that are used travel to the training.
    used, numbered = np.unique(arrays["tokens"], return_inverse=True)
    special = [file.special["begin"], file.special["end"]]
    arrays["tokens"] = numbered.astype(np.int32) + len(special)
    arrays["vocabulary"] = np.concatenate([special, used])
    arrays["word_embeddings"] = file.raw(WORD_EMBEDDINGS)[arrays["vocabulary"]]
    for name in file.layer_names():
        arrays[f"trunk.{name}"] = file.raw(name)
    options.output.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.output / "examples.npz", **arrays)
    names = {"splits": splits, "sources": [question.source for question in corpus.questions], "claim_kinds": kinds,
             "languages": [question.language for question in corpus.questions], "config": file.config,
             "passage_languages": [passage.language for passage in corpus.passages]}
    with gzip.open(options.output / "examples.json.gz", "wt") as names_file:
        json.dump(names, names_file)
    print(f"{len(corpus.questions)} questions, {len(corpus.passages)} passages, {len(made)} claims, {len(used)} tokens in use")
    assert dequantized(arrays["word_embeddings"][:2]).shape == (2, file.config["hidden_size"])


if __name__ == "__main__":
    main()
