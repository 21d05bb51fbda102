"""The page's start in a real browser: how the model comes, what is said when it does not, what is said of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.shipped import (
    MODELS,
    READY_MS,
    Display,
    displays,
    encoded,
    expect_reading,
    faulty_server,
    open_page,
    rehash,
    shipped_folder,
    upload,
)
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def display() -> Display:
    return displays()[0]


def test_broken_model_file(page: Page, tmp_path: Path, display: Display) -> None:
    with faulty_server(tmp_path) as (_, address):
        weights = next(tmp_path.rglob("*.bin"))
        content = bytearray(weights.read_bytes())
        content[len(content) // 2] ^= 1
        weights.write_bytes(content)
        page.goto(address)
        expect(page.locator("#problem")).to_contain_text("model arrived damaged", timeout=READY_MS)
        original = shipped_folder() / weights.name
        weights.write_bytes(original.read_bytes())
        page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
        page.get_by_role("button", name="Try again").click()
        expect_reading(page, display)
        expect(page.locator("#problem")).to_be_hidden()


def test_a_worker_that_does_not_run_is_helped_by_a_reload(page: Page, static_server: str) -> None:
    """The button does what the sentence says."""
    page.route("**/js/worker.js", lambda route: route.fulfill(body="throw 1", content_type="text/javascript"))
    page.goto(static_server)
    problem = page.locator("#problem")
    expect(problem).to_contain_text("The reader stopped working. Reload the page", timeout=READY_MS)
    page.unroute("**/js/worker.js")
    problem.get_by_role("button", name="Reload the page").click()
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)
    expect(problem).to_be_hidden()


def test_offline_server(page: Page, tmp_path: Path, display: Display) -> None:
    with faulty_server(tmp_path) as (server, address):
        server.is_down = True
        page.goto(address)
        expect(page.locator("#problem")).to_contain_text("could not be downloaded", timeout=READY_MS)
        server.is_down = False
        page.get_by_role("button", name="Try again").click()
        expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)
        page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
        expect_reading(page, display)


@pytest.mark.parametrize("part", ["vendor/tf.js", "*.wasm"])
def test_a_runtime_that_does_not_come(page: Page, static_server: str, display: Display, part: str) -> None:
    """What computes is no part of the model, and is asked for by the worker."""
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    page.route(f"**/{part}", refuse)
    page.goto(static_server)
    expect(page.locator("#problem")).to_contain_text("The model could not be downloaded.", timeout=READY_MS)
    expect(page.locator("#loading")).to_be_hidden()
    assert refused
    page.unroute(f"**/{part}")
    page.get_by_role("button", name="Try again").click()
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.locator("#problem")).to_be_hidden()


def test_offline_before_the_reader_has_come(page: Page, static_server: str, display: Display) -> None:
    """The network goes in the middle of the first visit: then a server is not to blame."""

    def lose_network(route: Route) -> None:
        page.wait_for_load_state()  # it is asked for before the page's own scripts have all come
        page.context.set_offline(True)
        route.abort()

    page.route("**/current.json", lose_network)
    page.goto(static_server)
    problem = page.locator("#problem")
    expect(problem).to_contain_text("You are offline, and the reader is not loaded yet.", timeout=READY_MS)
    page.unroute("**/current.json")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#loading")).to_be_hidden()
    expect(problem).to_contain_text("You are offline")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(problem).to_be_hidden()


def test_model_not_published(page: Page, tmp_path: Path) -> None:
    with faulty_server(tmp_path) as (_, address):
        (tmp_path / "current.json").unlink()
        page.goto(address)
        expect(page.locator("#problem")).to_contain_text("could not be downloaded", timeout=READY_MS)


def test_offline_after_loading_still_reads(page: Page, static_server: str, display: Display) -> None:
    open_page(page, static_server)
    page.context.set_offline(True)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)


def test_loading_shows_progress(page: Page, static_server: str) -> None:
    page.add_init_script("""
      window.seen = [];
      addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
        const bar = document.querySelector("#loading progress");
        if (bar?.hasAttribute("value")) window.seen.push(bar.value);
      }).observe(document.getElementById("loading"), {subtree: true, attributes: true, childList: true}));
    """)
    open_page(page, static_server)
    seen = page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert any(0 < part < 1 for part in seen)
    expect(page.locator("#loading")).to_be_hidden()


def test_every_module_is_asked_for_at_once() -> None:
    """The head names every module of the page, so that none waits until the one that imports it has arrived."""
    scripts = ROOT / "frontend" / "js"
    reached, found = {"main.js"}, ["main.js"]
    while found:
        imports = re.findall(
            r'^(?:import|export) .*?from "\./(.+?)";', (scripts / found.pop()).read_text("utf-8"), re.M
        )
        found += set(imports) - reached
        reached.update(imports)
    head = (ROOT / "frontend" / "index.html").read_text("utf-8")
    asked = re.findall(r'(?:rel="modulepreload" href|async src)="js/(.+?)"', head)
    assert sorted(asked) == sorted(reached - {"main.js"})


PROMISES = [
    ({}, None, "from so few it can only be said, with 95% confidence, that at most 1.0% are"),
    ({"target": 0.01, "needed": 628}, None, "To promise that at most 1% are would take 628 accepted readings"),
    ({"target": 0.015, "needed": 628}, None, "To promise that at most 1.5% are"),
    ({}, {"bound": 0.01}, "at most 1.0% are wrong: promised with 95% confidence"),
]


@pytest.mark.parametrize(("more", "guaranteed", "words"), PROMISES)
def test_the_page_says_what_is_promised(
    page: Page, tmp_path: Path, more: dict[str, object], guaranteed: object, words: str
) -> None:
    error = {"value": 3 / 222, "low": 0.0, "high": 0.04, "right": 3, "n": 222}
    with faulty_server(tmp_path) as (_, address):
        file = tmp_path / shipped_folder().relative_to(MODELS) / "card.json"
        card = json.loads(file.read_text("utf-8"))
        card["acceptance"] = {"n": 437, "error": error, "bound": 0.01, "delta": 0.05, "guaranteed": guaranteed} | more
        file.write_text(json.dumps(card), "utf-8")
        rehash(tmp_path, "model.json")
        open_page(page, address)
        page.locator("footer summary").click()
        expect(page.locator("#promise")).to_contain_text(words)
        expect(page.locator("#promise")).to_contain_text("437")
