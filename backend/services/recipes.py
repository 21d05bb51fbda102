"""Recipes: systems that this project descends from, trained again; what comes of it is a version of a classifier.

`training.recipe` does the work in a process of its own. Its version is registered here, and published where it is not
worse than the one of the same recipe that is: on the same test pictures, told right as often or more often.
"""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import shutil
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import select

from backend.database import db
from backend.domain.gates import PASSED, statistic
from backend.models import READER, NeuralModel, NeuralVersion
from backend.models.base import JsonObject
from backend.services import backbones, event_files, gates_beside, neural, recipe_data, versions
from backend.services.parameters import ParameterError, known, optional_whole, text
from backend.services.reporter import Outcome, Reporter
from backend.services.tools import run_tool
from backend.services.versions import models_folder
from backend.settings import ROOT, get_settings

log = logging.getLogger(__name__)

FOLDER = "recipes"
RESULT = "result.json"  # what such a recipe leaves for its run
KEPT = 3  # unfinished trainings, to go on with
TRAINED = 0.95  # share of the whole at which the export begins
UNPUBLISHED = "kept: it is not known to be as good as the published one"
MEASURED = ("sample_size",)  # recipes that make figures and plots, and no version


@dataclass(frozen=True)
class Options:
    """What a run is asked for: `full` is all of a recipe, which may take hours, else it is a quick try.

    `data` is a folder inside METER_IMPORTS for a recipe that takes others' data (`recipe_data`); empty for its usual
    ones, which are the labelled samples for one that measures. A recipe of transfer learning begins with `backbone`,
    whose `weights` are in a file inside METER_IMPORTS; empty for its own choice, and for a download.
    """

    recipe: str
    full: bool = False
    epochs: int | None = None
    limit: int | None = None
    data: str = ""
    backbone: str = ""
    weights: str = ""

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        """From parameters. Raises ParameterError."""
        known(given, {field.name for field in fields(cls)})
        recipe = text(given, "recipe")
        if recipe not in names():
            raise ParameterError(
                "expected a recipe among %(names)s, got %(got)s", names=", ".join(names()), got=repr(recipe[:80])
            )
        if data := text(given, "data", ""):
            recipe_data.folder_named(recipe, data)
        backbone, weights = backbones.asked(given, recipe)
        return cls(
            recipe=recipe,
            full=given.get("full") in (True, "1", "on"),
            epochs=optional_whole(given, "epochs", 1, 10_000),
            limit=optional_whole(given, "limit", 20, 10**9),
            data=data,
            backbone=backbone,
            weights=weights,
        )


def names() -> list[str]:
    """The names of all recipes: each is one file of the training side."""
    return sorted(path.stem for path in (ROOT / "training" / "recipes").glob("[a-z]*.py"))


def other_models() -> list[str]:
    """The models that read displays: those that can be trained further."""
    others = select(NeuralVersion.model_id).where(NeuralVersion.slot != READER)
    readers = select(NeuralModel.name).where(NeuralModel.id.not_in(others))
    return list(db.session.scalars(readers.order_by(NeuralModel.name)))


def about(name: str) -> str:
    """The first line that a recipe says of itself; nothing of it is run."""
    tree = ast.parse((ROOT / "training" / "recipes" / f"{name}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def check(given: dict[str, Any]) -> JsonObject:
    """Complete the options of a run. Raises ParameterError."""
    return asdict(Options.of(given))


def do(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Train a recipe, or go on with it, and register its version. Raises JobError or VersionError."""
    options = Options.of(parameters)
    neural.require_packages()
    if options.recipe in MEASURED:
        return Outcome(measure(options, report))
    data = recipe_data.folder_named(options.recipe, options.data) if options.data else None
    folder = own_folder(options, recipe_data.stamp(data) if data else "")
    number = neural.next_number(options.recipe)
    train(options, folder, number, report, data)
    version, better = published_if_better(f"{options.recipe}/{number}", person)
    report.line(f"{version.path} is {'published' if better else UNPUBLISHED}.")
    clear(folder, report)
    result: JsonObject = {"version": version.path, "accuracy": accuracy(version.statistics), "published": better}
    return Outcome(result, version.id)


def measure(options: Options, report: Reporter) -> JsonObject:
    """Measure a dataset folder, or the labelled samples as they are now; the plots as SVG. Raises JobError."""
    snapshot = None if options.data else neural.take_snapshot(report)
    data = recipe_data.folder_named(options.recipe, options.data) if snapshot is None else snapshot.folder
    folder = own_folder(options, snapshot.sha256 if snapshot else recipe_data.stamp(data))
    call(options, folder, report, "--data", str(data))
    found: JsonObject = json.loads((folder / options.recipe / RESULT).read_text(encoding="utf-8"))
    clear(folder, report)
    return found


def clear(folder: Path, report: Reporter) -> None:
    """Remove what a training has left, but for TensorBoard's event files, which stay with the run.

    Where they cannot be kept that is told, and no more: what the run made is there, and may be published already.
    """
    try:
        if place := event_files.keep(folder, report.run_id):
            report.line(f"What TensorBoard shows of it is kept in {place}.")
    except OSError as error:
        log.warning("run %d: its event files are not kept: %s", report.run_id, error)
        report.line(f"What TensorBoard shows of it could not be kept: {error}")
    shutil.rmtree(folder, ignore_errors=True)


def own_folder(options: Options, data: str = "") -> Path:
    """Where a training lies until it has become a version: the same place for the same options and data."""
    root = get_settings().instance.resolve() / FOLDER
    digest = hashlib.sha256(json.dumps([asdict(options), data], sort_keys=True).encode()).hexdigest()
    folder = root / f"{options.recipe}-{digest[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted((p for p in root.iterdir() if p != folder), key=lambda p: p.stat().st_mtime, reverse=True)
    for place in others[KEPT - 1 :]:
        shutil.rmtree(place, ignore_errors=True)
    return folder


def train(options: Options, folder: Path, number: int, report: Reporter, data: Path | None = None) -> None:
    """Train and export in a process of its own, which leaves the version's folder. Raises JobError."""
    places = ["--export", "--output", str(models_folder().resolve()), "--version", str(number)]
    call(options, folder, report, *places, *(["--data", str(data)] if data else []))


def call(options: Options, folder: Path, report: Reporter, *more: str) -> None:
    """Run the recipe itself, which goes on with what lies in the folder. Raises JobError."""
    progress = report.part(0.0, TRAINED)

    def said(line: dict[str, Any]) -> None:
        progress(line["step"], line["steps"])
        if "epoch" in line:
            report.point(line)

    weights = backbones.weights_named(options.weights) if options.weights else None
    given = {"epochs": options.epochs, "limit": options.limit, "backbone": options.backbone, "weights": weights}
    flags = [part for name, value in given.items() if value for part in (f"--{name}", str(value))]
    full = ["--full", "--results", str(folder / "results")] if options.full else []
    command = [sys.executable, "-m", "training.recipe", options.recipe, *more, "--runs", str(folder)]
    run_tool([*command, *flags, *full], said, report)


def published_if_better(path: str, person: str) -> tuple[NeuralVersion, bool]:
    """Add the row of a new version, and publish it where it is known to be as good. Raises VersionError.

    One that was measured on fewer pictures, or on others, is not: a few are easily all right.
    """
    versions.settle()
    session = db.session()
    version = versions.register(session, path, person, about(path.partition("/")[0]))
    session.commit()
    if gates_beside.comparison(version, versions.published(session, version.slot)).outcome != PASSED:
        return version, False
    try:
        return versions.publish(path, person, "as many test pictures right as before, or more"), True
    except versions.GateError:  # a better one was published meanwhile
        return version, False


def accuracy(metrics: dict[str, Any]) -> float | None:
    """The share of the test pictures that a card says are told rightly."""
    value = statistic(statistic(metrics, "test"), "accuracy").get("value")
    return float(value) if isinstance(value, int | float) else None
