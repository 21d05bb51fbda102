"""Where lines cut a sample, and the values of the pieces, which follow from the sample's.

Lines divide the display's box (or the whole picture, without one) from left to right: what lies left of the first line
is the start, what lies right of the last one the end, all between are middles. The decimal point goes with the digit
before it, at whose foot displays show it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from backend.domain.imaging import MIN_SIDE, Box, widen
from backend.domain.sentences import Translatable
from backend.models import Part, State, Training

TOLERANCE = 0.3  # how far from between two digits a line may be, as a part of a digit's width


class FragmentError(Translatable, ValueError):
    """Fragments that cannot be cut, or removed, in one sentence."""


@dataclass(frozen=True)
class Piece:
    """A piece to cut out of a sample's picture: columns [left, right), rows [top, bottom) in pixels, and its value."""

    left: int
    top: int
    right: int
    bottom: int
    part: Part
    value: str


def proposed_lines(sample: Training) -> list[int]:
    """Lines between the digits as if all were of one width, x in pixels of the picture; empty without a value."""
    count = len((sample.correct_value or "").replace(".", ""))
    area = display(sample)
    return [round(area.x + area.width * n / count) for n in range(1, count)]


def pieces(sample: Training, lines: Sequence[float], digits: Sequence[int] | None = None) -> list[Piece]:
    """What lines (x in pixels of the sample's picture) would cut out, from left to right; nothing is stored.

    `digits` says how many digits each piece has. Without it there is one in each when there are as many pieces as
    digits; else the widths decide, and each line has to be near to a place between two digits. Raises FragmentError.
    """
    if sample.state != State.LABELLED.value or not sample.correct_value:
        raise FragmentError("expected a labelled sample, got another one")
    area = display(sample)
    edges = checked_edges(area, lines)
    count = len(sample.correct_value.replace(".", ""))
    sizes = checked_sizes(count, edges, digits) if digits else sizes_by_width(count, edges)
    cut = []
    for n, value in enumerate(split_value(sample.correct_value, sizes)):
        part = Part.START if n == 0 else Part.END if n == len(sizes) - 1 else Part.MIDDLE
        top, bottom = math.floor(area.y), math.ceil(area.y + area.height)
        cut.append(Piece(edges[n], top, edges[n + 1], bottom, part, value))
    return cut


def display(sample: Training) -> Box:
    """The sample's box as far as it lies in the picture; all of the picture for a sample without one."""
    x, y, width, height = sample.box_x, sample.box_y, sample.box_width, sample.box_height
    if x is None or y is None or width is None or height is None:
        return Box(0, 0, sample.width, sample.height)
    return widen(Box(x, y, width, height), 0.0, (sample.width, sample.height))


def checked_edges(area: Box, lines: Sequence[float]) -> list[int]:
    """Both sides of the display and the lines between them, in whole pixels. Raises FragmentError."""
    if not lines:
        raise FragmentError("expected at least one line between two digits, got none")
    if not all(math.isfinite(line) and area.x < line < area.x + area.width for line in lines):
        left, right = round(area.x), round(area.x + area.width)
        raise FragmentError(
            "expected every line inside the display, from %(left)s to %(right)s pixels, got one outside",
            left=left,
            right=right,
        )
    edges = [math.floor(area.x), *sorted(map(round, lines)), math.ceil(area.x + area.width)]
    narrowest = min(math.ceil(area.height), *(right - left for left, right in pairwise(edges)))
    if narrowest < MIN_SIDE:
        raise FragmentError(
            "expected pieces of at least %(least)s × %(least)s pixels, got one of %(got)s",
            least=MIN_SIDE,
            got=narrowest,
        )
    return edges


def checked_sizes(count: int, edges: list[int], digits: Sequence[int]) -> list[int]:
    """How many digits each piece has, as a person said it. Raises FragmentError."""
    if len(digits) != len(edges) - 1 or min(digits) < 1 or sum(digits) != count:
        raise FragmentError(
            "expected %(pieces)s numbers of digits from 1 that make %(count)s in all, got %(got)s",
            pieces=len(edges) - 1,
            count=count,
            got=", ".join(map(str, digits)),
        )
    return list(digits)


def sizes_by_width(count: int, edges: list[int]) -> list[int]:
    """How many of `count` digits of one width each piece has. Raises FragmentError."""
    found = len(edges) - 1
    if found > count:
        raise FragmentError("expected at most %(most)s pieces, one for each digit, got %(got)s", most=count, got=found)
    if found == count:
        return [1] * count
    width = (edges[-1] - edges[0]) / count
    places = [(edge - edges[0]) / width for edge in edges]
    bounds = list(map(round, places))
    for edge, place, bound in zip(edges, places, bounds, strict=True):
        if abs(place - bound) > TOLERANCE:
            raise FragmentError(
                "expected each line between two digits, got one through a digit at %(place)s pixels;"
                " say how many digits each piece has",
                place=edge,
            )
    sizes = [right - left for left, right in pairwise(bounds)]
    if min(sizes) < 1:
        raise FragmentError("expected a digit in each piece, got one without; say how many digits each piece has")
    return sizes


def split_value(value: str, sizes: Sequence[int]) -> list[str]:
    """Split a reading into pieces of so many digits; the point goes with the digit before it."""
    marks: list[str] = []
    for letter in value:
        if letter == ".":
            marks[-1] += letter
        else:
            marks.append(letter)
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    return ["".join(marks[start : start + size]) for start, size in zip(starts, sizes, strict=True)]
