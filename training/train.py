"""`python -m training.train DATASET_DIR --name NAME`: a dataset folder → trained weights in `runs/NAME/`.

Runs on Keras 3 with the TensorFlow or the JAX backend (`KERAS_BACKEND`), on a CPU, a GPU, or several machines
(`training/devices.py` says how). A run that was killed goes
on where it was when the same command is given again. `runs/NAME/` holds `options.json`, `log.jsonl` (one JSON line an
epoch), `tensorboard/`, `checkpoint.keras` (to go on from) and `model.keras` (the best weights on validation so far).
With `--config FILE` the trainings of a file run in a row, then a version is made (`training/configuration.py`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from training.architectures import ARCHITECTURES
from training.average import average, averaged
from training.batches import Batches, load_material
from training.beginning import inner_optimizer, resume, sow
from training.callbacks import (
    EpochLog,
    SaveCheckpoint,
    ShowAveragedWeights,
    StopOnNonFinite,
    ValidateReadings,
    Waiting,
)
from training.configuration import commands, export_command, read_configuration
from training.continuing import KeepWhatWasRead
from training.data import TEACH, VALIDATE, DatasetError, Sample, read_table
from training.devices import alone, join, plain_copy, precision, several, workers
from training.in_order import in_order
from training.inherited import tell as tell_inherited
from training.leaking import tell
from training.memory import KeepMemory
from training.options import Command, Options, parse, parser
from training.progress import Progress
from training.teachers import load_teachers


def build_batches(options: Options, teach: list[Sample], extras: Path | None, places: range) -> Batches:
    """The batches of a run, or those places of them that are this process's part; every worker builds its own."""
    architecture = ARCHITECTURES[options.architecture]
    digits, backgrounds = (extras / "digits", extras / "not_meters" / "images") if extras else (None, None)
    material = load_material(teach, digits, backgrounds, box_height=round(architecture.size[0] * 1.15))
    never = frozenset((int(place), int(digit)) for place, _, digit in (pair.partition(":") for pair in options.never))
    return Batches(
        material,
        architecture.size,
        places,
        options.seed,
        architecture.aligned,
        architecture.heavy_augmentation,
        never,
        options.shares,
    )


def validation_of(options: Options, samples: list[Sample], run: Path, model: keras.Model) -> ValidateReadings:
    """What judges the epochs and keeps the best weights."""
    spec, best = ARCHITECTURES[options.architecture].spec, run / "model.keras"
    with alone():
        if options.start and options.keep is not None:
            judge: ValidateReadings = KeepWhatWasRead(samples, spec, best, Path(options.start), options.keep)
        else:
            judge = ValidateReadings(samples, spec, best)
    judge.plain = plain_copy(model)
    return judge


def both_sides(options: Options) -> tuple[list[Sample], list[Sample]]:
    """The samples to teach and those to validate with. Raises DatasetError without the latter: nothing would be kept.

    Without the former a network learns from pictures that are drawn or composed, as a learning curve's base does.
    """
    samples = read_table(options.dataset)
    teach, validation = ([s for s in samples if s.type == side][: options.limit] for side in (TEACH, VALIDATE))
    if not validation:
        raise DatasetError(f"expected samples to teach and to validate with, got {len(teach)} and 0")
    return teach, validation


def train(command: Command) -> None:
    """Trains to the last epoch, resuming where the run was; see the module's docstring for what it leaves."""
    options = command.options
    keras.utils.set_random_seed(options.seed)
    part = join()
    teach, validation = both_sides(options)
    if part.first and not teach:
        print("no samples to teach with: only drawn, composed and unreadable pictures are taught", file=sys.stderr)
    make = partial(build_batches, options, teach, command.extras, part.places(options.batch))
    # Reading a shared variable may take all processes, so all do the same; what the others write is thrown away.
    with precision(options.precision), command.say() as progress, tempfile.TemporaryDirectory() as scratch:
        run = command.run if part.first else Path(scratch)
        model, done = resume(options, command.run, part.first)
        if done >= options.last:
            return
        sow(model, options.seed, done * options.steps)
        steps = range(done * options.steps, options.last * options.steps)
        waiting = Waiting()
        helpers = workers() if command.workers is None else command.workers
        batches = in_order(make, steps, helpers)
        with alone():
            teachers = load_teachers(options.teachers, ARCHITECTURES[options.architecture].spec, options.teachers_share)
        batches = teachers.teach(batches) if teachers else batches
        model.fit(
            waiting.watch(batches),
            epochs=options.last,
            initial_epoch=done,
            steps_per_epoch=options.steps,
            shuffle=False,
            verbose=("auto" if sys.stderr.isatty() else 2) if part.first else 0,
            callbacks=callbacks_of(command, model, validation, waiting, run, progress),
        )


def callbacks_of(
    command: Command, model: keras.Model, validation: list[Sample], waiting: Waiting, run: Path, progress: Progress
) -> list[keras.callbacks.Callback]:
    """What happens between the steps and the epochs; `run` is where this process writes."""
    options = command.options
    averaged = [ShowAveragedWeights()] if inner_optimizer(model).use_ema else []
    return [
        KeepMemory(),
        StopOnNonFinite(),
        waiting,
        SaveCheckpoint(run / "checkpoint.keras"),  # before the averaged weights are swapped in
        *averaged,
        validation_of(options, validation, run, model),
        EpochLog(run, options.last, options.steps, options.batch, progress),
    ]


def tell_leaks(command: Command, later: Sequence[Command] = ()) -> None:
    """Say the leaks of a run's folder once: it takes a look at every picture, so a run that goes on has said them.

    `later` are the trainings after it, which have teachers of their own.
    """
    options = command.options
    if (command.run / "checkpoint.keras").exists():
        return
    tell(Path(options.dataset))
    teachers = [file for each in (command, *later) for file in each.options.teachers]
    files = filter(None, (options.start, *teachers))
    tell_inherited(Path(options.dataset), options.dataset_sha256, map(Path, files))


def follow(arguments: list[str], config: Path, name: str | None, export: bool) -> int:
    """All stages of a configuration file, then a version; the export's exit status."""
    configuration = read_configuration(config)
    if several():  # the others would read a stage's weights before the first has written them
        raise DatasetError("expected one process for --config, got several: give each stage's options in turn instead")
    stages = commands(arguments, configuration, name)
    if export:
        tell_leaks(stages[0], stages[1:])
    for stage, share in zip(stages, configuration.averages, strict=True):
        print(f"{stage.run}: {stage.options.last} epochs at {stage.options.learning_rate:g}", flush=True)
        train(stage)
        if share is not None and not averaged(stage.run).exists():
            average(stage.run, share)
        keras.utils.clear_session()
    if configuration.export is None or not export:
        return 0
    return subprocess.run(export_command(configuration, stages), check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the run is complete, 1 with one line on standard error when it cannot be."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        given = parser().parse_args(arguments)
        if given.config:
            return follow(arguments, given.config, given.name, not given.no_export)
        command = parse(arguments)
        if not given.no_export and not several():
            tell_leaks(command)
        train(command)
    except (DatasetError, FloatingPointError) as error:
        print(f"training.train: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
