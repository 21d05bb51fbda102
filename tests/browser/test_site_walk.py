"""A walk through every state of the reading page: nothing is wider than the window, cut off, or complains.

In Russian each time; WALK=all adds English and a screenshot of each state in three widths, light and dark,
in test-results/site/, to be looked at. `test_site_walk_tables.py` walks the other pages.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from scripts.bench_reader.camera import never_agreeing
from tests.browser.shipped import READY_MS, displays, encoded, upload
from tests.browser.site_walk import LOCALES, Walk, walking
from tests.browser.test_camera_finds import DEVICE
from tests.browser.test_sense import give_module

LONG = "очень_длинное_имя_без_единого_места_для_переноса_" * 2 + ".png"


def scene(width: int = 1280, height: int = 720, degrees: float = -4) -> Image.Image:
    """The surest of the shipped displays on a wall, held askew."""
    display = displays()[0].cut_out
    across = round(width * 0.55)
    display = display.resize((across, round(across * display.height / display.width)))
    wall = Image.new("RGB", (width, height), (150, 146, 138))
    wall.paste(display, ((width - across) // 2, (height - display.height) // 2))
    return wall.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(150, 146, 138))


def noise() -> Image.Image:
    pixels = np.random.default_rng(5).integers(0, 255, (12, 30, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((600, 240), Image.Resampling.BICUBIC)


# The reader's answers with the last digit torn between two, as it is between two positions of a drum.
TORN = """() => {
  const Plain = Worker;
  const torn = (data) => {
    if (!window.tear || !data.result?.rows) return data;
    const {rows, digits, ...result} = data.result;
    const last = rows.at(-1), digit = last.indexOf(Math.max(...last));
    const row = last.map((_, each) => (each === digit ? 0.6 : each === (digit + 2) % 10 ? 0.39 : 0.00125));
    const now = [...digits.slice(0, -1), {digit, confidence: 0.6}];
    const said = {accepted: false, reason: "doubtful", confidence: 0.6};
    return {...data, result: {...result, ...said, digits: now, rows: [...rows.slice(0, -1), row]}};
  };
  window.Worker = class extends Plain {
    set onmessage(listener) { super.onmessage = ({data}) => listener({data: torn(data)}); }
  };
}"""


def ready(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)


def add(page: Page, name: str, image: Image.Image, cards: int) -> None:
    """Give the page a picture and wait until it is read and can be kept."""
    page.set_input_files("#files", upload(name, encoded(image)))
    expect(page.locator(".result[data-state=read]")).to_have_count(cards, timeout=READY_MS)
    expect(page.locator(".keep")).to_have_count(cards, timeout=READY_MS)


@pytest.mark.parametrize("locale", LOCALES)
def test_reading(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        held: list[Route] = []
        page.route("**/*.bin", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into a function)
        page.goto(static_server)
        expect(page.locator("#loading progress")).to_be_visible(timeout=READY_MS)
        walk.see("read-loading")
        for route in held:
            route.continue_()
        page.unroute("**/*.bin")
        expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)
        page.evaluate("document.body.classList.add('dropping')")
        walk.see("read-dropping")
        page.evaluate("document.body.classList.remove('dropping')")
        page.locator("footer summary").click()
        walk.see("read-empty")
        page.set_input_files("#files", [upload(LONG, encoded(noise())), upload("note.txt", b"12345")])
        expect(page.locator(".failure, .verdict.refused")).to_have_count(2, timeout=READY_MS)
        walk.see("read-unreadable")
        for remove in reversed(page.locator("button.remove").all()):
            remove.click()
        add(page, "meter.png", scene(), 1)
        expect(page.locator(".outline .area")).to_be_visible()
        page.locator(".corner").first.focus()
        page.keyboard.press("ArrowLeft")
        walk.see("read-outline")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_meter_of_ones_own(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        page.add_init_script(f"({TORN})()")
        ask = give_module(page)
        ready(page, static_server)
        add(page, "meter.png", displays()[0].cut_out, 1)
        page.locator(".choice select").select_option("new")
        page.locator(".new-meter .primary").click()
        expect(page.locator(".new-meter .failure")).to_be_visible()
        walk.see("sense-new-meter")
        page.locator(".new-meter [name=name]").fill("Электричество, Большая Академическая улица, дом 5")
        page.locator(".new-meter .primary").click()
        page.locator("button.save").click()
        expect(page.locator("button.undo")).to_be_visible()
        walk.see("sense-saved")
        page.locator("button.wrong").click()
        walk.see("sense-correction")
        page.locator(".wheel button").first.click()
        page.locator(".fix .done").click()
        expect(page.locator(".question button")).to_have_count(2)
        walk.see("sense-consent")
        page.locator(".question .no").click()
        expect(page.locator("#consent")).to_be_visible()
        contradict(walk, ask)


def contradict(walk: Walk, ask: Callable[..., Any]) -> None:
    """The past against the picture: a doubtful reading that it changes, and a sure one that cannot be."""
    page, display = walk.page, next(each for each in displays() if int(each.reading.text[-1]) < 8)
    shown = display.reading
    digits, decimals = len(shown.text.replace(".", "")) + 2, shown.decimals
    before = int(shown.text.replace(".", "")) + 2  # what the picture says if the torn digit is the later one
    earlier = f"{before / 10**decimals:0{digits + (decimals > 0)}.{decimals}f}"
    ask("keepMeter", [earlier, earlier], digits, decimals)
    page.reload()
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)
    add(page, "impossible.png", display.cut_out, 1)
    expect(page.locator(".remark")).to_have_attribute("data-kind", "backwards")
    page.evaluate("window.tear = true")
    add(page, "torn.png", display.cut_out, 2)
    expect(page.locator(".remark").first).to_have_attribute("data-kind", "changed_backwards")
    walk.see("sense-contradicted")


@pytest.mark.parametrize("locale", LOCALES)
def test_problems(browser: Browser, static_server: str, locale: str) -> None:
    """No reader, no camera, and all that is said of working without a network."""
    with walking(browser, locale) as walk:
        page = walk.page
        page.goto(f"{static_server}/meters.html")
        page.evaluate("""async () => {
          document.querySelector("main").replaceChildren();
          const [{OfflinePanel}, {Notice}] = [await import("/js/offline/panel.js"), await import("/js/panels.js")];
          const {loadingFailed, readingFailed} = await import("/js/sentences.js");
          const {t} = await import("/js/i18n.js");
          const show = (sentence, again) => {
            const place = document.createElement("div");
            place.className = "problem";
            document.querySelector("main").append(place);
            new Notice(place).show(() => sentence, again);
          };
          for (const code of ["download", "broken", "backend", "worker"]) show(loadingFailed({code}), () => {});
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


@pytest.mark.parametrize("locale", LOCALES)
def test_camera(launch_browser: Callable[..., Browser], static_server: str, tmp_path: Path, locale: str) -> None:
    """Looking at nothing, and refused."""
    browser = launch_browser("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with walking(browser, locale) as walk:
        ready(walk.page, static_server)
        walk.page.locator("#open-camera").click()
        expect(walk.page.locator("#camera .live strong")).to_be_visible(timeout=READY_MS)
        walk.see("camera-nothing")
    browser.close()
    film = tmp_path / "film.mjpeg"
    film.write_bytes(encoded(scene(), "JPEG", quality=92))
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    browser = launch_browser(*fake, f"--use-file-for-fake-video-capture={film}")
    with walking(browser, locale) as walk:
        walk.page.add_init_script(DEVICE)
        walk.page.route("**/js/frames.js", never_agreeing)
        ready(walk.page, static_server)
        walk.page.locator("#open-camera").click()
        expect(walk.page.locator("#camera strong.number")).to_be_visible(timeout=READY_MS)
        walk.see("camera-reading")
    browser.close()
