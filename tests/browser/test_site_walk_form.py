"""A walk through every state of the `<meter-reader>` element in the example of a form: as in `test_site_walk.py`."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.batch import HOLD
from tests.browser.shipped import READY_MS, displays, encoded, upload
from tests.browser.site_walk import LOCALES, walking

# Whether the words under the field are the sentence of that name, in either language.
SAYS = """([language, name]) => {
  const {reading, shadowRoot} = document.querySelector("meter-reader");
  return shadowRoot.querySelector(".words").textContent === elementText(language, name, reading?.confidence);
}"""
TEXTS = "import('/js/texts_element.js').then(({elementText}) => { Object.assign(window, {elementText}); })"
# From `window.doubts` on the reader is not sure of what it reads.
DOUBTS = """() => {
  const Plain = Worker;
  const doubtful = {accepted: false, reason: "doubtful", confidence: 0.6};
  const told = (data) => (window.doubts && data.result?.rows ? {...data, result: {...data.result, ...doubtful}} : data);
  window.Worker = class extends Plain {
    set onmessage(listener) { super.onmessage = ({data}) => listener({data: told(data)}); }
  };
}"""


def give(page: Page, content: bytes) -> None:
    page.locator("meter-reader input.file").set_input_files(upload("meter.png", content))


def says(page: Page, locale: str, name: str) -> None:
    """Wait for the sentence of that name under the field."""
    page.wait_for_function(SAYS, arg=[locale[:2], name], timeout=READY_MS)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_reader_in_a_form(browser: Browser, static_server: str, locale: str) -> None:
    display = displays()[0].cut_out
    with walking(browser, locale, "/nowhere/") as walk:
        page = walk.page
        page.add_init_script(f"({DOUBTS})(); ({HOLD})()")
        page.goto(f"{static_server}/example.html")
        page.evaluate(TEXTS)
        page.evaluate("customElements.whenDefined('meter-reader')")
        page.evaluate("(language) => { document.querySelector('meter-reader').lang = language; }", locale[:2])
        walk.see("form-empty")
        page.locator("meter-reader .box").evaluate("(box) => box.classList.add('dropping')")
        walk.see("form-dropping")
        page.locator("meter-reader .box").evaluate("(box) => box.classList.remove('dropping')")
        page.locator("meter-reader").evaluate("(element) => element.setAttribute('model', '/nowhere/')")
        give(page, encoded(display))
        says(page, locale, "unavailable")
        walk.see("form-unavailable")
        page.locator("meter-reader").evaluate("(element) => element.setAttribute('model', '/static/model/')")
        held: list[Route] = []
        page.route("**/*.bin", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into a function)
        give(page, encoded(display))
        says(page, locale, "loading")
        walk.see("form-loading")
        for route in held:
            route.continue_()
        page.unroute("**/*.bin")
        says(page, locale, "reading")
        walk.see("form-reading")
        page.evaluate("release(1)")
        says(page, locale, "sure")
        walk.see("form-sure")
        give(page, encoded(display))
        says(page, locale, "reading")
        walk.see("form-reading-again")
        page.evaluate("release(9)")
        says(page, locale, "sure")
        page.evaluate("window.doubts = true")
        give(page, encoded(display))
        says(page, locale, "doubtful")
        walk.see("form-doubtful")
        page.locator("meter-reader .right").click()
        says(page, locale, "confirmed")
        walk.see("form-confirmed")
        page.evaluate("window.doubts = false")
        give(page, encoded(Image.effect_noise((300, 100), 90).convert("RGB")))
        says(page, locale, "no_display")
        walk.see("form-no-display")
        give(page, b"no picture")
        says(page, locale, "failed")
        walk.see("form-failed")
        field = page.locator("meter-reader input.value")
        field.fill("12a")
        field.press("Enter")
        says(page, locale, "invalid")
        walk.see("form-invalid")
        page.locator("meter-reader").evaluate("(element) => element.setAttribute('disabled', '')")
        expect(field).to_be_disabled()
        walk.see("form-disabled")
