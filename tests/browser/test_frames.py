"""The camera's frames: how well a display is seen, what is said about it, when frames agree (frontend/js/frames.js)."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from playwright.sync_api import Page

from backend.domain.imaging import normalise
from tests.browser.shipped import Display, displays
from tests.outlines import rectangle, turned

WIDTH, HEIGHT = 192, 48


@pytest.fixture(scope="module")
def shown() -> Image.Image:
    display: Display = displays()[0]
    return display.cut_out.resize((WIDTH * 4, HEIGHT * 4), Image.Resampling.LANCZOS)


@pytest.fixture
def frames(page: Page, static_server: str) -> Page:
    page.goto(f"{static_server}/icon.svg")
    page.evaluate("async () => { window.frames_ = await import('/js/frames.js'); }")
    return page


def look(frames: Page, shown: Image.Image, corners: np.ndarray | None = None) -> tuple[dict[str, Any], str | None]:
    """The quality of a display, and what is the trouble with it."""
    pixels = normalise(np.asarray(shown.resize((WIDTH, HEIGHT), Image.Resampling.BOX)))
    quality, trouble = frames.evaluate(
        """([binary, width, height, corners]) => {
          const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
          const quality = frames_.measure(new Float32Array(bytes.buffer), width, height);
          return [quality, frames_.trouble(quality, corners)];
        }""",
        [base64.b64encode(pixels.tobytes()).decode(), WIDTH, HEIGHT, None if corners is None else corners.tolist()],
    )
    return quality, trouble


def flash(shown: Image.Image) -> Image.Image:
    lit = shown.copy()
    ImageDraw.Draw(lit).ellipse((200, 20, 420, 170), fill="white")
    return lit


def test_a_good_frame_has_no_trouble(frames: Page, shown: Image.Image) -> None:
    quality, trouble = look(frames, shown, turned(rectangle(100, 200, 400, 90), 25))
    grey = np.asarray(shown.resize((WIDTH, HEIGHT), Image.Resampling.BOX).convert("L")) / 255
    assert trouble is None
    assert quality["light"] == pytest.approx(grey.mean(), abs=0.01)
    assert quality["glare"] < 0.1


@pytest.mark.parametrize(
    ("trouble", "spoil"),
    [
        ("dark", lambda shown: ImageEnhance.Brightness(shown).enhance(0.15)),
        ("blurred", lambda shown: shown.filter(ImageFilter.GaussianBlur(20))),
        ("glare", flash),
    ],
)
def test_what_is_wrong_with_the_picture(frames: Page, shown: Image.Image, trouble: str, spoil: Any) -> None:
    assert look(frames, spoil(shown))[1] == trouble


@pytest.mark.parametrize(
    ("trouble", "corners"),
    [
        ("far", rectangle(100, 100, 70, 18)),
        ("tilted", np.array([[100.0, 100], [400, 140], [400, 190], [100, 230]])),
        (None, turned(rectangle(100, 100, 300, 70), 180)),
    ],
)
def test_what_is_wrong_with_the_place(
    frames: Page, shown: Image.Image, trouble: str | None, corners: np.ndarray
) -> None:
    assert look(frames, shown, corners)[1] == trouble


def test_any_change_of_the_pixels_changes_the_fingerprint(frames: Page, shown: Image.Image) -> None:
    noise = np.random.default_rng(1).integers(-3, 4, (HEIGHT * 4, WIDTH * 4, 3))
    noisy = Image.fromarray(np.clip(np.asarray(shown).astype(int) + noise, 0, 255).astype(np.uint8))
    prints = [look(frames, each)[0]["fingerprint"] for each in (shown, shown, noisy)]
    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(
    ("seen", "agreed"),
    [
        ([("1", 1), ("1", 2), ("1", 3)], 3),
        ([("1", 1), ("1", 1), ("1", 1), ("1", 2)], None),  # the same frame again is no further witness
        ([("1", 1), (None, 2), ("2", 3), ("1", 4), ("1", 5)], 5),
        ([("1", 1), ("1", 2), ("2", 3), ("2", 4), (None, 5), (None, 6), ("1", 7)], None),  # too long ago
        ([(None, 1), (None, 2), (None, 3), (None, 4)], None),
    ],
)
def test_three_of_the_last_five_different_frames_agree(
    frames: Page, seen: list[tuple[str | None, int]], agreed: int | None
) -> None:
    answers = frames.evaluate(
        "(seen) => { const all = new frames_.Agreement(); return seen.map((each) => all.add(...each)); }", seen
    )
    assert answers == [number == agreed for number in range(1, len(seen) + 1)]
