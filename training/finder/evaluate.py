"""`python -m training.finder.evaluate FINDER DATA_DIR --reader VERSION`: does a whole photo read as its display does?

FINDER is a version folder, a run folder or a `.keras` file; DATA_DIR holds `photos/` and `not_meters/`. Every photo is
looked at as the page does: twice, and closer where what is read is in much doubt. What the reader reads of the outline
that was found stands beside what it reads of the given one. `--sheet FILE.png` draws the outlines that are off most,
found in red and given in green. `--held` looks at the photos held in other ways, too (`training/finder/held.py`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.domain.card import CardError
from backend.domain.figures import proportion
from backend.domain.imaging import ImageError, cut, load, normalise, widen
from backend.domain.outline import Outline, cut_outline, find, is_usable, look_closer
from backend.domain.photo import is_strip, read_display
from backend.domain.reading import Reading, decode, encode
from training.contact_sheet import Cell, contact_sheet
from training.data import SPLITS, DatasetError, Sample, read_table
from training.finder.data import Photo, read_outlines
from training.finder.held import WAYS, hold
from training.finder.opened import Finder, open_finder
from training.finder.overlap import iou
from training.networks import Network, open_network
from training.unreadable import is_validation

GOOD = 0.75  # of an outline's IoU
SIDE = 240  # pixels of a picture on the sheet


@dataclass(frozen=True)
class Found:
    """One photo: what was found, how well it covers the given outline, what is read of either, and whether surely."""

    photo: Photo
    outline: Outline
    overlap: float
    given: str
    found: str
    accepted: bool
    truths: tuple[str, ...]

    @property
    def turned(self) -> float:
        """Degrees between the two top sides, 0 to 180."""
        a, b = (corners[1] - corners[0] for corners in (self.photo.corners, self.outline.corners))
        angle = np.degrees(np.arctan2(a[1], a[0]) - np.arctan2(b[1], b[0]))
        return float(abs((angle + 180) % 360 - 180))

    def right(self, text: str) -> bool:
        """Whether a text reads as one of the accepted ones."""
        return bool(text) and any((encode(text) == encode(truth)).all() for truth in self.truths)


def look(
    finder: Finder,
    reader: Network,
    photos: Sequence[Photo],
    also: dict[str, tuple[str, ...]],
    way: str | None = None,
) -> list[Found]:
    """Every photo found and read, as it is or held in a way; `given` is read of the photo as it is."""
    results = []
    for number, photo in enumerate(photos):
        picture, corners = load(photo.image), photo.corners
        given = read_outline(reader, picture, corners)
        if way is not None:
            picture, corners = hold(way, picture, corners, np.random.default_rng(number))
        outline, reading = find_and_read(finder, reader, picture)
        truths = (photo.correct_value, *also.get(photo.group, ()))
        overlap, shown = iou(corners, outline.corners), replace(photo, corners=corners)
        results.append(
            Found(shown, outline, overlap, given.text if given else "", reading.text, reading.accepted, truths)
        )
    return results


def find_and_read(finder: Finder, reader: Network, picture: Image.Image) -> tuple[Outline, Reading]:
    """What is seen in a photo and the reading that counts.

    The outline is the one that was read; the first one seen where all of the picture was.
    """
    outline = find(picture, finder.predict)
    display = read_display(
        outline if outline.presence >= finder.presence and not is_strip(*picture.size) else None,
        lambda seen: look_closer(picture, seen, finder.predict),
        lambda corners: read(reader, cut_outline(picture, corners, reader.spec)),
        lambda: read(reader, cut(picture, None, reader.spec)),
    )
    assert display is not None  # all of the picture is read at last
    where = outline.corners if display.corners is None else display.corners
    return replace(outline, corners=where), display.reading


def read_outline(reader: Network, picture: Image.Image, corners: NDArray[np.float64]) -> Reading | None:
    """What the reader reads of an outline; None where that is none."""
    if not is_usable(corners):
        return None
    try:
        return read(reader, cut_outline(picture, corners, reader.spec))
    except ImageError:
        return None


def read(reader: Network, pixels: NDArray[np.uint8]) -> Reading:
    """What the reader reads in a display cut out, uint8 (height, width, 3)."""
    output = reader.read(normalise(pixels)[None])[0]
    return reader.card.read(output) if reader.card else decode(output)


def figures(results: Sequence[Found], presence: float) -> dict[str, Any]:
    """What `--json` prints of the photos."""
    overlaps = np.array([one.overlap for one in results])
    given = np.array([one.right(one.given) for one in results])
    found = np.array([one.right(one.found) for one in results])
    seen = np.array([one.outline.presence >= presence for one in results])
    turned = np.array([one.turned for one in results])
    accepted = np.array([one.accepted for one in results], dtype=bool)
    return {
        "photos": len(results),
        "iou": {"mean": float(overlaps.mean()), "median": float(np.median(overlaps))},
        "good": proportion(overlaps >= GOOD),
        "seen": proportion(seen),
        "upside_down": proportion((turned > 90) & (overlaps >= 0.5)),
        "right_given": proportion(given),
        "right_found": proportion(found),
        "kept": proportion(found[given]),
        "accepted": proportion(accepted),
        "accepted_wrong": proportion(~found[accepted]),
    }


def strips(finder: Finder, reader: Network, samples: Sequence[Sample]) -> dict[str, Any]:
    """Of displays that are cut out already, by their boxes: how many are read right as they are, and by the page."""
    alone: list[bool] = []
    found: list[bool] = []
    for sample in samples:
        picture = load(sample.image)
        if sample.box is not None:
            around = widen(sample.box, reader.spec.margin, picture.size, reader.spec.side_margin)
            right, bottom = around.x + around.width, around.y + around.height
            picture = picture.crop((round(around.x), round(around.y), round(right), round(bottom)))
        texts = read(reader, cut(picture, None, reader.spec)).text, find_and_read(finder, reader, picture)[1].text
        truths = [encode(truth) for truth in (sample.correct_value, *sample.also_accepted)]
        for text, results in zip(texts, (alone, found), strict=True):
            results.append(any((encode(text) == truth).all() for truth in truths))
    return {"strips_alone": proportion(np.array(alone)), "strips": proportion(np.array(found))}


def others(finder: Finder, reader: Network, dataset: Path) -> dict[str, Any]:
    """In how many of the validation pictures without a meter a display is seen, a number shown, and one accepted."""
    files = [file for file in sorted((dataset / "not_meters" / "images").glob("*")) if is_validation(file.name)]
    seen, claimed, accepted = [], [], []
    for file in files:
        picture = load(file)
        seen.append(find(picture, finder.predict).presence >= finder.presence)
        _, reading = find_and_read(finder, reader, picture)
        claimed.append(reading.reason != "no_display")
        accepted.append(reading.accepted)
    named = {"not_meters_seen": seen, "not_meters_claimed": claimed, "not_meters_accepted": accepted}
    return {name: proportion(np.array(values, dtype=bool)) for name, values in named.items()}


def sheet(results: Sequence[Found], count: int = 20) -> Image.Image:
    """The outlines that are off most."""
    worst = sorted(results, key=lambda one: one.overlap)[:count]
    return contact_sheet([_cell(one) for one in worst], len(results))


def _cell(one: Found) -> Cell:
    picture = load(one.photo.image)
    draw = ImageDraw.Draw(picture)
    for corners, colour in ((one.photo.corners, (0, 220, 0)), (one.outline.corners, (255, 0, 0))):
        points = [(float(x), float(y)) for x, y in corners]
        draw.line([*points, points[0]], fill=colour, width=4)
        draw.ellipse([points[0][0] - 8, points[0][1] - 8, points[0][0] + 8, points[0][1] + 8], outline=colour, width=3)
    picture.thumbnail((SIDE, SIDE))
    square = Image.new("RGB", (SIDE, SIDE), "white")
    square.paste(picture)
    about = f"{one.photo.image.stem}, IoU {one.overlap:.2f}"
    return Cell(np.asarray(square), one.photo.correct_value, one.found, one.outline.presence, about)


def evaluate(
    finder: Finder, reader: Network, dataset: Path, split: str, held: bool = False
) -> tuple[dict[str, Any], list[Found]]:
    """All figures of one side of the split, and what they were made of. Raises DatasetError."""
    photos = [photo for photo in read_outlines(dataset / "photos") if photo.type == SPLITS[split]]
    if not photos:
        raise DatasetError(f"expected photos of the split '{split}', got none")
    also = {sample.group: sample.also_accepted for sample in read_table(dataset / "displays")}
    results = look(finder, reader, photos, also)
    nothing = others(finder, reader, dataset) if split == "validate" else {}
    displays = [sample for sample in read_table(dataset / "displays") if sample.type == SPLITS[split]]
    about = {"version": finder.about, "reader": reader.about, "split": split}
    if held:
        ways = {way: figures(look(finder, reader, photos, also, way), finder.presence) for way in WAYS}
        about |= {"held": ways}
    return about | figures(results, finder.presence) | nothing | strips(finder, reader, displays), results


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when a version or the data cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.finder.evaluate", description=__doc__.partition("\n")[0])
    parser.add_argument("finder", metavar="FINDER", type=Path, help="version folder, run folder or .keras file")
    parser.add_argument("dataset", metavar="DATA_DIR", type=Path, help="folder with photos/, displays/ and not_meters/")
    parser.add_argument("--reader", type=Path, required=True, metavar="VERSION", help="what reads the displays")
    parser.add_argument("--split", choices=sorted(SPLITS), default="validate")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    parser.add_argument("--held", action="store_true", help="look at the photos upside down, turned and aslant, too")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw the outlines that are off most")
    given = parser.parse_args(arguments)
    try:
        finder, reader = open_finder(given.finder), open_network(given.reader)
        found, results = evaluate(finder, reader, given.dataset, given.split, given.held)
    except (CardError, DatasetError, ImageError) as error:
        print(f"training.finder.evaluate: {error}", file=sys.stderr)
        return 1
    text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    if given.sheet:
        sheet(results).save(given.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
