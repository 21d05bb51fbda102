"""Recipes in a real browser: what is published, the form by the keyboard, all within a phone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.settings import ROOT
from tests.browser.panel import browser_login, complaints, panel_settings, serving

MODELS = ROOT / "static" / "model"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A panel with the shipped classifiers."""
    folder: Path = tmp_path_factory.mktemp("recipes")
    settings = panel_settings(folder)
    named = json.loads((MODELS / "current.json").read_text("utf-8"))["classifiers"]
    models = settings.static / "model"
    for each in named.values():
        shutil.copytree(MODELS / each["path"], models / each["path"])
    (models / "current.json").write_text(json.dumps({"classifiers": named}), "utf-8")
    with serving(settings) as address:
        yield address


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "ru")])
def test_a_recipe_is_started_by_the_keyboard(page: Page, served: str, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    browser_login(page, served, "trainer", language)
    heard = complaints(page)
    page.goto(f"{served}/admin/recipes/")
    assert "drawn_dense/" in page.locator("#recipe-drawn_dense + p + p").inner_text()
    page.locator("summary.btn").focus()
    page.keyboard.press("Enter")
    page.locator("select[name=recipe]").select_option("lenet")
    page.locator("input[name=epochs]").fill("2")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator("input[name=epochs]").press("Enter")
    page.wait_for_url("**/admin/runs/*/")
    assert "lenet" in page.locator("dl.facts").last.inner_text()
    assert heard == []
