"""Doubt in figures: how likely a version finds a value; where they agree, that is the reading's own confidence."""

import math

import numpy as np
import pytest

from backend.domain.reading import ReadingError, decode, encode
from backend.services.surprise import LEAST, calibrated, chances, pack, shown_chances, surprise, unpack


def outputs(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(10, 0.3), (count, 11)).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.5, 0.843, 1.0, 2.0])
def test_the_surprise_of_the_reading_itself_is_its_confidence(temperature: float) -> None:
    given = outputs(50)
    readings = [decode(each, temperature) for each in given]
    probabilities = calibrated(given, temperature)
    found = surprise(probabilities, [reading.text for reading in readings])
    assert found.dtype == np.float64
    assert np.exp(-found) == pytest.approx([reading.confidence for reading in readings], rel=1e-4)
    for reading, each in zip(readings, probabilities, strict=True):
        assert shown_chances(each, reading.text) == pytest.approx([d.confidence for d in reading.digits], rel=1e-4)


def test_what_contradicts_surprises_more_and_stays_finite() -> None:
    certain = encode("123.4")[None]
    assert surprise(certain, ["0123,4"]) == [0]
    assert surprise(certain, ["123.5"]) == pytest.approx([-math.log(LEAST)])
    assert surprise(certain, ["9876543100"])[0] == pytest.approx(-11 * math.log(LEAST))
    assert chances(certain, ["123.5"])[0].tolist() == [1] * 10 + [0]


def test_none_and_wrong() -> None:
    none = np.zeros((0, 11, 10), np.float32)
    assert surprise(none, []).shape == (0,)
    assert unpack([]).shape == (0, 11, 10)
    with pytest.raises(ValueError, match="expected a value for each of 1 samples, got 2"):
        surprise(outputs(1), ["1", "2"])
    with pytest.raises(ReadingError):
        surprise(outputs(1), ["=1+1"])
    with pytest.raises(ValueError, match="expected stored probabilities of 440 bytes, got 3"):
        unpack([b"abc"])


def test_stored_probabilities_come_back() -> None:
    given = calibrated(outputs(3), 0.8)
    assert np.array_equal(unpack([pack(each) for each in given]), given)
    assert given.sum(axis=2) == pytest.approx(np.ones((3, 11)), abs=1e-5)


def test_what_is_no_probability_counts_as_nothing() -> None:
    broken = np.zeros((1, 11, 10), np.float32)
    broken[0, 1, :3] = [np.nan, -1, np.inf]
    assert calibrated(broken, 0.8).sum() == 0
