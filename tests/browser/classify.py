"""What the tests of the page that tells what is in a picture share: the published networks, and the page opened."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from backend.domain.imaging import InputSpec, cut, load, normalise
from backend.services.classifying import Classifier, published_in
from tests.browser.draw import CURRENT, card_of
from tests.browser.shipped import MODELS, READY_MS, watch
from tests.vectors.pictures import encoded, exif, scene


def published() -> list[str]:
    """The published classifiers of whole pictures, by their recipes; that of meters first, as on the page."""
    cards = {recipe: card_of(recipe) for recipe in CURRENT["classifiers"]}
    found = [recipe for recipe, card in cards.items() if card["input"]["preparation"] == "picture"]
    return sorted(found, key=lambda recipe: recipe != "meter_or_not")


def golden(recipe: str) -> list[tuple[Path, str, list[float]]]:
    """The golden pictures of a published classifier: file, class, and the probabilities that Keras gives."""
    folder = MODELS / CURRENT["classifiers"][recipe]["path"] / "golden"
    entries: list[dict[str, Any]] = json.loads((folder / "golden.json").read_text("utf-8"))
    return [(folder / entry["image"], entry["class"], entry["output"]) for entry in entries]


@cache
def classifier(recipe: str) -> Classifier:
    """The published one as the server runs it."""
    return Classifier(published_in(MODELS, recipe))


def told_by_python(recipe: str, content: bytes) -> dict[str, float]:
    """The probabilities of its classes for a file, prepared and computed without a browser."""
    known = classifier(recipe)
    size = InputSpec(known.card.input.width, known.card.input.height)
    probabilities = known.predict(normalise(cut(load(content), None, size)))
    return dict(zip(known.card.classes, map(float, probabilities), strict=True))


def open_classify(page: Page, address: str) -> list[str]:
    """Open the page and wait for its networks; gives the list in which troubles will appear."""
    troubles = watch(page)
    page.goto(f"{address}/classify.html")
    expect(page.locator(".question")).to_be_visible(timeout=READY_MS)
    return troubles


def card(page: Page, name: str) -> Locator:
    """The card of a picture, by its file's name."""
    return page.locator(".told").filter(has=page.locator(".name", has_text=name))


def expect_told(page: Page, name: str, expected: dict[str, float]) -> None:
    """A picture's card names the likeliest class, and all with their probabilities as bars."""
    best = max(expected, key=lambda each: expected[each])
    shown = card(page, name)
    expect(shown.locator(".best-class strong")).to_have_attribute("data-class", best, timeout=READY_MS)
    rows = shown.locator(".chances li")
    expect(rows).to_have_count(len(expected))
    widths = rows.locator(".filled").evaluate_all("(bars) => bars.map((bar) => parseFloat(bar.style.width) / 100)")
    np.testing.assert_allclose(widths, sorted(expected.values(), reverse=True), atol=1e-3)


def choose(page: Page, recipe: str) -> None:
    """Ask that network."""
    page.get_by_label("What to tell apart").select_option(recipe)


def pictures() -> dict[str, bytes]:
    """Drawn ones of other sizes than a network's: wide, high and turned by its EXIF, small, partly transparent."""
    faint = scene(70, 40).convert("RGBA")
    faint.putalpha(Image.linear_gradient("L").resize((70, 40)))
    return {
        "wide.png": encoded(scene(900, 300), "PNG"),
        "turned.jpg": encoded(scene(640, 480), "JPEG", quality=90, exif=exif(6)),
        "small.webp": encoded(scene(33, 31), "WEBP", lossless=True),
        "faint.png": encoded(faint, "PNG"),
        "red.png": encoded(Image.new("RGB", (400, 300), "red"), "PNG"),
    }
