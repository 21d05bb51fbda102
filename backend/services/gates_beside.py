"""The gates of networks beside the reader, finders and classifiers, from their cards.

Nobody here can let them do again what their card says that they did: they are compared by how many of the same pictures
each got right.
"""

from __future__ import annotations

from backend.domain import scores
from backend.domain.gates import AGREEMENT, COMPARISON, OPEN, PASSED, UNKNOWN, statistic
from backend.domain.scores import Score
from backend.models import FINDER, NeuralVersion
from backend.services.gate import Gate, Sentence


def of(version: NeuralVersion, published: NeuralVersion | None) -> list[Gate]:
    """All gates of a version as they stand now, with what is published in its slot."""
    return [comparison(version, published), agreement(version)]


def comparison(version: NeuralVersion, published: NeuralVersion | None) -> Gate:
    """Whether it gets fewer pictures right than the published version."""
    if published is None or published.id == version.id:
        return Gate(COMPARISON, PASSED, Sentence("No other version is published that it could be worse than."))
    made = scores.compare(score(version), score(published))
    if made["outcome"] == OPEN:
        why = Sentence("It and %(version)s were not judged alike, as far as is known.", version=published.path)
        return Gate(COMPARISON, OPEN, why)
    why = Sentence(
        "It gets %(right)s of %(pictures)s pictures right, and %(version)s, which is published, %(before)s of as many.",
        pictures=made["pictures"],
        right=made["right"],
        version=published.path,
        before=made["before"],
    )
    return Gate(COMPARISON, str(made["outcome"]), why)


def score(version: NeuralVersion) -> Score | None:
    """What a version's card says that it got right."""
    return scores.score(version.slot == FINDER, version.statistics, version.data_sha256)


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
