"""What a reader knows about articles that it was not trained on, in tokens.

These numbers steer the training. Those of texts, end to end, are measured by the engine: `make eval-answers`.
"""

import numpy as np
import torch

from batches import Examples, Row, collated
from model import Reader

MAX_ANSWER = 30
BATCH = 128


@torch.no_grad()
def outputs(reader: Reader, rows: list[Row], device: torch.device) -> list[tuple[np.ndarray, np.ndarray]]:
    """Logits of each row: of its tokens [tokens, 2], and its decisions."""
    reader.eval()
    results: list = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        batch = {name: torch.from_numpy(array).to(device) for name, array in collated([rows[at] for at in places]).items()}
        with torch.autocast(device.type, torch.bfloat16):
            spans, decisions = reader(batch["ids"], batch["kinds"], batch["lengths"])
        for at, of_tokens, of_row in zip(places, spans.cpu().numpy(), decisions.cpu().numpy()):
            results[at] = (of_tokens[: len(rows[at].ids)], of_row)
    return results


def best_span(logits: np.ndarray, first: int) -> tuple[float, int, int]:
    """The best answer's score and its tokens, of those from `first` on."""
    starts, ends = logits[first:-1, 0], logits[first:-1, 1]
    if len(starts) == 0:
        return -1e9, first, first
    scores = starts[:, None] + ends[None]
    allowed = np.triu(np.ones_like(scores, bool)) & ~np.triu(np.ones_like(scores, bool), MAX_ANSWER)
    at = int(np.argmax(np.where(allowed, scores, -np.inf)))
    start, end = divmod(at, len(ends))
    return float(scores[start, end]), first + start, first + end


def auroc(positive: list[float], negative: list[float]) -> float:
    values = np.concatenate([positive, negative])
    order = values.argsort().argsort() + 1.0
    count = len(positive)
    return float((order[:count].sum() - count * (count + 1) / 2) / (count * len(negative))) if count and len(negative) else float("nan")


def f1_of(found: tuple[int, int], answers: np.ndarray) -> float:
    best = 0.0
    for start, end in answers:
        common = min(found[1], end) - max(found[0], start) + 1
        if common > 0:
            best = max(best, 2 * common / (found[1] - found[0] + 1 + end - start + 1))
    return best


def measured(reader: Reader, examples: Examples, device: torch.device) -> dict[str, float]:
    result: dict[str, float] = {}
    for split in ("tune", "reported"):
        result |= {f"{split}.{name}": round(value, 4) for name, value in of_split(reader, examples, device, split).items()}
    return result | of_claims(reader, examples, device)


def of_claims(reader: Reader, examples: Examples, device: torch.device) -> dict[str, float]:
    """Of claims that people wrote: how well supported ones are told from others, and the precision at a recall of .8."""
    numbers = [at for at, kind in enumerate(examples.names["claim_kinds"]) if kind == "people"]
    rows = [examples.claim(number) for number in numbers]
    scores = np.asarray([float(decisions[2]) for _, decisions in outputs(reader, rows, device)])
    labels = np.asarray([row.supported == 1 for row in rows])
    least = np.sort(scores[labels])[int(0.2 * labels.sum())]
    shown = scores >= least
    return {"claims": round(auroc(list(scores[labels]), list(scores[~labels])), 4), "claims.precision": round(float(labels[shown].mean()), 4)}


def of_split(reader: Reader, examples: Examples, device: torch.device, split: str) -> dict[str, float]:
    arrays = examples.arrays
    result = {}
    for source in ("squad-1.1", "xquad"):
        questions = examples.numbers({split}, {source})[: None if source == "squad-1.1" else 2000]
        rows = [examples.row(question, arrays["question_passages"][question], None) for question in questions]
        f1, exact = [], []
        for question, (_, first, _), (spans, _) in zip(questions, rows, outputs(reader, [row for row, _, _ in rows], device)):
            _, start, end = best_span(spans, first)
            found = (start - first, end - first)
            f1.append(f1_of(found, examples.answers(question)))
            exact.append(any(tuple(answer) == found for answer in examples.answers(question)))
        result |= {f"{source}.f1": float(np.mean(f1)), f"{source}.em": float(np.mean(exact))}
    result |= of_near_misses(reader, examples, device, split)
    result |= of_ranking(reader, examples, device, split)
    return result


def of_near_misses(reader: Reader, examples: Examples, device: torch.device, split: str) -> dict[str, float]:
    arrays = examples.arrays
    questions = examples.numbers({split}, {"squad-2.0"})
    rows = [examples.row(question, arrays["question_passages"][question], None) for question in questions]
    found = outputs(reader, [row for row, _, _ in rows], device)
    by_head, by_span = [], []
    for (_, first, _), (spans, decisions) in zip(rows, found):
        by_head.append(float(decisions[0]))
        by_span.append(best_span(spans, first)[0] - float(spans[0].sum()))
    has = [len(examples.answers(question)) > 0 for question in questions]
    both = [head + span / 4 for head, span in zip(by_head, by_span)]
    return {
        f"answerable.{name}": auroc([v for v, yes in zip(values, has) if yes], [v for v, yes in zip(values, has) if not yes])
        for name, values in (("head", by_head), ("span", by_span), ("both", both))
    }


def of_ranking(reader: Reader, examples: Examples, device: torch.device, split: str) -> dict[str, float]:
    """Of a question's passage and the most alike ones of its article, how often its own is first."""
    arrays = examples.arrays
    questions = examples.numbers({split}, {"squad-1.1"})
    rows, owners = [], []
    for question in questions:
        for passage in [arrays["question_passages"][question], *examples.row_of("negatives", question)]:
            rows.append(examples.row(question, passage, None))
            owners.append(question)
    scores: dict[str, dict[int, list[float]]] = {name: {} for name in ("relevant", "answerable", "both")}
    for question, (_, _, _), (_, decisions) in zip(owners, rows, outputs(reader, [row for row, _, _ in rows], device)):
        scores["relevant"].setdefault(question, []).append(float(decisions[1]))
        scores["answerable"].setdefault(question, []).append(float(decisions[0]))
        scores["both"].setdefault(question, []).append(float(decisions[0] + decisions[1]))
    return {f"first.{name}": float(np.mean([max(of) == of[0] for of in values.values()])) for name, values in scores.items()}
