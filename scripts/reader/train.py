"""Trains the answer reader's adapter and heads on examples.npz, from checkpoint to checkpoint.

Runs on a GPU where there is one, in minutes; on processors in a day. Writes reader.safetensors, and what it measured to log.jsonl.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader, IterableDataset

from batches import Examples, batches, collated
from evaluate import measured
from model import Reader

SEED = 20261129
# Groups that are sorted by length together.
POOL = 4096


class Round(IterableDataset):
    """Batches of one round over the data, made by several workers, each of its share."""

    def __init__(self, examples: Examples, splits: set[str], claims: dict[str, np.ndarray], tokens: int, seed: int) -> None:
        self.examples, self.splits, self.claims, self.tokens, self.seed = examples, splits, claims, tokens, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        chosen = self.examples.groups(self.examples.numbers(self.splits), self.claims, np.random.default_rng(self.seed))
        rng = np.random.default_rng([self.seed, number])
        chosen = chosen[number::workers]
        for start in range(0, len(chosen), POOL):
            groups = [self.examples.rows(item, rng) for item in chosen[start : start + POOL]]
            made = list(batches(groups, self.tokens))
            for at in rng.permutation(len(made)):
                yield {name: torch.from_numpy(array) for name, array in collated(made[at]).items()}


def loss_of(spans: torch.Tensor, decisions: torch.Tensor, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Cross entropy of start and end, and of each decision; of one question's rows, its own passage has to be first."""
    known = batch["span"][:, 0] >= 0
    total = spans.new_zeros(())
    if known.any():
        total = total + 0.5 * sum(F.cross_entropy(spans[known][..., side], batch["span"][known][:, side]) for side in (0, 1))
    for at, (name, weight) in enumerate([("answerable", 0.4), ("relevant", 0.3), ("supported", 0.7)]):
        known = batch[name] >= 0
        if known.any():
            total = total + weight * F.binary_cross_entropy_with_logits(decisions[known, at], batch[name][known].float())
    for at, name in enumerate(("answerable", "relevant")):
        total = total + 0.3 * order_loss(decisions[:, at], batch[name], batch["group"])
    return total


def order_loss(logits: torch.Tensor, labels: torch.Tensor, group: torch.Tensor) -> torch.Tensor:
    """How much the other rows of a question reach its first one, where only that is labelled 1."""
    total = logits.new_zeros(())
    for offset in (1, 2):
        pairs = ((group[offset:] == group[:-offset]) & (labels[:-offset] == 1) & (labels[offset:] == 0)).nonzero().squeeze(1)
        if len(pairs):
            total = total + F.softplus(logits[pairs + offset] - logits[pairs]).mean()
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--tokens", type=int, default=32768, help="of a batch, padding included")
    parser.add_argument("--train", default="train,tune", help="splits to train on")
    parser.add_argument("--minutes", type=float, default=1e9, help="ends the training after this time, with a checkpoint")
    parser.add_argument("--schedule-minutes", type=float, default=0, help="the rate falls to 0 over this time, whatever the rounds")
    parser.add_argument("--start", type=Path, help="reader.safetensors of a training that goes on with other data or another rate")
    parser.add_argument("--workers", type=int, default=12, help="processes that make batches, with a GPU")
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_float32_matmul_precision("high")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    examples = Examples(options.examples)
    splits = set(options.train.split(","))
    claims = examples.claims(splits)
    reader = Reader(examples.arrays, examples.config, options.rank, options.scale, options.dropout).to(device)
    if options.start:
        reader.load_state_dict({name: tensor.float() for name, tensor in load_file(options.start, device=str(device)).items()})
    trained = [parameter for parameter in reader.parameters() if parameter.requires_grad]
    decayed = [parameter for parameter in trained if parameter.dim() > 1]
    plain = [parameter for parameter in trained if parameter.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=options.rate, betas=(0.9, 0.98))
    options.output.mkdir(parents=True, exist_ok=True)
    log = (options.output / "log.jsonl").open("a")
    checkpoint = options.output / "checkpoint.pt"
    step, first = 0, 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device)
        reader.load_state_dict(saved["reader"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        step, first = saved["step"], saved["round"]
    print(f"{sum(parameter.numel() for parameter in trained):,} numbers are trained on {device}", flush=True)

    def tell(**facts) -> None:
        print(json.dumps(facts), flush=True)
        log.write(json.dumps(facts) + "\n")
        log.flush()

    began = time.time()
    workers = options.workers if device.type == "cuda" else 0
    total_steps = None
    for number in range(first, options.rounds):
        data = DataLoader(Round(examples, splits, claims, options.tokens, SEED + number), batch_size=None, num_workers=workers, pin_memory=device.type == "cuda", prefetch_factor=4 if workers else None)
        reader.train()
        sums, count = 0.0, 0
        for batch in data:
            share = (time.time() - began) / (60 * options.schedule_minutes) if options.schedule_minutes else (step / total_steps if total_steps else number / options.rounds)
            rate = options.rate * min(1.0, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * min(1.0, share)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            batch = {name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()}
            with torch.autocast(device.type, torch.bfloat16):
                spans, decisions = reader(batch["ids"], batch["kinds"], batch["lengths"])
            loss = loss_of(spans, decisions, batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            step, count = step + 1, count + 1
            sums += loss.detach()
            if step % 200 == 0:
                tell(step=step, round=number, loss=float(sums) / count, rate=rate, seconds=round(time.time() - began))
            if (time.time() - began) > 60 * options.minutes or (options.schedule_minutes and share >= 1):
                break
        total_steps = total_steps or options.rounds * count
        over = time.time() - began > 60 * min(options.minutes, options.schedule_minutes or 1e9)
        torch.save({"reader": reader.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "round": number + 1}, checkpoint)
        if over or number + 1 == options.rounds or number % 4 == 3:
            tell(round=number, **measured(reader, examples, device))
        if over:
            break
    halves = {name: tensor.half().contiguous().cpu() for name, tensor in reader.state_dict().items()}
    save_file(halves, options.output / "reader.safetensors", {"rank": str(options.rank), "scale": str(options.scale)})


if __name__ == "__main__":
    main()
