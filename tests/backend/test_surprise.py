"""Probabilities as rows keep them: they come back, and what is none is refused."""

import numpy as np
import pytest

from backend.domain.reading import decode
from backend.services.surprise import calibrated, chances, pack, shown_chances, unpack


def outputs(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.full(10, 0.3), (count, 11)).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.5, 0.843, 2.0])
def test_the_chances_of_the_digits_shown_are_their_confidences(temperature: float) -> None:
    for each in outputs(20):
        reading = decode(each, temperature)
        shown = shown_chances(calibrated(each, temperature), reading.text)
        assert shown == pytest.approx([digit.confidence for digit in reading.digits], rel=1e-4)


def test_stored_probabilities_come_back() -> None:
    given = calibrated(outputs(3), 0.8)
    assert np.array_equal(unpack([pack(each) for each in given]), given)
    assert given.sum(axis=2) == pytest.approx(np.ones((3, 11)), abs=1e-5)


def test_none_and_wrong() -> None:
    assert unpack([]).shape == (0, 11, 10)
    assert chances(unpack([]), []).shape == (0, 11)
    with pytest.raises(ValueError, match="expected stored probabilities of 440 bytes, got 3"):
        unpack([b"abc"])
