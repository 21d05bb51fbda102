"""Learning curves: how much better a network would read with more photos, measured by runs on ever more of the samples.

`training.curve` does the runs on a snapshot, in a process of its own; its result is kept with the run, and pages answer
from it. For meter types with too few samples for a curve `training.first_guess` makes a rough one from four pictures.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from backend.database import db, reading_session
from backend.models import READER, MeterType, NeuralModel, NeuralVersion, Run, RunKind, RunState, Split
from backend.models.base import JsonObject
from backend.services import coverage, neural
from backend.services.coverage import Hole
from backend.services.parameters import ParameterError, known, text, whole
from backend.services.reporter import Outcome, Reporter
from backend.services.snapshots import Snapshot
from backend.services.tools import run_tool
from backend.settings import ROOT, get_settings

FOLDER = "curves"
KEPT = 3  # unfinished curves, to go on with
HOW = ("tuned", "train")
EPOCHS = {"tuned": 10, "train": 50}  # of each run, as far as nobody says otherwise
GUESS = ROOT / "training" / "guess"  # families with their curves, and the network that looks at four pictures
FAMILIES = "families.json"  # in it
BASE = ROOT / "training" / "curve_base.keras"  # it has never seen a photographed display
BASE_STRUCTURE = "compact"
MOST_TYPES = 40  # curves of meter types that are kept with a run, those with most samples
MEASURED, GUESSED = 0.05, 0.97  # shares of the whole at which the runs begin and end
WORST = 8  # cells of the coverage map that are named


@dataclass(frozen=True)
class Options:
    """What a run is asked for; `how` is "tuned" (trainings from a base) or "train" (trainings from nothing)."""

    model_name: str
    how: str = ""
    sizes: int = 6
    repeats: int = 2
    epochs: int | None = None
    steps: int = 100
    batch: int = 64
    seed: int = 1

    @classmethod
    def of(cls, given: dict[str, Any]) -> Options:
        """From parameters; where `how` is left open, from a base if it is there. Raises ParameterError."""
        known(given, {field.name for field in fields(cls)})
        how = text(given, "how", "") or ("tuned" if BASE.is_file() else "train")
        if how not in HOW:
            raise ParameterError("expected how as tuned or train, got %(got)s", got=repr(how[:40]))
        if how == "tuned" and not BASE.is_file():
            raise ParameterError(
                "expected %(file)s for curves from a base, got none: put it back, or train from nothing",
                file=BASE.relative_to(ROOT),
            )
        return cls(
            model_name=text(given, "model_name"),
            how=how,
            sizes=whole(given, "sizes", 4, 10, cls.sizes),
            repeats=whole(given, "repeats", 1, 5, cls.repeats),
            epochs=whole(given, "epochs", 1, 10_000, EPOCHS[how]),
            steps=whole(given, "steps", 1, 100_000, cls.steps),
            batch=whole(given, "batch", 2, 4096, cls.batch),
            seed=whole(given, "seed", 0, 2**31 - 1000, cls.seed),
        )


def check(given: dict[str, Any]) -> JsonObject:
    """Complete the options of a run. Raises ParameterError."""
    options = Options.of(given)
    structure = structure_of(options.model_name)
    if options.how == "tuned" and structure != BASE_STRUCTURE:
        raise ParameterError(
            "expected a model of the architecture %(name)s for curves from a base, got one of %(got)s",
            name=BASE_STRUCTURE,
            got=structure,
        )
    return asdict(options)


def structure_of(name: str) -> str:
    """The architecture of a model. Raises ParameterError."""
    with reading_session() as session:
        others = select(NeuralVersion.model_id).where(NeuralVersion.slot != READER)
        these = (NeuralModel.name == name, NeuralModel.id.not_in(others))
        structure = session.scalar(select(NeuralModel.structure).where(*these))
    if structure is None:
        raise ParameterError(
            "expected a model that reads displays, got %(got)s; neural_training makes one", got=repr(name[:80])
        )
    return structure


def do(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Measure the curves of a model's architecture on the samples there are now. Raises as `neural.train` does."""
    options = Options.of(parameters)
    structure = structure_of(options.model_name)
    neural.require_packages()
    snapshot = neural.take_snapshot(report)
    folder = own_folder(options, snapshot)
    measured = measure(options, structure, snapshot, folder, report)
    guessed = guess(snapshot, folder, report)
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome({"curves": kept_types(measured), "guesses": guessed, "data_sha256": snapshot.sha256})


def own_folder(options: Options, snapshot: Snapshot) -> Path:
    """Where the runs of a curve lie until it is whole: the same place for the same options and data."""
    root = get_settings().instance.resolve() / FOLDER
    about = json.dumps(asdict(options) | {"data": snapshot.sha256}, sort_keys=True)
    folder = root / hashlib.sha256(about.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    others = sorted((p for p in root.iterdir() if p != folder), key=lambda p: p.stat().st_mtime, reverse=True)
    for place in others[KEPT - 1 :]:
        shutil.rmtree(place, ignore_errors=True)
    return folder


def measure(options: Options, structure: str, snapshot: Snapshot, folder: Path, report: Reporter) -> dict[str, Any]:
    """The runs on nested subsets, in a process of its own; what `training.curve` writes. Raises JobError."""
    progress = report.part(MEASURED, GUESSED)

    def said(line: dict[str, Any]) -> None:
        progress(line["step"], line["steps"])
        if "samples" in line:
            report.point({name: line[name] for name in ("samples", "exact")})

    numbers = ("sizes", "repeats", "epochs", "steps", "batch", "seed")
    flags = [part for name in numbers for part in (f"--{name}", str(getattr(options, name)))]
    base = ["--base", str(BASE)] if options.how == "tuned" else []
    places = ["--runs", str(folder), "--name", "runs", "--output", str(folder / "curve.json")]
    command = [sys.executable, "-m", "training.curve", str(snapshot.folder), "--how", options.how, *places]
    run_tool([*command, "--architecture", structure, *flags, *base], said, report)
    return dict(json.loads((folder / "curve.json").read_text(encoding="utf-8")))


def guess(snapshot: Snapshot, folder: Path, report: Reporter) -> dict[str, Any]:
    """Rough curves from four pictures of each meter type; empty where nothing is there to guess from."""
    if not (GUESS / FAMILIES).is_file():
        report.line("No first guesses: there are no families of curves to guess from.")
        return {}
    file = folder / "guesses.json"
    command = [sys.executable, "-m", "training.first_guess", str(snapshot.folder), "--guess", str(file)]
    run_tool([*command, "--table", str(GUESS)], lambda _line: None, report)
    return dict(json.loads(file.read_text(encoding="utf-8")))


def kept_types(measured: dict[str, Any]) -> dict[str, Any]:
    """The curves without the single runs, and without the meter types that have fewest samples."""
    types = measured["types"]
    most = sorted(types, key=lambda name: -max((p["size"] for p in types[name]["points"]), default=0))[:MOST_TYPES]
    return {"together": measured["together"], "types": {name: types[name] for name in sorted(most)}}


def mean_errors(points: list[dict[str, float]]) -> list[tuple[int, float]]:
    """The mean size and error of the runs at each planned size, the small ones first."""
    planned: dict[float, list[dict[str, float]]] = defaultdict(list)
    for point in points:
        planned[point.get("level") or point["size"]].append(point)
    return [
        (round(np.mean([p["size"] for p in runs])), float(np.mean([p["error"] for p in runs])))
        for _, runs in sorted(planned.items())
    ]


def finished(model_name: str | None = None) -> list[Run]:
    """The runs with a curve, the newest first, of one model or of all."""
    query = select(Run).where(Run.kind == RunKind.LEARNING_CURVE.value, Run.state == RunState.DONE.value)
    runs = db.session.scalars(query.order_by(Run.id.desc()).limit(100))
    return [run for run in runs if model_name in (None, run.parameters.get("model_name"))]


@dataclass(frozen=True)
class Needed:
    """How many more samples a target takes, with a 95% interval; `reached`: the share of fitting curves that get there.

    Without `more` it cannot be said; with `more` and without `high` there is no upper end: too many never get there.
    """

    more: int | None
    low: int | None
    high: int | None
    reached: float

    @property
    def none(self) -> bool:
        """Whether the samples at hand are enough, by the whole interval."""
        return self.more == 0 and self.high == 0


def needed(curve: dict[str, Any], percent: int) -> Needed | None:
    """What a curve answers for a target accuracy; None where there is no curve to ask."""
    row = next((row for row in curve.get("answers", ()) if round(100 * row["accuracy"]) == percent), None)
    if row is None:
        return None
    now = max(point["size"] for point in curve["points"])
    more, low, high = (None if row.get(key) is None else max(0, int(row[key]) - now) for key in ("size", "low", "high"))
    return Needed(more, low, high, float(row["reached"]))


def to_fill(name: str) -> tuple[MeterType, list[Hole]] | None:
    """A meter type by its name, and the digits seldom photographed at a place of it, the worst first.

    Generated pictures do not count: no photo is made less needed by them.
    """
    meter_type = db.session.scalar(select(MeterType).where(MeterType.name == name))
    if meter_type is None:
        return None
    with reading_session() as session:
        counts = coverage.seen_samples(session, meter_type.id, Split.TEACH)
    return meter_type, coverage.holes(counts, coverage.shown_places(counts, meter_type))[:WORST]
