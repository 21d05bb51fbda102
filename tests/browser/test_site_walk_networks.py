"""A walk through what Draw and What is it? show beside what `test_draw_sheet.py` and `test_classify_page.py` show.

Networks on their way, missing, damaged; too much ink; a sheet half full and emptied; many classes.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.classify import pictures
from tests.browser.classify import published as of_pictures
from tests.browser.draw import CURRENT, draw, give, publish
from tests.browser.draw import published as of_digits
from tests.browser.shipped import MODELS, READY_MS, upload
from tests.browser.site_walk import LOCALES, Walk, walking
from tests.browser.test_draw import POINT, bars
from tests.browser.test_draw_sheet import FILL

NO_FILE = ".bin"  # the console tells of networks that do not come, and names them
MANY = """async () => {
  const {PictureView} = await import("/js/classify/view.js");
  const classes = ["a kettle", "a very long name of a class", "clock", "constructor", "e", "f", "g"];
  const probabilities = {many: [0.05, 0.5, 0.1, 0.2, 0.06, 0.04, 0.05]};
  const shown = {file: new File([], "x.png"), state: "told", look: {probabilities, small: null}, error: null};
  const view = new PictureView(shown, () => {});
  view.render({recipe: "many", classes});
  document.getElementById("pictures").append(view.element);
}"""


def held_back(walk: Walk, name: str, address: str) -> None:
    """See the page while its networks are on their way; then they do not come."""
    page = walk.page
    held: list[Route] = []
    page.route("**/*.bin", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into a function)
    with page.expect_request("**/*.bin", timeout=READY_MS):
        page.goto(address)
    walk.see(f"{name}-loading")
    page.route("**/*.bin", lambda route: route.abort())  # from now on
    for route in held:
        route.abort()
    expect(page.locator("#problem button")).to_be_visible(timeout=READY_MS)


def damage(page: Page, recipe: str) -> None:
    """That network does not arrive whole."""
    weights = next((MODELS / CURRENT["classifiers"][recipe]["path"]).glob("*.bin"))
    give(page, f"**/{recipe}/**/{weights.name}", weights.read_bytes()[:-1])


@pytest.mark.parametrize("locale", LOCALES)
def test_draw_without_networks(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale, NO_FILE) as walk:
        page = walk.page
        held_back(walk, "draw", f"{static_server}/draw.html")
        draw(page, "3")
        walk.see("draw-failed")
        publish(page, {key: value for key, value in CURRENT.items() if key != "classifiers"})
        page.locator("#problem button").click()
        expect(page.locator("#networks .notice")).to_be_visible(timeout=READY_MS)
        walk.see("draw-none")


@pytest.mark.parametrize("locale", LOCALES)
def test_draw(browser: Browser, static_server: str, locale: str) -> None:
    """One network left out; one digit, as many as are read, and more; a sheet half full, and begun anew."""
    with walking(browser, locale, f"/{of_digits()[0]}/") as walk:
        page = walk.page
        damage(page, of_digits()[0])
        page.goto(f"{static_server}/draw.html")
        expect(page.locator(".network .failure")).to_be_visible(timeout=READY_MS)
        draw(page, "5")
        expect(page.locator(".network .number").first).to_be_visible()
        walk.see("draw-digit")
        page.locator("#clear").click()
        page.evaluate(POINT, ["mouse", 1, bars(*(0.05 + 0.1 * place for place in range(10))), {}])
        expect(page.locator("#seen button")).to_have_count(10)
        walk.see("draw-ten")
        page.evaluate(POINT, ["mouse", 1, bars(0.1), {}])
        expect(page.locator("#seen .notice")).to_be_visible()
        walk.see("draw-too-many")
        page.locator("#clear").click()
        page.evaluate(FILL, [of_digits(), 13])
        page.locator("[data-key=start]").click()
        expect(page.locator("#asked .ask")).to_be_visible()
        page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
        walk.see("draw-sheet-half")
        page.locator("[data-key=anew]").click()
        expect(page.locator("#toast button")).to_be_visible()
        page.locator("#toast").dispatch_event("pointerenter")  # so that it stays
        walk.see("draw-sheet-anew")


@pytest.mark.parametrize("locale", LOCALES)
def test_classify(browser: Browser, static_server: str, locale: str) -> None:
    """Loading, and given a picture that waits; then one network of two, and an answer with more classes than bars."""
    with walking(browser, locale, NO_FILE) as walk:
        page = walk.page
        held_back(walk, "classify", f"{static_server}/classify.html")
        page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
        walk.see("classify-failed")
        page.unroute("**/*.bin")
        damage(page, of_pictures()[0])
        page.locator("#problem button").click()
        expect(page.locator(".network .failure")).to_be_visible(timeout=READY_MS)
        expect(page.locator(".told[data-state=told]")).to_have_count(1, timeout=READY_MS)
        page.evaluate(MANY)
        page.evaluate("document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: new DataTransfer()}))")
        expect(page.locator("#notice")).to_be_visible()
        walk.see("classify-left-out")
        page.evaluate("document.body.classList.add('dropping')")
        walk.see("classify-dropping")
