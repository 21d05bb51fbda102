"""What an export says of a version's gates (`backend.domain.gates`), instead of making none where one is not passed."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain import gates
from training.agreement import DisagreementError
from training.data import Sample
from training.lineage import against


class Gating:
    """The gates of one export. `known` are outcomes from before it, such as leaks; None: the export refuses instead."""

    def __init__(self, known: dict[str, gates.Gate] | None) -> None:
        """Nothing disagrees yet."""
        self.known = known
        self.reasons: list[str] = []

    @classmethod
    def read(cls, file: str) -> Gating:
        """With the outcomes of a JSON file. Raises ArgumentTypeError, as it reads an option."""
        expected = f"expected a JSON file with an object for each of {', '.join(gates.NAMES)} that is known, got {file}"
        try:
            known = json.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ArgumentTypeError(f"{expected}: {error}") from None
        if not isinstance(known, dict) or not all(isinstance(gate, dict) for gate in known.values()):
            raise ArgumentTypeError(expected)
        return cls(known)

    def checked(self, check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What a check of the agreement found; with gates a disagreement is a reason and does not end the export."""
        try:
            return check()
        except DisagreementError as error:
            if self.known is None:
                raise
            self.reasons.append(str(error))
            return {"disagrees": str(error)}

    def unasked(self, compared: bool, parent: bool, dataset: bool, inherits: bool) -> dict[str, gates.Gate]:
        """The gates of which nobody will know anything, open ones.

        `compared`: with the published version it would take the place of; `parent`: it goes on from another one;
        `dataset`: there are pictures to look for leaks in; `inherits`: other networks were taught before it.
        """
        known = self.known or {}
        asked = {gates.AGREEMENT, gates.KEPT}
        asked |= {name for name in known if known[name].get("outcome") in gates.OUTCOMES}
        asked |= {gates.COMPARISON} if compared else set()
        asked |= {gates.LEAKS, gates.INHERITED} if dataset else set()
        needless = {name for name, is_there in ((gates.KEPT, parent), (gates.INHERITED, inherits)) if not is_there}
        wanted = [name for name in gates.NAMES if name not in needless]
        return {name: {"outcome": gates.OPEN} for name in wanted if name not in asked}

    def outcomes(
        self,
        parent: dict[str, Any] | None,
        published: Path | None,
        leaks: Callable[[], gates.Gate] | None,
        inherited: Callable[[], gates.Gate],
        validation: Sequence[Sample],
        outputs: NDArray[np.float32],
    ) -> dict[str, gates.Gate]:
        """The card's `gates`: from the comparison with the `parent`, the outputs (n, 11, 10) on validation, and `leaks`
        and `inherited` ones where they were not known before; without `leaks` nobody has looked.
        """
        found = (self.known or {}) | {gates.AGREEMENT: gates.agree(self.reasons)}
        if gates.LEAKS not in found:
            found[gates.LEAKS] = leaks() if leaks else {"outcome": gates.OPEN, "reason": "there was no dataset"}
        if gates.INHERITED not in found:
            found[gates.INHERITED] = inherited()
        if parent and "lost" in parent:
            found[gates.KEPT] = gates.keep(parent["right"], parent["lost"])
        elif parent:
            found[gates.KEPT] = {"outcome": gates.UNKNOWN} | parent
        if published:
            found[gates.COMPARISON] = against(published, validation, outputs)
        return found
