"""What is it?: pictures given to a real browser are told as the networks tell them in Python, or it is said why not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.classify import card, expect_told, golden, open_classify, published, told_by_python
from tests.browser.draw import CURRENT, changed, give, publish
from tests.browser.shipped import MODELS, READY_MS, encoded, upload
from tests.browser.site_walk import LOCALES, walking
from tests.browser.test_accessibility import expect_no_violations
from tests.browser.test_draw import PolicyHandler
from tests.conftest import ROOT, served
from tests.vectors.pictures import exif, scene

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
LONG = "очень_длинное_имя_без_единого_места_для_переноса_" * 2 + ".png"


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


def choose(page: Page, recipe: str) -> None:
    """Ask that network."""
    page.get_by_label("What to tell apart").select_option(recipe)


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


def pictures() -> dict[str, bytes]:
    """Drawn ones of other sizes than a network's: wide, high and turned by its EXIF, small, partly transparent."""
    faint = scene(70, 40).convert("RGBA")
    faint.putalpha(Image.linear_gradient("L").resize((70, 40)))
    return {
        "wide.png": encoded(scene(900, 300), "PNG"),
        "turned.jpg": encoded(scene(640, 480), "JPEG", quality=90, exif=exif(6)),
        "small.webp": encoded(scene(33, 31), "WEBP", lossless=True),
        "faint.png": encoded(faint, "PNG"),
        "red.png": encoded(Image.new("RGB", (400, 300), "red"), "PNG"),
    }


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


def test_by_the_keyboard(page: Page, static_server: str) -> None:
    """The picker opens, another network is asked, and what is removed hands the focus on."""
    open_classify(page, static_server)
    button = page.get_by_role("button", name="Choose pictures")
    button.focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    given = pictures()
    chooser.value.set_files([upload(name, given[name]) for name in ("wide.png", "red.png", "faint.png")])  # type: ignore[arg-type]
    expect(page.locator(".told[data-state=told]")).to_have_count(3, timeout=READY_MS)
    page.get_by_label("What to tell apart").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("What to tell apart")).to_be_focused()
    expect_told(page, "red.png", told_by_python(published()[1], given["red.png"]))
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Remove all")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove red.png")).to_be_focused()
    page.get_by_role("button", name="Remove faint.png").press("Enter")
    expect(page.get_by_role("button", name="Remove red.png")).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    expect(page.get_by_text("No pictures yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove all")).to_be_hidden()


def test_removed_pictures_are_let_go_of(page: Page, static_server: str) -> None:
    page.add_init_script("""
      window.open_ = new Set();
      const {createObjectURL, revokeObjectURL} = URL;
      URL.createObjectURL = (what) => (open_.add(createObjectURL.call(URL, what)), [...open_].at(-1));
      URL.revokeObjectURL = (address) => (open_.delete(address), revokeObjectURL.call(URL, address));
    """)
    open_classify(page, static_server)
    page.set_input_files("#files", [upload(*each) for each in pictures().items()])
    expect(page.locator(".small img")).to_have_count(len(pictures()), timeout=READY_MS)
    assert page.evaluate("open_.size") == len(pictures())
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator(".told")).to_have_count(0)
    assert page.evaluate("open_.size") == 0
    expect(page.get_by_role("button", name="Choose pictures")).to_be_focused()


def test_nothing_leaves_the_device(page: Page, static_server: str) -> None:
    """After the networks are there nothing is asked for or sent."""
    open_classify(page, static_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect_told(page, "red.png", told_by_python(published()[0], pictures()["red.png"]))
    assert [url for url in asked if not url.startswith("blob:")] == []


def test_no_network_is_published(page: Page, static_server: str) -> None:
    """Of drawn digits there may be some: of those nothing but their cards is fetched."""
    drawn = {recipe: each for recipe, each in CURRENT["classifiers"].items() if recipe not in published()}
    publish(page, {**CURRENT, "classifiers": drawn})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{static_server}/classify.html")
    expect(page.locator("#none")).to_contain_text("No network for pictures is published", timeout=READY_MS)
    expect(page.locator("#none code")).to_have_text("flask --app backend recipe meter_or_not")
    expect(page.get_by_role("button", name="Choose pictures")).to_be_hidden()
    assert {url.rsplit("/", 1)[1] for url in asked if "/static/model/" in url} == {"current.json", "card.json"}


def test_a_failed_download_and_another_try(page: Page, static_server: str) -> None:
    """What was given meanwhile is told then."""
    page.route("**/*.bin", lambda route: route.abort())
    page.goto(f"{static_server}/classify.html")
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect(page.locator("#problem")).to_contain_text("could not be downloaded", timeout=READY_MS)
    expect(page.locator("#loading")).to_be_hidden()
    expect(card(page, "red.png")).to_contain_text("Waiting for the networks")
    page.unroute("**/*.bin")
    page.get_by_role("button", name="Try again").click()
    expect_told(page, "red.png", told_by_python(published()[0], pictures()["red.png"]))
    expect(page.locator("#problem")).to_be_hidden()


def test_a_worker_that_dies_is_opened_anew(page: Page, static_server: str) -> None:
    """The picture before which it died is told by the next one."""
    page.add_init_script("""
      const Plain = Worker;
      window.Worker = class extends Plain { constructor(...given) { super(...given); window.latest = this; } };
    """)
    open_classify(page, static_server)
    page.evaluate("""() => {
      latest.postMessage = () => latest.onerror(new ErrorEvent("error", {message: "out of memory", cancelable: true}));
    }""")
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect(page.locator("#problem")).to_contain_text("stopped working")
    page.get_by_role("button", name="Try again").click()
    expect_told(page, "red.png", told_by_python(published()[0], pictures()["red.png"]))


def test_a_damaged_network_and_one_that_computes_otherwise_are_left_out(page: Page, static_server: str) -> None:
    """The other one is asked without being chosen; with neither, that is said."""
    first, second = published()
    weights = next((MODELS / CURRENT["classifiers"][first]["path"]).glob("*.bin"))
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    give(page, f"**/{first}/**/{weights.name}", bytes(content))
    open_classify(page, static_server)
    expect(page.locator(f".failure[data-recipe={first}]")).to_contain_text("Did not arrive whole")
    expect(page.get_by_role("combobox")).to_have_count(0)
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect_told(page, "red.png", told_by_python(second, pictures()["red.png"]))
    file = MODELS / CURRENT["classifiers"][second]["path"] / "golden" / "golden.json"
    entries = json.loads(file.read_text("utf-8"))
    entries[0]["output"][0] -= 0.002
    publish(page, {**CURRENT, "classifiers": changed(page, second, "golden/golden.json", json.dumps(entries).encode())})
    page.reload()
    expect(page.locator("#problem")).to_contain_text("damaged", timeout=READY_MS)
    page.unroute(f"**/{first}/**/{weights.name}")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(f".failure[data-recipe={second}]")).to_contain_text("Computes otherwise", timeout=READY_MS)
    expect(page.locator(".question")).to_have_text("Meter or something else")


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


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_fits_and_is_accessible(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        page.goto(f"{static_server}/classify.html")
        page.set_input_files("#files", [])
        expect(page.locator(".question")).to_be_visible(timeout=READY_MS)
        walk.see("classify-empty")
        files = [(LONG, pictures()["wide.png"]), ("note.txt", b"12345"), ("turned.jpg", pictures()["turned.jpg"])]
        page.set_input_files("#files", [upload(*each) for each in files])
        expect(page.locator(".told[data-state=told]")).to_have_count(2, timeout=READY_MS)
        expect_no_violations(page)
        walk.see("classify-told")
        page.locator("select").select_option("clocks_or_crocs")
        walk.see("classify-clocks")
        publish(page, {key: value for key, value in CURRENT.items() if key != "classifiers"})
        page.reload()
        expect(page.locator("#none")).to_be_visible(timeout=READY_MS)
        expect_no_violations(page)
        walk.see("classify-none")


def test_both_languages(page: Page, static_server: str) -> None:
    """Changed while a picture is shown: all that is said changes with it."""
    open_classify(page, static_server)
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expected = told_by_python("clocks_or_crocs", pictures()["red.png"])
    choose(page, "clocks_or_crocs")
    expect_told(page, "red.png", expected)
    page.get_by_role("button", name="Русский").click()
    expect(page).to_have_title("Что это? – Показания счётчика")
    expect(page.locator("select option").all()[0]).to_have_text("Счётчик или что-то другое")
    expect(page.get_by_label("Что различать")).to_have_value("clocks_or_crocs")
    words = {"clock": "Часы", "crocodile": "Крокодил"}[max(expected, key=lambda each: expected[each])]
    expect(card(page, "red.png").locator(".best-class strong")).to_have_text(words)
    expect(page.get_by_role("link", name="Что это?")).to_have_attribute("aria-current", "page")
