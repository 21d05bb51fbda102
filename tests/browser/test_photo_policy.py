"""Which reading of a photo counts: of the outline, after a closer look, of the whole picture."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from backend.domain.photo import CLOSER

READ = """async ({ readings, again }) => {
  const { readDisplay } = await import("/js/photo.js");
  const { ImageError } = await import("/js/imaging.js");
  const asked = [];
  const outline = (name) => ({ corners: name, presence: 0.9 });
  const finder = {
    see: () => (asked.push("see"), Promise.resolve(readings.found ? outline("found") : null)),
    lookCloser: () => (asked.push("closer"), Promise.resolve(outline("nearer"))),
  };
  const answer = async (name) => {
    asked.push(name);
    if (readings[name] === "flat") throw new ImageError("bad_box", "seen along its surface");
    return { reason: null, ...readings[name] };
  };
  const means = { find: (look) => look(), inBox: () => answer("whole"), inOutline: answer };
  const how = { finder, before: null, box: null, again };
  return [await readDisplay({ width: 300, height: 200 }, how, means), asked];
}"""
SURE, DOUBTFUL = {"accepted": True, "confidence": 0.97}, {"accepted": False, "confidence": CLOSER - 0.001}


def read(page: Page, again: bool = True, **readings: dict[str, Any] | str) -> tuple[dict[str, Any], list[str]]:
    reading, asked = page.evaluate(READ, {"readings": readings, "again": again})
    return reading, asked


@pytest.fixture
def empty(page: Page, static_server: str) -> Page:
    page.goto(f"{static_server}/icon.svg")
    return page


def test_what_is_sure_in_the_outline_takes_no_more(empty: Page) -> None:
    reading, asked = read(empty, found=SURE | {"text": "12.3"})
    assert asked == ["see", "found"] and reading["corners"] == "found" and reading["accepted"]


def test_a_closer_look_that_says_the_same_surely_counts(empty: Page) -> None:
    reading, asked = read(empty, found=DOUBTFUL | {"text": "12.3"}, nearer=SURE | {"text": "12.3"})
    assert asked == ["see", "found", "closer", "nearer"] and reading["corners"] == "nearer" and reading["accepted"]


def test_a_closer_look_that_says_another_number_stays_in_doubt(empty: Page) -> None:
    parts = {"found": DOUBTFUL | {"text": "12.3"}, "nearer": SURE | {"text": "2.3"}, "whole": DOUBTFUL | {"text": "1"}}
    reading, asked = read(empty, **parts)
    assert asked[-1] == "nearer"
    assert (reading["text"], reading["accepted"], reading["reason"]) == ("2.3", False, "doubtful")


@pytest.mark.parametrize("confidence", [CLOSER, 0.9])
def test_a_doubtful_reading_that_is_likely_takes_no_more(empty: Page, confidence: float) -> None:
    reading, asked = read(empty, found={"accepted": False, "confidence": confidence, "text": "12.3"})
    assert asked == ["see", "found"] and reading["text"] == "12.3" and not reading["accepted"]


def test_the_whole_picture_is_read_at_last(empty: Page) -> None:
    parts = {"found": DOUBTFUL | {"text": "12.3"}, "nearer": {"accepted": False, "confidence": 0.2, "text": "2.3"}}
    reading, asked = read(empty, **parts, whole={"accepted": False, "confidence": 0.3, "text": "1"})
    assert asked == ["see", "found", "closer", "nearer", "whole"] and reading["text"] == "12.3"


def test_a_frame_is_not_looked_at_closer(empty: Page) -> None:
    parts = {"found": DOUBTFUL | {"text": "12.3"}, "whole": DOUBTFUL | {"text": "1"}}
    reading, asked = read(empty, again=False, **parts)
    assert asked == ["see", "found", "whole"] and reading["corners"] == "found"


def test_without_a_display_the_whole_picture_is_read(empty: Page) -> None:
    reading, asked = read(empty, whole=SURE | {"text": "7"})
    assert asked == ["see", "whole"] and (reading["corners"], reading["presence"]) == (None, None)


def test_an_outline_that_cannot_be_straightened_is_none(empty: Page) -> None:
    reading, asked = read(empty, found="flat", whole=DOUBTFUL | {"text": "7"})
    assert asked == ["see", "found", "whole"] and reading["corners"] is None
    reading, asked = read(empty, found=DOUBTFUL | {"text": "1"}, nearer="flat", whole=DOUBTFUL | {"text": "7"})
    assert asked[-2:] == ["nearer", "whole"] and reading["text"] == "1"
