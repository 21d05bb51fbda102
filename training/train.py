"""`python -m training.train DATASET_DIR --name NAME`: a dataset folder → trained weights in `runs/NAME/`.

Runs on Keras 3 with the TensorFlow or the JAX backend (`KERAS_BACKEND`), on a CPU or a GPU. A run that was killed goes
on where it was when the same command is given again. `runs/NAME/` holds `options.json`, `log.jsonl` (one JSON line an
epoch), `tensorboard/`, `checkpoint.keras` (to go on from) and `model.keras` (the best weights on validation so far).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from training.architectures import ARCHITECTURES, Architecture
from training.batches import Batches, load_material
from training.callbacks import EpochLog, SaveCheckpoint, ShowAveragedWeights, StopOnNonFinite, ValidateReadings
from training.continuing import KeepWhatWasRead
from training.data import TEACH, VALIDATE, DatasetError, Sample, dataset_hash, read_table
from training.in_order import in_order
from training.losses import count_loss, reading_loss
from training.memory import KeepMemory
from training.progress import Progress

EMA_MOMENTUM = 0.998
COUNT_WEIGHT = 2.0


@dataclass(frozen=True)
class Options:
    """Everything that decides a run's result; kept in `options.json`."""

    dataset: str
    architecture: str
    epochs: int
    steps: int
    batch: int
    seed: int
    learning_rate: float
    limit: int | None
    never: tuple[str, ...]
    start: str | None
    keep: float | None
    dataset_sha256: str


def build_optimizer(options: Options, architecture: Architecture) -> keras.optimizers.Optimizer:
    """AdamW on a warm-up and a cosine with an average of the weights; the baseline has plain Adam, as it had."""
    if not architecture.heavy_augmentation:
        return keras.optimizers.Adam(options.learning_rate)
    total = options.epochs * options.steps
    warmup = max(1, min(500, total // 20))
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=options.learning_rate / 50,
        decay_steps=max(1, total - warmup),
        alpha=0.01,
        warmup_target=options.learning_rate,
        warmup_steps=warmup,
    )
    return keras.optimizers.AdamW(
        schedule, weight_decay=0.01, global_clipnorm=5.0, use_ema=True, ema_momentum=EMA_MOMENTUM
    )


def build_model(options: Options) -> keras.Model:
    """The architecture, compiled, with weights drawn from the seed or taken from another run."""
    architecture = ARCHITECTURES[options.architecture]
    keras.utils.set_random_seed(options.seed)
    model = architecture.build()
    if options.start:
        model.set_weights(keras.models.load_model(options.start, compile=False).get_weights())
    losses = {"reading": reading_loss} | ({"count": count_loss} if architecture.aligned else {})
    weights = {"reading": 1.0} | ({"count": COUNT_WEIGHT} if architecture.aligned else {})
    # XLA makes these small convolutions slower on a CPU; JAX always compiles.
    jit = keras.backend.backend() == "jax"
    model.compile(build_optimizer(options, architecture), loss=losses, loss_weights=weights, jit_compile=jit)
    return model


def resume(options: Options, run: Path) -> tuple[keras.Model, int]:
    """The model to train and the epochs it has behind it. Refuses to go on with other options than it began with."""
    record = run / "options.json"
    checkpoint = run / "checkpoint.keras"
    wanted = json.loads(json.dumps(asdict(options)))
    if not checkpoint.exists():
        run.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(wanted, indent=1) + "\n")
        return build_model(options), 0
    begun = dict.fromkeys(wanted) | json.loads(record.read_text())
    if begun != wanted:
        changed = sorted(key for key in wanted if begun.get(key) != wanted[key])
        others = ", ".join(changed)
        raise DatasetError(f"expected the options that {run} began with, got other {others}; use a new --name")
    model = keras.models.load_model(checkpoint)
    return model, int(model.optimizer.iterations) // options.steps


def build_batches(options: Options, teach: list[Sample], extras: Path | None) -> Batches:
    """The batches of a run; every worker process builds its own."""
    architecture = ARCHITECTURES[options.architecture]
    digits, backgrounds = (extras / "digits", extras / "not_meters" / "images") if extras else (None, None)
    material = load_material(teach, digits, backgrounds, box_height=round(architecture.size[0] * 1.15))
    never = frozenset((int(place), int(digit)) for place, _, digit in (pair.partition(":") for pair in options.never))
    return Batches(
        material,
        architecture.size,
        options.batch,
        options.seed,
        architecture.aligned,
        architecture.heavy_augmentation,
        never,
    )


def validation_of(options: Options, samples: list[Sample], run: Path) -> ValidateReadings:
    """What judges the epochs and keeps the best weights."""
    spec, best = ARCHITECTURES[options.architecture].spec, run / "model.keras"
    if options.start and options.keep is not None and samples:
        return KeepWhatWasRead(samples, spec, best, Path(options.start), options.keep)
    return ValidateReadings(samples, spec, best)


def train(options: Options, run: Path, extras: Path | None, workers: int, progress: Progress) -> None:
    """Trains to the last epoch, resuming where the run was; see the module's docstring for what it leaves."""
    samples = read_table(options.dataset)
    teach = [s for s in samples if s.type == TEACH][: options.limit]
    validation = [s for s in samples if s.type == VALIDATE][: options.limit]
    make = partial(build_batches, options, teach, extras)
    model, done = resume(options, run)
    steps = range(done * options.steps, options.epochs * options.steps)
    averaged = [ShowAveragedWeights()] if model.optimizer.use_ema else []
    model.fit(
        in_order(make, steps, workers),
        epochs=options.epochs,
        initial_epoch=done,
        steps_per_epoch=options.steps,
        shuffle=False,
        verbose="auto" if sys.stderr.isatty() else 2,
        callbacks=[
            KeepMemory(),
            StopOnNonFinite(),
            SaveCheckpoint(run / "checkpoint.keras"),  # before the averaged weights are swapped in
            *averaged,
            validation_of(options, validation, run),
            EpochLog(run, options.epochs, options.steps, options.batch, progress),
        ],
    )


def parse(arguments: list[str]) -> tuple[Options, Path, Path | None, int, Progress]:
    """Command line → options, run folder, folder of single digits and backgrounds, worker processes, progress."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__.split("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR", help="folder with training.csv and images/")
    parser.add_argument("--name", default="compact", help="the run's folder under runs/")
    parser.add_argument("--architecture", choices=sorted(ARCHITECTURES), default="compact")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--steps", type=int, default=100, help="batches an epoch")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--limit", type=int, help="use only the first N samples of each side")
    parser.add_argument("--never", nargs="*", default=[], metavar="POSITION:DIGIT", help="digits never shown there")
    parser.add_argument("--from", dest="start", metavar="MODEL.keras", help="weights to start from")
    parser.add_argument("--keep", type=float, metavar="SHARE", help="lose at most this share of what --from read right")
    parser.add_argument("--extras", type=Path, help="folder with digits/ and not_meters/ (default: beside the dataset)")
    parser.add_argument("--workers", type=int, default=2, help="processes that make batches; 0: none but this one")
    parser.add_argument("--progress-file", metavar="FILE", help="say how far it is, one JSON line at a time")
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    given = parser.parse_args(arguments)
    if any(not re.fullmatch(r"([1-9]|10):[0-9]", pair) for pair in given.never):
        parser.error(f"expected --never as POSITION:DIGIT pairs such as 3:9, got {' '.join(given.never)}")
    for name in ("epochs", "steps", "batch"):
        if getattr(given, name) < 1:
            parser.error(f"expected --{name} of at least 1, got {getattr(given, name)}")
    options = Options(
        dataset=given.dataset,
        architecture=given.architecture,
        epochs=given.epochs,
        steps=given.steps,
        batch=given.batch,
        seed=given.seed,
        learning_rate=given.learning_rate or ARCHITECTURES[given.architecture].learning_rate,
        limit=given.limit,
        never=tuple(given.never),
        start=given.start,
        keep=given.keep,
        dataset_sha256=dataset_hash(given.dataset),
    )
    beside = Path(given.dataset).resolve().parent
    extras = given.extras or (beside if (beside / "digits").is_dir() else None)
    return options, given.runs / given.name, extras, given.workers, Progress(given.progress_file)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the run is complete, 1 with one line on standard error when it cannot be."""
    try:
        options, run, extras, workers, progress = parse(sys.argv[1:] if arguments is None else arguments)
        with progress:
            train(options, run, extras, workers, progress)
    except (DatasetError, FloatingPointError) as error:
        print(f"training.train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
