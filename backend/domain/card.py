"""A version's card: what the model expects, how its output is read, how good it is, and the hash of each of its files.

`card.json` lies beside the files it names. A version never changes: a folder is used only after `verify`.
"""

import dataclasses
import math
import os
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from backend.domain.card_parts import (
    FORMAT,
    NAME,
    CardError,
    CommonCard,
    FileEntry,
    Taker,
    common_keys,
    file_entries,
    read_object,
    read_text,
    written,
)
from backend.domain.imaging import InputSpec
from backend.domain.reading import CLASSES, ROWS, Reading, decode

__all__ = ["FORMAT", "NAME", "Card", "CardError", "FileEntry", "file_entries"]


@dataclass(frozen=True, kw_only=True)
class Card(CommonCard):
    """The card of one version of the reader.

    What a first look reads with less confidence than `look_again` is looked at again (`domain/looks`); 0: never.
    Whether there is a display is judged under `unreadable_temperature`; None: under `temperature`, as in older cards.
    """

    input: InputSpec
    temperature: float
    threshold: float
    unreadable: float
    unreadable_temperature: float | None = None
    look_again: float = 0.0
    acceptance: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Card":
        """Read a card from its file, or from the version folder it lies in. Raises CardError."""
        return cls.from_json(read_text(path))

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Parse and check a card. Raises CardError, naming the key, for what is missing, mistyped or out of range."""
        return _parse(read_object(text))

    def to_json(self) -> str:
        """The card as the text of `card.json`. Raises CardError for what cannot be one (NaN, out of range)."""
        own = dataclasses.asdict(self)
        content = {"format": FORMAT, **own, "output": {"rows": ROWS, "classes": CLASSES}}
        content["input"] = {key: value for key, value in own["input"].items() if value is not None}
        if not self.look_again:
            del content["look_again"]
        if self.unreadable_temperature is None:
            del content["unreadable_temperature"]
        content["files"] = dict(sorted(own["files"].items()))
        text = written({key: content[key] for key in _ORDER if key in content})
        Card.from_json(text)
        return text + "\n"

    def read(self, output: ArrayLike) -> Reading:
        """Decode the model's output, (11, 10), with this version's temperature and limits."""
        return decode(output, self.temperature, self.threshold, self.unreadable, self.unreadable_temperature)


_ORDER = (
    "format",
    "name",
    "version",
    "architecture",
    "parameters",
    "created",
    "input",
    "output",
    "temperature",
    "threshold",
    "unreadable",
    "unreadable_temperature",
    "look_again",
    "acceptance",
    "metrics",
    "data",
    "training",
    "files",
)


def _parse(content: dict[str, Any]) -> Card:
    take = Taker(content)
    common = common_keys(take)
    output = Taker(take.mapping("output"), "output.")
    if (shape := (output.integer("rows", 1), output.integer("classes", 1))) != (ROWS, CLASSES):
        raise CardError(f"expected an output of {ROWS} × {CLASSES}, got {shape[0]} × {shape[1]}")
    return Card(
        input=_input(Taker(take.mapping("input"), "input.")),
        temperature=take.number("temperature", above=0, most=math.inf),
        threshold=take.number("threshold", least=0, most=1),
        unreadable=take.number("unreadable", least=0, most=1),
        unreadable_temperature=take.number("unreadable_temperature", above=0, most=math.inf)
        if "unreadable_temperature" in content
        else None,
        look_again=take.number("look_again", least=0, most=1) if "look_again" in content else 0.0,
        acceptance=take.mapping("acceptance"),
        **common,
    )


def _input(take: "Taker") -> InputSpec:
    if (channels := take.integer("channels", 1)) != 3:
        raise CardError(f"expected input.channels to be 3, got {channels}")
    size = (take.integer("width", 1), take.integer("height", 1))
    side = take.number("side_margin", least=0, most=10) if "side_margin" in take.content else None
    return InputSpec(*size, take.number("margin", least=0, most=10), channels, side)
