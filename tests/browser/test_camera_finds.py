"""The camera that helps: it finds the display in each frame, says what is wrong, takes the picture when frames agree.

Its films have noise of their own in each frame, as cameras have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import Browser, Page, expect

from tests.browser.shipped import READY_MS, Display, encoded, expect_reading, open_page
from tests.outlines import marked_photo

SIZE = (960, 540)
FRAMES = 5
DEGREES = 12

DEVICE = """
  window.settings = [];
  window.answer = "does";
  const track = MediaStreamTrack.prototype;
  const now = {torch: false, zoom: 100};
  track.getCapabilities = () => ({torch: true, zoom: {min: 100, max: 400, step: 1}});
  track.getSettings = () => ({...now});
  track.applyConstraints = async ({advanced}) => {
    if (window.answer === "refuses") throw new DOMException("not now", "OverconstrainedError");
    window.settings.push(advanced[0]);
    if (window.answer === "does") Object.assign(now, advanced[0]);
  };
"""
SILENT = """
  const track = MediaStreamTrack.prototype;
  track.getCapabilities = () => ({torch: true, zoom: {min: 1, max: 4, step: 0.1}});
  track.getSettings = () => ({});
  track.applyConstraints = async () => {};
"""


Film = Callable[[Callable[[Image.Image], Image.Image]], Browser]


@pytest.fixture(scope="module")
def film(launch_browser: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory, display: Display) -> Film:
    """A browser whose camera looks at the display, changed by a function."""
    scene = marked_photo(*SIZE, DEGREES, display.cut_out)[0]
    random = np.random.default_rng(7)

    def noisy(frame: Image.Image) -> bytes:
        noise = random.integers(-2, 3, (SIZE[1], SIZE[0], 1))
        pixels = np.clip(np.asarray(frame).astype(int) + noise, 0, 255).astype(np.uint8)
        return encoded(Image.fromarray(pixels), "JPEG", quality=92)

    def browser(change: Callable[[Image.Image], Image.Image]) -> Browser:
        file: Path = tmp_path_factory.mktemp("camera") / "display.mjpeg"
        changed = change(scene)
        file.write_bytes(b"".join(noisy(changed) for _ in range(FRAMES)))
        return launch_browser(
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={file}",
        )

    return browser


@pytest.fixture(scope="module")
def clear(film: Film) -> Browser:
    return film(lambda scene: scene)


@pytest.fixture(scope="module")
def dark(film: Film) -> Browser:
    """Nothing can be read there, so the camera stays open."""
    return film(lambda scene: ImageEnhance.Brightness(scene).enhance(0.04))


def open_camera(browser: Browser, address: str, script: str = "") -> Page:
    page = browser.new_context(locale="en-GB").new_page()
    page.add_init_script(script)
    open_page(page, address)
    page.get_by_role("button", name="Use the camera").click()
    return page


def test_frames_that_agree_are_taken_by_themselves(clear: Browser, finder_server: str, display: Display) -> None:
    page = open_camera(clear, finder_server)
    expect_reading(page, display)
    expect(page.locator("#camera")).to_be_hidden()
    expect(page.locator(".result")).to_have_count(1)
    assert page.evaluate("document.querySelector('#camera video').srcObject") is None
    expect(page.locator(".outline .area")).to_be_visible()
    label = page.locator(".outline svg").get_attribute("aria-label") or ""
    assert int(re.findall(r"-?\d+", label)[-1]) == pytest.approx(DEGREES, abs=2)
    page.context.close()


def test_the_dark_is_said_to_be_dark(dark: Browser, finder_server: str) -> None:
    page = open_camera(dark, finder_server)
    expect(page.locator('#camera [data-trouble="dark"]')).to_contain_text("it is too dark", timeout=READY_MS)
    expect(page.locator("#announcer")).to_contain_text("it is too dark")
    expect(page.locator("#camera .aim")).to_be_visible()
    page.get_by_role("button", name="Take this reading").click()
    expect(page.locator(".result")).to_have_attribute("data-state", "read", timeout=READY_MS)
    expect(page.locator("#camera")).to_be_hidden()
    page.context.close()


def test_lamp_and_zoom_where_the_device_has_them(dark: Browser, finder_server: str) -> None:
    page = open_camera(dark, finder_server, DEVICE)
    light = page.get_by_role("button", name="Light", exact=True)
    light.click()
    expect(light).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
    page.get_by_role("button", name="Zoom in").click()
    expect(page.get_by_role("button", name="Zoom out")).to_be_enabled()
    for _ in range(5):
        page.get_by_role("button", name="Zoom in").click()
    expect(page.get_by_role("button", name="Zoom in")).to_be_disabled()
    light.click()
    expect(light).to_have_attribute("aria-pressed", "false")
    zooms = [{"zoom": 150 + 50 * step} for step in range(6)]
    assert page.evaluate("settings") == [{"torch": True}, *zooms, {"torch": False}]
    page.context.close()


@pytest.mark.parametrize("answer", ["refuses", "overlooks"])
def test_a_lamp_and_a_zoom_that_do_not_obey_are_shown_as_they_are(
    dark: Browser, finder_server: str, answer: str
) -> None:
    """A device may refuse, or take what is asked and do nothing."""
    page = open_camera(dark, finder_server, DEVICE)
    light, closer = (page.get_by_role("button", name=name, exact=True) for name in ("Light", "Zoom in"))
    tools = page.locator(".camera-tools")
    light.click()
    expect(light).to_have_attribute("aria-pressed", "true")
    page.evaluate(f"window.answer = '{answer}'")
    light.click()
    expect(tools).to_contain_text("The light did not switch.")
    expect(light).to_have_attribute("aria-pressed", "true")
    expect(light).to_be_focused()
    page.evaluate("window.answer = 'does'")
    light.click()
    expect(light).to_have_attribute("aria-pressed", "false")
    expect(tools).not_to_contain_text("The light did not switch.")
    page.evaluate(f"window.answer = '{answer}'")
    closer.click()
    expect(tools).to_contain_text("The camera did not zoom.")
    expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
    expect(closer).to_be_enabled()
    page.context.close()


def test_a_device_that_tells_no_settings_is_believed_what_it_took(dark: Browser, finder_server: str) -> None:
    page = open_camera(dark, finder_server, SILENT)
    light = page.get_by_role("button", name="Light", exact=True)
    light.click()
    expect(light).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Zoom in").click()
    expect(page.get_by_role("button", name="Zoom out")).to_be_enabled()
    page.get_by_role("button", name="Close the camera").click()
    page.get_by_role("button", name="Use the camera").click()
    expect(light).to_have_attribute("aria-pressed", "false")  # a camera that was closed is dark
    page.context.close()


def test_a_camera_without_lamp_and_zoom_offers_none(dark: Browser, finder_server: str) -> None:
    page = open_camera(dark, finder_server, "MediaStreamTrack.prototype.getCapabilities = () => ({});")
    expect(page.locator("#camera .live p").first).to_contain_text("Not sure", timeout=READY_MS)
    expect(page.locator(".camera-tools")).to_be_hidden()
    page.context.close()
