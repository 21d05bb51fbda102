"""Scores of contradiction: calibrated where labels agree, higher for a slip than for a network's own doubt."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from backend.domain.doubt import HALF_TURNED, LEAST, SCORES, calibrated, chances, contradiction
from backend.domain.reading import ReadingError, decode, encode


def outputs(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(10, 0.3), (count, 11)).astype(np.float32)


def says(value: str, sure: float = 0.99) -> np.ndarray:
    """Probabilities (11, 10) that say a value, each row as sure."""
    hot = encode(value)
    return hot * sure + (1 - hot) * (1 - sure) / 9


def score(probabilities: np.ndarray, *labels: str, by: str = "slip") -> float:
    return float(contradiction(probabilities[None], [labels], by)[0])


@pytest.mark.parametrize("temperature", [0.5, 0.843, 1.0, 2.0])
def test_the_chances_of_the_reading_itself_are_its_confidence(temperature: float) -> None:
    given = outputs(50)
    readings = [decode(each, temperature) for each in given]
    found = chances(calibrated(given, temperature), [reading.text for reading in readings])
    assert found.dtype == np.float64
    assert found.prod(axis=1) == pytest.approx([reading.confidence for reading in readings], rel=1e-4)


def test_the_likelihood_is_that_of_the_label_with_its_last_drum_perhaps_half_turned() -> None:
    given = calibrated(outputs(20), 0.8)
    readings = [decode(each).text for each in outputs(20, seed=2)]
    rows = [encode(text).argmax(axis=1) for text in readings]
    expected = []
    for table, classes in zip(given.astype(float), rows, strict=True):
        last = classes[10]
        around = (table[10, (last - 1) % 10] + table[10, (last + 1) % 10]) / 2
        likely = [*table[range(10), classes[:10]], (1 - HALF_TURNED) * table[10, last] + HALF_TURNED * around]
        expected.append(-sum(math.log(max(chance, LEAST)) for chance in likely))
    assert contradiction(given, [[text] for text in readings], "likelihood") == pytest.approx(expected)


def slips(value: str) -> list[list[str]]:
    """All readings one slip away, by kind, made another way than the code under test does."""
    digits, decimals = value.replace(".", ""), len(value.partition(".")[2])

    def text(changed: str, after: int) -> str:
        return f"{changed[: len(changed) - after]}.{changed[len(changed) - after :]}" if after else changed

    others = [
        text(digits[:i] + other + digits[i + 1 :], decimals)
        for i in range(len(digits))
        for other in "0123456789"
        if other != digits[i]
    ]
    swapped = [
        text(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :], decimals)
        for i in range(len(digits) - 1)
        if digits[i] != digits[i + 1]
    ]
    return [others, swapped, [text(digits, after) for after in range(len(digits)) if after != decimals]]


@pytest.mark.parametrize("value", ["0123.45", "7", "00000", "9876543210", "1.123456789"])
def test_slips_are_weighed_as_listing_them_all_does(value: str) -> None:
    table = outputs(1, seed=3)[0]

    def likely(text: str) -> float:
        return math.exp(-score(table, text, by="likelihood"))

    odds = sum(sum(map(likely, kind)) / len(kind) for kind in slips(value) if kind) / 3
    assert score(table, value) == pytest.approx(math.log(odds / likely(value)), rel=1e-6)


@pytest.mark.parametrize("by", SCORES)
def test_what_is_contradicted_more_scores_higher(by: str) -> None:
    display = says("00123.45")
    assert score(display, "00123.45", by=by) < min(score(display, label, by=by) for label in ("00128.45", "00132.45"))
    assert score(display, "00123.46", by=by) < score(display, "00123.49", by=by)  # it may be half turned
    assert score(display, "00123.44", by=by) > score(display, "00123.45", by=by)
    assert score(display, "00123.49", "00123.45", by=by) < score(display, "00123.49", by=by)
    assert score(display, "0123.45", by=by) == pytest.approx(score(display, "123.45", by=by), abs=2)  # a zero in front


def test_a_networks_own_doubt_is_no_contradiction() -> None:
    blurred = says("00123.45", 0.5)
    slipped = {"00128.45", "00132.45", "0012.345"}
    for by in ("margin", "slip"):
        assert score(blurred, "00723.95", by=by) < min(score(says("00123.45"), label, by=by) for label in slipped)
    assert score(blurred, "00723.95", by="likelihood") > score(says("00123.45", 0.9), "00128.45", by="likelihood")


def test_scores_stay_finite_and_certainty_has_the_least() -> None:
    certain = encode("123.4")
    assert score(certain, "9876543100") < -11 * math.log(LEAST)
    assert all(math.isfinite(score(certain, text, by=by)) for by in SCORES for text in ("0", "9876543100", "123.4"))
    texts = ["123.4", "128.4", "132.4", "12.34", "1234"]
    scores = {text: score(certain, text) for text in texts}
    assert min(scores, key=lambda text: scores[text]) == "123.4"
    assert all(abs(scores[a] - scores[b]) < 25 for a, b in combinations(texts[1:], 2))


def test_none_and_wrong() -> None:
    none = np.zeros((0, 11, 10), np.float32)
    assert chances(none, []).shape == (0, 11)
    assert contradiction(none, []).shape == (0,)
    for call in (chances, contradiction):
        with pytest.raises(ValueError, match="expected a value for each of 1 samples, got 2"):
            call(outputs(1), ["1", "2"])
    with pytest.raises(ReadingError):
        contradiction(outputs(1), [["=1+1"]])


def test_what_is_no_probability_counts_as_nothing() -> None:
    broken = np.zeros((1, 11, 10), np.float32)
    broken[0, 1, :3] = [np.nan, -1, np.inf]
    assert calibrated(broken, 0.8).sum() == 0
    assert np.isfinite(contradiction(calibrated(broken, 0.8), [["12.3"]])).all()
