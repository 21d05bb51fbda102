"""What is it?: pictures given to a real browser are told as the networks tell them in Python, or it is said why not."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.classify import card, choose, expect_told, golden, open_classify, pictures, published, told_by_python
from tests.browser.shipped import READY_MS, encoded, upload
from tests.browser.test_draw import PolicyHandler
from tests.conftest import ROOT, served

WORDS = {"meter": "Meter", "other": "Something else", "clock": "Clock", "crocodile": "Crocodile"}
SHARED = ROOT.parent / "shared" / "data"  # its pictures are looked at where it is, and never needed
DROP = """([names, contents]) => {
  const transfer = new DataTransfer();
  names.forEach((name, at) => {
    const bytes = Uint8Array.from(atob(contents[at]), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, {type: "image/png"}));
  });
  return transfer;
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, service_workers="block")
    yield context
    context.close()


@pytest.fixture
def strict_server() -> Iterator[str]:
    """Answers with the application's headers, whose policy forbids much."""
    with served(PolicyHandler) as address:
        yield address


@pytest.mark.parametrize("recipe", published())
def test_golden_pictures_are_told_as_keras_tells_them(page: Page, strict_server: str, recipe: str) -> None:
    troubles = open_classify(page, strict_server)
    known = golden(recipe)
    page.set_input_files("#files", [upload(file.name, file.read_bytes()) for file, *_ in known])
    choose(page, recipe)
    expect(page.locator(".told[data-state=told]")).to_have_count(len(known), timeout=READY_MS)
    classes = told_by_python(recipe, known[0][0].read_bytes())
    for file, name, output in known:
        expect_told(page, file.name, dict(zip(classes, output, strict=True)))
        expect(card(page, file.name).locator(".best-class strong")).to_have_text(WORDS[name])
        expect(card(page, file.name).get_by_role("listitem").first).to_contain_text(WORDS[name].lower())
    assert [each for each in troubles if "Service Worker" not in each] == []


def test_every_picture_is_told_as_in_python_by_each_network(page: Page, static_server: str) -> None:
    """EXIF, transparency and sizes included; both networks, whichever is chosen first."""
    open_classify(page, static_server)
    given = pictures()
    page.set_input_files("#files", [upload(*each) for each in given.items()])
    expect(page.locator(".told[data-state=told]")).to_have_count(len(given), timeout=READY_MS)
    told = set()
    for recipe in [*reversed(published()), *published()]:
        choose(page, recipe)
        for name, content in given.items():
            expected = told_by_python(recipe, content)
            expect_told(page, name, expected)
            told.add(max(expected, key=lambda each: expected[each]))
    assert len(told) > 2  # they do not all say the same
    turned = card(page, "turned.jpg").locator("img")
    assert turned.evaluate("(image) => image.decode().then(() => image.naturalWidth < image.naturalHeight)")


def known_pictures() -> list[tuple[str, str, Path]]:
    """Recipe, class and file of pictures that the networks were taught to tell apart."""
    clocks = SHARED / "clocks_or_crocs"
    found = [("clocks_or_crocs", name, file) for name in ("clock", "crocodile") for file in (clocks / name).glob("*")]
    others = (SHARED / "not_meters" / "images").glob("*")
    return sorted([*found, *(("meter_or_not", "other", file) for file in others)])


def test_pictures_of_what_it_was_taught(page: Page, static_server: str) -> None:
    """Clocks, crocodiles and what is no meter where such pictures are at hand; drawn displays are meters anywhere."""
    open_classify(page, static_server)
    some = known_pictures()[:: max(1, len(known_pictures()) // 12)]
    some += [("meter_or_not", "meter", file) for file, *_ in golden("meter_or_not")]
    page.set_input_files("#files", [upload(f"<{n}>", file.read_bytes()) for n, (*_, file) in enumerate(some)])
    expect(page.locator(".told[data-state=told]")).to_have_count(len(some), timeout=READY_MS)
    right = 0
    for number, (recipe, name, file) in enumerate(some):
        choose(page, recipe)
        expect_told(page, f"<{number}>", told_by_python(recipe, file.read_bytes()))
        shown = card(page, f"<{number}>").locator(".best-class strong")
        right += shown.get_attribute("data-class") == name
    assert right >= 0.8 * len(some)


def test_what_is_no_picture_is_said_beside_what_is(page: Page, static_server: str) -> None:
    open_classify(page, static_server)
    cut_short = pictures()["wide.png"][:2000]
    tiny = encoded(Image.new("RGB", (5, 5)), "PNG")
    files = [("note.txt", b"12345"), ("half.png", cut_short), ("tiny.png", tiny), ("red.png", pictures()["red.png"])]
    page.set_input_files("#files", [upload(*each) for each in files])
    expect(card(page, "note.txt").locator(".failure")).to_contain_text("not a picture that can be opened")
    expect(card(page, "half.png").locator(".failure")).to_contain_text("damaged or cut short")
    expect(card(page, "tiny.png").locator(".failure")).to_contain_text("too small")
    expect_told(page, "red.png", told_by_python(published()[0], files[3][1]))
    expect(page.locator("#announcer")).to_contain_text("red.png: ")


def test_dropped_and_pasted_pictures(page: Page, static_server: str) -> None:
    open_classify(page, static_server)
    given = pictures()
    dropped = ["wide.png", "faint.png"]
    contents = [base64.b64encode(given[name]).decode() for name in dropped]
    page.dispatch_event("body", "drop", {"dataTransfer": page.evaluate_handle(DROP, [dropped, contents])})
    for name in dropped:
        expect_told(page, name, told_by_python(published()[0], given[name]))
    page.evaluate(
        f"""(given) => document.dispatchEvent(
          new ClipboardEvent("paste", {{clipboardData: ({DROP})(given), bubbles: true}}))""",
        [["red.png"], [base64.b64encode(given["red.png"]).decode()]],
    )
    expect_told(page, "red.png", told_by_python(published()[0], given["red.png"]))
    assert page.locator(".told .name").all_inner_texts() == ["red.png", *dropped]  # the last ones first
    page.evaluate("document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: new DataTransfer()}))")
    expect(page.locator("#notice")).to_contain_text("clipboard holds no picture")


def test_nothing_leaves_the_device(page: Page, static_server: str) -> None:
    """What is asked for are files of the page, by their addresses alone."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 (Playwright looks into a function)
    open_classify(page, static_server)
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect_told(page, "red.png", told_by_python(published()[0], pictures()["red.png"]))
    files = [each for each in asked if not each.url.startswith("blob:")]
    assert len(files) > 10
    for each in files:
        assert (each.method, each.post_data_buffer) == ("GET", None)
        assert re.fullmatch(rf"{static_server}/(static/model/)?[\w./-]+", each.url)


def test_more_classes_than_bars(page: Page, static_server: str) -> None:
    """Of many classes the likeliest have bars, and the others are counted together."""
    page.goto(f"{static_server}/classify.html")
    page.evaluate("""async () => {
      const {PictureView} = await import("/js/classify/view.js");
      const classes = ["a", "b", "clock", "constructor", "e", "f", "g"];
      const probabilities = {many: [0.05, 0.5, 0.1, 0.2, 0.06, 0.04, 0.05]};
      const shown = {file: new File([], "x.png"), state: "told", look: {probabilities, small: null}, error: null};
      const view = new PictureView(shown, () => {});
      view.render({recipe: "many", classes});
      document.getElementById("pictures").append(view.element);
    }""")
    shown = card(page, "x.png")
    assert shown.locator(".chances .class").all_inner_texts() == ["b", "constructor", "clock", "e", "a"]
    expect(shown).to_contain_text("All others (2) together: 9%")
