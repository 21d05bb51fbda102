"""One network on one split: a head on its frozen features, then its last block below that head."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from backend.domain.figures import proportion
from training.classifiers.fit import Job, Lesson, Options, follow
from training.classifiers.judging import BEST
from training.classifiers.recipe import Within
from training.progress import Progress
from training.transfer.backbones import Backbone
from training.transfer.bank import Bank
from training.transfer.collection import Collection, Split
from training.transfer.networks import head, joined, tuned

COPIES = 3  # distorted ones of each picture
BATCH = 32
WHOLE, CLASSES, PICTURES = "whole.keras", "classes.json", "pictures.npy"
SHOWN = 60  # pictures of the test part, on which a version's forms must agree


@dataclass(frozen=True)
class Phase:
    """A training of Adam at a rate that decays to nothing."""

    name: str
    figure: str
    epochs: int
    rate: float


HEAD = Phase("head", "head alone", 20, 3e-3)
TUNED = Phase("tuned", "last block tuned", 8, 1e-4)
ROUNDS = HEAD.epochs + TUNED.epochs


@dataclass(frozen=True)
class TransferOptions(Options):
    """What decides a transfer's result, beside what decides any training's."""

    backbone: str
    weights_sha256: str
    split: int
    copies: int


@dataclass(frozen=True)
class Student:
    """One network on one split of one collection; each phase ends after `stop` epochs, where that is given."""

    recipe: str
    seed: int
    limit: int | None
    stop: int | None
    backbone: Backbone
    collection: Collection
    number: int
    run: Path

    def learn(self, points: Bank, maps: Bank, progress: Progress) -> None:
        """Both phases, from pooled features and from maps; leaves all of the network, and pictures to try it on."""
        split = self.collection.split(self.number)
        width, classes = points.plain.shape[1], len(self.collection.classes)
        self.phase(HEAD, partial(head, width, classes), points, split, Within(progress, 0, HEAD.epochs, ROUNDS))
        trained = self.run / HEAD.name / BEST
        rest = Within(progress, HEAD.epochs, TUNED.epochs, ROUNDS)
        self.phase(TUNED, partial(tuned, self.backbone, trained), maps, split, rest)
        self.leave(maps, split)

    def phase(
        self, phase: Phase, build: Callable[[], keras.Model], bank: Bank, split: Split, progress: Progress
    ) -> None:
        """One training."""
        options = self.options(phase)
        last = min(phase.epochs, self.stop or phase.epochs)

        def draw(_model: keras.Model, steps: range, batch: int) -> Any:
            return bank.draw(split.teach, steps, batch, options.seed)

        judged = (partial(bank.right, places=places) for places in (split.validation, split.test))
        job = Job(options, build, (), last, self.run / phase.name)
        follow(job, Lesson(len(split.teach), draw, *judged), progress)

    def leave(self, maps: Bank, split: Split) -> None:
        """Write what its best weights tell of each class, the whole network, and some pictures of the test part."""
        run = self.run / TUNED.name
        best = keras.models.load_model(run / BEST, compile=False)
        right, labels = maps.right(best, split.test), maps.labels[split.test]
        told = {name: proportion(right[labels == place]) for place, name in enumerate(self.collection.classes)}
        (run / CLASSES).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        joined(self.backbone, best).save(run / WHOLE)
        chosen = np.random.default_rng(self.number).permutation(split.test)[:SHOWN]
        np.save(run / PICTURES, np.stack([np.asarray(p) for p in self.collection.pictures(chosen, self.backbone.size)]))

    def options(self, phase: Phase) -> TransferOptions:
        """What decides the result of one phase."""
        return TransferOptions(
            recipe=self.recipe,
            stage=phase.name,
            epochs=phase.epochs,
            batch=BATCH,
            learning_rate=phase.rate,
            decays=1.0,
            distorts=1.0,
            average=None,
            patience=None,
            validation=0.15,
            limit=self.limit,
            seed=self.seed,
            data_sha256=self.collection.sha256,
            backbone=self.backbone.name,
            weights_sha256=self.backbone.sha256,
            split=self.number,
            copies=COPIES,
        )
