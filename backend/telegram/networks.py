"""The networks that a chat can choose from, with the figures of their own cards."""

from __future__ import annotations

from backend.api.shapes import accuracy, part
from backend.domain.classifier_card import ClassifierCard
from backend.services import classifying
from backend.services.reading import ReaderError, get_readers

DIGITS = ("lenet_better", "drawn_convolutional", "lenet", "drawn_dense")  # recipes, the most accurate first


def published() -> dict[str, ClassifierCard]:
    """The networks for digits that are published, by their recipes."""
    there = classifying.available()
    return {recipe: there[recipe] for recipe in DIGITS if recipe in there}


def chosen(recipe: str | None, there: dict[str, ClassifierCard]) -> str:
    """Of the published networks the one that somebody chose, or the first one. Raises ReaderError without any."""
    if not there:
        raise ReaderError("no network for digits is published")
    return recipe if recipe in there else next(iter(there))


def share(card: ClassifierCard) -> float | None:
    """The part of the test digits that a network reads right, 0 to 1; None where its card does not say."""
    value = part(part(card.metrics, "test"), "accuracy").get("value")
    return float(value) if isinstance(value, int | float) else None


def reader() -> tuple[str, float | None] | None:
    """The published reader, e.g. "compact/2", and the part of validation displays it reads right; None without one."""
    try:
        card = get_readers().version().card
    except ReaderError:
        return None
    return f"{card.name}/{card.version}", accuracy(card.metrics)["exact"]
