"""`python -m scripts.bench_input DATASET_DIR`: the input pipeline, images a second, into `docs/results/input.json`.

Beside it, in turns in the same run, the ordinary way: each picture's file is opened, decoded, cut and augmented by
Pillow and numpy, one after the other, in the training process (`scripts/plain_input.py`). Both make the same kind of
pictures with the same augmentation: real displays only. Then the pipeline with the shares that training has (drawn,
composed and recombined displays too), for which the ordinary way has no counterpart. Start-up is not counted, as a
training makes it once. `--check` measures few pictures and keeps nothing.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from scripts import plain_input
from scripts.bench.__main__ import machine
from training.batches import SHARES, Batches, load_material
from training.data import TEACH, Sample, read_table
from training.in_order import in_order

ROOT = Path(__file__).resolve().parent.parent
SIZE, BATCH, SEED = (48, 192), 64, 1
TARGET = 4.0
REAL = dict.fromkeys(SHARES, 0.0) | {"real": 1.0}


def make(dataset: str, shares: dict[str, float]) -> Batches:
    """What a worker process builds; at module level, so that it can be sent there."""
    beside = Path(dataset).resolve().parent
    material = load_material(
        read_table(dataset), beside / "digits", beside / "not_meters" / "images", round(SIZE[0] * 1.15)
    )
    return Batches(material, SIZE, BATCH, SEED, aligned=True, heavy=True, shares=shares)


def plainly(samples: list[Sample]) -> Iterator[int]:
    """Batches of the ordinary way; yields how many pictures each has."""
    rng = np.random.default_rng(SEED)
    while True:
        chosen = [samples[i] for i in rng.integers(len(samples), size=BATCH)]
        made = [plain_input.picture(rng, sample, SIZE) for sample in chosen]
        yield len(np.stack([pixels for pixels, _, _ in made]))


def pipeline(dataset: str, shares: dict[str, float], workers: int) -> Iterator[int]:
    """Batches of the pipeline; yields how many pictures each has."""
    for pictures, _ in in_order(partial(make, dataset, shares), range(10**9), workers):
        yield len(pictures)


def rate(batches: Iterator[int], count: int) -> float:
    """Images a second of the next `count` batches."""
    began = time.perf_counter()
    return sum(next(batches) for _ in range(count)) / (time.perf_counter() - began)


def measure(dataset: str, workers: int, rounds: int, count: int) -> dict[str, Any]:
    """Images a second: medians over `rounds` turns of `count` batches each (the ordinary way: of a quarter of them).

    The two take turns, so that whatever else the machine does meets both. While the ordinary way works, the pipeline's
    processes are idle: they make a few batches ahead and then wait; those are used up before the clock starts.
    """
    samples = [sample for sample in read_table(dataset) if sample.type == TEACH]
    plain, ours = plainly(samples), pipeline(dataset, REAL, workers)
    ahead = 6 * max(1, workers)
    rate(ours, ahead)
    pairs = []
    for _ in range(rounds):
        slow = rate(plain, max(1, count // 4))
        rate(ours, ahead)
        pairs.append((slow, rate(ours, count)))
    ours.close()  # type: ignore[attr-defined]  # a generator: its processes end
    mixed = pipeline(dataset, SHARES, workers)
    rate(mixed, ahead + count)  # most drawings are made at first
    mixture = rate(mixed, count)
    mixed.close()  # type: ignore[attr-defined]
    return {
        "measured": datetime.now(timezone.utc).date().isoformat(),
        "machine": machine(),
        "input": list(SIZE),
        "workers": workers,
        "pictures": rounds * count * BATCH,
        "plain": round(statistics.median(slow for slow, _ in pairs), 1),
        "pipeline": round(statistics.median(fast for _, fast in pairs), 1),
        "ratio": round(statistics.median(fast / slow for slow, fast in pairs), 2),
        "ratios": [round(fast / slow, 2) for slow, fast in pairs],
        "target": TARGET,
        "mixture": round(mixture, 1),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write; status 1 when the target was missed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_input", description=__doc__.partition("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR")
    parser.add_argument("--workers", type=int, default=2, help="processes that make batches, as in training")
    parser.add_argument("--check", action="store_true", help="few pictures, and keep nothing")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "results" / "input.json", help="file to write")
    options = parser.parse_args(arguments)
    rounds, count = (1, 2) if options.check else (7, 40)
    result = measure(options.dataset, options.workers, rounds, count)
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if not options.check:
        options.to.parent.mkdir(parents=True, exist_ok=True)
        options.to.write_text(text, encoding="utf-8")
    return int(result["ratio"] < TARGET)


if __name__ == "__main__":
    sys.exit(main())
