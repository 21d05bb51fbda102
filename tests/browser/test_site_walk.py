"""A walk through every state of the reading page: nothing is wider than the window, cut off, or complains.

In Russian each time; WALK=all adds English and a screenshot of each state in three widths, light and dark,
in test-results/site/, to be looked at. `test_site_walk_sense.py` walks what the page knows of one's own meters,
`test_site_walk_camera.py` its camera, `test_site_walk_tables.py` the other pages.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.shipped import READY_MS, displays, encoded, upload
from tests.browser.site_walk import LOCALES, Walk, add, clear, scene, walking

LONG = "очень_длинное_имя_без_единого_места_для_переноса_" * 2 + ".png"
NEVER = "async (name) => { (await import('/js/reader.js')).Reader.prototype[name] = () => new Promise(() => {}); }"
NO_FILE = (
    "document.dispatchEvent(new DragEvent('drop', {dataTransfer: new DataTransfer(), bubbles: true, cancelable: true}))"
)


def noise() -> Image.Image:
    pixels = np.random.default_rng(5).integers(0, 255, (12, 30, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((600, 240), Image.Resampling.BICUBIC)


def hold(page: Page) -> list[Route]:
    """The model's weights do not come, until they are let go."""
    held: list[Route] = []
    page.route("**/*.bin", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into a function)
    return held


def let_go(page: Page, held: list[Route]) -> None:
    for route in held:
        route.continue_()
    page.unroute("**/*.bin")
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)


@pytest.mark.parametrize("locale", LOCALES)
def test_reading(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        held = hold(page)
        page.goto(static_server)
        expect(page.locator("#loading progress")).to_be_visible(timeout=READY_MS)
        walk.see("read-loading")
        let_go(page, held)
        page.evaluate("document.body.classList.add('dropping')")
        walk.see("read-dropping")
        page.evaluate("document.body.classList.remove('dropping')")
        page.locator("footer summary").click()
        walk.see("read-empty")
        page.set_input_files("#files", [upload(LONG, encoded(noise())), upload("note.txt", b"12345")])
        expect(page.locator(".failure, .verdict.refused")).to_have_count(2, timeout=READY_MS)
        walk.see("read-unreadable")
        clear(page)
        add(page, "meter.png", scene())
        expect(page.locator(".outline .area")).to_be_visible()
        page.locator(".corner").first.focus()
        page.keyboard.press("ArrowLeft")
        walk.see("read-outline")


@pytest.mark.parametrize("locale", LOCALES)
def test_cards(browser: Browser, static_server: str, locale: str) -> None:
    """Several photos at once that wait, are read plainly and copied; one framed by hand, turned; one being read."""
    with walking(browser, locale) as walk:
        page = walk.page
        held = hold(page)
        page.goto(static_server)
        shown = displays()[:3]
        photos = [upload(f"IMG_{number}.jpg", encoded(each.cut_out)) for number, each in enumerate(shown)]
        page.set_input_files("#files", photos)
        expect(page.locator(".result .pending")).to_have_count(3)
        walk.see("read-waiting")
        let_go(page, held)
        expect(page.locator(".result[data-state=read] strong.number")).to_have_count(3, timeout=READY_MS)
        expect(page.locator(".keep")).to_have_count(3, timeout=READY_MS)
        copy_two(page)
        walk.see("read-several")
        for last in page.locator("button.remove").all()[:0:-1]:
            last.click()
        page.locator("button.copy").evaluate("(button) => button.blur()")
        frame_and_turn(walk)
        page.evaluate(NEVER, "readPhoto")
        page.set_input_files("#files", photos[0])
        expect(page.locator(".result[data-state=reading]")).to_be_visible()
        page.evaluate(NEVER, "compare")
        page.locator("footer summary").click()
        page.locator("#about button").first.click()
        expect(page.locator("#about button").first).to_be_disabled()
        page.evaluate(NO_FILE)
        expect(page.locator("#notice")).to_be_visible()
        walk.see("read-busy")


def copy_two(page: Page) -> None:
    """One reading is copied; of another one the browser will have none of it."""
    for position, answer in enumerate(["return undefined", "throw new DOMException('no', 'NotAllowedError')"]):
        page.evaluate(f"void (Clipboard.prototype.writeText = async () => {{ {answer}; }})")
        page.locator("button.copy").nth(position).click()
    expect(page.locator("button.copy").first).not_to_have_text(page.locator("button.copy").last.inner_text())
    expect(page.locator(".copy-refused").nth(1)).to_be_visible()


def frame_and_turn(walk: Walk) -> None:
    page = walk.page
    page.locator(".frame").focus()
    for key in ["Shift+ArrowLeft"] * 3 + ["Alt+Shift+ArrowUp"] * 2 + ["ArrowRight"]:
        page.keyboard.press(key)
    expect(page.locator(".crop.whole")).to_have_count(0)
    expect(page.locator(".result")).to_have_attribute("aria-busy", "false")
    walk.see("read-frame")
    page.locator(".tools button").last.click()
    page.wait_for_function(
        "(({naturalWidth, naturalHeight}) => naturalHeight > naturalWidth)(document.querySelector('.crop img'))"
    )
    walk.see("read-turned")
    clear(page)


@pytest.mark.parametrize("locale", LOCALES)
def test_problems(browser: Browser, static_server: str, locale: str) -> None:
    """No reader, no camera, and all that is said of working without a network."""
    with walking(browser, locale) as walk:
        page = walk.page
        page.goto(f"{static_server}/meters.html")
        page.evaluate("""async () => {
          document.querySelector("main").replaceChildren();
          const [{OfflinePanel}, {Notice}] = [await import("/js/offline/panel.js"), await import("/js/panels.js")];
          const {loadingFailed, readingFailed, remedyOf} = await import("/js/sentences.js");
          const {t} = await import("/js/i18n.js");
          const show = (sentence, remedy = null) => {
            const place = document.createElement("div");
            place.className = "problem";
            document.querySelector("main").append(place);
            new Notice(place).show(() => sentence, remedy && (() => {}), remedy && `problem_${remedy}`);
          };
          for (const code of ["download", "broken", "backend", "worker"]) {
            show(loadingFailed({code}), remedyOf({code}));
          }
          for (const code of ["refused", "none", "busy", "insecure"]) show(t(`camera_${code}`));
          for (const code of ["not_image", "damaged", "too_large", "too_small", "bad_box"]) show(readingFailed({code}));
          const names = {model: "compact 2", next: "compact 3"};
          const models = ["ready", "waits", "refused", "full"].map((state) => ({state, ...names}));
          const states = [...models.map((model) => ({page: "kept", model})), {page: "update_failed", model: models[0]},
            {page: "failed", model: models[0]}, {page: "insecure", model: models[0]}, {page: "new", model: models[1]}];
          for (const state of states) {
            const panel = new OfflinePanel();
            panel.show(state);
            panel.offerInstall({prompt: async () => {}});
          }
        }""")
        expect(page.locator(".problem")).to_have_count(13)
        walk.see("problems")
