"""The page What is it?: by the keyboard, in both languages, while it loads, and when networks come damaged or late."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.classify import card, choose, expect_told, open_classify, pictures, published, told_by_python
from tests.browser.draw import CURRENT, FOLLOW_WORKERS, LOSE_WORKERS, card_of, changed, give, publish
from tests.browser.shipped import MODELS, READY_MS, upload
from tests.browser.site_walk import LOCALES, walking
from tests.browser.test_accessibility import expect_no_sideways_scroll, expect_no_violations

READ = re.compile(r"model\.json|.+\.bin|golden/")
LONG = "очень_длинное_имя_без_единого_места_для_переноса_" * 2 + ".png"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, service_workers="block")
    yield context
    context.close()


def test_loading_shows_progress(page: Page, static_server: str) -> None:
    """Of all networks together, in bytes."""
    page.add_init_script("""
      window.seen = [];
      addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
        const bar = document.querySelector("#loading progress");
        if (bar?.hasAttribute("value")) seen.push([bar.value, document.querySelector("#loading span").textContent]);
      }).observe(document.getElementById("loading"), {subtree: true, attributes: true, childList: true}));
    """)
    open_classify(page, static_server)
    expect(page.locator("#loading")).to_be_hidden()
    parts, sentences = zip(*page.evaluate("seen"), strict=True)
    assert list(parts) == sorted(parts)
    assert parts[-1] == 1
    assert any(0 < part < 1 for part in parts)
    files = [each for recipe in published() for each in card_of(recipe)["files"].items()]
    needed = [file["bytes"] for name, file in files if READ.match(name)]
    assert f"Loading the networks: 0.0 of {sum(needed) / 1e6:.1f} MB" in sentences


def test_by_the_keyboard(page: Page, static_server: str) -> None:
    """The picker opens, another network is asked, and what is removed hands the focus on."""
    open_classify(page, static_server)
    button = page.get_by_role("button", name="Choose pictures")
    button.focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    given = pictures()
    files: list[Any] = [upload(name, given[name]) for name in ("wide.png", "red.png", "faint.png")]
    chooser.value.set_files(files)
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


def test_no_network_is_published(page: Page, static_server: str) -> None:
    """Of drawn digits there may be some: of those nothing but their cards is fetched."""
    drawn = {recipe: each for recipe, each in CURRENT["classifiers"].items() if recipe not in published()}
    publish(page, {**CURRENT, "classifiers": drawn})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{static_server}/classify.html")
    expect(page.locator("#none")).to_contain_text("No network for pictures is published", timeout=READY_MS)
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#none code")).to_have_text("flask --app backend recipe meter_or_not")
    expect(page.get_by_role("button", name="Choose pictures")).to_be_hidden()
    assert {url.rsplit("/", 1)[1] for url in asked if "/static/model/" in url} == {"current.json", "card.json"}


def test_a_failed_download_and_another_try(page: Page, static_server: str) -> None:
    """What was given meanwhile is told then."""
    page.route("**/*.bin", lambda route: route.abort())
    page.goto(f"{static_server}/classify.html")
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect(page.locator("#problem")).to_contain_text("The networks could not be downloaded", timeout=READY_MS)
    expect(page.locator("#loading")).to_be_hidden()
    expect(card(page, "red.png")).to_contain_text("Not looked at yet")
    expect_no_violations(page)
    expect_no_sideways_scroll(page)
    page.unroute("**/*.bin")
    page.get_by_role("button", name="Try again").click()
    expect_told(page, "red.png", told_by_python(published()[0], pictures()["red.png"]))
    expect(page.locator("#problem")).to_be_hidden()


def test_a_worker_that_dies_is_opened_anew(page: Page, static_server: str) -> None:
    """The picture before which it died is told by the next one."""
    page.add_init_script(FOLLOW_WORKERS)
    open_classify(page, static_server)
    page.evaluate(LOSE_WORKERS)
    page.set_input_files("#files", upload("red.png", pictures()["red.png"]))
    expect(page.locator("#problem")).to_contain_text("stopped working")
    expect(card(page, "red.png")).to_contain_text("Not looked at yet")
    expect(card(page, "red.png")).to_have_attribute("aria-busy", "false")  # it waits for a person
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
    expect(page.locator(f".failure[data-recipe={first}]")).to_contain_text(
        "The network for “Meter or something else” did not arrive whole"
    )
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
    expect(page.locator(f".failure[data-recipe={second}]")).to_contain_text("computes otherwise", timeout=READY_MS)
    expect(page.locator(".question")).to_have_text("Meter or something else")


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_fits_and_is_accessible(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        publish(page, {key: value for key, value in CURRENT.items() if key != "classifiers"})
        page.goto(f"{static_server}/classify.html")
        expect(page.locator("#none")).to_be_visible(timeout=READY_MS)
        expect_no_violations(page)
        walk.see("classify-none")  # first: what is published otherwise is kept on the device before long
        page.unroute("**/current.json")
        page.reload()
        expect(page.locator(".question")).to_be_visible(timeout=READY_MS)
        walk.see("classify-empty")
        files = [(LONG, pictures()["wide.png"]), ("note.txt", b"12345"), ("turned.jpg", pictures()["turned.jpg"])]
        page.set_input_files("#files", [upload(*each) for each in files])
        expect(page.locator(".told[data-state=told]")).to_have_count(2, timeout=READY_MS)
        expect_no_violations(page)
        walk.see("classify-told")
        page.locator("select").select_option("clocks_or_crocs")
        walk.see("classify-clocks")


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
