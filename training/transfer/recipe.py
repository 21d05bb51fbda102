"""A recipe that tells the classes of an image folder apart with what other networks have learnt.

For each network to begin with and each split: a head is trained on the frozen network's pooled features; then the last
block is tuned below it at a low rate, batch normalisation frozen. Features are computed once, those below the last
block too, of each picture and of some distorted copies.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from backend.domain.figures import proportion
from training.classifiers.judging import logged, scores
from training.classifiers.recipe import Within, version_of
from training.progress import Progress
from training.recipes import Ancestor, Asked, RecipeError
from training.transfer.backbones import FINDER, NAMES, OWN, open_backbone
from training.transfer.bank import fill
from training.transfer.collection import Collection
from training.transfer.learning import CLASSES, COPIES, HEAD, ROUNDS, TUNED, Student


@dataclass(frozen=True)
class TransferRecipe:
    """`collect` reads the data: of a folder, if given, only so many of each class, if given.

    With --full it begins with `own` networks, and where there are weights with `pretrained`, the last of which becomes
    a version. `splits` is over how many its figures are means; `told` says, in words, what they were made of.
    """

    name: str
    collect: Callable[[Path | None, int | None], Collection]
    told: str
    ancestor: Ancestor
    target: float | None
    splits: int
    pretrained: tuple[str, ...] = ("EfficientNetLite0Half",)
    own: tuple[str, ...] = OWN
    seed: int = 1

    def run(self, asked: Asked) -> dict[str, Any]:
        """All its trainings, or on with them; without `full` on one split. Raises DatasetError or RecipeError."""
        collection = self.collect(asked.data, asked.limit)
        names = self.backbones(asked)
        figures: list[dict[str, Any]] = []
        for number, name in enumerate(names):
            within = Within(asked.progress, number, 1, len(names))
            figures += self.from_one(name, asked, collection, within)
            keras.utils.clear_session()
        return {
            "recipe": self.name,
            "about": self.about(collection),
            "ancestor": self.ancestor.what,
            "data_sha256": collection.sha256,
            "figures": figures,
        }

    def backbones(self, asked: Asked) -> tuple[str, ...]:
        """The networks to begin with. Raises RecipeError for one that is not known."""
        if asked.backbone is not None:
            if asked.backbone not in NAMES:
                raise RecipeError(f"expected a --backbone among {', '.join(NAMES)}, got {asked.backbone[:80]!r}")
            return (asked.backbone,)
        if not asked.full:
            return self.pretrained[-1:] if asked.weights else (FINDER,)
        return (*self.own, *(self.pretrained if asked.weights else ()))

    def from_one(self, name: str, asked: Asked, collection: Collection, progress: Progress) -> list[dict[str, Any]]:
        """The figures of one network to begin with."""
        backbone = open_backbone(name, None if name in OWN else asked.weights)
        splits = range(1, (self.splits if asked.full else 1) + 1)
        steps = COPIES + 1 + ROUNDS * len(splits)
        maps, seconds = fill(
            backbone, collection, COPIES, self.seed, asked.run / "features", lambda done: progress.say(done, steps)
        )
        points = maps.pooled(backbone.block)
        runs: list[Path] = []
        for split in splits:
            run = asked.run / name / f"split{split}"
            student = Student(self.name, self.seed, asked.limit, asked.epochs, backbone, collection, split, run)
            student.learn(points, maps, Within(progress, COPIES + 1 + ROUNDS * len(runs), ROUNDS, steps))
            runs.append(run)
        return self.figures(name, runs, collection, seconds)

    def figures(self, name: str, runs: list[Path], collection: Collection, seconds: float) -> list[dict[str, Any]]:
        """Of both phases: the pictures of all splits together, which are as many in each; of the tuned one by class."""
        over = f", mean of {len(runs)} splits" if len(runs) > 1 else ""
        rows, spent = [], seconds
        for phase in (HEAD, TUNED):
            last = [list(scores(run / phase.name).values())[-1] for run in runs]
            spent += sum(line["seconds"] for run in runs for line in logged(run / phase.name))
            rows.append(
                {
                    "what": f"{name}, {phase.figure}{over}",
                    "measured": together(last),
                    "splits": [each["value"] for each in last],
                    "seconds": round(spent),
                    "ancestor": self.ancestor.figures.get(phase.figure),
                    "target": self.target if phase is TUNED else None,
                    "stage": phase.name,
                    "backbone": name,
                }
            )
        classes = [json.loads((run / TUNED.name / CLASSES).read_text(encoding="utf-8")) for run in runs]
        for each in collection.classes:
            told = together([found[each] for found in classes])
            what = f"{name}, of these the {each} ones"
            plain = {"ancestor": None, "target": None, "stage": TUNED.name, "backbone": name}
            rows.append({"what": what, "measured": told, **plain})
        return rows

    def about(self, collection: Collection) -> str:
        """What its figures were made of, in words."""
        counts = zip(collection.classes, np.bincount(collection.labels), strict=True)
        split = collection.split(1)
        return (
            f"{', '.join(f'{count:,} {name}' for name, count in counts)}: {len(split.teach):,} to teach, each with "
            f"{COPIES} distorted copies, {len(split.validation):,} to validate, {len(split.test):,} to be judged by. "
            f"{self.told} The ancestor: {self.ancestor.what}."
        )

    def export(self, asked: Asked, output: Path, number: int | None = None) -> Path:
        """A version of the first split's network, of the last one that it began with. Raises RecipeError."""
        run = asked.run / self.backbones(asked)[-1] / "split1" / TUNED.name
        return version_of(run, "training.transfer.export", self.name, output, number)


def together(measured: list[dict[str, Any]]) -> dict[str, Any]:
    """One share of several."""
    right, n = (sum(each[key] for each in measured) for key in ("right", "n"))
    return proportion(np.arange(n) < right)
