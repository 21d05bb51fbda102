"""A walk through what the reading page's camera shows and says: as in `test_site_walk.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from scripts.bench_reader.camera import never_agreeing
from tests.browser.pretend import ask, give_modules
from tests.browser.shipped import READY_MS, encoded
from tests.browser.site_walk import LOCALES, Walk, ready, scene, walking
from tests.browser.test_camera import deny_camera
from tests.browser.test_camera_finds import DEVICE
from tests.browser.test_camera_says import BLURRED, DARK, FRONT, GLARE, SMALL, TURNED

FAKE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"
# Nothing is as it should be: `reason` is why it was not accepted.
TROUBLES = {
    "dark": {"quality": DARK, "corners": None, "reason": "no_display"},
    "far": {"corners": SMALL, "reason": "doubtful"},
    "tilted": {"corners": TURNED, "reason": "doubtful"},
    "glare": {"quality": GLARE, "corners": FRONT, "reason": "doubtful"},
    "blurred": {"quality": BLURRED, "corners": FRONT, "reason": "doubtful"},
}
ASKING = "MediaDevices.prototype.getUserMedia = () => new Promise(() => {})"


@pytest.fixture(scope="module")
def filming(launch_browser: Callable[..., Browser]) -> Browser:
    return launch_browser(FAKE, ALLOWED)


@pytest.fixture(scope="module")
def looking(launch_browser: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Its camera looks at a display."""
    film: Path = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    film.write_bytes(encoded(scene(), "JPEG", quality=92))
    return launch_browser(FAKE, ALLOWED, f"--use-file-for-fake-video-capture={film}")


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_in_the_way(filming: Browser, static_server: str, locale: str) -> None:
    """No display, and what keeps one from being read."""
    with walking(filming, locale) as walk:
        page = walk.page
        page.add_init_script(DEVICE)
        give_modules(page)
        ready(page, static_server)
        page.locator("#open-camera").click()
        expect(page.locator("#camera .live strong")).to_be_visible(timeout=READY_MS)
        walk.see("camera-nothing")
        for name, shown in TROUBLES.items():
            ask(page, "pretend", {"text": "412", **shown})
            expect(page.locator(f"#camera [data-trouble={name}]")).to_be_visible()
            walk.see(f"camera-{name}")
        page.evaluate("window.answer = 'refuses'")
        page.locator("[name=camera_light]").click()
        expect(page.locator(".camera-tools .hint")).not_to_be_empty()
        walk.see("camera-unmoved")


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_read(looking: Browser, static_server: str, locale: str) -> None:
    """A display that is read, and taken; and beside the past of a meter."""
    with walking(looking, locale) as walk:
        page = walk.page
        page.add_init_script(DEVICE)
        page.route("**/js/frames.js", never_agreeing)
        give_modules(page)
        ready(page, static_server)
        page.locator("#open-camera").click()
        expect(page.locator("#camera strong.number")).to_be_visible(timeout=READY_MS)
        page.locator("[name=camera_light]").click()
        expect(page.locator("[name=camera_light]")).to_have_attribute("aria-pressed", "true")
        walk.see("camera-reading")
        page.locator("#camera .take").click()
        expect(page.locator(".keep")).to_be_visible(timeout=READY_MS)
        walk.see("camera-taken")
        beside_a_meter(walk)


def beside_a_meter(walk: Walk) -> None:
    """What was learned about it, too; and a frame that cannot be."""
    page = walk.page
    meter = ask(page, "keepMeter", ["00300", "00412"], 5, 0, "Электричество, Садовая 5", module="sense")["id"]
    ask(page, "teach", meter)
    for state, text in (("known", "00500"), ("contradicted", "00390")):
        ask(page, "pretend", {"text": text})
        page.locator("#open-camera").click()
        expect(page.locator("#camera .remark")).to_have_count(2)
        walk.see(f"camera-{state}")
        page.locator("#camera .close").click()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_person_is_asked_and_refuses(launch_browser: Callable[..., Browser], static_server: str, locale: str) -> None:
    browser = launch_browser(FAKE)
    with walking(browser, locale) as walk:
        page = walk.page
        deny_camera(page, static_server)
        ready(page, static_server)
        page.locator("#open-camera").click()
        expect(page.locator("#notice")).to_be_visible()
        walk.see("camera-refused")
        page.evaluate(f"void ({ASKING})")
        page.locator("#open-camera").click()
        expect(page.locator("#camera .live p")).to_be_visible()
        walk.see("camera-asking")
    browser.close()
