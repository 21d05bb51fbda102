"""Which reading of a photo counts; `tests/browser/test_photo_policy.py` asks the page the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.imaging import ImageError
from backend.domain.outline import Corners, Outline
from backend.domain.photo import CLOSER, Display, confirmed, read_display
from backend.domain.reading import Reading, decode, encode

FOUND, NEARER = Outline(np.zeros((4, 2)), 0.9), Outline(np.ones((4, 2)), 0.9)


def says(text: str, confidence: float, accepted: bool = False) -> Reading:
    return replace(decode(encode(text)), confidence=confidence, accepted=accepted, reason=None)


def read(
    outline: Outline | None, found: Reading | None, nearer: Reading | None, whole: Reading | None
) -> tuple[Display | None, list[str]]:
    asked: list[str] = []

    def closer(outline: Outline) -> Outline:
        asked.append("closer")
        return NEARER

    def in_outline(corners: Corners) -> Reading:
        name, reading = ("found", found) if corners is FOUND.corners else ("nearer", nearer)
        asked.append(name)
        if reading is None:
            raise ImageError("bad_box", "seen along its surface")
        return reading

    def in_whole() -> Reading:
        assert whole is not None
        asked.append("whole")
        return whole

    return read_display(outline, closer, in_outline, in_whole if whole else None), asked


UNSURE, WHOLE = says("12.3", CLOSER - 0.001), says("1", 0.3)


@pytest.mark.parametrize("confidence", [CLOSER, 0.97])
def test_what_is_read_well_takes_no_more(confidence: float) -> None:
    display, asked = read(FOUND, says("12.3", confidence), UNSURE, WHOLE)
    assert asked == ["found"] and display == Display(says("12.3", confidence), FOUND.corners)


def test_a_closer_look_that_says_the_same_surely_counts() -> None:
    display, asked = read(FOUND, UNSURE, says("12.3", 0.97, accepted=True), WHOLE)
    assert asked == ["found", "closer", "nearer"]
    assert display and display.reading.accepted and display.corners is NEARER.corners


def test_the_whole_picture_is_read_at_last() -> None:
    display, asked = read(FOUND, UNSURE, says("2.3", 0.4), WHOLE)
    assert asked == ["found", "closer", "nearer", "whole"] and display == Display(UNSURE, FOUND.corners)
    display, asked = read(None, UNSURE, UNSURE, WHOLE)
    assert asked == ["whole"] and display == Display(WHOLE, None)


def test_only_where_that_may_be() -> None:
    assert read(None, UNSURE, UNSURE, None) == (None, [])
    assert read(FOUND, UNSURE, WHOLE, None)[0] == Display(UNSURE, FOUND.corners)


def test_an_outline_that_cannot_be_straightened_is_none() -> None:
    assert read(FOUND, None, None, WHOLE) == (Display(WHOLE, None), ["found", "whole"])
    assert read(FOUND, UNSURE, None, None) == (Display(UNSURE, FOUND.corners), ["found", "closer", "nearer"])


def test_a_closer_look_is_believed_where_it_says_the_same() -> None:
    same, other = (decode(encode(text), threshold=0.9) for text in ("123.4", "12.3"))
    unsure = decode(encode("123.4") * 0.5 + 0.05, threshold=0.9)
    assert same.accepted and not unsure.accepted
    assert confirmed(same, unsure) is same
    assert (confirmed(other, unsure).accepted, confirmed(other, unsure).reason) == (False, "doubtful")
    assert confirmed(unsure, same) is unsure
