"""The JavaScript twin of drawn digits against the Python original, in a worker of a real Chromium as on the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from backend.domain.drawn import NoInkError, as_reading, centred, digits_in_a_row, framed
from backend.domain.reading import decode
from tests.browser.test_twins import RESAMPLING_TOLERANCE, Harness
from tests.vectors import make_drawn

VECTORS: list[dict[str, Any]] = json.loads(make_drawn.PATH.read_text("utf-8"))


@pytest.fixture(scope="module")
def twins(browser: Browser, static_server: str) -> Iterator[Harness]:
    context = browser.new_context()
    yield Harness(context.new_page(), static_server)
    context.close()


def expect_alike(got: str, expected: str) -> None:
    """Two pictures of bytes in base64."""
    one, other = (np.frombuffer(base64.b64decode(each), np.uint8).astype(int) for each in (got, expected))
    assert np.abs(one - other).max() <= RESAMPLING_TOLERANCE


def test_drawings_are_separated_and_centred_alike(twins: Harness) -> None:
    for entry, answer in zip(VECTORS, twins.ask("drawn", VECTORS), strict=True):
        assert answer.get("refused") == entry.get("refused"), entry["name"]
        if "refused" in entry:
            continue
        sizes = [[(each["width"], each["height"]) for each in one["digits"]] for one in (answer, entry)]
        assert sizes[0] == sizes[1], entry["name"]
        expect_alike(answer["centred"], entry["centred"])
        for got, expected in zip(answer["digits"], entry["digits"], strict=True):
            expect_alike(got["centred"], expected["centred"])


def test_any_scribble_is_separated_alike(twins: Harness) -> None:
    """Specks, holes, bars above each other and ink at the edges: what the vectors do not have."""
    rng = np.random.default_rng(11)
    drawings = []
    for size in range(2, 26):
        coarse = rng.random((size, 2 * size)) < rng.uniform(0.15, 0.5)
        drawings.append(np.kron(coarse, np.ones((3, 2))) * rng.integers(1, 256, (3 * size, 4 * size)))
    answers = twins.ask("drawn", [make_drawing(each.astype(np.uint8)) for each in drawings])
    counts = set()
    for pixels, answer in zip(drawings, answers, strict=True):
        expected = make_drawn.case("", pixels.astype(np.uint8))
        counts.add(len(expected.get("digits", ())))
        assert answer.get("refused") == expected.get("refused")
        for got, wanted in zip(answer.get("digits", ()), expected.get("digits", ()), strict=True):
            assert (got["width"], got["height"]) == (wanted["width"], wanted["height"])
            expect_alike(got["centred"], wanted["centred"])
    assert len(counts) > 3  # not all the same


def make_drawing(pixels: np.ndarray) -> dict[str, Any]:
    return {"width": pixels.shape[1], "height": pixels.shape[0], "ink": make_drawn.text_of(pixels)}


def test_an_empty_picture_is_refused_alike(twins: Harness) -> None:
    empty = np.zeros((20, 30), np.uint8)
    for refuse in (centred, digits_in_a_row):
        with pytest.raises(NoInkError) as refusal:
            refuse(empty.astype(np.float32))
        name = "centredAlone" if refuse is centred else "drawn"
        answer = twins.ask(name, make_drawing(empty) if refuse is centred else [make_drawing(empty)])
        assert (answer if refuse is centred else answer[0]) == {"refused": str(refusal.value)}


def test_a_picture_is_framed_alike(twins: Harness) -> None:
    picture = np.arange(1, 7, dtype=np.float32).reshape(2, 3, 1)
    for height, width in ((2, 3), (5, 4), (4, 8)):
        answer = twins.ask("framed", 3, 2, picture.ravel().tolist(), width, height)
        assert answer == framed(picture, height, width).ravel().tolist()


def test_a_number_is_decoded_alike(twins: Harness) -> None:
    rng = np.random.default_rng(3)
    for count in (1, 3, 10):
        rows = rng.dirichlet(np.full(10, 0.1), count).astype(np.float32)
        expected, answer = decode(as_reading(rows)), twins.ask("asReading", rows.tolist())
        assert (answer["text"], answer["decimals"]) == (expected.text, 0)
        assert answer["confidence"] == pytest.approx(expected.confidence, rel=1e-6)
    for count in (0, 11):
        with pytest.raises(NoInkError) as refusal:
            as_reading(np.full((count, 10), 0.1))
        assert twins.ask("asReading", [[0.1] * 10] * count) == {"refused": str(refusal.value)}
