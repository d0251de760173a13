"""Chooses how much a reader's logits count, by readings of articles that it was not trained on.

The readings are those that `multimodal-rag eval-answers --articles tuned --readings FILE` writes with a reader that was
trained like the final one, but without these articles. Writes calibration.json, which pack.py puts into the file.
"""

import argparse
import json
from pathlib import Path

import numpy as np

# An answer with half of the words of the right one is right.
RIGHT_F1 = 0.5
WEIGHTS = np.arange(0, 1.01, 0.02)
# The share of answerable questions that may be refused by the reader alone, and the precision of its being sure.
MOST_REFUSED, SURE = 0.002, 0.97
SHOWN_FROM, QUOTE_WEIGHT = 0.2, 1.0


def logistic(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Weights and bias by Newton's method, with a little shrinkage."""
    x = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(x @ weights)))
        gradient = x.T @ (labels - p) - 0.1 * weights
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 0.1 * np.eye(x.shape[1])
        weights = weights + np.linalg.solve(hessian, gradient)
    return weights


def read(files: list[Path]) -> list[dict]:
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def right_first(rows: list[dict], weight: float) -> float:
    """The share of questions whose passage is first."""
    hits = []
    for row in rows:
        scores = [passage["score"] + weight * passage["logits"][2] for passage in row["passages"]]
        hits.append(row["passages"][int(np.argmax(scores))]["isRight"])
    return float(np.mean(hits))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readings", type=Path, nargs="+")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    rows = read(options.readings)
    answerable = [row for row in rows if not row["isImpossible"]]
    # Of each question, the passage that seems to answer best: what is shown.
    likeliest = [max(row["passages"], key=lambda passage: sum(passage["logits"][:2])) for row in answerable]
    passages = [(passage["logits"], passage["isRight"] and passage["f1"] >= RIGHT_F1) for passage in likeliest]
    passages += [(row["right"]["logits"], False) for row in rows if row["isImpossible"] and row["right"]]
    features = np.asarray([logits[:2] for logits, _ in passages])
    labels = np.asarray([right for _, right in passages], float)
    answer_weight, answerable_weight, bias = logistic(features, labels)
    if answerable_weight < 0:
        # The place of the answer tells all that is known.
        (answer_weight, bias), answerable_weight = logistic(features[:, :1], labels), 0.0

    def confidence(logits: list[float]) -> float:
        return float(1 / (1 + np.exp(-(answer_weight * logits[0] + answerable_weight * logits[1] + bias))))

    shares = [right_first(answerable, weight) for weight in WEIGHTS]
    # Of equally good weights, the one in the middle.
    best = [weight for weight, share in zip(WEIGHTS, shares) if share >= max(shares) - 1e-9]
    relevant_weight = float(best[len(best) // 2])
    bests = [max((confidence(passage["logits"]), passage["isRight"] and passage["f1"] >= RIGHT_F1) for passage in row["passages"]) for row in answerable]
    of_answerable = np.sort([value for value, _ in bests])
    near = [confidence(row["right"]["logits"]) for row in rows if row["isImpossible"] and row["right"]]
    values = sorted([*bests, *((value, False) for value in near)], reverse=True)
    precision = np.cumsum([right for _, right in values]) / np.arange(1, len(values) + 1)
    sure = [value for (value, _), share in zip(values, precision) if share >= SURE]
    calibration = {
        "answerWeight": answer_weight, "answerableWeight": answerable_weight, "bias": bias, "relevantWeight": relevant_weight,
        "quoteWeight": QUOTE_WEIGHT, "shownFrom": SHOWN_FROM,
        "refusedBelow": float(of_answerable[int(MOST_REFUSED * len(of_answerable))]), "sureFrom": float(sure[-1]) if sure else 1.0,
    }
    calibration = {name: round(float(value), 4) for name, value in calibration.items()}
    # How claims count is measured elsewhere.
    kept = json.loads(options.output.read_text()).get("claims") if options.output.exists() else None
    calibration |= {"claims": kept} if kept else {}
    options.output.write_text(json.dumps(calibration, indent=2) + "\n")
    print(json.dumps(calibration, indent=2))
    print(f"{len(answerable)} answerable questions, {len(near)} near misses; right first {right_first(answerable, 0):.3f} -> {max(shares):.3f}")
    print(f"with the right passage: F1 {np.mean([row['right']['f1'] if row['right'] else 0 for row in answerable]):.3f}")
    for least in (0.1, 0.2, 0.3, 0.4, 0.5):
        shown = [right for value, right in bests if value >= least]
        refused = np.mean([value < least for value in near]) if near else float("nan")
        print(f"from {least}: {len(shown) / len(bests):.3f} shown, {np.mean(shown):.3f} of them right, near misses below {refused:.3f}")


if __name__ == "__main__":
    main()
