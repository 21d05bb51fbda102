"""The live camera, fed with the frames of a display; and what is said when there is none or it is refused.

`tests/browser/test_camera_finds.py` has what the camera does by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.shipped import READY_MS, Display, encoded, expect_reading, open_page, upload, without_finder

WIDTH, HEIGHT = 1280, 720
AIM_WIDTH, AIM_HEIGHT = 1024, 256  # the aiming frame: 80% of the width, four times as wide as high
FRAMES = 4


@pytest.fixture(scope="module")
def camera_browser(
    launch_browser: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory, real: Display
) -> Browser:
    """A browser whose camera looks at a display that fills the aiming frame."""
    across, down = (round(margin * AIM_HEIGHT) for margin in (real.side_margin, real.margin))
    scene = Image.new("RGB", (WIDTH, HEIGHT), (120, 118, 110))
    shown = real.cut_out.resize((AIM_WIDTH + 2 * across, AIM_HEIGHT + 2 * down), Image.Resampling.BICUBIC)
    scene.paste(shown, ((WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2))
    film: Path = tmp_path_factory.mktemp("camera") / "display.mjpeg"
    film.write_bytes(encoded(scene, "JPEG", quality=95) * FRAMES)
    return launch_browser(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


@pytest.fixture
def camera_context(camera_browser: Browser) -> Iterator[BrowserContext]:
    context = camera_browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.mark.parametrize("server", ["static_server", "live_server"])
def test_camera_reads_and_takes(
    camera_context: BrowserContext, server: str, request: pytest.FixtureRequest, real: Display
) -> None:
    page = camera_context.new_page()
    without_finder(page)
    troubles = open_page(page, request.getfixturevalue(server))
    page.get_by_role("button", name="Use the camera").click()
    live = page.locator("#camera strong.number")
    expect(live).to_have_attribute("data-value", real.reading.text, timeout=READY_MS)
    page.get_by_role("button", name="Take this reading").click()
    expect_reading(page, real)
    expect(page.locator("#camera")).to_be_hidden()
    assert page.evaluate("document.querySelector('#camera video').srcObject") is None
    expect(page.locator(".frame")).to_be_visible()
    assert troubles == []


NO_MORE_FRAMES = """() => {
  const plain = window.createImageBitmap;
  window.createImageBitmap = async (source, ...rest) => {
    if (source instanceof HTMLVideoElement) throw new DOMException("no more frames", "InvalidStateError");
    return plain(source, ...rest);
  };
}"""


def test_what_is_taken_is_what_was_read(camera_context: BrowserContext, static_server: str, real: Display) -> None:
    """Not what the camera sees a moment later."""
    page = camera_context.new_page()
    without_finder(page)
    open_page(page, static_server)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#camera strong.number")).to_have_attribute("data-value", real.reading.text, timeout=READY_MS)
    page.evaluate(NO_MORE_FRAMES)
    expect(page.locator("#camera .live")).to_contain_text("Starting the camera")
    page.get_by_role("button", name="Take this reading").click()
    expect_reading(page, real)


HELD = """() => {
  const devices = navigator.mediaDevices, ask = devices.getUserMedia.bind(devices);
  Object.assign(window, {asked: [], streams: []});
  devices.getUserMedia = async (wanted) => {
    await new Promise((resolve) => window.asked.push(resolve));
    const stream = await ask(wanted);
    window.streams.push(stream);
    return stream;
  };
}"""


def test_a_camera_that_comes_after_it_was_closed_is_let_go(camera_context: BrowserContext, static_server: str) -> None:
    """Closed while the browser asks, and opened again: the first one's light goes out."""
    page = camera_context.new_page()
    page.add_init_script(f"({HELD})()")
    without_finder(page)
    open_page(page, static_server)
    for number in (1, 2):
        page.get_by_role("button", name="Use the camera").click()
        page.wait_for_function(f"window.asked.length === {number}")
        if number == 1:
            page.get_by_role("button", name="Close the camera").click()
    page.evaluate("window.asked.forEach((resolve) => resolve())")
    expect(page.locator("#camera strong.number")).to_be_visible(timeout=READY_MS)
    states = page.evaluate("window.streams.map((stream) => stream.getVideoTracks()[0].readyState)")
    assert sorted(states) == ["ended", "live"]


def test_frame_on_screen_is_what_is_read(camera_context: BrowserContext, static_server: str) -> None:
    page = camera_context.new_page()
    without_finder(page)
    open_page(page, static_server)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#camera strong.number")).to_be_visible(timeout=READY_MS)
    video, aim = page.locator("video").bounding_box(), page.locator(".aim").bounding_box()
    assert video
    assert aim
    assert aim["width"] / video["width"] == pytest.approx(AIM_WIDTH / WIDTH, abs=0.01)
    assert aim["height"] / video["height"] == pytest.approx(AIM_HEIGHT / HEIGHT, abs=0.02)
    page.keyboard.press("Escape")
    expect(page.locator("#camera")).to_be_hidden()


def test_refused_camera(launch_browser: Callable[..., Browser], static_server: str) -> None:
    """The person says no: the permission is denied as by the browser's own dialogue."""
    browser = launch_browser("--use-fake-device-for-media-stream")
    page = browser.new_page(locale="en-GB")
    deny_camera(page, static_server)
    open_page(page, static_server)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#notice")).to_contain_text("The camera was refused. Allow it")
    expect(page.locator("#camera")).to_be_hidden()
    browser.close()


def deny_camera(page: Page, origin: str) -> None:
    session = page.context.new_cdp_session(page)
    denied = {"permission": {"name": "camera"}, "setting": "denied", "origin": origin}
    session.send("Browser.setPermission", denied)


def test_no_camera(launch_browser: Callable[..., Browser], static_server: str) -> None:
    browser = launch_browser("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=0")
    page = browser.new_page(locale="ru-RU")
    open_page(page, static_server)
    page.get_by_role("button", name="Включить камеру").click()
    expect(page.locator("#notice")).to_contain_text("Камера не найдена")
    expect(page.locator("#camera")).to_be_hidden()
    browser.close()


def test_a_camera_in_use_by_another_program(page: Page, static_server: str) -> None:
    page.add_init_script("""
      MediaDevices.prototype.getUserMedia = async () => { throw new DOMException("in use", "NotReadableError"); };
    """)
    open_page(page, static_server)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#notice")).to_contain_text("The camera is in use by another program.")
    expect(page.locator("#camera")).to_be_hidden()


def test_no_camera_without_https(launch_browser: Callable[..., Browser], static_server: str, display: Display) -> None:
    """A page from another computer, by http: pictures are read all the same."""
    browser = launch_browser("--host-resolver-rules=MAP meter.test 127.0.0.1", "--use-fake-ui-for-media-stream")
    page = browser.new_page(locale="en-GB")
    open_page(page, static_server.replace("127.0.0.1", "meter.test"))
    assert page.evaluate("isSecureContext") is False
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#notice")).to_contain_text("Browsers give the camera only to pages opened by https")
    expect(page.locator("#camera")).to_be_hidden()
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    browser.close()
