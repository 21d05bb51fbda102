"""What browsers ask of a page before they install it: https://www.w3.org/TR/appmanifest/."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from scripts.icons import ICONS
from tests.browser.shipped import READY_MS
from tests.conftest import ROOT

FRONTEND = ROOT / "frontend"
PAGES = [path for path in sorted(FRONTEND.glob("*.html")) if 'id="pages"' in path.read_text("utf-8")]
MANIFEST = json.loads((FRONTEND / "manifest.webmanifest").read_text("utf-8"))
PROMPT = """() => {
  window.asked = 0;
  const event = new Event("beforeinstallprompt", {cancelable: true});
  event.prompt = async () => { window.asked += 1; };
  return !dispatchEvent(event);
}"""


def test_the_manifest_names_what_is_there() -> None:
    assert MANIFEST["name"] and len(MANIFEST["short_name"]) <= 12
    assert MANIFEST["display"] == "standalone"
    assert MANIFEST["theme_color"] and MANIFEST["background_color"]
    base = "https://meter.test/manifest.webmanifest"
    assert urljoin(base, MANIFEST["start_url"]) == urljoin(base, MANIFEST["scope"]) == "https://meter.test/"
    for shortcut in MANIFEST["shortcuts"]:
        assert (FRONTEND / shortcut["url"]).is_file()
    sizes = {(icon["sizes"], icon.get("purpose", "any")) for icon in MANIFEST["icons"] if icon["type"] == "image/png"}
    assert sizes >= {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}


def test_icons_have_the_size_that_they_are_said_to_have() -> None:
    for icon in MANIFEST["icons"]:
        if icon["type"] == "image/png":
            with Image.open(FRONTEND / icon["src"]) as image:
                assert f"{image.width}x{image.height}" == icon["sizes"], icon["src"]
                see_through = image.convert("RGBA").getpixel((0, 0))[3] == 0  # type: ignore[index]
                assert see_through is not (icon.get("purpose") == "maskable"), icon["src"]
    assert {f"icons/{name}" for name in ICONS} >= {icon["src"] for icon in MANIFEST["icons"] if "/" in icon["src"]}


@pytest.mark.parametrize("file", PAGES, ids=lambda path: path.name)
def test_every_page_names_the_manifest(file: Path) -> None:
    text = file.read_text("utf-8")
    assert '<link rel="manifest" href="manifest.webmanifest" />' in text
    assert '<link rel="apple-touch-icon" href="icons/apple-180.png" />' in text
    assert text.count('<meta name="theme-color"') == 2


def test_the_browser_finds_nothing_wrong(page: Page, live_server: str) -> None:
    """As the browser itself reads the manifest, by way of the application with its policy."""
    page.goto(live_server)
    session = page.context.new_cdp_session(page)
    read = session.send("Page.getAppManifest")
    assert read["url"] == f"{live_server}/manifest.webmanifest"
    assert read["errors"] == []
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [each["errorId"] for each in errors if each["errorId"] != "in-incognito"] == []


def test_the_button_asks_once(page: Page, static_server: str) -> None:
    page.goto(static_server)
    assert page.evaluate(PROMPT)  # the browser's own bar stays away
    button = page.get_by_role("button", name="Install as an app")
    expect(button).to_be_visible(timeout=READY_MS)
    page.get_by_role("button", name="Русский").click()
    page.get_by_role("button", name="Установить как приложение").click()
    expect(button).to_have_count(0)
    assert page.evaluate("window.asked") == 1
