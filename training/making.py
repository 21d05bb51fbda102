"""A version's folder is made out of sight and moved to its place when it is whole: a version never changes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from backend.domain.files import sync_folder
from training.publishing import sync


class ExportError(RuntimeError):
    """The run cannot become a version; the message says why."""


def place_of(models: Path, name: str, version: int | None = None) -> Path:
    """Where a version will lie, by default the next of its name. Raises ExportError where there is one already."""
    numbers = [int(path.name) for path in (models / name).glob("*") if path.name.isdecimal()]
    target = models / name / str(version or max(numbers, default=0) + 1)
    if target.exists():
        raise ExportError(f"expected a new version, got {name}/{target.name}, which is there: a version never changes")
    return target


def make(target: Path, build: Callable[[Path, Path], None]) -> Path:
    """`build(folder, work)` fills the version's folder and may use the folder `work`; returns `target`.

    The folder that it fills lies two below one that is like the folder of all models.
    """
    models = target.parent.parent
    models.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=models) as place:
        folder = Path(place) / "model" / target.parent.name / target.name
        folder.mkdir(parents=True)
        build(folder, Path(place))
        sync(folder)
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
        sync_folder(target.parent)
    return target
