"""Pictures with their classes, from any folder that has one folder for each class, and how they are split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import ImageError, InputSpec, cut, load
from training.data import DatasetError

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
SHARES = (0.7, 0.15, 0.15)  # to learn from, to validate, to be judged by

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Places of pictures: to learn from, to validate, to be judged by."""

    teach: Places
    validation: Places
    test: Places


@dataclass(frozen=True)
class Collection:
    """Pictures, and the places of their classes in `classes`, (n,). `fixed` is the only split there is, if given."""

    files: list[Path]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    sha256: str
    fixed: Split | None = None

    def split(self, seed: int) -> Split:
        """Each class at random into 0.7, 0.15 and 0.15, at least a picture each; the given split where there is one."""
        return self.fixed or stratified(self.labels, seed)

    @property
    def taught(self) -> Places:
        """What may ever be learnt from: of those pictures distorted copies are made."""
        return np.arange(len(self.files)) if self.fixed is None else self.fixed.teach

    def pictures(self, places: Places, size: tuple[int, int]) -> list[Image.Image]:
        """Some of them stretched to width and height, as versions take them. Raises DatasetError for a damaged one."""
        return [stretched(self.files[place], size) for place in places]


def collect(files: dict[str, list[Path]], fixed: Split | None = None) -> Collection:
    """The pictures of each class, in their order. Raises DatasetError for too few."""
    short = {name: len(found) for name, found in files.items() if len(found) < len(SHARES)}
    if len(files) < 2 or short:
        few = ", ".join(f"{count} of {name}" for name, count in short.items()) or f"{len(files)} classes"
        raise DatasetError(f"expected two or more classes of {len(SHARES)} or more pictures each, got {few}")
    labels = np.repeat(np.arange(len(files)), [len(found) for found in files.values()])
    digest = hashlib.sha256()
    for name, found in files.items():
        for file in found:
            digest.update(f"{name}/{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return Collection(
        [file for found in files.values() for file in found], labels, tuple(files), digest.hexdigest(), fixed
    )


def read_folder(folder: Path, limit: int | None = None) -> Collection:
    """A folder of folders: the first `limit` pictures of each class, or all. Raises DatasetError."""
    if not folder.is_dir():
        raise DatasetError(f"expected a folder with a folder of pictures for each class, got {folder}")
    classes = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    return collect({each.name: pictures_in(each)[:limit] for each in classes})


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of one folder, by name."""
    return sorted(file for file in folder.glob("*") if file.suffix.lower() in ENDINGS)


def stratified(labels: NDArray[np.int64], seed: int) -> Split:
    """Each class in the same three shares, at random by `seed`."""
    rng = np.random.default_rng(seed)
    parts: tuple[list[Places], ...] = ([], [], [])
    for each in np.unique(labels):
        places = rng.permutation(np.flatnonzero(labels == each))
        validation, test = (max(1, round(share * len(places))) for share in SHARES[1:])
        for part, chosen in zip(
            parts, np.split(places, [len(places) - validation - test, len(places) - test]), strict=True
        ):
            part.append(chosen)
    return Split(*(np.sort(np.concatenate(part)) for part in parts))


def stretched(file: Path, size: tuple[int, int]) -> Image.Image:
    """A whole picture in width and height, RGB. Raises DatasetError."""
    try:
        return Image.fromarray(cut(load(file), None, InputSpec(*size)))
    except (ImageError, OSError) as error:
        raise DatasetError(f"expected a picture in {file.parent.name}/{file.name}, got none: {error}") from error
