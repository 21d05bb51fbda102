"""A classifier's card: of the same form as the reader's, where both have the same to say, and `"kind": "classifier"`.

A classifier is what a recipe makes (`training/recipes/`): a network from one picture to the probabilities of classes.
"""

import dataclasses
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.domain.card_parts import (
    CardError,
    FileEntry,
    Taker,
    entry_of,
    moment_of,
    read_object,
    read_text,
    verify_files,
    written,
)

FORMAT = 1
KIND = "classifier"
DRAWN, PICTURE = "drawn", "picture"
LARGEST = 1024  # pixels of a side

NAME = r"[a-z0-9][a-z0-9_-]*"


@dataclass(frozen=True)
class ClassifierInput:
    """The input, float32 (height, width, channels) in 0..1.

    `preparation` says how it is made: "drawn" as `domain/drawn.py` does, bright ink on black; "picture" from the whole
    RGB picture, stretched.
    """

    width: int
    height: int
    channels: int
    preparation: str = DRAWN


@dataclass(frozen=True)
class ClassifierCard:
    """The card of one version of a classifier; its output is one probability for each of `classes`, in their order."""

    name: str
    version: str
    recipe: str
    architecture: str
    parameters: int
    created: str
    input: ClassifierInput
    classes: tuple[str, ...]
    files: dict[str, FileEntry]
    metrics: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "ClassifierCard":
        """Read a card from its file, or from the version folder it lies in. Raises CardError."""
        return cls.from_json(read_text(path))

    @classmethod
    def from_json(cls, text: str) -> "ClassifierCard":
        """Parse and check a card. Raises CardError, naming the key, for what is missing, mistyped or out of range."""
        take = Taker(read_object(text))
        if (found := take.integer("format", 1)) != FORMAT:
            raise CardError(f"expected a card of format {FORMAT}, got format {found}")
        take.text("kind", KIND)
        return cls(
            name=take.text("name", NAME),
            version=take.text("version", r"[1-9][0-9]*"),
            recipe=take.text("recipe", NAME),
            architecture=take.text("architecture", r".+"),
            parameters=take.integer("parameters", 0),
            created=moment_of(take.text("created", r".+")),
            input=_input(Taker(take.mapping("input"), "input.")),
            classes=_classes(take.content.get("classes")),
            files={name: entry_of(name, entry) for name, entry in take.mapping("files").items()},
            metrics=take.mapping("metrics"),
            data=take.mapping("data"),
            training=take.mapping("training"),
        )

    def to_json(self) -> str:
        """The card as the text of `card.json`. Raises CardError for what cannot be one (NaN, out of range)."""
        content = dataclasses.asdict(self)
        files = {"files": dict(sorted(content.pop("files").items()))}
        text = written({"format": FORMAT, "kind": KIND} | content | files)
        ClassifierCard.from_json(text)
        return text + "\n"

    def verify(self, folder: str | os.PathLike[str]) -> None:
        """Check that the version folder holds exactly the files of the card, each with its hash. Raises CardError."""
        verify_files(self.files, folder)


def is_classifier(folder: Path) -> bool:
    """Whether a version folder's card says that it is a classifier's; False where it cannot be read."""
    try:
        return read_object(read_text(folder)).get("kind") == KIND
    except CardError:
        return False


def _input(take: Taker) -> ClassifierInput:
    width, height, channels = (take.integer(key, 1) for key in ("width", "height", "channels"))
    if max(width, height) > LARGEST or channels not in (1, 3):
        raise CardError(
            f"expected an input of at most {LARGEST} × {LARGEST} × 1 or 3, got {width} × {height} × {channels}"
        )
    return ClassifierInput(width, height, channels, take.text("preparation", f"{DRAWN}|{PICTURE}"))


def _classes(given: Any) -> tuple[str, ...]:
    fits = isinstance(given, list) and all(isinstance(each, str) and each for each in given)
    if not fits or len(given) < 2 or len(set(given)) != len(given):
        raise CardError("expected classes to be a list of two or more different texts, got something else")
    return tuple(given)
