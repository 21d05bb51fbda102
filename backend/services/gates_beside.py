"""The gates of networks beside the reader, finders and classifiers, from their cards.

Nobody here can let them do again what their card says that they did: they are compared by how many of the same pictures
each got right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.domain.gates import AGREEMENT, COMPARISON, FAILED, PASSED, UNKNOWN
from backend.models import FINDER, NeuralVersion
from backend.services.gate import Gate, Sentence, statistic, whole


@dataclass(frozen=True)
class Score:
    """How many of so many pictures a version got right, and by what it was judged: which pictures, or which reader."""

    right: int
    pictures: int
    judged_by: Any


def of(version: NeuralVersion, published: NeuralVersion | None) -> list[Gate]:
    """All gates of a version as they stand now, with what is published in its slot."""
    return [comparison(version, published), agreement(version)]


def comparison(version: NeuralVersion, published: NeuralVersion | None) -> Gate:
    """Whether it gets fewer pictures right than the published version."""
    if published is None or published.id == version.id:
        return Gate(COMPARISON, PASSED, Sentence("No other version is published that it could be worse than."))
    own, other = score(version), score(published)
    if own is None or other is None or (own.pictures, own.judged_by) != (other.pictures, other.judged_by):
        why = Sentence("It and %(version)s were not judged alike, as far as is known.", version=published.path)
        return Gate(COMPARISON, UNKNOWN, why)
    why = Sentence(
        "It gets %(right)s of %(pictures)s pictures right, and %(version)s, which is published, %(before)s of as many.",
        pictures=own.pictures,
        right=own.right,
        version=published.path,
        before=other.right,
    )
    return Gate(COMPARISON, PASSED if own.right >= other.right else FAILED, why)


def score(version: NeuralVersion) -> Score | None:
    """What a version's card says that it got right: photos that are read from its outlines, or test pictures."""
    if version.slot == FINDER:
        figures = statistic(version.statistics, "validate")
        reader = figures.get("reader")
        found, judged_by = statistic(figures, "right_found"), reader and (reader, version.data_sha256)
    else:
        found, judged_by = statistic(statistic(version.statistics, "test"), "accuracy"), version.data_sha256
    return Score(found["right"], found["n"], judged_by) if judged_by and whole(found, "right", "n") else None


def agreement(version: NeuralVersion) -> Gate:
    """Whether Keras, TFLite and TensorFlow.js tell alike, as its card says; an export refuses what does not."""
    numbers = statistic(statistic(version.statistics, "export"), "numbers")
    browser = numbers if version.slot == FINDER else statistic(numbers, "tfjs_wasm")
    parts = (browser, statistic(numbers, "tflite"))
    pictures = numbers.get("pictures")
    if not isinstance(pictures, int) or not all("largest_difference" in part for part in parts):
        why = Sentence("Its card does not say whether Keras, TFLite and TensorFlow.js tell alike.")
        return Gate(AGREEMENT, UNKNOWN, why)
    why = Sentence("Keras, TFLite and TensorFlow.js tell %(pictures)s pictures alike.", pictures=pictures)
    return Gate(AGREEMENT, PASSED, why)
