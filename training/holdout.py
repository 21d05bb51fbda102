"""`python -m training.holdout DATASET_DIR`: are digits placed by looking, or by heart?

Trains with one digit never shown at each of six positions, then reads pictures that show just these: validation
photographs and drawn displays. A network that memorises positions fails on them: UFPR-AMR reports 0% for fixed heads.
The figure is the share of these (digit, position) pairs that are read right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from backend.domain.imaging import InputSpec, cut, load
from backend.domain.reading import encode
from training.architectures import ARCHITECTURES
from training.augment import photograph
from training.canvas import Held, Pixels, from_drawn, shows
from training.data import VALIDATE, read_table
from training.framing import frame
from training.metrics import proportion
from training.render import render
from training.train import main as train

# Positions 1–6 from the end; no two share a digit, so every drum is seen, elsewhere.
HELD: Held = frozenset({(1, 7), (2, 4), (3, 9), (4, 2), (5, 6), (6, 3)})
DRAWN = 1500
_UNSEEN_SEED = 9_000_001  # drawings that no training run with a small seed makes

Pictures = tuple[NDArray[np.float32], list[str]]


def drawn_pictures(size: tuple[int, int], count: int, held: Held) -> Pictures:
    """Degraded drawn displays that each show a held-out pair: float32 (n, height, width, 3) and their readings."""
    pictures: list[Pixels] = []
    texts: list[str] = []
    seed = 0
    while len(texts) < count:
        seed += 1
        rng = np.random.default_rng((_UNSEEN_SEED, seed))
        canvas = from_drawn(render(rng))
        if shows(canvas.text, held):
            pictures.append(photograph(rng, frame(rng, canvas, *size)[0]))
            texts.append(canvas.text)
    return np.stack(pictures).astype(np.float32) / np.float32(255), texts


def real_pictures(dataset: str, spec: InputSpec, held: Held) -> Pictures:
    """Validation photographs that show a held-out pair."""
    samples = [s for s in read_table(dataset) if s.type == VALIDATE and shows(s.correct_value, held)]
    pictures = [cut(load(s.image), s.box, spec) for s in samples]
    empty = np.zeros((0, spec.height, spec.width, 3), np.float32)
    stacked = np.stack(pictures).astype(np.float32) / np.float32(255) if pictures else empty
    return stacked, [s.correct_value for s in samples]


def tally(outputs: NDArray[np.float32], texts: Sequence[str], held: Held) -> dict[str, list[int]]:
    """[right, seen] for each held-out pair, from outputs (n, 11, 10) and the true readings."""
    counts = {f"{digit} at {place}": [0, 0] for place, digit in sorted(held)}
    for output, text in zip(outputs.argmax(-1), texts, strict=True):
        truth = encode(text).argmax(-1)
        for place, digit in shows(text, held):
            row = counts[f"{digit} at {place}"]
            row[0] += int(output[11 - place] == truth[11 - place])
            row[1] += 1
    return counts


def measure(model: keras.Model, pictures: Pictures, held: Held) -> dict[str, object]:
    """The share of held-out pairs read right, with its 95% interval, and each pair's [right, seen]."""
    images, texts = pictures
    counts = tally(model.predict(images, batch_size=64, verbose=0)["reading"], texts, held) if texts else {}
    right, seen = sum(r for r, _ in counts.values()), sum(n for _, n in counts.values())
    return {"held_out": proportion(np.arange(seen) < right), "pairs": counts}


def main(arguments: list[str] | None = None) -> int:
    """Trains, measures, prints and writes the result; the training's exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.holdout", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR")
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--name", default="holdout")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--output", type=Path, default=Path("docs/results/holdout.json"))
    given = parser.parse_args(arguments)
    never = [f"{place}:{digit}" for place, digit in sorted(HELD)]
    options = ["--name", given.name, "--runs", str(given.runs), "--epochs", str(given.epochs), "--no-export"]
    if status := train([given.dataset, *options, "--never", *never]):
        return status
    model = keras.models.load_model(given.runs / given.name / "model.keras")
    compact = ARCHITECTURES["compact"]
    result = {
        "epochs": given.epochs,
        "measured": datetime.now(timezone.utc).date().isoformat(),
        "photographs": measure(model, real_pictures(given.dataset, compact.spec, HELD), HELD),
        "drawn": measure(model, drawn_pictures(compact.size, DRAWN, HELD), HELD),
    }
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
