"""Read a picture on the server: the published version's `.tflite` through LiteRT, the same answer as the browser's.

Preprocessing and decoding are `backend/domain`'s, which the page's JavaScript is held to; the numbers in between agree
to 1e-3 (checked before a version is made, and again in the tests). TensorFlow is never loaded.

A version is looked for at each reading, so one that is published meanwhile is used from then on; who is just reading
with the version before finishes with it. An interpreter serves one thread at a time, so each version has a few of them.
The slots bound how many pictures are decoded at once too: a photo of 50 megapixels takes 150 MB while it is one.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from PIL import Image

from backend.domain.card import NAME, Card, CardError
from backend.domain.imaging import Box, load, preprocess
from backend.domain.looks import look_again
from backend.domain.reading import CLASSES, ROWS, Reading
from backend.domain.sentences import Translatable
from backend.services.pictures import check_cost
from backend.services.versions import POINTER, models_folder

NETWORK = "model.tflite"
SLOTS = min(4, os.cpu_count() or 1)  # one for each core: more would only wait for each other
PATIENCE = 20.0  # seconds until who waits for a slot is told to come back later

Output = NDArray[np.float32]


class ReaderError(Translatable, RuntimeError):
    """Nothing can be read now: no version is published, it is not whole, or too many are reading."""


class BusyError(ReaderError):
    """Too many are reading; later it will go."""


@dataclass(frozen=True)
class ServerReading:
    """A picture as the server reads it: `output` is what the network gives, (11, 10), `stages` are in milliseconds."""

    reading: Reading
    output: Output
    card: Card
    stages: dict[str, float]


class Version:
    """One published version, ready to read; safe to be used by many threads."""

    def __init__(self, folder: Path, card_sha256: str) -> None:
        self.card_sha256 = card_sha256
        self.card, self.network = checked(folder, card_sha256)
        self._idle: list[Network] = []

    def predict(self, pixels: NDArray[np.float32]) -> Output:
        """The network's output (11, 10) for its input, float32 (1, height, width, 3) in 0..1: one look."""
        try:
            network = self._idle.pop()
        except IndexError:
            network = Network(self.network)
        output = network.predict(pixels)[0].reshape(ROWS, CLASSES)
        self._idle.append(network)  # one that failed is not used again
        return output

    def look(self, pixels: NDArray[np.float32]) -> Output:
        """What is read from an input, (11, 10): in one look where that is sure, as the card says, else in several."""
        first = self.predict(pixels)[None]
        output: Output = look_again(lambda moved: self.predict(moved)[None], pixels, first, self.card.look_again)[0]
        return output

    def read(self, image: Image.Image, box: Box | None = None) -> Output:
        """The output (11, 10) for a loaded picture. Raises ImageError for a box that is none in it."""
        return self.look(preprocess(image, box, self.card.input))


class Network:
    """An interpreter, for one thread at a time."""

    def __init__(self, content: bytes) -> None:
        # Loaded by the first reading, so that commands and processes that read nothing do without.
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(model_content=content, num_threads=1)
        self.interpreter.allocate_tensors()
        self.source: int = self.interpreter.get_input_details()[0]["index"]
        self.targets: list[int] = [int(output["index"]) for output in self.interpreter.get_output_details()]

    def predict(self, pixels: NDArray[np.float32]) -> list[Output]:
        """All outputs for one input, in the network's order."""
        self.interpreter.set_tensor(self.source, pixels)
        self.interpreter.invoke()
        return [np.array(self.interpreter.get_tensor(target), np.float32) for target in self.targets]


def checked(folder: Path, card_sha256: str) -> tuple[Card, bytes]:
    """The card and the network of a version whose files are those that were published. Raises ReaderError."""
    try:
        card = Card.load(folder)
        content = (folder / NETWORK).read_bytes()
        digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    except (CardError, OSError) as error:
        raise ReaderError("expected the published version to be whole, got one without its card or network") from error
    entry = card.files.get(NETWORK)
    if digest != card_sha256 or entry is None or entry.sha256 != hashlib.sha256(content).hexdigest():
        raise ReaderError("expected the published version as it was made, got a changed one")
    return card, content


class Readers:
    """The published version of a folder of versions, loaded once, until another one is published."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self._version: Version | None = None
        self._loading = threading.Lock()
        self._slots = threading.BoundedSemaphore(SLOTS)

    def version(self) -> Version:
        """The version that `current.json` names now. Raises ReaderError."""
        path, card_sha256 = self._pointer()
        known = self._version
        if known is not None and known.card_sha256 == card_sha256:
            return known
        with self._loading:  # loaded once, however many ask
            known = self._version
            if known is None or known.card_sha256 != card_sha256:
                known = self._version = Version(self.models / path, card_sha256)
            return known

    @contextmanager
    def slot(self, patience: float = PATIENCE) -> Iterator[None]:
        """Hold one of the slots for reading. Raises BusyError when none becomes free."""
        if not self._slots.acquire(timeout=patience):
            raise BusyError("expected fewer readings at once; try again in a few seconds")
        try:
            yield
        finally:
            self._slots.release()

    def _pointer(self) -> tuple[str, str]:
        """The version's folder and its card's sha256."""
        try:
            pointer = json.loads((self.models / POINTER).read_bytes())
            return f"{pointer['name']}/{pointer['version']}", str(pointer["card_sha256"])
        except FileNotFoundError:
            raise ReaderError("no version is published") from None
        except (ValueError, KeyError, TypeError) as error:
            raise ReaderError("expected %(file)s to name a version, got something else", file=POINTER) from error


def get_readers() -> Readers:
    """The current application's reader."""
    if "readers" not in current_app.extensions:
        current_app.extensions.setdefault("readers", Readers(models_folder()))  # of two threads the first one's stays
    readers = current_app.extensions["readers"]
    assert isinstance(readers, Readers)
    return readers


def read(data: bytes, box: Box | None = None) -> ServerReading:
    """Read a picture file that nobody trusts. Raises ImageError for what is none, ReaderError when nothing can read."""
    readers = get_readers()
    version = readers.version()
    with readers.slot():
        moments = [time.perf_counter()]
        check_cost(data)
        image = load(data)
        moments.append(time.perf_counter())
        pixels = preprocess(image, box, version.card.input)
        moments.append(time.perf_counter())
        output = version.look(pixels)
        moments.append(time.perf_counter())
    times = [1000 * (after - before) for before, after in zip(moments, moments[1:], strict=False)]
    stages = dict(zip(("decode", "preprocess", "network"), times, strict=True))
    return ServerReading(version.card.read(output), output, version.card, stages)
