"""The tables of dataset folders, row by row: `training.csv` (samples) and `training_element.csv` (fragments).

A row that cannot be used is a RowError with one sentence; who reads the table adds the line and goes on, so that every
bad row is named at once.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TextIO, TypeVar

from backend.domain.imaging import Box
from backend.domain.reading import ReadingError
from backend.domain.sentences import Translatable
from backend.models import Display, Part, Split, checked_value

SAMPLES, ELEMENTS, METER_TYPES = "training.csv", "training_element.csv", "meter_type.csv"
IMAGES = "images"
SAMPLE_COLUMNS = (
    "image", "type", "correct_value", "meter_type", "group", "source", "x", "y", "w", "h", "also_accepted"
)  # fmt: skip
ELEMENT_COLUMNS = ("image", "part", "correct_value", "meter_type", "sample")
METER_TYPE_COLUMNS = ("name", "unit", "digits", "decimals", "display")
UNKNOWN = "unknown"
TEXTS = {"meter_type": 80, "group": 120, "source": 80, "also_accepted": 120}  # most characters of a cell
MORE = "\0more"  # no column has this name: a row with more cells than columns
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a cell

Cells = dict[str, str]
Row = TypeVar("Row")


class DatasetError(Translatable, ValueError):
    """A folder that cannot be used; `problems` has a sentence for each bad row, in the table's order."""

    def __init__(self, sentence: str, problems: tuple[str, ...] = (), **values: object) -> None:
        super().__init__(sentence, **values)
        self.problems = problems


class RowError(Translatable, ValueError):
    """A row that cannot be used, in one sentence."""


@dataclass(frozen=True)
class SampleRow:
    """One row of `training.csv`. `image` is its path; the box is in pixels of the upright picture."""

    image: Path
    type: int
    correct_value: str
    meter_type: str
    group: str
    source: str
    box: Box | None
    also_accepted: str


@dataclass(frozen=True)
class ElementRow:
    """One row of `training_element.csv`. `sample` is the sha256 of the sample that it was cut from, or empty."""

    image: Path
    part: int
    correct_value: str
    meter_type: str
    sample: str


def read(table: Path, required: tuple[str, ...]) -> Iterator[tuple[int, Cells]]:
    """Yield line number and cells of each row. Raises DatasetError for what is no such table."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            yield from lines(file, table.name, required)
    except FileNotFoundError:
        raise DatasetError(
            "expected a folder with %(table)s and images/, got none at %(place)s", table=table.name, place=table.parent
        ) from None
    except OSError as error:
        raise DatasetError(
            "expected %(table)s to be a table as UTF-8 text, got: %(error)s", table=table.name, error=error
        ) from error


def lines(file: TextIO, table: str, required: tuple[str, ...]) -> Iterator[tuple[int, Cells]]:
    """Yield line number and cells of each row of an open table. Raises DatasetError."""
    try:
        reader = csv.DictReader(file, strict=True)
        if missing := [name for name in required if name not in (reader.fieldnames or ())]:
            raise DatasetError(
                "expected %(table)s to have the column %(column)s, got a table without it",
                table=table,
                column=missing[0],
            )
        for cells in reader:
            more = {MORE: "yes"} if cells.pop(None, None) else {}
            yield reader.line_num, {key: value or "" for key, value in cells.items()} | more
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            "expected %(table)s to be a table as UTF-8 text, got: %(error)s", table=table, error=error
        ) from error


def refuse_formulas(file: TextIO, table: str) -> None:
    """Refuse a table of samples with a text that a spreadsheet takes for a formula. Raises DatasetError."""
    for line, cells in lines(file, table, ("image", "correct_value", "type")):
        try:
            for key, most in TEXTS.items():
                text(cells, key, most)
        except RowError as error:
            raise DatasetError("%(table)s line %(line)s: %(error)s", table=table, line=line, error=error) from error


def rows(folder: Path, table: str, parse: Callable[[Path, Cells], Row]) -> Iterator[tuple[int, Row | RowError]]:
    """Yield line number and parsed row, or what is wrong with it, one after the other."""
    for line, cells in read(folder / table, ("image", "correct_value", "type" if table == SAMPLES else "part")):
        try:
            if MORE in cells:  # such as a decimal comma without quotes, which would leave half of a value
                raise RowError("expected no more cells than columns, got more; is there a comma without quotes?")
            yield line, parse(folder, cells)
        except (RowError, ReadingError) as error:
            yield line, RowError(error.sentence, **error.values)


def parse_sample(folder: Path, cells: Cells) -> SampleRow:
    """Check a row of `training.csv`. Raises ValueError with one sentence."""
    source, group, meter_type, also_accepted = (
        text(cells, key, TEXTS[key]) for key in ("source", "group", "meter_type", "also_accepted")
    )
    also = tuple(checked_value(value) or "" for value in also_accepted.split())
    return SampleRow(
        image=picture(folder, cells["image"]),
        type=number(cells, "type", len(Split)),
        correct_value=checked_value(cells["correct_value"]) or "",
        meter_type=meter_type or source or UNKNOWN,
        group=group,
        source=source,
        box=box(cells),
        also_accepted=" ".join(also),
    )


def parse_element(folder: Path, cells: Cells) -> ElementRow:
    """Check a row of `training_element.csv`. Raises ValueError with one sentence."""
    value = cells["correct_value"]
    if not value.replace(".", "", 1).isascii() or not value.replace(".", "", 1).isdecimal() or len(value) > 11:
        raise RowError("expected digits with at most one point, got %(got)s", got=repr(value[:40]))
    return ElementRow(
        image=picture(folder, cells["image"]),
        part=number(cells, "part", len(Part)),
        correct_value=value,
        meter_type=text(cells, "meter_type", 80) or UNKNOWN,
        sample=text(cells, "sample", 64),
    )


def parse_meter_type(cells: Cells) -> dict[str, str | int | None]:
    """Check a row of `meter_type.csv`; an empty cell of the last three is not known. Raises ValueError."""
    if cells["display"] not in ("", *(kind.value for kind in Display)):
        raise RowError("expected a display of drums, lcd or led, got %(got)s", got=repr(cells["display"][:40]))
    digits, decimals = (number(cells, key, 11) if cells[key] else None for key in ("digits", "decimals"))
    if digits == 0 or (decimals or 0) >= (10 if digits is None else digits):
        raise RowError(
            "expected fewer decimals than digits, got %(decimals)s of %(digits)s", decimals=decimals, digits=digits
        )
    name, unit = text(cells, "name", 80), text(cells, "unit", 20)
    if not name:
        raise RowError("expected a name, got none")
    return {"name": name, "unit": unit, "digits": digits, "decimals": decimals, "display": cells["display"] or None}


def picture(folder: Path, name: str) -> Path:
    """The path of a picture inside `images/`; a name that leads out of it, also by a link, is refused."""
    path = PurePosixPath(name)
    if not name or "\0" in name or "\\" in name or path.is_absolute() or ".." in path.parts:
        raise RowError("expected the name of a picture in images/, got %(got)s", got=repr(name[:80]))
    place = (folder / IMAGES / path).resolve()
    if not place.is_relative_to((folder / IMAGES).resolve()) or not place.is_file():
        raise RowError("expected a picture %(name)s, got none", name=f"{IMAGES}/{name[:80]}")
    return place


def number(cells: Cells, key: str, count: int) -> int:
    """A whole number below `count`, written plainly."""
    allowed = [str(value) for value in range(count)]
    if cells[key] not in allowed:
        raise RowError(
            "expected %(name)s to be a number from 0 to %(most)s, got %(got)s",
            name=key,
            most=count - 1,
            got=repr(cells[key][:40]),
        )
    return int(cells[key])


def text(cells: Cells, key: str, most: int) -> str:
    """A text of limited length that no spreadsheet takes for a formula."""
    value = cells.get(key, "")
    if len(value) > most:
        raise RowError(
            "expected %(name)s to have at most %(most)s characters, got %(got)s", name=key, most=most, got=len(value)
        )
    if value.startswith(FORMULA) or not value.isprintable():
        raise RowError("expected %(name)s to be plain text, got %(got)s", name=key, got=repr(value[:40]))
    return value


def box(cells: Cells) -> Box | None:
    """The display's box: all four numbers, or none."""
    values = [cells.get(key, "") for key in ("x", "y", "w", "h")]
    if not any(values):
        return None
    try:
        x, y, width, height = map(float, values)
    except ValueError:
        raise RowError(
            "expected x,y,w,h to be four numbers or none, got %(got)s", got=repr(",".join(values)[:60])
        ) from None
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        raise RowError("expected a box with a width and a height, got %(got)s", got=repr(",".join(values)[:60]))
    return Box(x, y, width, height)
