"""Recipes: systems that this project descends from, trained again; what comes of it is a version of a classifier.

`training.recipe` does the work in a process of its own. Its version is registered here, and published where it is not
worse than the one of the same recipe that is: on the same test pictures, told right as often or more often.
"""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import sys
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.card_parts import NAME, CardError
from backend.domain.classifier_card import ClassifierCard
from backend.models import NeuralModel, NeuralVersion
from backend.models.base import JsonObject
from backend.services import archives, neural, versions
from backend.services.classifying import published_in
from backend.services.parameters import ParameterError, known, optional_whole, text
from backend.services.reading import ReaderError
from backend.services.reporter import JobError, Outcome, Reporter
from backend.services.tools import run_tool
from backend.services.versions import CLASSIFIERS, POINTER, VersionError, models_folder, pointers
from backend.settings import ROOT, get_settings
from backend.storage import write_safely

FOLDER = "recipes"
RESULT = "result.json"  # what such a recipe leaves for its run
KEPT = 3  # unfinished trainings, to go on with
TRAINED = 0.95  # share of the whole at which the export begins
MEASURED = ("sample_size",)  # recipes that make figures and plots, and no version


@dataclass(frozen=True)
class Options:
    """What a run is asked for: `full` is all of a recipe, which may take hours, else it is a quick try.

    `data` is a folder inside METER_IMPORTS for a recipe that takes any dataset; empty for the labelled samples.
    """

    recipe: str
    full: bool = False
    epochs: int | None = None
    limit: int | None = None
    data: str = ""

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        """From parameters. Raises ParameterError."""
        known(given, {field.name for field in fields(cls)})
        recipe = text(given, "recipe")
        if recipe not in names():
            raise ParameterError(
                "expected a recipe among %(names)s, got %(got)s", names=", ".join(names()), got=repr(recipe[:80])
            )
        if (data := text(given, "data", "")) and recipe not in MEASURED:
            raise ParameterError("expected data for %(names)s only, got %(got)s", names=", ".join(MEASURED), got=recipe)
        if data:
            archives.folder_named(data)
        return cls(
            recipe=recipe,
            full=given.get("full") in (True, "1", "on"),
            epochs=optional_whole(given, "epochs", 1, 10_000),
            limit=optional_whole(given, "limit", 20, 10**9),
            data=data,
        )


def names() -> list[str]:
    """The names of all recipes: each is one file of the training side."""
    return sorted(path.stem for path in (ROOT / "training" / "recipes").glob("[a-z]*.py"))


def other_models() -> list[str]:
    """The models that no recipe has made: those that can be trained further."""
    readers = select(NeuralModel.name).where(NeuralModel.name.not_in(names()))
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
    folder, number = own_folder(options), neural.next_number(options.recipe)
    train(options, folder, number, report)
    version, better = register(db.session(), f"{options.recipe}/{number}", person)
    version_id, share = version.id, accuracy(version.statistics)
    if better:  # before the commit: the lock keeps others from publishing meanwhile
        publish(options.recipe, number)
    db.session.commit()
    report.line(
        f"{options.recipe}/{number} is {'published' if better else 'kept; the published one tells more right'}."
    )
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome({"version": f"{options.recipe}/{number}", "accuracy": share, "published": better}, version_id)


def measure(options: Options, report: Reporter) -> JsonObject:
    """Measure a dataset folder, or the labelled samples as they are now; the plots as SVG. Raises JobError."""
    snapshot = None if options.data else neural.take_snapshot(report)
    data = archives.folder_named(options.data) if snapshot is None else snapshot.folder
    folder = own_folder(options) / (snapshot.sha256[:12] if snapshot else "data")  # other samples: other runs
    call(options, folder, report, "--data", str(data))
    found: JsonObject = json.loads((folder / options.recipe / RESULT).read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    return found


def own_folder(options: Options) -> Path:
    """Where a training lies until it has become a version: the same place for the same options."""
    root = get_settings().instance.resolve() / FOLDER
    digest = hashlib.sha256(json.dumps(asdict(options), sort_keys=True).encode()).hexdigest()
    folder = root / f"{options.recipe}-{digest[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted((p for p in root.iterdir() if p != folder), key=lambda p: p.stat().st_mtime, reverse=True)
    for place in others[KEPT - 1 :]:
        shutil.rmtree(place, ignore_errors=True)
    return folder


def train(options: Options, folder: Path, number: int, report: Reporter) -> None:
    """Train and export in a process of its own, which leaves the version's folder. Raises JobError."""
    places = ["--export", "--output", str(models_folder().resolve()), "--version", str(number)]
    call(options, folder, report, *places)


def call(options: Options, folder: Path, report: Reporter, *more: str) -> None:
    """Run the recipe itself, which goes on with what lies in the folder. Raises JobError."""
    progress = report.part(0.0, TRAINED)

    def said(line: dict[str, Any]) -> None:
        progress(line["step"], line["steps"])
        if "epoch" in line:
            report.point(line)

    given = {"epochs": options.epochs, "limit": options.limit}
    flags = [part for name, value in given.items() if value for part in (f"--{name}", str(value))]
    full = ["--full", "--results", str(folder / "results")] if options.full else []
    command = [sys.executable, "-m", "training.recipe", options.recipe, *more, "--runs", str(folder)]
    run_tool([*command, *flags, *full], said, report)


def register(session: Session, path: str, person: str) -> tuple[NeuralVersion, bool]:
    """Add the row of a new version; tells, too, whether it is to be published. Raises VersionError."""
    folder = models_folder() / path
    try:
        card = ClassifierCard.load(folder)
        card.verify(folder)
    except CardError as error:
        raise VersionError("%(version)s is not as its card says: %(error)s", version=path, error=error) from error
    model = session.scalars(select(NeuralModel).where(NeuralModel.name == card.name)).first()
    if model is None:
        model = NeuralModel(name=card.name, structure=card.architecture, created_by=person)
        session.add(model)
        session.flush()
    digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    version = versions.made(card, digest, model, person, about(card.recipe) if card.recipe in names() else card.recipe)
    session.add(version)
    session.flush()
    return version, is_better(card)


def is_better(card: ClassifierCard) -> bool:
    """Whether a version tells as many test pictures right as the published one of its recipe, where there is one.

    One that was measured on fewer pictures, or on others, is not: a few are easily all right.
    """
    try:
        now = published_in(models_folder(), card.recipe).card
    except ReaderError:
        return True
    if pictures(card.metrics) != pictures(now.metrics) or card.data.get("sha256") != now.data.get("sha256"):
        return False
    own, before = accuracy(card.metrics), accuracy(now.metrics)
    return own is not None and (before is None or own >= before)


def accuracy(metrics: dict[str, Any]) -> float | None:
    """The share of the test pictures that a card says are told rightly."""
    value = measured(metrics).get("value")
    return float(value) if isinstance(value, int | float) else None


def pictures(metrics: dict[str, Any]) -> int | None:
    """How many test pictures that was measured on."""
    number = measured(metrics).get("n")
    return number if isinstance(number, int) else None


def measured(metrics: dict[str, Any]) -> dict[str, Any]:
    """What a card says of the test pictures that are told rightly."""
    test = metrics.get("test")
    found = test.get("accuracy") if isinstance(test, dict) else None
    return found if isinstance(found, dict) else {}


def publish(recipe: str, number: int) -> None:
    """Name a version in `current.json` for its recipe; what else that names stays."""
    folder = models_folder() / recipe / str(number)
    digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    own = {"name": recipe, "version": str(number), "path": f"{recipe}/{number}/", "card_sha256": digest}
    pointer = pointers(models_folder() / POINTER)
    if "path" not in pointer:  # without a reader there is nothing that the page could begin with
        raise JobError("expected a published reader beside which a classifier can be named, got none")
    pointer[CLASSIFIERS] = (pointer.get(CLASSIFIERS) or {}) | {recipe: own}
    write_safely(models_folder() / POINTER, (json.dumps(pointer, indent=1) + "\n").encode())
