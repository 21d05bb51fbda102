"""What each kind of run does, with what parameters: thin layers over the services that do the work.

`check_…` completes the parameters of a run or refuses them with a sentence, before anything is begun; `do_…` runs in
a job's own process and says through the reporter how it goes.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select

from backend.database import reading_session
from backend.models import Run, RunState
from backend.models.base import JsonObject
from backend.services import archives, dataset_import, generation, neural, proposals, version_readings
from backend.services.parameters import ParameterError, known, text, whole
from backend.services.reporter import Outcome, Reporter
from backend.settings import get_settings

FOLDER = "work"
MOST = 1_000_000  # pictures that are generated at once


def check_import(given: dict[str, Any]) -> JsonObject:
    """`archive` (a name from `archives.keep`) or `folder` (inside the imports folder); `base`: what kind it is."""
    known(given, {"archive", "folder", "base"})
    archive, folder = text(given, "archive", ""), text(given, "folder", "")
    if bool(archive) == bool(folder):
        raise ParameterError("expected an uploaded archive or a folder, got both or neither")
    if archive:
        archives.archive_named(archive)
    else:
        archives.folder_named(folder)
    return {"archive": archive, "folder": folder, "base": bool(given.get("base", False))}


def do_import(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Import an archive or a folder: all rows or none. An archive is gone afterwards, whatever became of it."""
    take = dataset_import.import_base if parameters["base"] else dataset_import.import_dataset
    archive = str(parameters["archive"])
    if not archive:
        done = take(archives.folder_named(str(parameters["folder"])), person, report)
        return Outcome(asdict(done))
    place = archives.archive_named(archive)
    try:
        with own_folder(report.run_id) as folder:
            report.line("Unpacking.")
            return Outcome(asdict(take(archives.unpack(place, folder / "unpacked"), person, report)))
    finally:
        place.unlink(missing_ok=True)


def check_generation(given: dict[str, Any]) -> JsonObject:
    """`meter_type` (its name), `count` and optionally `seed`."""
    known(given, {"meter_type", "count", "seed"})
    seed = given.get("seed")
    return {
        "meter_type": text(given, "meter_type"),
        "count": whole(given, "count", 1, MOST),
        "seed": secrets.randbelow(2**31) if seed in (None, "") else whole(given, "seed", 0, 2**31 - 1),
    }


def do_generation(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Join fragments of a meter type to new pictures."""
    count, seed = whole(parameters, "count", 1, MOST), whole(parameters, "seed", 0, 2**31 - 1)
    done = generation.generate(text(parameters, "meter_type"), count, seed, person, report)
    return Outcome({"made": done})


def check_training(given: dict[str, Any]) -> JsonObject:
    """The options of `neural_training`."""
    return neural.check_training(given)


def do_training(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Train a new model."""
    with own_folder(report.run_id) as folder:
        return neural.train(neural.Options.of(parameters), folder, person, report)


def check_fine_tuning(given: dict[str, Any]) -> JsonObject:
    """The options of `neural_pre_training`."""
    return neural.check_fine_tuning(given)


def do_fine_tuning(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Go on from the last version of a model."""
    with own_folder(report.run_id) as folder:
        return neural.fine_tune(neural.Options.of(parameters), folder, person, report)


def check_reading(given: dict[str, Any]) -> JsonObject:
    """`version`: the path of the version that reads, such as compact/2."""
    known(given, {"version"})
    path = text(given, "version")
    version_readings.version_named(path)
    return {"version": path}


def do_reading(parameters: JsonObject, person: str, report: Reporter) -> Outcome:
    """Let a version read the labelled samples that it has not read; the published one proposes values for all anew."""
    path = str(parameters["version"])
    done = version_readings.read_samples(version_readings.version_named(path), report.part(0, 0.5))
    if done.failed:
        report.line(f"{len(done.failed)} pictures could not be read: samples {', '.join(map(str, done.failed[:20]))}")
    proposed = 0
    if proposals.published_path() == path:
        proposed = proposals.fill(everything=True, progress=report.part(0.5, 1)).filled
        report.line(f"{proposed} samples have what it reads as their proposal.")
    return Outcome({"read": done.read, "failed": len(done.failed), "proposed": proposed})


@contextmanager
def own_folder(run_id: int) -> Iterator[Path]:
    """A place for the files of one run, which goes when the run has ended."""
    folder = get_settings().instance.resolve() / FOLDER / str(run_id)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear_folders() -> None:
    """Remove what killed jobs left in their folders. Call it when a worker starts."""
    root = get_settings().instance.resolve() / FOLDER
    with reading_session() as session:
        alive = set(session.scalars(select(Run.id).where(Run.state == RunState.RUNNING.value)))
    for place in root.glob("*"):
        if place.name.isdecimal() and int(place.name) not in alive:
            shutil.rmtree(place, ignore_errors=True)
