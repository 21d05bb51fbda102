"""Meter or not: the same transfer on photos and displays of meters against pictures without a display.

No ancestor's: it shows that the recipe takes other data. A folder as `../shared/data` is expected, with `displays/`,
`photos/` and `not_meters/images/`. The split is by meter, and it is that of the tables: of the meters to teach and to
validate with as many are drawn as there are other pictures, of those to test with all are taken; each has one picture,
in turn a whole photo and a display. Of the other pictures those judge that neither reader nor finder was taught with.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.data import TEACH, TEST, VALIDATE, DatasetError, read_table
from training.finder.data import read_outlines
from training.recipes import Ancestor
from training.transfer.collection import Collection, Split, collect, pictures_in
from training.transfer.recipe import TransferRecipe
from training.unreadable import is_validation

USUAL = Path("../shared/data")  # where it lies beside a checkout
METER, OTHER = "meter", "other"
VALIDATING = 6  # one in so many of the other pictures that may be taught with validates


def gather(folder: Path | None, limit: int | None) -> Collection:
    """The pictures of the folder, or of the usual one; the first `limit` of each part. Raises DatasetError."""
    place = folder or USUAL
    others = other_parts(place / "not_meters" / "images", limit)
    meters = meter_parts(place, {kind: len(files) for kind, files in others.items()}, limit)
    files = {METER: [each for part in meters.values() for each in part]}
    files[OTHER] = [each for part in others.values() for each in part]
    kinds = np.array([kind for parts in (meters, others) for kind, part in parts.items() for _ in part])
    places = {kind: np.flatnonzero(kinds == kind) for kind in (TEACH, VALIDATE, TEST)}
    return collect(files, Split(places[TEACH], places[VALIDATE], places[TEST]))


def other_parts(folder: Path, limit: int | None) -> dict[int, list[Path]]:
    """Pictures without a display, by what they are for."""
    files = pictures_in(folder)
    known = [file for file in files if not is_validation(file.name)]
    parts = {
        TEACH: [file for number, file in enumerate(known) if number % VALIDATING],
        VALIDATE: known[::VALIDATING],
        TEST: [file for file in files if is_validation(file.name)],
    }
    if not all(parts.values()):
        raise DatasetError(f"expected pictures without a display in {folder}, got {len(files)}")
    return {kind: part[:limit] for kind, part in parts.items()}


def meter_parts(folder: Path, counts: dict[int, int], limit: int | None, seed: int = 1) -> dict[int, list[Path]]:
    """One picture of each meter, by what they are for: a whole photo and a display in turn, at random by `seed`."""
    rng = np.random.default_rng(seed)
    photos = {(each.type, each.group): each.image for each in read_outlines(folder / "photos")}
    seen = {group for _, group in photos}
    displays = {(s.type, s.group): s.image for s in read_table(folder / "displays") if s.group not in seen}
    parts = {}
    for kind, count in counts.items():
        sources = [[image for (type_, _), image in each.items() if type_ == kind] for each in (photos, displays)]
        most = None if kind == TEST else count
        drawn = [[source[place] for place in rng.permutation(len(source))] for source in sources]
        in_turn = [image for pair in zip(*drawn, strict=False) for image in pair]
        rest = [image for source in drawn for image in source[min(map(len, drawn)) :]]
        parts[kind] = [*in_turn, *rest][:most][:limit]
    return parts


RECIPE = TransferRecipe(
    name="meter_or_not",
    collect=gather,
    told="No meter is on two sides of the split, and each has one picture. Half of the other pictures are cut from "
    "photos of the same kind of meter, it is not known of which; the rest are samples of ImageNet, on which "
    "EfficientNet-Lite0 was taught.",
    ancestor=Ancestor("there is none"),
    target=None,
    splits=1,
)
