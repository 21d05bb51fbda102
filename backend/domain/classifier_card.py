"""A classifier's card: of the same form as the reader's, where both have the same to say, and `"kind": "classifier"`.

A classifier is what a recipe makes (`training/recipes/`): a network from one picture to the probabilities of classes.
"""

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.domain.card_parts import (
    FORMAT,
    CardError,
    CommonCard,
    Taker,
    common_keys,
    is_kind,
    read_object,
    read_text,
    written,
)

KIND = "classifier"
DRAWN, PICTURE = "drawn", "picture"
RECIPE = r"(?!(reader|finder)$)[a-z0-9][a-z0-9_-]{0,79}"  # the two are published as something else
LARGEST = 1024  # pixels of a side


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


@dataclass(frozen=True, kw_only=True)
class ClassifierCard(CommonCard):
    """The card of one version of a classifier; its output is one probability for each of `classes`, in their order."""

    recipe: str
    input: ClassifierInput
    classes: tuple[str, ...]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "ClassifierCard":
        """Read a card from its file, or from the version folder it lies in. Raises CardError."""
        return cls.from_json(read_text(path))

    @classmethod
    def from_json(cls, text: str) -> "ClassifierCard":
        """Parse and check a card. Raises CardError, naming the key, for what is missing, mistyped or out of range."""
        take = Taker(read_object(text))
        return cls(
            recipe=take.text("recipe", RECIPE),
            input=_input(Taker(take.mapping("input"), "input.")),
            classes=_classes(take.content.get("classes")),
            **common_keys(take, KIND),
        )

    def to_json(self) -> str:
        """The card as the text of `card.json`. Raises CardError for what cannot be one (NaN, out of range)."""
        content = dataclasses.asdict(self)
        files = {"files": dict(sorted(content.pop("files").items()))}
        text = written({"format": FORMAT, "kind": KIND} | content | files)
        ClassifierCard.from_json(text)
        return text + "\n"


def is_classifier(folder: Path) -> bool:
    """Whether a version folder's card says that it is a classifier's; False where it cannot be read."""
    return is_kind(folder, KIND)


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
