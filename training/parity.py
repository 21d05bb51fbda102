"""Does the exported version give the same numbers in a real browser? Chromium reads what Keras has read.

A local server offers `frontend/` at `/`, the version at `/static/model/` and the check's tensors at `/check/`, all from
this machine to this machine. First the very same float tensors go through the bundled TensorFlow.js; then picture
files go the page's own way, from decoding to the reading, through `frontend/js/reader.js`.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright
from tqdm import tqdm

from backend.domain.imaging import Box, normalise
from scripts.browser import ensure

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
TENSORS = 16  # pictures a request
TIMEOUT = 120_000  # milliseconds

_TYPES = {".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm"}

LOAD = """async ({backend, folder}) => {
  const tf = await import("/vendor/tf.js");
  if (!(await tf.startBackend(backend))) throw new Error(`the browser has no ${backend}`);
  const model = await (await fetch(`${folder}model.json`)).json();
  const parts = [];
  for (const group of model.weightsManifest)
    for (const path of group.paths) parts.push(await (await fetch(folder + path)).arrayBuffer());
  const weightData = await new Blob(parts).arrayBuffer();
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  const artifacts = {modelTopology: model.modelTopology, signature: model.signature, weightSpecs, weightData};
  window.graph = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  window.tf = tf;
}"""

_PREDICT = """async ({url, shape}) => {
  const values = new Float32Array(await (await fetch(url)).arrayBuffer());
  const size = shape.reduce((a, b) => a * b);
  const outputs = [];
  for (let at = 0; at < values.length; at += size) {
    const input = window.tf.tensor(values.subarray(at, at + size), [1, ...shape], "float32");
    const output = [window.graph.execute(input)].flat()[0];
    outputs.push(Array.from(await output.data()));
    input.dispose();
    output.dispose();
  }
  return outputs;
}"""

_OPEN_READER = """async ({backend}) => {
  const {createReader} = await import("/js/reader.js");
  window.reader = await createReader({model: "/static/model/", backends: [backend]});
}"""

_READ = """async ({url, box}) => {
  const picture = await (await fetch(url)).blob();
  const {text, confidence, accepted, milliseconds, stages, backend} = await window.reader.read(picture, {box});
  return {text, confidence, accepted, milliseconds, stages, backend};
}"""


@dataclass(frozen=True)
class Site:
    """What the local server offers: the versions' root, picture files by number, and tensors by number."""

    models: Path
    pictures: tuple[Path, ...]
    pixels: NDArray[np.uint8]


class _Handler(SimpleHTTPRequestHandler):
    """Serves a `Site`; see the module's docstring."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | _TYPES

    def __init__(self, *arguments: Any, site: Site, **options: Any) -> None:
        self.site = site
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/check/":
            self._answer(b"<!doctype html><title>check</title>", "text/html")
        elif path.startswith("/check/pictures/"):
            self._answer(self.site.pictures[int(path.rpartition("/")[2])].read_bytes(), "application/octet-stream")
        elif path.startswith("/check/tensors/"):
            start = int(path.rpartition("/")[2]) * TENSORS
            tensors = normalise(self.site.pixels[start : start + TENSORS])
            self._answer(tensors.astype("<f4").tobytes(), "application/octet-stream")
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        inside = path.startswith("/static/model/")
        self.directory = str(self.site.models if inside else FRONTEND)
        return super().translate_path(path.removeprefix("/static/model") if inside else path)

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Stay silent."""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium: the system's, or one that is installed now."""
    flags = ["--disable-gpu", "--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=ensure(), args=flags)
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, site: Site) -> Iterator[Page]:
    """An empty page of the site, which is served as long as the page is open."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, site=site))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    page = browser.new_page()
    try:
        page.set_default_timeout(TIMEOUT)
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/check/")
        yield page
    finally:
        page.close()
        server.shutdown()
        server.server_close()
        thread.join()


def predict_in_browser(page: Page, site: Site, folder: str, backend: str = "wasm") -> NDArray[np.float32]:
    """Outputs (n, 11, 10) of TensorFlow.js for the site's tensors; `folder` is the version's, such as "compact/1/"."""
    return np.array(outputs_in_browser(page, site, folder, backend), dtype=np.float32).reshape(-1, 11, 10)


def outputs_in_browser(page: Page, site: Site, folder: str, backend: str = "wasm") -> list[list[float]]:
    """The same of any network with one output, its numbers in a row for each tensor."""
    page.evaluate(LOAD, {"backend": backend, "folder": f"/static/model/{folder}"})
    outputs: list[list[float]] = []
    with tqdm(
        total=len(site.pixels), desc=f"reading ({backend})", unit="picture", leave=False, disable=None
    ) as progress:
        for chunk in range(-(-len(site.pixels) // TENSORS)):
            request = {"url": f"/check/tensors/{chunk}", "shape": list(site.pixels.shape[1:])}
            outputs += page.evaluate(_PREDICT, request)
            progress.update(len(outputs) - progress.n)
    return outputs


def read_in_browser(page: Page, site: Site, boxes: list[Box | None], backend: str = "wasm") -> list[dict[str, Any]]:
    """Readings of the site's picture files, box by box, through the published version and `reader.js`."""
    open_reader(page, backend)
    progress = tqdm(boxes, desc="reading (page)", unit="picture", leave=False, disable=None)
    return [read_one(page, i, box) for i, box in enumerate(progress)]


def open_reader(page: Page, backend: str = "wasm") -> None:
    """Load the published version through the page's public module, on one backend."""
    page.evaluate(_OPEN_READER, {"backend": backend})


def read_one(page: Page, number: int, box: Box | None) -> dict[str, Any]:
    """One of the site's picture files read by the open reader: text, confidence, times in milliseconds."""
    place = None if box is None else {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
    reading: dict[str, Any] = page.evaluate(_READ, {"url": f"/check/pictures/{number}", "box": place})
    return reading
