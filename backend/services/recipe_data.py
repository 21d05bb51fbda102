"""What recipes may be given instead of their usual data: folders inside METER_IMPORTS, each recipe its own kind.

`sample_size` takes a dataset folder, `clocks_or_crocs` any folder with a folder of pictures for each class, and
`meter_or_not` one that holds photos, displays and pictures of neither.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from backend.services import tables
from backend.services.archives import UPLOADS, imports_folder
from backend.services.parameters import ParameterError

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}  # of pictures, as `training/transfer/collection.py` takes them
CLASSES = 2  # at least
MANY = 10_000  # entries of a folder in which no further ones are looked for
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
    return len(list(islice(filter(has_pictures, folders), CLASSES))) == CLASSES


def has_pictures(place: Path) -> bool:
    """Whether a folder has a picture; it is read up to the first one."""
    with os.scandir(place) as entries:
        return any(Path(each.name).suffix.lower() in ENDINGS for each in entries)


def has_meters(place: Path) -> bool:
    """Whether a folder has photos of meters, displays, and pictures without either, none by a link that leads out."""
    parts = [place / part for part in PARTS]
    return all(part.exists() and part.resolve().is_relative_to(place) for part in parts)


KINDS: dict[str, Callable[[Path], bool]] = {
    "sample_size": is_dataset,
    "clocks_or_crocs": has_classes,
    "meter_or_not": has_meters,
}


def fits(recipe: str, place: Path) -> bool:
    """Whether a folder is of a recipe's kind; one that cannot be read, or is gone by now, is of none."""
    try:
        return place.is_dir() and KINDS[recipe](place)
    except (OSError, RuntimeError):  # a name may be too long, too, and links may lead in a circle
        return False


def folder_named(recipe: str, name: str) -> Path:
    """A folder of a recipe's kind inside the imports folder. Raises ParameterError, also for what leads out of it."""
    if recipe not in KINDS:
        raise ParameterError("expected data for %(names)s only, got %(got)s", names=", ".join(KINDS), got=recipe)
    root = imports_folder()
    try:
        place = (root / name).resolve() if name and "\0" not in name else root
    except (OSError, RuntimeError):
        raise refusal(recipe, name) from None
    if place == root or not place.is_relative_to(root) or not fits(recipe, place):
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
    """The folders that each recipe may be given, by their names inside the imports folder.

    Inside a folder that fits only tables of samples are looked for, and no deeper: data for `meter_or_not` have one.
    """
    root = imports_folder()
    found: dict[str, list[str]] = {recipe: [] for recipe in KINDS}
    waiting = [(each, tuple(KINDS)) for each in folders_in(root) if each.name != UPLOADS]
    while waiting:
        place, kinds = waiting.pop()
        fitting = [recipe for recipe in kinds if fits(recipe, place)]
        for recipe in fitting:
            found[recipe].append(place.relative_to(root).as_posix())
        if kinds == tuple(KINDS):
            below = ("sample_size",) if fitting else kinds
            waiting += [(each, below) for each in folders_in(place)]
    return {recipe: sorted(names) for recipe, names in found.items()}


def folders_in(place: Path) -> list[Path]:
    """The folders in one; none where there are very many entries, as those are files, and none where it is not read."""
    try:
        with os.scandir(place) as entries:
            first = list(islice(entries, MANY))
            return [
                Path(each.path)
                for each in first
                if len(first) < MANY and not each.name.startswith(".") and each.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []


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
