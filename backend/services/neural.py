"""Networks are trained: a snapshot of the data, `training.train` and `training.export` as processes, a new version.

The training side is another program, which knows no database: it gets a folder, says how it goes as JSON lines on a
pipe, and leaves a version's folder, which is registered here.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import select

from backend.database import db, reading_session
from backend.domain.card import Card
from backend.domain.gates import KEEP, Gate
from backend.models import READER, NeuralModel, NeuralVersion, Run, RunKind, RunState
from backend.models.base import SYSTEM, JsonObject
from backend.services import inherited, neural_gates, snapshots, versions
from backend.services.parameters import ParameterError, known, optional_number, optional_whole, text, whole
from backend.services.reporter import JobError, Outcome, Reporter
from backend.services.snapshots import Snapshot
from backend.services.tools import run_tool
from backend.settings import ROOT, get_settings

TRAIN, EXPORT = "training.train", "training.export"  # the programs
WEIGHTS = "model.keras"  # in a version's folder: what the next version goes on from
CALMER = 0.25  # of its first version's learning rate: fine-tuning should change what is wrong, not everything
STEPS = 100  # an epoch
PASSES = 8  # over the samples in an epoch, at most, when only a few of them are used to see whether all works
NEEDED = ("keras", "tensorflow", "tensorflowjs", "tqdm", "playwright")
FEW = ("--few",)  # a small installation does not have the pictures that the shipped version was checked on
TRAINED, EXPORTED = 0.05, 0.85  # shares of the whole at which training and export begin


@dataclass(frozen=True)
class Options:
    """What a run is asked for; `changes` says in words what is new in a version that goes on from another."""

    model_name: str
    epochs: int
    architecture: str = "compact"
    steps: int | None = None  # STEPS, or fewer with a limit
    batch: int = 64
    seed: int = 1
    limit: int | None = None
    learning_rate: float | None = None
    changes: str = ""

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        """From parameters. Raises ParameterError."""
        known(given, {field.name for field in fields(cls)})
        name = text(given, "model_name")
        if not versions.PATH.fullmatch(f"{name}/1") or len(name) > 80:
            raise ParameterError("expected a name of small letters, digits, - and _, got %(got)s", got=repr(name[:80]))
        architecture = text(given, "architecture", cls.architecture) or cls.architecture
        if architecture not in architectures():
            raise ParameterError(
                "expected an architecture among %(names)s, got %(got)s",
                names=", ".join(architectures()),
                got=repr(architecture[:80]),
            )
        batch, limit = whole(given, "batch", 1, 4096, cls.batch), optional_whole(given, "limit", 1, 10**9)
        return cls(
            model_name=name,
            epochs=whole(given, "epochs", 1, 10_000),
            architecture=architecture,
            steps=optional_whole(given, "steps", 1, 100_000) or usual_steps(batch, limit),
            batch=batch,
            seed=whole(given, "seed", 0, 2**31 - 1, cls.seed),
            limit=limit,
            learning_rate=optional_number(given, "learning_rate", 0.0, 1.0),
            changes=text(given, "changes", ""),
        )


def usual_steps(batch: int, limit: int | None) -> int:
    """How many steps an epoch has when nobody says."""
    return min(STEPS, -(-PASSES * limit // batch)) if limit else STEPS


def architectures() -> list[str]:
    """The names of the networks that can be trained: each is one file of the training side."""
    return sorted(path.stem for path in (ROOT / "training" / "architectures").glob("[a-z]*.py"))


def check_training(given: dict[str, Any]) -> JsonObject:
    """Complete the options of a new model's training. Raises ParameterError."""
    options = Options.of(given)
    if options.changes:
        raise ParameterError("expected no changes for a new model, got some: they are for the next version of one")
    refuse_name(options.model_name)
    refuse_second(options.model_name)
    return asdict(options)


def check_fine_tuning(given: dict[str, Any]) -> JsonObject:
    """Complete the options of the next version's training. Raises ParameterError."""
    text(given, "changes")  # here it must not be empty
    options = Options.of(given)
    parent, weights = last_version(options.model_name)
    card = Card.load(weights.parent)
    if given.get("architecture") not in (None, "", card.architecture):
        raise ParameterError(
            "expected the architecture of %(version)s, %(architecture)s, got another one",
            version=parent.path,
            architecture=card.architecture,
        )
    refuse_second(options.model_name)
    return asdict(options) | {"architecture": card.architecture}


def word_before(name: str) -> str | None:
    """What should be known before a model is trained further; None where there is nothing, or no such model."""
    try:
        return neural_gates.foreign(last_version(name)[0])
    except (ParameterError, versions.VersionError):
        return None


def train(options: Options, work: Path, person: str, report: Reporter) -> Outcome:
    """Train a new model and register its version 1. Raises DatasetError, JobError or VersionError."""
    require_packages()
    refuse_name(options.model_name)
    snapshot = take_snapshot(report)
    run_training(options, snapshot, work, report)
    folder = export(options, snapshot, None, work, 1, report)
    return register(folder, options, snapshot, None, person, report)


def fine_tune(options: Options, work: Path, person: str, report: Reporter) -> Outcome:
    """Go on from the weights of a model's last version and register the next. Raises as `train` does."""
    require_packages()
    parent, weights = last_version(options.model_name)
    snapshot = take_snapshot(report)
    if word := neural_gates.foreign(parent):
        report.line(word)
    before = inherited.look_through(snapshot, parent.id)
    neural_gates.tell_inherited(before.leaks, report)
    number = next_number(options.model_name)
    rate = options.learning_rate or CALMER * first_rate(weights.parent.parent)
    options = replace(options, seed=(options.seed + number - 1) % 2**31)  # other pictures than its parent was taught
    more = ["--from", str(weights), "--learning-rate", f"{rate:g}", "--keep", str(KEEP)]
    run_training(options, snapshot, work, report, *more)
    about = ["--parent", str(weights.parent)]
    folder = export(options, snapshot, before.gate, work, number, report, *about)
    return register(folder, options, snapshot, parent, person, report)


def first_rate(model: Path) -> float:
    """The learning rate that a model's oldest version was trained at: its heirs' are calmer, not ever calmer."""
    oldest = min((place for place in model.glob("[1-9]*") if place.name.isdecimal()), key=lambda place: int(place.name))
    return float(Card.load(oldest).training.get("learning_rate", 1e-3))


def require_packages() -> None:
    """Training needs more packages than the site does. Raises JobError when they are not there."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise JobError(f"expected the packages for training, got no {missing[0]} here: run `make environment`")


def refuse_name(name: str) -> None:
    """Refuse the name of a model that is there. Raises ParameterError."""
    with reading_session() as session:
        there = session.scalar(select(NeuralModel.id).where(NeuralModel.name == name)) is not None
    if there or any((versions.models_folder() / name).glob("[1-9]*")):
        raise ParameterError(
            "expected a new name, got %(name)s, which has versions; neural_pre_training continues one", name=name
        )


def refuse_second(name: str) -> None:
    """Refuse to train a model twice at once: only one of the two could become the next version."""
    active = Run.state.in_((RunState.WAITING.value, RunState.RUNNING.value))
    kinds = Run.kind.in_((RunKind.TRAINING.value, RunKind.FINE_TUNING.value))
    with reading_session() as session:
        for run_id, parameters in session.execute(select(Run.id, Run.parameters).where(active, kinds)):
            if parameters.get("model_name") == name:
                raise ParameterError(
                    "expected no training of %(name)s to be under way, got run %(run)s", name=name, run=run_id
                )


def last_version(name: str) -> tuple[NeuralVersion, Path]:
    """A model's last version and the weights to go on from. Raises ParameterError or VersionError."""
    register_unknown(name)
    with reading_session() as session:
        of_model = select(NeuralVersion).join(NeuralModel).where(NeuralModel.name == name)
        version = session.scalars(of_model.order_by(NeuralVersion.number.desc()).limit(1)).first()
        if version is None:
            raise ParameterError(
                "expected a model with a version, got %(got)s; neural_training makes one", got=repr(name[:80])
            )
        path = version.path
        if version.slot != READER:
            raise ParameterError("expected a model that reads displays, got %(got)s, which does not", got=name)
        session.expunge(version)
    weights = versions.models_folder() / path / WEIGHTS
    if not weights.is_file():
        raise ParameterError(
            "expected %(version)s to hold %(file)s to go on from, got a version without it", version=path, file=WEIGHTS
        )
    versions.verified(*path.split("/"))
    return version, weights.resolve()


def register_unknown(name: str) -> None:
    """Register the last version of a model that there are only folders of, as of one that came with the code.

    Raises VersionError where its folder is not whole.
    """
    with reading_session() as session:
        of_model = select(NeuralVersion.id).join(NeuralModel).where(NeuralModel.name == name)
        known = session.scalar(of_model.limit(1)) is not None
    paths = [] if known else [f"{name}/{place.name}" for place in (versions.models_folder() / name).glob("[1-9]*")]
    if numbers := [int(path.rpartition("/")[2]) for path in paths if versions.PATH.fullmatch(path)]:
        versions.register(db.session(), f"{name}/{max(numbers)}", SYSTEM)
        db.session.commit()


def next_number(name: str) -> int:
    """The number after all that are there, registered or not."""
    numbers = [int(place.name) for place in (versions.models_folder() / name).glob("*") if place.name.isdecimal()]
    with reading_session() as session:
        of_model = select(NeuralVersion.number).join(NeuralModel).where(NeuralModel.name == name)
        numbers += session.scalars(of_model)
    return max(numbers, default=0) + 1


def take_snapshot(report: Reporter) -> Snapshot:
    """Write down the data of this moment."""
    report.line("Taking a snapshot of the labelled samples and augmentations.")
    snapshot = snapshots.take(report.part(0.0, TRAINED))
    report.note(data_sha256=snapshot.sha256, samples=snapshot.samples, augmentations=snapshot.augmentations)
    report.line(f"{snapshot.samples} samples and {snapshot.augmentations} augmentations, {snapshot.sha256[:16]}.")
    neural_gates.tell_leaks(snapshot, report)
    return snapshot


def run_training(options: Options, snapshot: Snapshot, work: Path, report: Reporter, *more: str) -> None:
    """Train in a process of its own; it leaves `work/run/model.keras`. Raises JobError."""
    progress = report.part(TRAINED, EXPORTED)

    def said(line: dict[str, Any]) -> None:
        if "step" in line:
            progress(line["step"], line["steps"])
        if "epoch" in line:
            report.point(line)

    named = ("architecture", "epochs", "steps", "batch", "seed", "limit", "learning_rate")
    given = {name: value for name in named if (value := getattr(options, name)) is not None}
    if "--learning-rate" in more:
        given.pop("learning_rate", None)
    flags = [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    command = [sys.executable, "-m", TRAIN, str(snapshot.folder), "--runs", str(work), "--name", "run"]
    run_tool([*command, *flags, *more], said, report)


def export(
    options: Options, snapshot: Snapshot, before: Gate | None, work: Path, number: int, report: Reporter, *more: str
) -> Path:
    """Make a version of what was trained; returns its folder. Raises JobError.

    `before` is the gate of what earlier versions were taught with; None: there are none.
    """
    progress = report.part(EXPORTED, 1.0)
    models = get_settings().static.resolve() / "model"
    snapshots.remove_left(models, ".export-*")
    command = [sys.executable, "-m", EXPORT, str(work / "run"), "--name", options.model_name]
    flags = ["--dataset", str(snapshot.folder), "--output", str(models), "--version", str(number), *FEW]
    limit = ["--limit", str(options.limit)] if options.limit else []
    gates = neural_gates.flags(snapshot, before, work, models)
    run_tool([*command, *flags, *limit, *gates, *more], lambda line: progress(line["step"], line["steps"]), report)
    return models / options.model_name / str(number)


def register(
    folder: Path, options: Options, snapshot: Snapshot, parent: NeuralVersion | None, person: str, report: Reporter
) -> Outcome:
    """Add the row of the new version. Raises VersionError when its folder is not whole."""
    path = f"{folder.parent.name}/{folder.name}"
    changes = options.changes or "first version"
    session = db.session()
    version = versions.register(session, path, person, changes, parent.id if parent else None)
    version_id, exact = version.id, version.statistics.get("validate")
    session.commit()
    report.line(f"{path} is made.")
    result = {"version": path, "validate": exact, "data_sha256": snapshot.sha256}
    return Outcome(result | neural_gates.tell_outcomes(version_id, report), version_id)
