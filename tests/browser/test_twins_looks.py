"""The JavaScript twin of more looks against the Python original, in a worker of a real Chromium as on the page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser

from backend.domain.looks import in_doubt, look_again
from tests.browser.test_twins import Harness

SIZE = {"width": 24, "height": 6}
AT = 71  # whence the network of these tests takes its output: out of the picture's middle


@pytest.fixture(scope="module")
def twins(browser: Browser, static_server: str) -> Iterator[Harness]:
    context = browser.new_context()
    yield Harness(context.new_page(), static_server)
    context.close()


def predict(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)[:, AT : AT + 110].reshape(-1, 11, 10)


@pytest.mark.parametrize("below", [0.9, 0.0])
def test_a_display_is_looked_at_alike(twins: Harness, below: float) -> None:
    picture = np.random.default_rng(4).random((1, 6, 24, 3), np.float32)
    expected = look_again(predict, picture, predict(picture), below)
    assert (expected != predict(picture)).any() == (below > 0)
    got = twins.ask("looks", twins.serve(picture.tobytes()), SIZE, AT, below)
    assert np.array(got, np.float32).reshape(11, 10) == pytest.approx(expected[0], abs=1e-7)


def test_doubt_is_alike_at_its_limit(twins: Harness) -> None:
    picture = np.random.default_rng(5).random((1, 6, 24, 3), np.float32)
    first = predict(picture)
    sure = float(first.max(axis=2).astype(np.float64).prod())
    for below in (sure * (1 - 1e-9), sure * (1 + 1e-9)):
        got = twins.ask("looks", twins.serve(picture.tobytes()), SIZE, AT, below)
        looked_once = (np.array(got, np.float32).reshape(1, 11, 10) == first).all()
        assert looked_once == (not in_doubt(first, below)[0])
