"""Read a whole photo on the server: the published finder says where the display is, the reader what it shows.

The finder runs by its `.tflite` through LiteRT, as the reader does; how it looks and how the display is straightened is
`backend/domain/outline.py`, which the page's JavaScript is held to. A picture that is a display cut out already, as its
shape says, is read as it is. Where no finder is published, or only one that browsers can run, that is the only way.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from PIL import Image

from backend.domain.card_parts import NAME, CardError
from backend.domain.finder_card import FinderCard
from backend.domain.imaging import InputSpec, cut, load, normalise
from backend.domain.outline import CELLS, Corners, Outline, cut_outline, find, look_closer, straighten
from backend.domain.photo import is_strip, read_display
from backend.domain.reading import Reading
from backend.domain.sentences import Translatable
from backend.services.pictures import check_cost
from backend.services.reading import NETWORK, Network, ReaderError, Version, get_readers
from backend.services.versions import FINDER, POINTER, models_folder, pointers

SHOWN_HEIGHT = 160  # pixels of a straightened display
SHOWN_WIDTH = 1280  # at most

Maps = NDArray[np.float32]


class NoDisplayError(Translatable, ValueError):
    """A photo in which no display was found."""


@dataclass(frozen=True)
class PhotoReading:
    """What a photo shows: the reading, the version that read, e.g. "compact/2", and the straightened display."""

    reading: Reading
    version: str
    display: Image.Image


class Finder:
    """A published finder, for one thread at a time."""

    def __init__(self, folder: Path, card_sha256: str) -> None:
        self.card_sha256 = card_sha256
        self.card, content = checked(folder, card_sha256)
        self._lock = threading.Lock()
        self._network = Network(content)

    def predict(self, pixels: NDArray[np.float32]) -> tuple[Maps, float]:
        """Float32 (1, 192, 192, 3) in 0..1 → logits of the corners (48, 48, 4), logit of the presence."""
        with self._lock:
            presence, maps = sorted(self._network.predict(pixels), key=np.size)
        return maps.reshape(CELLS, CELLS, 4), float(presence.ravel()[0])

    def see(self, picture: Image.Image) -> Outline | None:
        """Where the display is in an upright RGB picture; None where there seems to be none."""
        outline = find(picture, self.predict)
        return outline if outline.presence >= self.card.presence else None


def checked(folder: Path, card_sha256: str) -> tuple[FinderCard, bytes]:
    """The card and the network of a finder whose files are those that were published. Raises ReaderError."""
    try:
        card = FinderCard.load(folder)
        content = (folder / NETWORK).read_bytes()
        digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    except (CardError, OSError) as error:
        raise ReaderError("expected the published finder to be whole, got one without its card or network") from error
    entry = card.files.get(NETWORK)
    if digest != card_sha256 or entry is None or entry.sha256 != hashlib.sha256(content).hexdigest():
        raise ReaderError("expected the published finder as it was made, got a changed one")
    return card, content


class Finders:
    """The published finder of a folder of versions, loaded once, until another one is published."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self._finder: Finder | None = None
        self._loading = threading.Lock()

    def finder(self) -> Finder | None:
        """The finder that `current.json` names now; None where none can be run here. Raises ReaderError."""
        pointer = pointers(self.models / POINTER).get(FINDER)
        if not isinstance(pointer, dict):
            return None
        folder = self.models / str(pointer.get("name")) / str(pointer.get("version"))
        if not has_network(folder):
            return None
        with self._loading:
            if self._finder is None or self._finder.card_sha256 != pointer.get("card_sha256"):
                self._finder = Finder(folder, str(pointer.get("card_sha256")))
            return self._finder


def has_network(folder: Path) -> bool:
    """Whether a finder's card names a network for the server: early ones are for browsers only."""
    try:
        return NETWORK in FinderCard.load(folder).files
    except CardError:
        return True  # not whole: who loads it says so


def get_finders() -> Finders:
    """The current application's finder."""
    finders = current_app.extensions.setdefault("finders", Finders(models_folder()))
    assert isinstance(finders, Finders)
    return finders


def read_photo(data: bytes) -> PhotoReading:
    """Read the meter in a photo that nobody trusts.

    Raises ImageError for what is no picture, NoDisplayError, and ReaderError when nothing can be read now.
    """
    readers = get_readers()
    version, finder = readers.version(), get_finders().finder()
    with readers.slot():
        check_cost(data)
        picture = load(data)
        found = read_by(finder, picture, version)
    if found:
        return found
    if finder:
        raise NoDisplayError("expected a photo of a meter, got a picture in which no display was found")
    raise NoDisplayError("expected a picture of the display only, all of its digits side by side, got a whole photo")


def read_by(finder: Finder | None, picture: Image.Image, version: Version) -> PhotoReading | None:
    """What counts of a photo, by a finder if there is one; None where no display is."""
    strip = is_strip(*picture.size)
    display = read_display(
        finder.see(picture) if finder and not strip else None,
        lambda outline: look_closer(picture, outline, finder.predict) if finder else outline,
        lambda corners: read_in(picture, version, corners),
        (lambda: read_in(picture, version, None)) if strip else None,
    )
    if display is None:
        return None
    name = f"{version.card.name}/{version.card.version}"
    spec, corners = version.card.input, display.corners
    return PhotoReading(display.reading, name, picture if corners is None else straightened(picture, corners, spec))


def read_in(picture: Image.Image, version: Version, corners: Corners | None) -> Reading:
    """What a version reads in an outline of the picture, or in all of it."""
    spec = version.card.input
    pixels = cut(picture, None, spec) if corners is None else cut_outline(picture, corners, spec)
    return version.card.read(version.look(normalise(pixels)[None]))


def straightened(picture: Image.Image, corners: Corners, spec: InputSpec) -> Image.Image:
    """The display with the reader's margins, level and in its own proportions, 160 pixels high or less."""
    top, right, bottom, left = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T).tolist()
    across, down = max(top, bottom), max(left, right)
    sides = spec.margin if spec.side_margin is None else spec.side_margin
    ratio = (across + 2 * sides * down) / (down * (1 + 2 * spec.margin))
    height = round(min(SHOWN_HEIGHT, max(24.0, SHOWN_WIDTH / ratio)))
    width = min(SHOWN_WIDTH, max(height, round(ratio * height)))
    return Image.fromarray(straighten(picture, corners, width, height, spec.margin, spec.side_margin))
