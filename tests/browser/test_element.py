"""The `<meter-reader>` element in the example page: photos in, a value that goes with the form."""

from __future__ import annotations

import base64

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.batch import HOLD
from tests.browser.shipped import READY_MS, Display, displays, encoded, upload, watch
from tests.browser.test_site_walk_form import DOUBTS
from tests.conftest import ROOT

LISTEN = """() => {
  window.heard = [];
  for (const name of ["reading", "readingerror", "change"]) {
    document.addEventListener(name, (event) => heard.push([name, event.detail?.text ?? event.detail?.code ?? ""]));
  }
}"""

ELEMENT = "document.querySelector('meter-reader')"
READ = f"(file) => fetch(`data:image/png;base64,${{file}}`).then((r) => r.blob()).then((b) => {ELEMENT}.read(b))"


@pytest.fixture(scope="module")
def display() -> Display:
    return displays()[0]


def open_example(page: Page, address: str) -> list[str]:
    """Open the example page; gives the list in which console errors and violations will appear."""
    troubles = watch(page)
    page.goto(f"{address}/example.html")
    page.evaluate("customElements.whenDefined('meter-reader')")
    page.evaluate(LISTEN)
    return troubles


def value(page: Page) -> str | None:
    """What the form would send as the reading."""
    sent: str | None = page.evaluate("new FormData(document.querySelector('form')).get('reading')")
    return sent


def choose(page: Page, name: str, content: bytes) -> None:
    """Choose a photo by the button."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files(upload(name, content))


def says(page: Page, words: str) -> None:
    """The words under the field."""
    expect(page.locator("meter-reader .words")).to_contain_text(words, timeout=READY_MS)


@pytest.mark.parametrize("server", ["static_server", "live_server"])
def test_a_photo_goes_with_the_form(page: Page, request: pytest.FixtureRequest, server: str, display: Display) -> None:
    troubles = open_example(page, request.getfixturevalue(server))
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("document.querySelector('meter-reader').validity.valueMissing")
    choose(page, "meter.png", encoded(display.cut_out))
    says(page, "sure. Correct it if it is wrong")
    expect(page.get_by_label("Meter reading")).to_have_value(display.reading.text)
    assert value(page) == display.reading.text
    assert page.evaluate("heard") == [["reading", display.reading.text], ["change", ""]]
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(f"**/example.html?customer=1234&reading={display.reading.text}")
    assert troubles == []


def test_doubtful_until_a_person_confirms(page: Page, static_server: str, display: Display) -> None:
    open_example(page, static_server)
    small = display.cut_out.resize((30, 10)).resize((300, 100), Image.Resampling.NEAREST)
    reading = page.evaluate(READ, base64.b64encode(encoded(small)).decode())
    assert not reading["accepted"], "the picture is too good for this test"
    assert value(page) is None
    assert not page.evaluate(f"{ELEMENT}.checkValidity()")
    field = page.get_by_label("Meter reading")
    field.fill("12a")
    field.press("Enter")
    says(page, "1 to 10 digits")
    assert value(page) is None
    field.fill("00123,4")
    assert value(page) == "00123.4"
    field.press("Enter")
    assert page.evaluate(f"[{ELEMENT}.value, {ELEMENT}.checkValidity()]") == ["00123.4", True]
    assert page.evaluate("heard.filter(([name]) => name === 'change')") == [["change", ""]]


def test_a_doubtful_reading_that_is_right(page: Page, static_server: str, display: Display) -> None:
    """Confirmed as it stands, without a key: not every phone has Enter beside its digits."""
    page.add_init_script(f"({DOUBTS})(); window.doubts = true")
    open_example(page, static_server)
    right, shown = page.get_by_role("button", name="It is right"), display.reading.text
    expect(right).to_be_hidden()
    choose(page, "meter.png", encoded(display.cut_out))
    says(page, "This may be wrong")
    expect(page.get_by_label("Meter reading")).to_have_value(shown)
    assert page.evaluate(f"[{ELEMENT}.value, {ELEMENT}.checkValidity()]") == ["", False]
    right.click()
    assert page.evaluate(f"[{ELEMENT}.value, {ELEMENT}.checkValidity()]") == [shown, True]
    assert page.evaluate("heard.at(-1)") == ["change", ""]
    expect(right).to_be_hidden()
    says(page, "Confirmed")
    expect(page.locator("meter-reader .words")).to_be_focused()  # not lost with the button
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(f"**/example.html?customer=1234&reading={shown}")


def test_of_a_second_photo_the_first_is_not_sent(page: Page, static_server: str, display: Display) -> None:
    """Neither while it is being read nor when it could not be; Send says what is the matter."""
    page.add_init_script(f"({HOLD})()")
    open_example(page, static_server)
    field, send = page.get_by_label("Meter reading"), page.get_by_role("button", name="Send")
    choose(page, "meter.png", encoded(display.cut_out))
    page.wait_for_function(f"{ELEMENT}.shadowRoot.querySelector('.words').textContent === 'Reading…'")
    assert page.evaluate(f"{ELEMENT}.validationMessage") == "The photo is still being read. Wait a moment."
    field.press("Enter")  # there is nothing to confirm
    says(page, "Reading…")
    page.evaluate("release(1)")
    expect(field).to_have_value(display.reading.text, timeout=READY_MS)
    page.evaluate("heard.length = 0")
    choose(page, "again.png", encoded(display.cut_out))
    says(page, "Reading…")
    expect(field).to_have_value("")
    assert page.evaluate("heard") == [["change", ""]]
    assert value(page) is None
    send.click()
    assert page.url.endswith("/example.html")
    assert page.evaluate(f"{ELEMENT}.validity.customError")
    page.evaluate("release(1)")
    expect(field).to_have_value(display.reading.text, timeout=READY_MS)
    choose(page, "notes.png", b"no picture")
    page.evaluate("release(1)")
    says(page, "could not be read")
    expect(field).to_have_value("")
    assert value(page) is None
    assert "could not be read" in page.evaluate(f"{ELEMENT}.validationMessage")


def test_what_is_typed_while_a_photo_is_read_stays(page: Page, static_server: str, display: Display) -> None:
    page.add_init_script(f"({HOLD})()")
    open_example(page, static_server)
    element, field = page.locator("meter-reader"), page.get_by_label("Meter reading")
    photo = base64.b64encode(encoded(display.cut_out)).decode()
    page.evaluate(f"(file) => {{ window.answer = ({READ})(file); }}", photo)
    says(page, "Reading…")
    field.fill("77")
    expect(element).to_have_attribute("aria-busy", "false")
    page.evaluate("release(1)")
    assert page.evaluate("answer") is None
    expect(field).to_have_value("77")
    assert value(page) == "77"


def test_what_cannot_be_read(page: Page, static_server: str) -> None:
    open_example(page, static_server)
    choose(page, "notes.png", b"no picture")
    says(page, "could not be read")
    assert page.evaluate("heard") == [["readingerror", "not_image"]]
    choose(page, "wall.png", encoded(Image.effect_noise((300, 100), 90).convert("RGB")))
    says(page, "No readable display")
    expect(page.get_by_label("Meter reading")).to_have_value("")
    assert value(page) is None


def test_a_model_that_is_not_there_and_then_is(page: Page, static_server: str, display: Display) -> None:
    open_example(page, static_server)
    page.evaluate("document.querySelector('meter-reader').setAttribute('model', '/nowhere/')")
    choose(page, "meter.png", encoded(display.cut_out))
    says(page, "could not be loaded")
    page.evaluate("document.querySelector('meter-reader').setAttribute('model', '/static/model/')")
    choose(page, "meter.png", encoded(display.cut_out))
    says(page, "% sure")
    assert value(page) == display.reading.text


def test_dropped_reset_and_disabled(page: Page, static_server: str, display: Display) -> None:
    open_example(page, static_server)
    drop = """([file, name]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))], name));
      const box = document.querySelector("meter-reader").shadowRoot.querySelector(".box");
      box.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }"""
    dropped = [base64.b64encode(encoded(display.cut_out)).decode(), "meter.png"]
    page.evaluate(drop, dropped)
    says(page, "% sure")
    page.evaluate("document.querySelector('form').reset()")
    assert value(page) is None
    expect(page.get_by_label("Meter reading")).to_have_value("")
    expect(page.locator("meter-reader .words")).to_be_empty()
    page.evaluate("document.querySelector('meter-reader').setAttribute('disabled', '')")
    expect(page.get_by_role("button", name="Choose a photo")).to_be_disabled()
    page.evaluate(drop, dropped)
    expect(page.locator("meter-reader .words")).to_be_empty()
    dragged = """(kind) => {
      const box = document.querySelector("meter-reader").shadowRoot.querySelector(".box");
      const event = new DragEvent(kind, {dataTransfer: new DataTransfer(), bubbles: true, cancelable: true});
      box.dispatchEvent(event);
      return [event.defaultPrevented, box.classList.contains("dropping")];
    }"""
    assert page.evaluate(dragged, "dragover") == [True, False]
    page.evaluate("document.querySelector('meter-reader').removeAttribute('disabled')")
    assert page.evaluate(dragged, "dragover") == [True, True]


def test_the_language_is_that_around_it(browser: Browser, static_server: str, display: Display) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 740})
    page = context.new_page()
    open_example(page, static_server)
    page.evaluate("document.querySelector('meter-reader').lang = 'ru'")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Сфотографировать").click()
    chooser.value.set_files(upload("meter.png", encoded(display.cut_out)))
    says(page, "уверенность")
    expect(page.get_by_label("Показание счётчика")).to_have_value(display.reading.text.replace(".", ","))
    assert value(page) == display.reading.text
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    texts = page.evaluate("import('/js/texts_element.js').then(({ELEMENT_TEXTS}) => ELEMENT_TEXTS)")
    assert texts["en"].keys() == texts["ru"].keys()
    context.close()


def test_the_example_is_short() -> None:
    assert len((ROOT / "frontend" / "example.html").read_text("utf-8").splitlines()) < 30


def test_nothing_is_dropped_by_fingers(browser: Browser, static_server: str) -> None:
    """A phone has the buttons, and no words about dropping."""
    for touch in (True, False):
        context = browser.new_context(locale="en-GB", has_touch=touch, is_mobile=touch)
        page = context.new_page()
        open_example(page, static_server)
        expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
        expect(page.locator("meter-reader .prompt")).to_be_visible(visible=not touch)
        context.close()
