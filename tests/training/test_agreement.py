"""What counts as the same reading of Keras, TFLite, TensorFlow.js and the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend.domain.reading import decode, encode
from training import agreement


def test_disagreements_are_refused() -> None:
    expected = np.full((3, 11, 10), 0.05, np.float32)
    expected[..., 3] = 0.55
    near, other, off = expected + 5e-4, expected.copy(), expected.copy()
    other[1, 4, 7] = 0.9
    off[0, 0, 0] += 2e-3
    assert agreement.compare("it", near, expected)["same_reading"] == 3
    with pytest.raises(agreement.DisagreementError, match="1 of 3 others"):
        agreement.compare("it", other, expected)
    with pytest.raises(agreement.DisagreementError, match=r"within 0\.001 of Keras"):
        agreement.compare("it", off, expected)
    with pytest.raises(agreement.DisagreementError, match="finite"):
        agreement.compare("it", np.full_like(expected, np.nan), expected)


def in_page(text: str, confidence: float = 0.5) -> dict[str, Any]:
    """What the page answers."""
    return {"text": text, "confidence": confidence, "accepted": False, "milliseconds": 7.0}


def test_one_other_reading_in_the_page_is_refused() -> None:
    """One of three hundred; and a temperature that the page does not apply, though the texts are the same."""
    output = np.where(encode("0123.4") == 1, 0.91, 0.01)
    outputs, wanted = np.stack([output] * 300), [decode(output)] * 300
    readings = [in_page("123.4", wanted[0].confidence)] * 300
    assert agreement.judge_page(readings, wanted, outputs) == {
        "pictures": 300,
        "same_reading": 300,
        "toss_ups": 0,
        "same_decision": 300,
        "largest_confidence_difference": 0.0,
        "median_milliseconds": 7.0,
    }
    with pytest.raises(agreement.DisagreementError, match="as Python does, got 1 of 300 others"):
        agreement.judge_page([in_page("123.5", wanted[0].confidence), *readings[1:]], wanted, outputs)
    with pytest.raises(agreement.DisagreementError, match=r"within 0\.011 of Python's confidence"):
        agreement.judge_page([in_page("123.4", 0.99), *readings[1:]], wanted, outputs)
    with pytest.raises(agreement.DisagreementError, match="got a difference of nan"):
        agreement.judge_page([*readings[1:], in_page("123.4", float("nan"))], wanted, outputs)


def test_a_toss_up_is_what_the_last_bits_decide() -> None:
    output = np.where(encode("0123.4") == 1, 0.5, 0.05)
    output[10, 5] = 0.5 - 5e-6
    assert agreement.is_toss_up(output, "123.4") and agreement.is_toss_up(output, "123.5")
    assert not any(agreement.is_toss_up(output, text) for text in ("", "-1", "12345678901"))  # no readings
    assert not agreement.is_toss_up(output, "123.6") and not agreement.is_toss_up(output, "124.5")
    outputs, wanted = output[None], [decode(output)]
    found = agreement.judge_page([in_page("123.5", wanted[0].confidence)], wanted, outputs)
    assert (found["same_reading"], found["toss_ups"]) == (0, 1)
    output[10, 5] = 0.5 - 2e-5
    assert not agreement.is_toss_up(output, "123.5")
