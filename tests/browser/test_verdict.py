"""What the page says of a reading: a number only when it is sure enough, and how sure it is of each digit."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageFilter
from playwright.sync_api import Page, expect

from tests.browser.shipped import (
    MODELS,
    READY_MS,
    Display,
    encoded,
    faulty_server,
    open_page,
    rehash,
    shipped_folder,
    upload,
)
from tests.browser.test_reader import HELPERS

# The public module on the picture that the page was given.
READ = """async (file) => {
  const reader = await open_({backends: ["wasm"]});
  const reading = await reader.readPhoto(blobOf(file));
  reader.close();
  return reading;
}"""
NEVER, ALWAYS = 1.0, 0.0  # thresholds


@contextmanager
def accepting_from(threshold: float, folder: Path) -> Iterator[str]:
    """A server whose version accepts readings from this confidence on; yields its address."""
    with faulty_server(folder) as (_, address):
        file = folder / shipped_folder().relative_to(MODELS) / "card.json"
        card = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps(card | {"threshold": threshold, "unreadable": 0}), "utf-8")
        rehash(folder, "model.json")
        yield address


def give(page: Page, address: str, display: Display) -> dict[str, Any]:
    """Read a blurred picture of the display on the page; returns what the module gives for the same picture."""
    page.add_init_script(HELPERS)
    open_page(page, address)
    blurred = encoded(display.cut_out.filter(ImageFilter.GaussianBlur(display.cut_out.height / 20)))
    page.set_input_files("#files", upload("meter.png", blurred))
    expect(page.locator(".result[data-state=read]")).to_have_count(1, timeout=READY_MS)
    reading: dict[str, Any] = page.evaluate(READ, base64.b64encode(blurred).decode())
    return reading


def test_what_is_not_sure_enough_is_shown_as_a_guess(page: Page, tmp_path: Path, display: Display) -> None:
    with accepting_from(NEVER, tmp_path) as address:
        reading = give(page, address, display)
    assert (reading["accepted"], reading["reason"]) == (False, "doubtful")
    result = page.locator(".result")
    expect(result.locator(".verdict.refused")).to_contain_text("Not sure: the digits cannot be told for certain.")
    expect(result.locator(".guess")).to_contain_text("Best guess, not to be relied on:")
    expect(result.locator(".guess")).to_contain_text(f"({whole_percent(reading['confidence'])} sure)")
    expect(result.locator(".guess .guessed")).to_have_attribute("data-value", reading["text"])
    expect(page.locator("strong.number")).to_have_count(0)
    expect(page.get_by_role("button", name="Copy reading")).to_have_count(0)
    expect(page.locator("#announcer")).to_contain_text("Not sure")
    expect(page.locator("#announcer")).not_to_contain_text(reading["text"])


@pytest.mark.parametrize("threshold", [NEVER, ALWAYS])
def test_how_sure_each_digit_is(page: Page, tmp_path: Path, display: Display, threshold: float) -> None:
    with accepting_from(threshold, tmp_path) as address:
        reading = give(page, address, display)
    assert reading["accepted"] is (threshold == ALWAYS)
    cells = page.locator(".result .cell:not(.point)")
    sure = [whole_percent(each["confidence"]) for each in reading["digits"]]
    assert len(set(sure)) > 1, "the digits should not all be as sure as each other"
    assert cells.locator(".percent").all_text_contents() == sure
    assert cells.locator(".drum").all_text_contents() == [str(each["digit"]) for each in reading["digits"]]
    said = [f"{each['digit']}: {percent} sure" for each, percent in zip(reading["digits"], sure, strict=True)]
    assert cells.locator(".hidden-visually").all_text_contents() == said
    drawn = cells.locator(".filled").evaluate_all("(bars) => bars.map(({style}) => parseFloat(style.width))")
    assert drawn == pytest.approx([100 * each["confidence"] for each in reading["digits"]], abs=0.01)


def whole_percent(part: float) -> str:
    """Rounded down, as the page does: 100% means certain."""
    return f"{math.floor(part * 100)}%"
