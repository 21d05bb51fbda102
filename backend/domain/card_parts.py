"""What the cards of all kinds of versions have in common: what they say, the files they name, how keys are checked."""

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

NAME = "card.json"
FORMAT = 1

_BLOCK = 1 << 20


class CardError(ValueError):
    """A card that is missing, malformed, or does not match its folder."""


@dataclass(frozen=True)
class FileEntry:
    """One file of a version: its sha256 in hexadecimal and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class CommonCard:
    """What every card says. The dicts are for people and reports; nothing is decided by them."""

    name: str
    version: str
    architecture: str
    parameters: int
    created: str
    files: dict[str, FileEntry]
    metrics: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    def verify(self, folder: str | os.PathLike[str]) -> None:
        """Check that the version folder holds exactly the files of the card, each with its hash. Raises CardError."""
        verify_files(self.files, folder)


def common_keys(take: "Taker", kind: str | None = None) -> dict[str, Any]:
    """The keys of a `CommonCard`, checked. Raises CardError, for another format or `kind` of card too."""
    if (found := take.integer("format", 1)) != FORMAT:
        raise CardError(f"expected a card of format {FORMAT}, got format {found}")
    if kind is not None:
        take.text("kind", kind)
    return {
        "name": take.text("name", r"[a-z0-9][a-z0-9_-]*"),
        "version": take.text("version", r"[1-9][0-9]*"),
        "architecture": take.text("architecture", r".+"),
        "parameters": take.integer("parameters", 0),
        "created": moment_of(take.text("created", r".+")),
        "files": {name: entry_of(name, entry) for name, entry in take.mapping("files").items()},
        "metrics": take.mapping("metrics"),
        "data": take.mapping("data"),
        "training": take.mapping("training"),
    }


def is_kind(folder: Path, kind: str) -> bool:
    """Whether a version folder's card says that it is of this kind; False where it cannot be read."""
    try:
        return read_object(read_text(folder)).get("kind") == kind
    except CardError:
        return False


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a card, given by its file or by the version folder it lies in. Raises CardError."""
    place = Path(path)
    place = place / NAME if place.is_dir() else place
    try:
        return place.read_text("utf-8")
    except OSError as error:
        raise CardError(f"expected a card at {place.name}, got no readable file") from error
    except UnicodeDecodeError as error:
        raise CardError("expected a card as UTF-8 text, got other bytes") from error


def read_object(text: str) -> dict[str, Any]:
    """The JSON object of a card's text. Raises CardError."""
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CardError("expected a card as JSON, got text that is none") from error
    if not isinstance(content, dict):
        raise CardError(f"expected a card as a JSON object, got {_kind(content)}")
    return content


def written(content: dict[str, Any]) -> str:
    """The text of a card. Raises CardError for what JSON cannot hold."""
    try:
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CardError(f"expected values that JSON can hold, got one that it cannot: {error}") from error


def verify_files(files: dict[str, FileEntry], folder: str | os.PathLike[str]) -> None:
    """Check that a version folder holds exactly these files beside its card, each with its hash. Raises CardError."""
    found = file_entries(folder)
    if missing := sorted(files.keys() - found.keys()):
        raise CardError(f"expected the file {missing[0]}, got a folder without it")
    if extra := sorted(found.keys() - files.keys()):
        raise CardError(f"expected only the files of the card, got {extra[0]} too")
    for name, entry in sorted(files.items()):
        if found[name] != entry:
            raise CardError(
                f"expected {name} of {entry.bytes} bytes with sha256 {entry.sha256}, "
                f"got {found[name].bytes} bytes with {found[name].sha256}"
            )


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


def moment_of(text: str) -> str:
    """The same text, which is a time in UTC. Raises CardError."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise CardError(f"expected created to be a time such as 2026-01-31T12:00:00+00:00, got '{text}'") from None
    if moment.utcoffset() is None or moment.utcoffset():
        raise CardError(f"expected created to be a time in UTC, got '{text}'")
    return text


def entry_of(name: str, entry: Any) -> FileEntry:
    """One of a card's `files`. Raises CardError."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or path.as_posix() != name or name in (NAME, "."):
        raise CardError(f"expected files to be named inside the version's folder, got '{name}'")
    if not isinstance(entry, dict):
        raise CardError(f"expected files.{name} to be an object, got {_kind(entry)}")
    take = Taker(entry, f"files.{name}.")
    return FileEntry(take.text("sha256", r"[0-9a-f]{64}"), take.integer("bytes", 0))


class Taker:
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
