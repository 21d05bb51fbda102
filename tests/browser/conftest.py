"""A server with the panel for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.panel import panel_settings, serving


@pytest.fixture(scope="module")
def panel_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An application with an empty database; yields its address. `SERVED[address]` is the application."""
    with serving(panel_settings(tmp_path_factory.mktemp("panel"))) as address:
        yield address
