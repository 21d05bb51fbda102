"""`python -m scripts.bench_architectures DATASET_DIR`: the architectures side by side.

Writes `docs/results/architectures.json`: parameters; bytes on the wire; exact readings on validation with their
interval and the pictures that it was taught with, where there is a trained version (the newest in `static/model/NAME/`
or `runs/versions/NAME/`; versions that are not shipped live there); one reading in Chromium on WASM, all taking turns
in one run; training images a second, for batches that are ready. Where there is no trained version one with untrained
weights stands in: it is as large and as fast, and has no accuracy.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
BATCH, WARM_UP = 64, 3


def newest(name: str) -> Path | None:
    """The newest version of that name that was trained here, shipped or not."""
    places = [ROOT / "static" / "model" / name, ROOT / "runs" / "versions" / name]
    found = [path for place in places for path in place.glob("[0-9]*") if (path / "card.json").is_file()]
    return max(found, key=lambda path: int(path.name), default=None)


def untrained(name: str, folder: Path) -> Path:
    """A version with untrained weights, checked and calibrated on a few drawn displays as any other."""
    import keras

    from training.architectures import ARCHITECTURES
    from training.export import Plan, export

    keras.utils.set_random_seed(1)
    run = folder / "runs" / name
    run.mkdir(parents=True)
    ARCHITECTURES[name].build().save(run / "model.keras")
    (run / "options.json").write_text(json.dumps({"architecture": name}), encoding="utf-8")
    (run / "log.jsonl").write_text("", encoding="utf-8")
    return export(Plan(run, name, folder / "versions", pictures=20))


def images_a_second(name: str, steps: int) -> float:
    """Training speed on this machine's devices: whole steps, forwards and backwards, on one batch of noise."""
    from training.architectures import ARCHITECTURES
    from training.beginning import build_model
    from training.options import Options

    architecture = ARCHITECTURES[name]
    rate = architecture.learning_rate
    model = build_model(Options("", name, 1, steps, BATCH, 1, rate, None, (), None, None, ""))
    rng = np.random.default_rng(1)
    pictures = rng.random((BATCH, *architecture.size, 3), dtype=np.float32)
    targets = {"reading": np.full((BATCH, 11, 10), 0.1, np.float32)}
    if architecture.aligned:
        targets["count"] = np.ones((BATCH, architecture.size[1] // 4, 3), np.float32)
    times = []
    for _ in range(WARM_UP + steps):
        began = time.perf_counter()
        model.train_on_batch(pictures, targets)
        times.append(time.perf_counter() - began)
    return float(BATCH / np.median(times[WARM_UP:]))


def speed_of(name: str, steps: int) -> float:
    """`images_a_second` in a process of its own: what converts networks turns optimisations of training off."""
    command = [sys.executable, "-m", "scripts.bench_architectures", "-", "--only-speed", name, "--steps", str(steps)]
    environment = {key: value for key, value in os.environ.items() if key != "TF_ENABLE_ONEDNN_OPTS"}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return float(answer.stdout.split()[-1])


def measure(dataset: str, names: list[str], steps: int, timed: int, limit: int | None) -> dict[str, Any]:
    """All figures of all architectures."""
    from scripts.bench.__main__ import machine
    from training import evaluate
    from training.compare import latency

    speeds = {name: speed_of(name, steps) for name in names}
    samples = evaluate.choose(Path(dataset), "validate", limit)
    order = np.random.default_rng(3).permutation(len(samples))[:timed]
    with tempfile.TemporaryDirectory() as place:
        trained = {name: newest(name) for name in names}
        folders = {name: path or untrained(name, Path(place)) for name, path in trained.items()}
        times = latency([path.resolve() for path in folders.values()], [samples[i] for i in order])
        rows = [
            one(name, folders[name], samples if trained[name] else []) | {"milliseconds": own, "training": speeds[name]}
            for name, own in zip(names, times, strict=True)
        ]
    return {
        "measured": datetime.now(timezone.utc).date().isoformat(),
        "machine": machine(),
        "batch": BATCH,
        "architectures": rows,
    }


def one(name: str, folder: Path, samples: list[Any]) -> dict[str, Any]:
    """What one version is and, given validation samples, how well it reads."""
    from backend.domain.card import Card
    from training import evaluate, metrics
    from training.networks import crop_samples, open_version, read_all
    from training.publishing import wire
    from training.spending import pictures

    network = open_version(folder)
    size = [network.spec.width, network.spec.height]
    row: dict[str, Any] = {"name": name, "parameters": network.parameters, "input": size, "wire": wire(folder)}
    if samples:
        judged = evaluate.judge(network, read_all(network, crop_samples(samples, network.spec)), samples)
        row |= {"version": f"{folder.parent.name}/{folder.name}", "exact": metrics.proportion(judged.exact)}
        row["pictures"] = pictures(name, Card.load(folder).training)
    return row


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_architectures", description=__doc__.split("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR", help="its validation pictures are read, in the browser too")
    parser.add_argument("--names", nargs="+", help="which architectures (default: all)")
    parser.add_argument("--steps", type=int, default=20, help="training steps that are timed")
    parser.add_argument("--timed", type=int, default=100, help="readings of each that are timed in the browser")
    parser.add_argument("--limit", type=int, help="only the first N validation pictures")
    parser.add_argument("--only-speed", metavar="NAME", help="print one architecture's training images a second")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "results" / "architectures.json")
    options = parser.parse_args(arguments)
    if options.only_speed:
        print(images_a_second(options.only_speed, options.steps))
        return
    from training.architectures import ARCHITECTURES

    names = options.names or list(ARCHITECTURES)
    result = measure(options.dataset, names, options.steps, options.timed, options.limit)
    text = json.dumps(result, indent=1) + "\n"
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
