"""TensorFlow.js in each of the site's workers: what did not arrive is told apart from what a device does not have."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

WORKERS = ["worker.js", "draw/worker.js", "classify/worker.js"]
PREPARE = """async (path) => {
  const {Engine} = await import("/js/engine.js");
  const engine = new Engine("wasm", new Worker(`/js/${path}`, {type: "module"}));
  return engine.ask({type: "prepare", backend: "wasm"}).catch(({code}) => code).finally(() => engine.close());
}"""


@pytest.fixture
def bare(page: Page, static_server: str) -> Page:
    page.goto(f"{static_server}/icon.svg")
    return page


@pytest.mark.parametrize("worker", WORKERS)
def test_a_wasm_file_that_does_not_arrive_is_a_failed_download(bare: Page, worker: str) -> None:
    assert bare.evaluate(PREPARE, worker) is True
    bare.route("**/*.wasm", lambda route: route.abort())
    assert bare.evaluate(PREPARE, worker) == "download"


@pytest.mark.parametrize("worker", WORKERS)
def test_where_nothing_may_be_compiled_there_is_no_webassembly(bare: Page, worker: str) -> None:
    """A policy without 'wasm-unsafe-eval'."""

    def restrict(route: Route) -> None:
        response = route.fetch()
        policy = {"Content-Security-Policy": "script-src 'self'"}
        route.fulfill(response=response, headers=response.headers | policy)

    bare.route(f"**/js/{worker}", restrict)
    assert bare.evaluate(PREPARE, worker) is False
