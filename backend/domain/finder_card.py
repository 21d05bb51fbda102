"""A finder's card: of the same form as the reader's, where both have the same to say, and `"kind": "finder"`."""

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
from backend.domain.outline import SIDE

FORMAT = 1
KIND = "finder"


@dataclass(frozen=True)
class FinderCard:
    """The card of one version of the finder. A display counts as found from `presence` on, 0 to 1."""

    name: str
    version: str
    architecture: str
    parameters: int
    created: str
    presence: float
    files: dict[str, FileEntry]
    metrics: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "FinderCard":
        """Read a card from its file, or from the version folder it lies in. Raises CardError."""
        return cls.from_json(read_text(path))

    @classmethod
    def from_json(cls, text: str) -> "FinderCard":
        """Parse and check a card. Raises CardError, naming the key, for what is missing, mistyped or out of range."""
        take = Taker(read_object(text))
        if (found := take.integer("format", 1)) != FORMAT:
            raise CardError(f"expected a card of format {FORMAT}, got format {found}")
        take.text("kind", KIND)
        place = Taker(take.mapping("input"), "input.")
        if (size := tuple(place.integer(key, 1) for key in ("width", "height", "channels"))) != (SIDE, SIDE, 3):
            raise CardError(f"expected an input of {SIDE} × {SIDE} × 3, got {' × '.join(map(str, size))}")
        return cls(
            name=take.text("name", r"[a-z0-9][a-z0-9_-]*"),
            version=take.text("version", r"[1-9][0-9]*"),
            architecture=take.text("architecture", r".+"),
            parameters=take.integer("parameters", 0),
            created=moment_of(take.text("created", r".+")),
            presence=take.number("presence", least=0, most=1),
            files={name: entry_of(name, entry) for name, entry in take.mapping("files").items()},
            metrics=take.mapping("metrics"),
            data=take.mapping("data"),
            training=take.mapping("training"),
        )

    def to_json(self) -> str:
        """The card as the text of `card.json`. Raises CardError for what cannot be one (NaN, out of range)."""
        content = dataclasses.asdict(self)
        files = {"files": dict(sorted(content.pop("files").items()))}
        size = {"input": {"width": SIDE, "height": SIDE, "channels": 3}}
        text = written({"format": FORMAT, "kind": KIND} | content | size | files)
        FinderCard.from_json(text)
        return text + "\n"

    def verify(self, folder: str | os.PathLike[str]) -> None:
        """Check that the version folder holds exactly the files of the card, each with its hash. Raises CardError."""
        verify_files(self.files, folder)


def is_finder(folder: Path) -> bool:
    """Whether a version folder's card says that it is a finder's; False where it cannot be read."""
    try:
        return read_object(read_text(folder)).get("kind") == KIND
    except CardError:
        return False
