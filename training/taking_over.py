"""What `--publish` asks of a network beside the reader, a finder or a classifier, and what is said in spite of it.

It takes the place of the one that is named in `current.json`, if there is one, when it gets as many pictures right by
both cards; else, or when the two were not judged alike, with a written reason, which its card keeps.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.domain import gates, scores
from backend.domain.card import CardError
from backend.domain.classifier_card import ClassifierCard
from backend.domain.finder_card import FinderCard
from training.making import ExportError
from training.publishing import beside_in, publish

Beside = FinderCard | ClassifierCard


def add_publishing(parser: argparse.ArgumentParser) -> None:
    """The options of who publishes what is exported."""
    parser.add_argument("--publish", action="store_true", help="name it in current.json")
    parser.add_argument("--override", metavar="WHY", help="publish it although it does not pass its gates")


def take_reason(parser: argparse.ArgumentParser, given: dict[str, Any]) -> None:
    """Make the reason in what was `given` a text, empty where there is none; end the process where it has no sense."""
    if given["override"] is not None and not (given["publish"] and given["override"].strip()):
        parser.error(f"expected --override with a reason, and with --publish, got {given['override']!r}")
    given["override"] = (given["override"] or "").strip()


@dataclass(frozen=True)
class TakingOver:
    """The folder of `models`, whether the version is to be published there, and why although a gate is in the way."""

    models: Path
    publish: bool = False
    override: str = ""

    def gates(self, card: Beside) -> dict[str, Any]:
        """What the new version's card says of its gate, and of the reason to publish it all the same."""
        recipe = card.recipe if isinstance(card, ClassifierCard) else None
        published = beside_in(self.models, recipe)
        if published is None:  # it takes nobody's place
            return {}
        made = scores.compare(_score(card), _score_in(published, type(card)))
        found = {gates.COMPARISON: {"version": f"{published.parent.name}/{published.name}"} | made}
        outcomes = gates.in_the_way(found)
        reason = {"override": {"reason": self.override, "gates": outcomes}} if self.override and outcomes else {}
        return {"gates": found} | reason

    def finish(self, target: Path, card: type[Beside]) -> Path:
        """Publish the finished version, if that was asked for. Raises ExportError where a gate is in the way."""
        if not self.publish:
            return target
        blocking = gates.in_the_way(card.load(target).metrics.get("gates", {}))
        if blocking and not self.override:
            told = ", ".join(f"{name} is {outcome}" for name, outcome in blocking.items())
            raise ExportError(
                f"{target} is made, but not published without --override and a written reason, for its gate of {told}"
            )
        publish(target)
        return target


def _score(card: Beside) -> scores.Score | None:
    return scores.score(isinstance(card, FinderCard), card.metrics, card.data.get("sha256"))


def _score_in(folder: Path, kind: type[Beside]) -> scores.Score | None:
    """What a version has got right; None where its card cannot be read."""
    try:
        return _score(kind.load(folder))
    except CardError:
        return None
