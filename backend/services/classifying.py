"""Classify a picture on the server: a published classifier's `.tflite` through LiteRT, as `reading` does for readings.

Each recipe has at most one published version, which `current.json` names. It is looked for at each call, so one that is
published meanwhile is used from then on. TensorFlow is never loaded.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from flask import current_app
from numpy.typing import NDArray

from backend.domain.card_parts import NAME, CardError
from backend.domain.classifier_card import ClassifierCard
from backend.domain.drawn import framed
from backend.domain.sentences import Translatable
from backend.services.reading import NETWORK, Network, ReaderError
from backend.services.versions import CLASSIFIERS, POINTER, models_folder, pointers

Pixels = NDArray[np.float32]


class ShapeError(Translatable, ValueError):
    """A picture that is not of the network's input."""


@dataclass(frozen=True)
class Published:
    """A published classifier: where it lies, and its card as it was published."""

    folder: Path
    card: ClassifierCard
    card_sha256: str


class Classifier:
    """One version, ready; an interpreter serves one thread at a time."""

    def __init__(self, published: Published) -> None:
        self.card, self.card_sha256 = published.card, published.card_sha256
        self._network = Network(content_of(published))
        self._busy = threading.Lock()

    def predict(self, pixels: Pixels) -> Pixels:
        """Probabilities (classes,) of a picture float32 (height, width, channels) of the card's input."""
        with self._busy:
            probabilities: Pixels = self._network.predict(pixels[None])[0][0]
            return probabilities


class Classifiers:
    """The published classifiers of a folder of versions, each loaded once, until another one is published."""

    def __init__(self, models: Path) -> None:
        self.models = models
        self._open: dict[str, Classifier] = {}
        self._loading = threading.Lock()

    def named(self, recipe: str) -> Classifier:
        """The one that is published for a recipe. Raises ReaderError."""
        published = published_in(self.models, recipe)
        with self._loading:  # loaded once, however many ask
            known = self._open.get(recipe)
            if known is None or known.card_sha256 != published.card_sha256:
                known = self._open[recipe] = Classifier(published)
            return known


def published_in(models: Path, recipe: str) -> Published:
    """What `current.json` names for a recipe. Raises ReaderError for none, or one that is not as it was published."""
    pointer: Any = named_in(models).get(recipe)
    if not isinstance(pointer, dict):
        raise ReaderError("no version of %(recipe)s is published", recipe=recipe)
    folder = models / str(pointer.get("name")) / str(pointer.get("version"))
    try:
        card = ClassifierCard.load(folder)
        digest = hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    except (CardError, OSError) as error:
        raise ReaderError("expected the published %(recipe)s to have a card, got none", recipe=recipe) from error
    if digest != pointer.get("card_sha256"):
        raise ReaderError("expected the published %(recipe)s as it was made, got a changed one", recipe=recipe)
    return Published(folder, card, digest)


def named_in(models: Path) -> dict[str, Any]:
    """What `current.json` says of classifiers, by their recipes."""
    named = pointers(models / POINTER).get(CLASSIFIERS)
    return named if isinstance(named, dict) else {}


def content_of(published: Published) -> bytes:
    """Its network, whose hash is that of its card. Raises ReaderError."""
    entry = published.card.files.get(NETWORK)
    file = published.folder / NETWORK
    content = file.read_bytes() if entry and file.is_file() else b""
    if entry is None or entry.sha256 != hashlib.sha256(content).hexdigest():
        raise ReaderError(
            "expected the published %(recipe)s as it was made, got a changed one", recipe=published.card.name
        )
    return content


def available() -> dict[str, ClassifierCard]:
    """The published classifiers by their recipes, those left out that are not whole."""
    found = {}
    for recipe in named_in(models_folder()):
        try:
            found[recipe] = published_in(models_folder(), recipe).card
        except ReaderError:
            continue
    return found


def classify(recipe: str, pixels: Pixels) -> list[tuple[str, float]]:
    """The classes of a picture with their probabilities, the likeliest first.

    `pixels` are float32 (height, width, channels) in 0..1, of the card's input or smaller: then they are put in the
    middle of black. Raises ReaderError when the recipe has no version, ShapeError for a picture of another shape.
    """
    classifier = get_classifiers().named(recipe)
    wanted = classifier.card.input
    if pixels.ndim != 3 or pixels.shape[2] != wanted.channels:
        raise ShapeError(
            "expected a picture of %(channels)s channels, got one of shape %(shape)s",
            channels=wanted.channels,
            shape=str(pixels.shape),
        )
    probabilities = classifier.predict(np.asarray(framed(pixels, wanted.height, wanted.width), np.float32))
    order = np.argsort(-probabilities, kind="stable")
    return [(classifier.card.classes[place], float(probabilities[place])) for place in order]


def get_classifiers() -> Classifiers:
    """The current application's classifiers."""
    if "classifiers" not in current_app.extensions:
        current_app.extensions.setdefault("classifiers", Classifiers(models_folder()))
    classifiers = current_app.extensions["classifiers"]
    assert isinstance(classifiers, Classifiers)
    return classifiers
