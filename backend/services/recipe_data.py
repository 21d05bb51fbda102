"""What recipes may be given instead of their usual data: folders inside METER_IMPORTS, each recipe its own kind.

`sample_size` takes a dataset folder, `clocks_or_crocs` any folder with a folder of pictures for each class, and
`meter_or_not` one that holds photos, displays and pictures of neither.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from backend.services import tables
from backend.services.archives import UPLOADS, imports_folder
from backend.services.parameters import ParameterError

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}  # of pictures, as `training/transfer/collection.py` takes them
CLASSES = 2  # at least
PARTS = (f"displays/{tables.SAMPLES}", "photos/outlines.csv", "not_meters/images")


def is_dataset(place: Path) -> bool:
    """Whether a folder has a table of samples."""
    return (place / tables.SAMPLES).is_file()


def has_classes(place: Path) -> bool:
    """Whether a folder has a folder of pictures for each of two or more classes, none of them a link that leads out."""
    with os.scandir(place) as entries:  # it asks nothing of each file: a folder may hold 200,000 pictures
        folders = [Path(each.path) for each in entries if each.is_dir() and not each.name.startswith(".")]
    if any(not each.resolve().is_relative_to(place) for each in folders):
        return False
    return sum(any(file.suffix.lower() in ENDINGS for file in each.iterdir()) for each in folders) >= CLASSES


def has_meters(place: Path) -> bool:
    """Whether a folder has photos of meters, displays, and pictures without either."""
    return all((place / part).exists() for part in PARTS)


KINDS: dict[str, Callable[[Path], bool]] = {
    "sample_size": is_dataset,
    "clocks_or_crocs": has_classes,
    "meter_or_not": has_meters,
}


def folder_named(recipe: str, name: str) -> Path:
    """A folder of a recipe's kind inside the imports folder. Raises ParameterError, also for what leads out of it."""
    if recipe not in KINDS:
        raise ParameterError("expected data for %(names)s only, got %(got)s", names=", ".join(KINDS), got=recipe)
    root = imports_folder()
    place = (root / name).resolve() if name and "\0" not in name else root
    inside = place != root and place.is_relative_to(root) and place.is_dir()
    if not inside or not KINDS[recipe](place):
        raise refusal(recipe, name)
    return place


def refusal(recipe: str, name: str) -> ParameterError:
    """What a recipe's folder has to be like."""
    got = repr(name[:80])
    if recipe == "sample_size":
        return ParameterError(
            "expected a folder with %(table)s among those for imports, got %(got)s", table=tables.SAMPLES, got=got
        )
    if recipe == "clocks_or_crocs":
        return ParameterError(
            "expected a folder among those for imports with a folder of pictures for each of two or more classes, "
            "got %(got)s",
            got=got,
        )
    return ParameterError(
        "expected a folder among those for imports with %(parts)s, got %(got)s", parts=", ".join(PARTS), got=got
    )


def offered() -> dict[str, list[str]]:
    """The folders that each recipe may be given, by their names inside the imports folder."""
    root = imports_folder()
    found: dict[str, list[str]] = {recipe: [] for recipe in KINDS}
    for place, folders, _ in os.walk(root):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        if Path(place) == root:
            folders[:] = [each for each in folders if each != UPLOADS]
            continue
        for recipe, fits in KINDS.items():
            if fits(Path(place)):
                found[recipe].append(Path(place).relative_to(root).as_posix())
    return found


def stamp(place: Path) -> str:
    """What changes when a file of a folder does: a training that was begun with others does not go on."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(place):
        folders.sort()
        for name in sorted(files):
            file = Path(folder) / name
            about = file.lstat()
            digest.update(f"{file.relative_to(place)}\0{about.st_size}\0{about.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:12]
