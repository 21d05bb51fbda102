"""A learning curve guessed from four photos of a meter type of which there are no samples yet.

The finder says where the displays are; a small network, which has never seen a photographed display, says how they look
(`training.first_guess` makes it, with the families of displays that are guessed from). It runs by LiteRT, as the reader
does: no job is needed, and nothing of the photos is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain import first_guess
from backend.domain.first_guess import FOUR, MIDDLE, Needed, Targets
from backend.domain.imaging import ImageError, InputSpec, cut, load, normalise
from backend.domain.outline import cut_outline
from backend.domain.photo import is_strip
from backend.domain.sentences import Translatable
from backend.services.curves import FAMILIES, GUESS
from backend.services.finding import get_finders
from backend.services.pictures import check_cost
from backend.services.reading import Network, get_readers

TABLE, LOOK = FAMILIES, "look.tflite"
STEPS = 60  # places at which the curve is drawn
TOLD = 3  # sizes of which the page speaks first: the farthest, a quarter of it, a sixteenth


class GuessError(Translatable, ValueError):
    """Pictures from which nothing can be guessed, or nothing to guess with."""


def available() -> bool:
    """Whether there is something to guess with."""
    return (GUESS / TABLE).is_file() and (GUESS / LOOK).is_file()


def targets() -> Targets:
    """What can be asked for. Raises GuessError where there are no families."""
    return first_guess.targets(json.loads(stored(TABLE)))


def stored(name: str) -> bytes:
    """What a file to guess with holds. Raises GuessError where it is not there."""
    try:
        return (GUESS / name).read_bytes()
    except OSError:
        raise GuessError(
            "expected %(files)s to guess with, got none: `python -m training.first_guess` makes them",
            files=f"{TABLE}, {LOOK}",
        ) from None


def opened() -> tuple[dict[str, Any], Network, InputSpec]:
    """The families, and the network with its input. Raises GuessError where they are not there or do not belong."""
    table, content = json.loads(stored(TABLE)), stored(LOOK)
    look = table.get("look") or {}
    if look.get("sha256") != hashlib.sha256(content).hexdigest() or "misses" not in table:
        raise GuessError(
            "expected %(files)s of one making, got others: `python -m training.first_guess` makes them anew",
            files=f"{TABLE}, {LOOK}",
        )
    return table, Network(content), InputSpec(**look["input"])


def foretell(pictures: Sequence[bytes], percent: int | None) -> dict[str, Any]:
    """The guessed curve with its interval, what it is like, and the answer for a target: the usual one where the wanted
    one is none that a family reached.

    `sizes`, `shares`, `low`, `high` and `usual` are arrays (n,) of the curve, of its interval and of the middle of all
    families, as far as families were measured; `first` are the rows to speak of first, from the `line`, of which each
    has what is usual; `error` is that of guesses for families left out.
    Raises GuessError for pictures or families from which nothing can be guessed, ReaderError when too many are reading.
    """
    if len(pictures) != FOUR:
        raise GuessError("expected %(four)s pictures, got %(got)s", four=FOUR, got=len(pictures))
    table, network, spec = opened()
    with get_readers().slot():
        looks = [embedding(data, number, network, spec) for number, data in enumerate(pictures, 1)]
    mean = np.asarray(np.mean(looks, axis=0), np.float64)
    asked = first_guess.targets(table)
    target = percent if percent is not None and asked.lowest <= percent <= asked.highest else asked.usual
    answer: Needed = first_guess.needed(table, mean, target / 100)
    guessed = first_guess.guess(table, mean)
    for row in guessed["line"]:
        row["usual"] = float(first_guess.middle_family(table, np.array([row["size"]]))[0])
    return {
        **guessed,
        **_drawn(table, mean),
        "first": guessed["line"][::-2][:TOLD][::-1],
        "answer": answer,
        "target": target,
        "farthest": first_guess.farthest(table),
        "middle": MIDDLE,
        "error": table["errors"][table["method"]],
        "families": len(table["families"]),
    }


def _drawn(table: dict[str, Any], mean: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The curve with its interval and the middle of all families, at places that make a line."""
    parameters = first_guess.told(table, mean)
    sizes = np.geomspace(first_guess.FEWEST, first_guess.farthest(table), STEPS)
    low, high = first_guess.interval(table, parameters, sizes)
    shares, usual = 1 - first_guess.curve_of(parameters, sizes), 1 - first_guess.middle_family(table, sizes)
    return {"sizes": sizes, "shares": shares, "low": 1 - high, "high": 1 - low, "usual": usual}


def embedding(data: bytes, number: int, network: Network, spec: InputSpec) -> NDArray[np.float32]:
    """How the display of a photo looks, (k,). Raises GuessError, with the photo's number."""
    try:
        check_cost(data)
        pixels = display(load(data), spec)
    except ImageError as error:
        raise GuessError("picture %(number)s: %(error)s", number=number, error=error) from error
    if pixels is None:
        raise GuessError("picture %(number)s: expected a photo of a meter, got one without a display", number=number)
    return network.predict(normalise(pixels)[None])[0].ravel()


def display(picture: Image.Image, spec: InputSpec) -> NDArray[np.uint8] | None:
    """The network's input cut out of a picture: the display that is found, or all of one that is a display already."""
    finder = get_finders().finder()
    if finder is None or is_strip(*picture.size):
        return cut(picture, None, spec)
    outline = finder.see(picture)
    return None if outline is None else cut_outline(picture, outline.corners, spec)
