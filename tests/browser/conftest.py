"""A server with the panel for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.panel import panel_settings, serving
from tests.browser.shipped import READY_MS, Display, faulty_server, real_display, roomy
from tests.finders import publish_finder

expect.set_options(timeout=READY_MS)  # Playwright's own 5 s are not enough for two browsers on a busy machine


@pytest.fixture(scope="module")
def panel_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An application with an empty database; yields its address. `SERVED[address]` is the application."""
    with serving(panel_settings(tmp_path_factory.mktemp("panel"))) as address:
        yield address


@pytest.fixture(scope="module")
def display() -> Display:
    """The drawn display that the shipped version is surest of, among those with room for more drums."""
    return roomy()


@pytest.fixture(scope="session")
def real() -> Display:
    """A real display, where there are pictures of such."""
    return real_display()


@pytest.fixture(scope="module")
def finder_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the shipped version and a finder of marked corners; yields its address."""
    with faulty_server(tmp_path_factory.mktemp("models")) as (server, address):
        publish_finder(server.models)
        yield address


@pytest.fixture
def page(page: Page) -> Page:
    """A page whose file dialogs are handed to the test from the start.

    Chromium is told so without an answer being awaited; told at the moment of the click, it dismisses the dialog.
    """
    page.on("filechooser", lambda _chooser: None)
    return page
