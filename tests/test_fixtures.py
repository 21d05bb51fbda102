"""The fixtures themselves: the static server and the browser that other tests build on."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page


def test_static_server_serves_both_folders_with_their_types(static_server: str) -> None:
    with urllib.request.urlopen(f"{static_server}/vendor/tf-wasm.wasm") as answer:
        assert answer.headers["Content-Type"] == "application/wasm"
    with urllib.request.urlopen(f"{static_server}/vendor/tf.js") as answer:
        assert answer.headers["Content-Type"] == "text/javascript"


def test_static_server_does_not_leave_its_folders(static_server: str) -> None:
    for path in ("/pyproject.toml", "/static/../pyproject.toml", "/../pyproject.toml", "/static/%2e%2e/pyproject.toml"):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(static_server + path)
        assert error.value.code == 404
        error.value.close()


def test_browser_runs_scripts(page: Page) -> None:
    page.set_content("<title>one</title>")
    assert page.evaluate("document.title + new Date(0).toISOString()") == "one1970-01-01T00:00:00.000Z"
