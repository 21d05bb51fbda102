"""The page that guesses from four photos, in a real browser: they are given, the curve is drawn, all within a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.services import first_guess
from tests.backend.guessing import PICTURES, make_guess
from tests.browser.panel import browser_login, complaints, panel_settings, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A panel that has something to guess with."""
    folder: Path = tmp_path_factory.mktemp("guess")
    with pytest.MonkeyPatch.context() as patch, serving(panel_settings(folder)) as address:
        patch.setattr(first_guess, "GUESS", make_guess(folder / "guess"))
        yield address


@pytest.mark.parametrize(("width", "language", "said"), [(1280, "en", "About"), (360, "ru", "Около")])
def test_four_photos_are_guessed_from(page: Page, served: str, width: int, language: str, said: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    browser_login(page, served, "annotator", language)
    heard = complaints(page)
    page.goto(f"{served}/admin/first-guess/")
    page.locator("input[name=pictures]").set_input_files(PICTURES)
    page.locator("input[name=target]").press("Enter")
    page.locator(".curve-answer .numbers").wait_for()
    assert said in page.locator(".curve-answer").inner_text()
    picture = page.locator(".curve-plot img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.curve-plot img').naturalWidth > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert heard == []
