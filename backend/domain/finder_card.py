"""A finder's card: of the same form as the reader's, where both have the same to say, and `"kind": "finder"`."""

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

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
from backend.domain.outline import SIDE

KIND = "finder"


@dataclass(frozen=True, kw_only=True)
class FinderCard(CommonCard):
    """The card of one version of the finder. A display counts as found from `presence` on, 0 to 1."""

    presence: float

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "FinderCard":
        """Read a card from its file, or from the version folder it lies in. Raises CardError."""
        return cls.from_json(read_text(path))

    @classmethod
    def from_json(cls, text: str) -> "FinderCard":
        """Parse and check a card. Raises CardError, naming the key, for what is missing, mistyped or out of range."""
        take = Taker(read_object(text))
        common = common_keys(take, KIND)
        place = Taker(take.mapping("input"), "input.")
        if (size := tuple(place.integer(key, 1) for key in ("width", "height", "channels"))) != (SIDE, SIDE, 3):
            raise CardError(f"expected an input of {SIDE} × {SIDE} × 3, got {' × '.join(map(str, size))}")
        return cls(presence=take.number("presence", least=0, most=1), **common)

    def to_json(self) -> str:
        """The card as the text of `card.json`. Raises CardError for what cannot be one (NaN, out of range)."""
        content = dataclasses.asdict(self)
        files = {"files": dict(sorted(content.pop("files").items()))}
        size = {"input": {"width": SIDE, "height": SIDE, "channels": 3}}
        text = written({"format": FORMAT, "kind": KIND} | content | size | files)
        FinderCard.from_json(text)
        return text + "\n"


def is_finder(folder: Path) -> bool:
    """Whether a version folder's card says that it is a finder's; False where it cannot be read."""
    return is_kind(folder, KIND)
