"""More looks where the first is in doubt: which they are, who asks for them, and what comes of them."""

import numpy as np
import pytest

from backend.domain.looks import SHIFTS, in_doubt, look_again, shifted


def output(sure: float) -> np.ndarray:
    """One output (1, 11, 10) whose rows' greatest multiply to `sure`."""
    rows = np.zeros((1, 11, 10), np.float32)
    rows[..., 1] = 1
    rows[0, 4, :2] = 1 - sure, sure
    return rows


def test_a_picture_moves_as_a_whole_and_its_edge_goes_on() -> None:
    picture = np.arange(24, dtype=np.float32).reshape(1, 2, 4, 3)
    right = shifted(picture, 1, 0)
    assert (right[0, :, 1:] == picture[0, :, :-1]).all() and (right[0, :, 0] == picture[0, :, 0]).all()
    up = shifted(picture, 0, -1)
    assert (up[0, 0] == picture[0, 1]).all() and (up[0, 1] == picture[0, 1]).all()
    assert (shifted(picture, 9, 9) == picture[:, :1, :1]).all()
    assert (shifted(picture, 0, 0) == picture).all()


def test_doubt_is_the_product_of_the_rows() -> None:
    outputs = np.concatenate([output(0.8), output(0.9), np.full((1, 11, 10), np.nan, np.float32)])
    assert in_doubt(outputs, 0.85).tolist() == [True, False, False]
    assert not in_doubt(outputs, 0).any()


def test_only_what_is_in_doubt_is_looked_at_again_and_averaged() -> None:
    pictures = np.random.default_rng(1).random((3, 6, 8, 3), np.float32)
    first = np.concatenate([output(0.95), output(0.6), output(0.7)])
    asked = []

    def predict(moved: np.ndarray) -> np.ndarray:
        asked.append(moved)
        return np.concatenate([output(0.9 if len(asked) % 2 else 0.5)] * len(moved))

    found = look_again(predict, pictures, first, 0.9)
    assert len(asked) == len(SHIFTS)
    for moved, shift in zip(asked, SHIFTS, strict=True):
        assert (moved == shifted(pictures[1:], *shift)).all()
    assert (found[0] == first[0]).all()
    assert found[1:, 4, 1] == pytest.approx([(0.6 + 0.9 + 0.5 + 0.9 + 0.5) / 5, (0.7 + 2.8) / 5])
    assert found.dtype == np.float32 and found.sum(axis=2) == pytest.approx(1)


def test_what_is_sure_takes_one_look() -> None:
    def refuse(moved: np.ndarray) -> np.ndarray:
        raise AssertionError("looked again at what is sure")

    first = output(0.95)
    assert look_again(refuse, np.zeros((1, 4, 4, 3), np.float32), first, 0.9) is first


def test_the_looks_are_as_far_to_each_side() -> None:
    assert np.array(SHIFTS).sum(axis=0).tolist() == [0, 0] and (0, 0) not in SHIFTS
