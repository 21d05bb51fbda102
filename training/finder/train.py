"""`python -m training.finder.train DATA_DIR --epochs N`: photos with outlines → a trained finder in `runs/finder/`.

`DATA_DIR` holds `photos/`, `displays/` and `not_meters/`. As of the reader, a run that was killed goes on where it was
when the same command is given again, and leaves `options.json`, `log.jsonl`, `checkpoint.keras` and `model.keras`, the
weights that were best on the validation photos. `--from` starts with the weights of another run.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from training.callbacks import EpochLog, SaveCheckpoint, ShowAveragedWeights, StopOnNonFinite, Waiting
from training.data import VALIDATE, DatasetError
from training.finder import network
from training.finder.batches import Batches
from training.finder.data import read_outlines
from training.finder.validate import ValidateOutlines
from training.in_order import in_order
from training.memory import KeepMemory
from training.progress import Progress


@dataclass(frozen=True)
class Options:
    """Everything that decides a run's result; kept in `options.json`."""

    epochs: int
    steps: int
    batch: int
    seed: int
    learning_rate: float
    start: str | None


def build_model(options: Options) -> keras.Model:
    """The network, compiled, with weights drawn from the seed or taken from another run."""
    keras.utils.set_random_seed(options.seed)
    model = network.build()
    if options.start:
        model.set_weights(keras.models.load_model(options.start, compile=False).get_weights())
    total = options.epochs * options.steps
    warmup = max(1, min(200, total // 20))
    rate = options.learning_rate
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 50, max(1, total - warmup), 0.01, warmup_target=rate, warmup_steps=warmup
    )
    average = 1 - 1 / max(10, min(200, total // 10))
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=0.01, global_clipnorm=5.0, use_ema=True, ema_momentum=average
    )
    losses = {"corners": network.corners_loss, "presence": network.presence_loss}
    # XLA makes these small convolutions slower on a CPU; JAX always compiles.
    model.compile(optimizer, loss=losses, jit_compile=keras.backend.backend() == "jax")
    return model


def resume(options: Options, run: Path) -> tuple[keras.Model, int]:
    """The model to train and the epochs it has behind it. Raises DatasetError for other options than it began with."""
    record, checkpoint = run / "options.json", run / "checkpoint.keras"
    if not checkpoint.exists():
        run.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(asdict(options), indent=1) + "\n", encoding="utf-8")
        return build_model(options), 0
    if json.loads(record.read_text(encoding="utf-8")) != asdict(options):
        raise DatasetError(f"expected the options that {run.name} began with, got others; use a new --name")
    model = keras.models.load_model(checkpoint)
    return model, int(model.optimizer.iterations) // options.steps


def train(options: Options, dataset: Path, run: Path, workers: int, progress: Progress) -> None:
    """Trains to the last epoch, resuming where the run was; see the module's docstring for what it leaves."""
    validation = [photo for photo in read_outlines(dataset / "photos") if photo.type == VALIDATE]
    model, done = resume(options, run)
    if done >= options.epochs:
        return
    waiting = Waiting()
    steps = range(done * options.steps, options.epochs * options.steps)
    model.fit(
        waiting.watch(in_order(partial(Batches, dataset, options.seed, options.batch), steps, workers)),
        epochs=options.epochs,
        initial_epoch=done,
        steps_per_epoch=options.steps,
        shuffle=False,
        verbose=2,
        callbacks=[
            KeepMemory(),
            StopOnNonFinite(),
            waiting,
            SaveCheckpoint(run / "checkpoint.keras"),  # before the averaged weights are swapped in
            ShowAveragedWeights(),
            ValidateOutlines(validation, run / "model.keras"),
            EpochLog(run, options.epochs, options.steps, options.batch, progress),
        ],
    )


def parse(arguments: list[str]) -> dict[str, Any]:
    """Command line → what `train` takes."""
    parser = argparse.ArgumentParser(prog="python -m training.finder.train", description=__doc__.partition("\n")[0])
    parser.add_argument("dataset", metavar="DATA_DIR", type=Path, help="folder with photos/, displays/ and not_meters/")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--steps", type=int, default=100, help="batches an epoch")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--from", dest="start", metavar="MODEL.keras", help="weights to start from")
    parser.add_argument("--name", default="finder", help="the run's folder under runs/")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--workers", type=int, default=1, help="processes that make batches; 0: only this")
    parser.add_argument("--progress-file", metavar="FILE", help="say how far it is, one JSON line at a time")
    given = parser.parse_args(arguments)
    for name in ("epochs", "steps", "batch"):
        if getattr(given, name) < 1:
            parser.error(f"expected --{name} of at least 1, got {getattr(given, name)}")
    options = Options(given.epochs, given.steps, given.batch, given.seed, given.learning_rate, given.start)
    run, progress = given.runs / given.name, Progress(given.progress_file)
    return {"options": options, "dataset": given.dataset, "run": run, "workers": given.workers, "progress": progress}


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the run is complete, 1 with one line on standard error when it cannot be."""
    try:
        train(**parse(sys.argv[1:] if arguments is None else arguments))
    except (DatasetError, FloatingPointError) as error:
        print(f"training.finder.train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
