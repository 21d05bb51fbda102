"""What the tests of drawn digits share: the published networks, the page opened, and digits drawn by the mouse."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.shipped import MODELS, READY_MS, watch
from tests.vectors.make_drawn import STROKES

CURRENT: dict[str, Any] = json.loads((MODELS / "current.json").read_text("utf-8"))
GAP = 0.06  # between two digits, in widths of the paper
FOLLOW_WORKERS = """
  const Plain = Worker;
  window.workers = [];
  window.Worker = class extends Plain { constructor(...given) { super(...given); workers.push(this); } };
"""
# Those that there are by now die of the next question.
LOSE_WORKERS = """() => workers.forEach((worker) => {
  worker.postMessage = () => worker.onerror(new ErrorEvent("error", {message: "out of memory", cancelable: true}));
})"""


def published() -> list[str]:
    """The published classifiers of drawn digits, by their recipes."""
    cards = {recipe: card_of(recipe) for recipe in CURRENT["classifiers"]}
    return [recipe for recipe, card in cards.items() if card["input"]["preparation"] == "drawn"]


def card_of(recipe: str) -> dict[str, Any]:
    """A published classifier's card."""
    path = MODELS / CURRENT["classifiers"][recipe]["path"] / "card.json"
    card: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return card


def open_draw(page: Page, address: str) -> list[str]:
    """Open the page and wait for its networks; gives the list in which troubles will appear."""
    troubles = watch(page)
    page.goto(f"{address}/draw.html")
    expect(page.locator(".network")).to_have_count(len(published()), timeout=READY_MS)
    return troubles


def draw(page: Page, text: str, x: float = 0.08, y: float = 0.2, height: float = 0.5) -> None:
    """Draw digits by the mouse, beginning at (x, y), in parts of the paper as the height is."""
    paper = page.locator("#paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box
    tall, left, top = height * box["height"], box["x"] + x * box["width"], box["y"] + y * box["height"]
    for digit in text:
        for stroke in STROKES[digit]:
            (first, *rest) = [(left + px * tall, top + py * tall) for px, py in stroke]
            page.mouse.move(*first)
            page.mouse.down()
            for point in rest:
                page.mouse.move(*point, steps=2)
            page.mouse.up()
        left += max(px for stroke in STROKES[digit] for px, _ in stroke) * tall + GAP * box["width"]


def expect_number(page: Page, text: str) -> None:
    """Every network reads that number."""
    for recipe in published():
        number = page.locator(f".network[data-recipe={recipe}] .number")
        expect(number).to_have_attribute("data-value", text, timeout=READY_MS)


def publish(page: Page, current: dict[str, Any]) -> None:
    """From now on the page is told that this is published."""
    page.route("**/current.json", lambda route: route.fulfill(json=current))


def changed(page: Page, recipe: str, name: str, content: bytes) -> dict[str, Any]:
    """One file of a classifier is another one, and its card says so; returns the pointers that agree with that."""
    card = card_of(recipe)
    card["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    text = json.dumps(card).encode()
    pointer = {**CURRENT["classifiers"][recipe], "card_sha256": hashlib.sha256(text).hexdigest()}
    give(page, f"**/{pointer['path']}card.json", text)
    give(page, f"**/{pointer['path']}{name}", content)
    return {**CURRENT["classifiers"], recipe: pointer}


def give(page: Page, address: str, content: bytes) -> None:
    """What the page gets from an address."""

    def answer(route: Route) -> None:
        route.fulfill(body=content)

    page.route(address, answer)
