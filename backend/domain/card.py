"""A version's card: what the model expects, how its output is read, how good it is, and the hash of each of its files.

`card.json` lies beside the files it names. A version never changes: a folder is used only after `verify`.
"""

import dataclasses
import hashlib
import json
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from numpy.typing import ArrayLike

from backend.domain.imaging import InputSpec
from backend.domain.reading import CLASSES, ROWS, Reading, decode

FORMAT = 1
NAME = "card.json"

_BLOCK = 1 << 20


class CardError(ValueError):
    """A card that is missing, malformed, or does not match its folder."""


@dataclass(frozen=True)
class FileEntry:
    """One file of a version: its sha256 in hexadecimal and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Card:
    """The card of one version. The dicts are for people and reports; nothing is decided by them."""

    name: str
    version: str
    architecture: str
    parameters: int
    created: str
    input: InputSpec
    temperature: float
    threshold: float
    unreadable: float
    files: dict[str, FileEntry]
    acceptance: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Card":
        """Read a card from its file, or from the version folder it lies in. Raises CardError."""
        place = Path(path)
        place = place / NAME if place.is_dir() else place
        try:
            return cls.from_json(place.read_text("utf-8"))
        except OSError as error:
            raise CardError(f"expected a card at {place.name}, got no readable file") from error
        except UnicodeDecodeError as error:
            raise CardError("expected a card as UTF-8 text, got other bytes") from error

    @classmethod
    def from_json(cls, text: str) -> "Card":
        """Parse and check a card. Raises CardError, naming the key, for what is missing, mistyped or out of range."""
        try:
            content = json.loads(text, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise CardError("expected a card as JSON, got text that is none") from error
        if not isinstance(content, dict):
            raise CardError(f"expected a card as a JSON object, got {_kind(content)}")
        return _parse(content)

    def to_json(self) -> str:
        """The card as the text of `card.json`. Raises CardError for what cannot be one (NaN, out of range)."""
        own = dataclasses.asdict(self)
        content = {"format": FORMAT, **own, "output": {"rows": ROWS, "classes": CLASSES}}
        content["input"] = {key: value for key, value in own["input"].items() if value is not None}
        content["files"] = dict(sorted(own["files"].items()))
        try:
            text = json.dumps({key: content[key] for key in _ORDER}, indent=2, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise CardError(f"expected values that JSON can hold, got one that it cannot: {error}") from error
        Card.from_json(text)
        return text + "\n"

    def verify(self, folder: str | os.PathLike[str]) -> None:
        """Check that the version folder holds exactly the files of the card, each with its hash. Raises CardError."""
        found = file_entries(folder)
        if missing := sorted(self.files.keys() - found.keys()):
            raise CardError(f"expected the file {missing[0]}, got a folder without it")
        if extra := sorted(found.keys() - self.files.keys()):
            raise CardError(f"expected only the files of the card, got {extra[0]} too")
        for name, entry in sorted(self.files.items()):
            if found[name] != entry:
                raise CardError(
                    f"expected {name} of {entry.bytes} bytes with sha256 {entry.sha256}, "
                    f"got {found[name].bytes} bytes with {found[name].sha256}"
                )

    def read(self, output: ArrayLike) -> Reading:
        """Decode the model's output, (11, 10), with this version's temperature and limits."""
        return decode(output, self.temperature, self.threshold, self.unreadable)


def file_entries(folder: str | os.PathLike[str]) -> dict[str, FileEntry]:
    """The entries of all files in a version folder but the card itself, by relative path with forward slashes."""
    root = Path(folder)
    if not root.is_dir():
        raise CardError(f"expected a version folder, got no folder at {root.name}")
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    entries = {path.relative_to(root).as_posix(): path for path in files}
    return {name: FileEntry(_sha256(path), path.stat().st_size) for name, path in entries.items() if name != NAME}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


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
    "acceptance",
    "metrics",
    "data",
    "training",
    "files",
)


def _parse(content: dict[str, Any]) -> Card:
    take = _Taker(content)
    if (found := take.integer("format", 1)) != FORMAT:
        raise CardError(f"expected a card of format {FORMAT}, got format {found}")
    output = _Taker(take.mapping("output"), "output.")
    if (shape := (output.integer("rows", 1), output.integer("classes", 1))) != (ROWS, CLASSES):
        raise CardError(f"expected an output of {ROWS} × {CLASSES}, got {shape[0]} × {shape[1]}")
    return Card(
        name=take.text("name", r"[a-z0-9][a-z0-9_-]*"),
        version=take.text("version", r"[1-9][0-9]*"),
        architecture=take.text("architecture", r".+"),
        parameters=take.integer("parameters", 0),
        created=_moment(take.text("created", r".+")),
        input=_input(_Taker(take.mapping("input"), "input.")),
        temperature=take.number("temperature", above=0, most=math.inf),
        threshold=take.number("threshold", least=0, most=1),
        unreadable=take.number("unreadable", least=0, most=1),
        acceptance=take.mapping("acceptance"),
        metrics=take.mapping("metrics"),
        data=take.mapping("data"),
        training=take.mapping("training"),
        files={name: _entry(name, entry) for name, entry in take.mapping("files").items()},
    )


def _input(take: "_Taker") -> InputSpec:
    if (channels := take.integer("channels", 1)) != 3:
        raise CardError(f"expected input.channels to be 3, got {channels}")
    size = (take.integer("width", 1), take.integer("height", 1))
    side = take.number("side_margin", least=0, most=10) if "side_margin" in take.content else None
    return InputSpec(*size, take.number("margin", least=0, most=10), channels, side)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise CardError(f"expected created to be a time such as 2026-01-31T12:00:00+00:00, got '{text}'") from None
    if moment.utcoffset() is None or moment.utcoffset():
        raise CardError(f"expected created to be a time in UTC, got '{text}'")
    return text


def _entry(name: str, entry: Any) -> FileEntry:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or path.as_posix() != name or name in (NAME, "."):
        raise CardError(f"expected files to be named inside the version's folder, got '{name}'")
    if not isinstance(entry, dict):
        raise CardError(f"expected files.{name} to be an object, got {_kind(entry)}")
    take = _Taker(entry, f"files.{name}.")
    return FileEntry(take.text("sha256", r"[0-9a-f]{64}"), take.integer("bytes", 0))


class _Taker:
    """Takes keys of a JSON object as the type they must have, and names the key when they do not."""

    def __init__(self, content: dict[str, Any], prefix: str = "") -> None:
        self.content, self.prefix = content, prefix

    def mapping(self, key: str) -> dict[str, Any]:
        value: dict[str, Any] = self._take(key, "an object", lambda value: isinstance(value, dict))
        return value

    def text(self, key: str, pattern: str) -> str:
        value: str = self._take(key, "a text", lambda value: isinstance(value, str))
        if not re.fullmatch(pattern, value):
            raise CardError(f"expected {self.prefix}{key} to match {pattern}, got '{value}'")
        return value

    def integer(self, key: str, least: int) -> int:
        value: int = self._take(
            key, "a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)
        )
        if value < least:
            raise CardError(f"expected {self.prefix}{key} to be at least {least}, got {value}")
        return value

    def number(self, key: str, least: float = -math.inf, most: float = math.inf, above: float = -math.inf) -> float:
        value = self._take(
            key, "a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)
        )
        number = float(value)
        if not math.isfinite(number) or not least <= number <= most or number <= above:
            limits = f"above {above:g}" if above > -math.inf else f"from {least:g} to {most:g}"
            raise CardError(f"expected {self.prefix}{key} to be {limits}, got {value}")
        return number

    def _take(self, key: str, wanted: str, fits: Callable[[Any], bool]) -> Any:
        if key not in self.content:
            raise CardError(f"expected the key {self.prefix}{key}, got a card without it")
        value = self.content[key]
        if not fits(value):
            raise CardError(f"expected {self.prefix}{key} to be {wanted}, got {_kind(value)}")
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")  # Python reads NaN and Infinity, a browser does not


def _kind(value: Any) -> str:
    """What a JSON value is, in words."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), f"the number {value}")
