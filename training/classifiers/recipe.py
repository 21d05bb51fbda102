"""A recipe that trains a classifier of digits: its trainings, their figures, the version of the last one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras

from training.classifiers.digits import Digits, read_digits
from training.classifiers.fit import Job, Options, fit
from training.classifiers.judging import logged, scores
from training.classifiers.redraw import redrawn_figure
from training.progress import Progress
from training.recipes import Ancestor, Asked, RecipeError

QUICK = 3  # epochs of a quick try


@dataclass(frozen=True)
class Stage:
    """One training from fresh weights.

    `validation` is how many of the training pictures validate, or which share of them below 1. It is scored on the test
    set after its last epoch and after those of `scored`. `figure` is what its figure is called, instead of the epochs.
    """

    name: str
    epochs: int
    validation: float
    scored: tuple[int, ...] = ()
    patience: int | None = None
    figure: str | None = None


@dataclass(frozen=True)
class ClassifierRecipe:
    """Adam; `average` is the momentum of an average of the weights, which is kept.

    `decays` is the share of the epochs, at their end, over which the rate falls to nothing on a cosine.
    `distorts` is how much pictures are distorted while they are learnt, 0 to 1.
    """

    name: str
    build: Callable[[], keras.Model]
    stages: tuple[Stage, ...]
    batch: int
    learning_rate: float
    ancestor: Ancestor
    target: float
    decays: float = 0.0
    distorts: float = 0.0
    average: float | None = None
    seed: int = 1

    def run(self, asked: Asked) -> dict[str, Any]:
        """Do all its trainings, or go on with them; without `full` a short one. Raises DatasetError."""
        if asked.backbone or asked.weights:
            raise RecipeError(f"expected no --backbone or --weights for {self.name}, which begins from nothing")
        digits = read_digits(asked.data, asked.limit)
        stages = self.chosen(asked)
        lasts = [min(stage.epochs, asked.epochs or stage.epochs) for stage in stages]
        figures: list[dict[str, Any]] = []
        for number, (stage, last) in enumerate(zip(stages, lasts, strict=True)):
            run = asked.run / stage.name
            job = Job(self.options(stage, asked, digits), self.build, stage.scored, last, run)
            fit(job, digits, Within(asked.progress, sum(lasts[:number]), last, sum(lasts)))
            figures += self.figures(stage, last, run)
            if number == len(stages) - 1:
                figures.append(redrawn_figure(run, digits))
            keras.utils.clear_session()
        return {
            "recipe": self.name,
            "about": self.about(digits, stages),
            "ancestor": self.ancestor.what,
            "data_sha256": digits.sha256,
            "figures": figures,
        }

    def about(self, digits: Digits, stages: tuple[Stage, ...]) -> str:
        """What its figures were made of, in words."""
        kept = " or ".join(sorted({f"{stage.validation:,g}" for stage in stages}))
        return (
            f"{self.build().count_params():,} parameters; MNIST's {len(digits.train):,} pictures to learn from, of "
            f"which the last {kept} validate, and {len(digits.test):,} to be judged by; batches of {self.batch}. "
            f"Scored are the weights that were best on the validation pictures. The ancestor: {self.ancestor.what}."
        )

    def export(self, asked: Asked, output: Path, number: int | None = None) -> Path:
        """A version of its last training's best weights, in a process of its own: see `training/convert.py`."""
        run = asked.run / self.chosen(asked)[-1].name
        return version_of(run, "training.classifiers.export", self.name, output, number)

    def chosen(self, asked: Asked) -> tuple[Stage, ...]:
        """Its stages, or a short one instead."""
        if asked.full:
            return self.stages
        return (Stage("quick", asked.epochs or QUICK, self.stages[-1].validation),)

    def options(self, stage: Stage, asked: Asked, digits: Digits) -> Options:
        """What decides the result of one stage."""
        return Options(
            recipe=self.name,
            stage=stage.name,
            epochs=stage.epochs,
            batch=self.batch,
            learning_rate=self.learning_rate,
            decays=self.decays,
            distorts=self.distorts,
            average=self.average,
            patience=stage.patience,
            validation=stage.validation,
            limit=asked.limit,
            seed=self.seed,
            data_sha256=digits.sha256,
        )

    def figures(self, stage: Stage, last: int, run: Path) -> list[dict[str, Any]]:
        """The scores of one training, with what they cost, beside the ancestor's."""
        epochs = logged(run)
        found = []
        for text, measured in sorted(scores(run).items(), key=lambda item: int(item[0])):
            epoch = int(text)
            what = named(stage, epoch, last)
            found.append(
                {
                    "what": what,
                    "measured": measured,
                    "validation": max(line["validation"] for line in epochs[:epoch]),
                    "epochs": epoch,
                    "seconds": round(sum(line["seconds"] for line in epochs[:epoch])),
                    "ancestor": self.ancestor.figures.get(what),
                    "target": self.target,
                    "stage": stage.name,
                }
            )
        return found


def version_of(run: Path, module: str, name: str, output: Path, number: int | None) -> Path:
    """The version that `module` makes of a run, `output/NAME/NUMBER`. Raises RecipeError without one."""
    chosen = ["--version", str(number)] if number else []
    command = [sys.executable, "-m", module, str(run), "--output", str(output), *chosen]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RecipeError(f"expected a version of {name}, got none, as is said above")
    return Path(done.stdout.splitlines()[-1])


def named(stage: Stage, epoch: int, last: int) -> str:
    """What a score is called: by its epochs, and that the training was stopped where it was."""
    if stage.figure:
        return stage.figure + (f", stopped after {epoch} epochs" if epoch == last < stage.epochs else "")
    stopped = epoch < stage.epochs and epoch not in stage.scored
    return f"{epoch} of {stage.epochs} epochs" if stopped else f"{epoch} epochs"


class Within(Progress):
    """The progress of one training among several: in thousandths of an epoch."""

    def __init__(self, whole: Progress, before: int, own: int, total: int) -> None:
        super().__init__(None)
        self._whole, self._before, self._own, self._total = whole, before, own, total

    def say(self, step: int, steps: int, **more: Any) -> None:
        """So many steps of so many of this training are done."""
        done = self._before + self._own * step / max(1, steps)
        self._whole.say(round(1000 * done), 1000 * self._total, **more)

    def hint(self, step: int, steps: int, **more: Any) -> None:
        """The same, unless a second has not passed since the last line."""
        done = self._before + self._own * step / max(1, steps)
        self._whole.hint(round(1000 * done), 1000 * self._total, **more)
