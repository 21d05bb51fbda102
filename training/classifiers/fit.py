"""One training of a classifier, from fresh weights to its last epoch; killed, it goes on as if nothing had been.

Its folder holds `options.json`, `log.jsonl`, `tensorboard/`, `checkpoint.keras` (to go on from), `model.keras` (the
weights that were best on the validation pictures) and `scores.json` (on the test set).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
from numpy.typing import NDArray

from training.beginning import sow
from training.callbacks import EpochLog, SaveCheckpoint, ShowAveragedWeights, StopOnNonFinite
from training.classifiers.batches import batches
from training.classifiers.digits import Digits, split
from training.classifiers.judging import GiveUp, Judge, Judged, forget_after, gave_up, logged, right, score, scores
from training.data import DatasetError
from training.memory import KeepMemory
from training.progress import Progress


@dataclass(frozen=True)
class Options:
    """Everything that decides a training's result; kept in `options.json`.

    `decays` is the share of its epochs, at their end, over which the rate falls to nothing: 0 none, 1 all.
    """

    recipe: str
    stage: str
    epochs: int
    batch: int
    learning_rate: float
    decays: float
    distorts: float
    average: float | None
    patience: int | None
    validation: float
    limit: int | None
    seed: int
    data_sha256: str


@dataclass(frozen=True)
class Job:
    """A training: how its network is built, when it is scored, and after which epoch it is to stop for now."""

    options: Options
    build: Callable[[], keras.Model]
    scored: tuple[int, ...]
    last: int
    run: Path


@dataclass(frozen=True)
class Lesson:
    """What a training learns from, and how it is judged.

    `draw(model, steps, batch)` makes the batches of some steps for that model, inputs and labels, of all the `pictures`
    there are; they are the same whenever they are made.
    """

    pictures: int
    draw: Callable[[keras.Model, range, int], Iterator[tuple[NDArray[Any], NDArray[Any]]]]
    validation: Judged
    test: Judged


def fit(job: Job, digits: Digits, progress: Progress) -> None:
    """Learn digits to the job's last epoch, and score that. Raises DatasetError for other options than before."""
    options = job.options
    teach, validation = split(digits.train, options.validation)
    if not len(teach) or not len(validation):
        raise DatasetError(f"expected pictures to learn from and to validate, got {len(teach)} and {len(validation)}")

    def draw(model: keras.Model, steps: range, batch: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        return batches(teach, steps, batch, model.inputs[0].shape[1], options.seed, options.distorts)

    judged = (partial(right, part=part) for part in (validation, digits.test))
    follow(job, Lesson(len(teach), draw, *judged), progress)


def follow(job: Job, lesson: Lesson, progress: Progress) -> None:
    """The same with whatever is to be learnt."""
    options = job.options
    batch = min(options.batch, lesson.pictures)
    steps = max(1, lesson.pictures // batch)
    model, done = resume(job, steps)
    forget_after(job.run, done)
    if done < job.last and not gave_up(job.run, options.patience):
        sow(model, options.seed, done * steps)
        shown = ShowAveragedWeights()
        back = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _logs: shown.on_epoch_begin(epoch))
        model.fit(
            lesson.draw(model, range(done * steps, job.last * steps), batch),
            epochs=job.last,
            initial_epoch=done,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=[
                KeepMemory(),
                StopOnNonFinite(),
                *([shown] if options.average else []),
                Judge(job.run, lesson.validation, lesson.test, job.scored),
                EpochLog(job.run, job.last, steps, batch, progress),
                *([back] if options.average else []),
                SaveCheckpoint(job.run / "checkpoint.keras"),  # last: an epoch that was not finished is done again
                GiveUp(job.run, options.patience),
            ],
        )
    reached = str(len(logged(job.run)))
    if reached not in scores(job.run):
        score(job.run, int(reached), lesson.test)


def resume(job: Job, steps: int) -> tuple[keras.Model, int]:
    """The model to train and the epochs it has behind it."""
    record, checkpoint = job.run / "options.json", job.run / "checkpoint.keras"
    if not checkpoint.exists():
        job.run.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(asdict(job.options), indent=1) + "\n", encoding="utf-8")
        return compiled(job, steps), 0
    begun = json.loads(record.read_text(encoding="utf-8"))
    if begun != asdict(job.options):
        others = ", ".join(sorted(key for key, value in asdict(job.options).items() if begun.get(key) != value))
        raise DatasetError(f"expected the options that {job.run.name} began with, got other {others}; use other --runs")
    model = keras.models.load_model(checkpoint)
    return model, int(model.optimizer.iterations) // steps


def compiled(job: Job, steps: int) -> keras.Model:
    """The network with weights drawn from the seed, and Adam."""
    options = job.options
    keras.utils.set_random_seed(options.seed)
    model = job.build()
    rate = options.learning_rate
    falling = round(options.decays * options.epochs) * steps
    if falling:
        held = options.epochs * steps - falling
        rate = keras.optimizers.schedules.CosineDecay(
            rate, falling, warmup_target=rate if held else None, warmup_steps=held
        )
    average = {"use_ema": True, "ema_momentum": options.average} if options.average else {}
    # XLA makes small convolutions slower on a CPU; JAX always compiles.
    jit = keras.backend.backend() == "jax"
    model.compile(keras.optimizers.Adam(rate, **average), loss="sparse_categorical_crossentropy", jit_compile=jit)
    return model
