"""A walk through the whole panel: every page of the menu and one of each kind that they lead to, in both languages,
wide and narrow. No page may complain (errors, violations of the policy), be wider than the window, or lack a heading.

Screenshots are kept in test-results/panel/, to be looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.services import accounts, demo, versions
from backend.settings import Settings
from tests.browser.panel import SERVED, browser_login, complaints, serving
from tests.conftest import ROOT

SHOTS = ROOT / "test-results" / "panel"
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}
# Each page in each language and each size; all four together, for looking at: WALK=all pytest tests/browser/…
WAYS = [("en", "wide"), ("ru", "narrow"), *([("en", "narrow"), ("ru", "wide")] if os.environ.get("WALK") else [])]
NO_PAGES = ("/admin/pictures/", "/admin/static/", "/export", "/admin/login")
VIOLATIONS = """addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMELESS = """() => [...document.querySelectorAll("main button, main a, main input:not([type=hidden]), main select")]
  .filter((part) => part.checkVisibility() && !(part.innerText?.trim() || part.value?.trim?.() && part.type === "submit"
    || part.ariaLabel || part.title || part.labels?.length || part.placeholder
    || part.querySelector("img[alt], svg[aria-label]") || part.getAttribute("aria-labelledby")))
  .map((part) => part.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A panel with what the command `demo` fills it with, and the published version."""
    with serving(Settings(instance=tmp_path_factory.mktemp("filled"))) as address:
        with SERVED[address].app_context():
            versions.settle()
            demo.fill("test")
        yield address


@pytest.fixture
def wander(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens a page as an admin, in a language and a size."""
    contexts: list[BrowserContext] = []

    def open_page(address: str, language: str, size: str) -> Page:
        contexts.append(browser.new_context(viewport=SIZES[size], reduced_motion="reduce"))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.add_init_script(VIOLATIONS)
        browser_login(page, address, "admin", language)
        return page

    yield open_page
    for context in contexts:
        context.close()


def kind(path: str) -> str:
    """What an address is one of: numbers and what follows the question mark do not count."""
    return re.sub(r"\d+", "N", path.split("?")[0])


def inner_links(page: Page, where: str) -> list[str]:
    """The addresses of the panel that a part of the page leads to."""
    every: list[str] = page.eval_on_selector_all(f"{where} a[href]", "links => links.map(a => a.getAttribute('href'))")
    inside = (link.split("#")[0] for link in every)
    return [link for link in inside if link.startswith("/admin/") and not any(part in link for part in NO_PAGES)]


def look(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open; keeps a screenshot."""
    wrong = []
    if page.evaluate(TOO_WIDE) > 0:
        wrong.append(f"{page.url} is {page.evaluate(TOO_WIDE)} px wider than the window")
    if page.locator("h1").count() != 1:
        wrong.append(f"{page.url} has {page.locator('h1').count()} headings of the first rank")
    wrong += [f"{page.url} has a control without a name: {part}" for part in page.evaluate(NAMELESS)]
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    return wrong


def walk(page: Page, address: str, label: str) -> tuple[list[str], list[str]]:
    """Open every page of the menu and one of each kind behind them; what was seen, and what was wrong."""
    wrong = complaints(page)
    page.goto(f"{address}/admin/")
    waiting = [*inner_links(page, ".panel-menu-body nav"), "/admin/password"]
    seen: dict[str, str] = {}
    while waiting:
        path = waiting.pop(0)
        if kind(path) in seen:
            continue
        seen[kind(path)] = path
        answer = page.goto(f"{address}{path}")
        if answer is None or answer.status != 200:
            wrong.append(f"{path}: {answer and answer.status}")
            continue
        wrong += look(page, f"{kind(path).strip('/').replace('/', '-')}-{label}")
        waiting += inner_links(page, "main")
    return sorted(seen), wrong


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_with_samples(wander: Callable[..., Page], filled: str, language: str, size: str) -> None:
    seen, wrong = walk(wander(filled, language, size), filled, f"full-{language}-{size}")
    assert wrong == []
    assert {"/admin/", "/admin/accounts/", "/admin/meter-types/", "/admin/meter-types/edit/"} <= set(seen)


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_what_is_published_beside_the_reader(
    wander: Callable[..., Page], filled: str, language: str, size: str
) -> None:
    page = wander(filled, language, size)
    wrong = complaints(page)
    for slot in ("finder", "lenet"):
        page.goto(f"{filled}/admin/versions/")
        page.locator("main a", has_text=re.compile(f"^{slot}/")).first.click()
        expect(page.locator("h1")).to_contain_text(f"{slot}/")
        wrong += look(page, f"admin-versions-{slot}-{language}-{size}")
    assert wrong == []


@pytest.mark.parametrize(("language", "size"), WAYS)
def test_empty(wander: Callable[..., Page], panel_server: str, language: str, size: str) -> None:
    _, wrong = walk(wander(panel_server, language, size), panel_server, f"empty-{language}-{size}")
    assert wrong == []


def test_the_walk_hears_complaints(wander: Callable[..., Page], panel_server: str) -> None:
    page = wander(panel_server, "en", "wide")
    wrong = complaints(page)
    page.goto(f"{panel_server}/admin/accounts/")
    page.evaluate("document.body.appendChild(document.createElement('script')).textContent = 'window.ran = 1'")
    page.evaluate("document.querySelector('h1').style.width = '3000px'")
    assert any("policy: script-src" in text for text in wrong)
    assert page.evaluate("window.ran") is None
    assert any("wider" in text for text in look(page, "complaint"))


def test_log_in_by_the_keyboard_and_out(page: Page, panel_server: str) -> None:
    with SERVED[panel_server].app_context():
        accounts.create_admin("keyboard", "correct horse battery", "test")
    page.goto(f"{panel_server}/admin/accounts/")
    assert page.url.endswith("/admin/login?next=/admin/accounts/")
    expect(page.locator("input[name=name]")).to_be_focused()  # or the first letters go nowhere, on a slow machine
    page.keyboard.type("keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{panel_server}/admin/accounts/")
    page.get_by_role("button", name="Русский").click()
    page.get_by_role("heading", name="Учётные записи").wait_for()
    page.get_by_role("button", name="Выйти").click()
    page.get_by_role("heading", name="Войти").wait_for()
    page.goto(f"{panel_server}/admin/accounts/")
    assert "/admin/login" in page.url


def test_the_menu_on_a_narrow_screen(wander: Callable[..., Page], panel_server: str) -> None:
    page = wander(panel_server, "en", "narrow")
    page.goto(f"{panel_server}/admin/")
    link = page.get_by_role("link", name="Accounts")
    assert not link.is_visible()
    page.locator(".panel-menu summary").click()
    link.click()
    page.wait_for_url(f"{panel_server}/admin/accounts/")
