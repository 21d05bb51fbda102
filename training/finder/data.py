"""What the finder learns from: photos with outlines, displays with their rims, drawn ones, and other pictures.

`photos/outlines.csv` gives the display's four corners in reading order of its text; of `displays/` the box. Pictures
are kept in memory at half and quarter size too, for to look at one from afar is to shrink it first.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import Box, load
from training.data import TEACH, DatasetError, read_table
from training.render import render
from training.unreadable import is_validation

Corners = NDArray[np.float64]

LONGEST = 640  # pixels of a picture's longer side: a second look at a small display still finds its own pixels
DRAWN = 160  # drawn displays, which all have different digits and looks
OUTLINES = "outlines.csv"


@dataclass(frozen=True)
class Photo:
    """One line of `outlines.csv`: `corners` (4, 2) in pixels of the upright picture."""

    image: Path
    type: int
    correct_value: str
    group: str
    corners: Corners


@dataclass(frozen=True)
class Scene:
    """A picture at full, half and quarter size, and the display's corners (4, 2) in the first, or None."""

    levels: tuple[Image.Image, Image.Image, Image.Image]
    corners: Corners | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.levels[0].size


@dataclass(frozen=True)
class Material:
    """Scenes by what is done with them."""

    photos: list[Scene]
    displays: list[Scene]
    backgrounds: list[Scene]


def read_outlines(folder: Path) -> list[Photo]:
    """All photos of `folder` (`outlines.csv` + `images/`). Raises DatasetError, naming the line."""
    table = folder / OUTLINES
    if not table.is_file():
        raise DatasetError(f"expected a folder with {OUTLINES} and images/, got {folder}")
    photos = []
    with table.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                photos.append(_photo(folder, row))
            except (ValueError, KeyError) as error:
                raise DatasetError(f"{OUTLINES}, line {line}: {error}") from error
    return photos


def outlines_hash(folder: Path) -> str:
    """Sha256 over the table of outlines and over every photo it names, in the table's order. Raises DatasetError."""
    photos = read_outlines(folder)
    digest = hashlib.sha256((folder / OUTLINES).read_bytes())
    for photo in photos:
        digest.update(hashlib.sha256(photo.image.read_bytes()).digest())
    return digest.hexdigest()


def _photo(folder: Path, row: dict[str, str]) -> Photo:
    corners = np.array([[float(row[f"x{i}"]), float(row[f"y{i}"])] for i in range(4)])
    image = folder / "images" / row["image"]
    if not np.isfinite(corners).all() or not image.is_file():
        raise ValueError(f"expected four corners in a picture that is there, got {row['image']}")
    return Photo(image, int(row["type"]), row["correct_value"], row["group"], corners)


def as_scene(picture: Image.Image, corners: Corners | None, longest: int = LONGEST) -> Scene:
    """A picture, made smaller where it is larger."""
    scale = min(1.0, longest / max(picture.size))
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    full = picture if size == picture.size else picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    moved = None if corners is None else corners * (size[0] / picture.width, size[1] / picture.height)
    return Scene((full, full.reduce(2), full.reduce(4)), moved)


def of_box(box: Box) -> Corners:
    """The corners of an upright box."""
    right, bottom = box.x + box.width, box.y + box.height
    return np.array([[box.x, box.y], [right, box.y], [right, bottom], [box.x, bottom]])


def load_material(dataset: Path, drawn: int = DRAWN) -> Material:
    """What the teaching side of `dataset` (`photos/`, `displays/`, `not_meters/`) has, and so many drawn displays.

    The displays that the photos show are left to the photos. Raises DatasetError.
    """
    photos = [p for p in read_outlines(dataset / "photos") if p.type == TEACH]
    seen = {photo.group for photo in photos}
    samples = [s for s in read_table(dataset / "displays") if s.type == TEACH and s.group not in seen and s.box]
    displays = [as_scene(load(s.image), of_box(s.box), 400) for s in samples if s.box]
    others = sorted((dataset / "not_meters" / "images").glob("*"))
    return Material(
        [as_scene(load(photo.image), photo.corners) for photo in photos],
        displays + [draw(np.random.default_rng((7, number))) for number in range(drawn)],
        [as_scene(load(file), None) for file in others if not is_validation(file.name)],
    )


def draw(rng: np.random.Generator) -> Scene:
    """A drawn display with the plate around it."""
    drawn = render(rng)
    return as_scene(drawn.image.convert("RGB"), of_box(drawn.box), 400)
