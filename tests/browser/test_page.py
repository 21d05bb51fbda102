"""The page in a real browser: pictures come in every way, and end in the right reading or in a sentence."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.shipped import (
    MODELS,
    READY_MS,
    Display,
    displays,
    encoded,
    expect_reading,
    open_page,
    shipped_folder,
    upload,
    watch,
)

ADD_FILE = """(binary) => {
  const bytes = Uint8Array.from(atob(binary), (c) => c.charCodeAt(0));
  return new File([bytes], "meter.png", {type: "image/png"});
}"""


@pytest.fixture(scope="module")
def display() -> Display:
    return displays()[0]


@pytest.fixture(params=["static_server", "live_server"])
def address(request: pytest.FixtureRequest) -> str:
    """A plain static server, and the application with its security headers."""
    found: str = request.getfixturevalue(request.param)
    return found


def test_pick_one_file(page: Page, address: str, real: Display) -> None:
    troubles = open_page(page, address)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose photos").click()
    chooser.value.set_files(upload("meter.jpg", real.content, "image/jpeg"))
    expect_reading(page, real)
    result = page.locator(".result")
    expect(result.locator(".cell:not(.point)")).to_have_count(len(real.reading.digits))
    expect(result.locator(".facts")).to_contain_text("WebAssembly")
    expect(result.locator(".facts")).to_contain_text("everything")
    assert troubles == []


def test_pick_several_at_once(page: Page, static_server: str) -> None:
    open_page(page, static_server)
    shown = displays()[:3]
    page.set_input_files("#files", [upload(f"{n}.png", encoded(each.cut_out)) for n, each in enumerate(shown)])
    for position, each in enumerate(shown):
        expect_reading(page, each, position)


def test_pictures_wait_for_the_model(page: Page, static_server: str, display: Display) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/{shipped_folder().relative_to(MODELS).as_posix()}/*.bin", hold)  # the reader's, not the finder's
    page.goto(static_server)
    page.set_input_files("#files", upload("early.png", encoded(display.cut_out)))
    expect(page.locator(".result")).to_contain_text("Waiting for the reader")
    expect(page.locator("#loading progress")).to_be_visible()
    for _ in range(READY_MS // 50):
        if held:
            break
        page.wait_for_timeout(50)
    for route in held:
        route.continue_()
    expect_reading(page, display)


def test_drop(page: Page, address: str, display: Display) -> None:
    troubles = open_page(page, address)
    binary = base64.b64encode(encoded(display.cut_out)).decode()
    transfer = page.evaluate_handle(
        f"(binary) => {{ const t = new DataTransfer(); t.items.add(({ADD_FILE})(binary)); return t; }}", binary
    )
    page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
    expect(page.locator(".drop-now")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    expect(page.locator(".drop-now")).to_be_hidden()
    expect_reading(page, display)
    assert troubles == []


def test_paste(page: Page, address: str, real: Display) -> None:
    """Through the real clipboard and the real key."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    troubles = open_page(page, address)
    binary = base64.b64encode(encoded(Image.open(io.BytesIO(real.content)))).decode()
    page.evaluate(
        f"(binary) => navigator.clipboard.write([new ClipboardItem({{'image/png': ({ADD_FILE})(binary)}})])", binary
    )
    page.keyboard.press("Control+V")
    expect_reading(page, real)
    assert troubles == []


def test_paste_of_a_text_says_what_to_do(page: Page, static_server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=static_server)
    open_page(page, static_server)
    page.evaluate("navigator.clipboard.writeText('12345')")
    page.keyboard.press("Control+V")
    expect(page.locator("#notice")).to_contain_text("clipboard holds no picture")


def test_examples_are_read(page: Page, static_server: str) -> None:
    open_page(page, static_server)
    examples = page.locator(".example")
    for position in range(examples.count()):
        examples.nth(position).click()
        expect(page.locator(".result")).to_have_count(position + 1)
        expect(page.locator(".result").first).to_have_attribute("data-state", "read", timeout=READY_MS)


def test_copy_and_remove(page: Page, static_server: str, display: Display) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=static_server)
    page.clock.install()
    open_page(page, static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    page.get_by_role("button", name="Copy reading").click()
    copy = page.locator("button.copy")
    expect(copy).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == display.reading.text
    page.clock.fast_forward(5000)
    expect(copy).to_have_text("Copy reading")
    page.evaluate("void (Clipboard.prototype.writeText = async () => { throw new DOMException('no'); })")
    copy.click()
    expect(page.locator(".result [role=alert]")).to_contain_text("Copying is not allowed here")
    expect(page.get_by_role("button", name="Copy reading")).to_be_focused()
    page.get_by_role("button", name="Remove meter.png").click()
    expect(page.locator(".result")).to_have_count(0)


def test_a_picture_without_display_gets_no_number(page: Page, static_server: str) -> None:
    open_page(page, static_server)
    rng = np.random.default_rng(5)
    noise = Image.fromarray(rng.integers(0, 255, (12, 30, 3), dtype=np.uint8)).resize(
        (600, 240), Image.Resampling.BICUBIC
    )
    page.set_input_files("#files", upload("grass.png", encoded(noise)))
    expect(page.locator(".verdict.refused")).to_contain_text("Not sure:", timeout=READY_MS)
    expect(page.locator("strong.number")).to_have_count(0)
    expect(page.get_by_role("button", name="Copy reading")).to_have_count(0)


def test_turned_picture(page: Page, static_server: str, display: Display) -> None:
    open_page(page, static_server)
    on_its_side = display.cut_out.transpose(Image.Transpose.ROTATE_90)
    page.set_input_files("#files", upload("meter.png", encoded(on_its_side)))
    page.get_by_role("button", name="Turn the picture").click(timeout=READY_MS)
    expect_reading(page, display)


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "non-image": (lambda: b"Meter 12345, read on Monday\n" * 20, "not a picture that can be opened"),
    "empty": (lambda: b"", "not a picture that can be opened"),
    "100 megapixels": (lambda: encoded(Image.new("1", (10_000, 10_000))), "at most 50 megapixels"),
    "cut short": (lambda: encoded(Image.effect_noise((300, 200), 60), "JPEG")[:3000], "damaged or cut short"),
    "tiny": (lambda: encoded(Image.new("RGB", (6, 4))), "too small"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_unusable_file_gets_a_sentence(page: Page, static_server: str, kind: str, display: Display) -> None:
    content, sentence = BAD_FILES[kind]
    troubles = open_page(page, static_server)
    page.set_input_files("#files", [upload("bad.jpg", content()), upload("good.png", encoded(display.cut_out))])
    expect(page.locator(".result").first.locator(".failure")).to_contain_text(sentence, timeout=READY_MS)
    expect_reading(page, display, 1)
    assert troubles == []


def test_nothing_leaves_the_device(page: Page, static_server: str, display: Display) -> None:
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    open_page(page, static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    assert {method for method, _ in asked} == {"GET"}
    assert all(url.startswith((static_server, f"blob:{static_server}")) for _, url in asked)


def test_language_follows_the_browser_and_the_switch_is_kept(
    browser: Browser, static_server: str, display: Display
) -> None:
    context = browser.new_context(locale="ru-RU", viewport={"width": 360, "height": 740})
    page = context.new_page()
    troubles = watch(page)
    page.goto(static_server)
    expect(page.get_by_role("heading", level=1)).to_have_text("Показания счётчика")
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.locator("strong.number")).to_have_text(display.reading.text.replace(".", ","))
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Meter reader")
    expect(page.locator("strong.number")).to_have_text(display.reading.text)
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Meter reader")
    assert troubles == []
    context.close()


def test_both_languages_have_every_text(page: Page, static_server: str) -> None:
    page.goto(static_server)
    texts = page.evaluate("import('/js/texts.js').then(({TEXTS}) => TEXTS)")
    assert texts["en"].keys() == texts["ru"].keys()
    for name, english in texts["en"].items():
        blanks = sorted(part.split("}")[0] for part in english.split("{")[1:])
        assert blanks == sorted(part.split("}")[0] for part in texts["ru"][name].split("{")[1:]), name


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_sideways_scroll(browser: Browser, static_server: str, width: int, locale: str) -> None:
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 740})
    page = context.new_page()
    open_page(page, static_server)
    wide = Image.new("RGB", (1600, 200), "grey")
    name = "a_very_long_name_without_any_place_to_break_it_" * 2 + ".png"
    files = [upload("meter.png", encoded(displays()[0].cut_out)), upload(name, encoded(wide)), upload("x.txt", b"no")]
    page.set_input_files("#files", files)
    expect(page.locator(".result[data-state=read]")).to_have_count(2, timeout=READY_MS)
    expect(page.locator(".failure")).to_have_count(1)
    page.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
