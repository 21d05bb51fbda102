"""`python -m scripts.bench_page`: what the page costs, measured in a real browser, into `docs/results/page.json`.

Bytes on the wire of all that one reading on WASM downloads; the time from opening the page cold (a new browser, nothing
cached) to the reading of a picture dropped as soon as the page listens; the time of one reading, decoding and
preprocessing included, for the published version and, in turns with it, for another (`--beside FOLDER`).
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
from playwright.sync_api import Browser, sync_playwright

from scripts.browser import find

ROOT = Path(__file__).resolve().parent.parent
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WARM_UP, READINGS, COLD_STARTS = 10, 50, 5
INCOMPRESSIBLE = {".png", ".jpg", ".webp"}
TYPES = {".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml"}

# In the page before its own scripts: drops the picture when main.js has run, notes when the first verdict is drawn.
DROP = """(binary) => {
  addEventListener("load", () => {
    const bytes = Uint8Array.from(atob(binary), (c) => c.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "meter.png", {type: "image/png"}));
    new MutationObserver(() => {
      if (document.querySelector("#result-list .verdict")) window.firstReading ??= performance.now();
    }).observe(document.body, {subtree: true, childList: true});
    document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
  });
}"""

READ = """async ([roots, pictures, warmUp, count]) => {
  const {createReader} = await import("/js/reader.js");
  const bytes = pictures.map(({file}) => Uint8Array.from(atob(file), (c) => c.charCodeAt(0)));
  const readers = await Promise.all(roots.map((model) => createReader({model, backends: ["wasm"]})));
  const times = readers.map(() => []);
  for (let n = 0; n < warmUp + count; n++) {
    const at = n % pictures.length;
    for (const [side, reader] of readers.entries()) {
      const file = new Blob([bytes[at]]); // a new one, decoded anew; before the clock starts, as a picked file is there
      await file.slice(0, 1).arrayBuffer(); // and with the browser's own process
      const began = performance.now();
      await reader.read(file, {box: pictures[at].box});
      if (n >= warmUp) times[side].push(performance.now() - began);
    }
  }
  return times;
}"""


class Site(ThreadingHTTPServer):
    """`frontend/` at `/`, `static/` at `/static/`, further versions at `/beside/`; remembers what was asked for."""

    daemon_threads = True

    def __init__(self, beside: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.beside = beside
        self.asked: dict[str, Path] = {}

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(SimpleHTTPRequestHandler):
    """See Site."""

    server: Site
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, **TYPES}  # noqa: RUF012 (the base class's own way)

    def do_GET(self) -> None:
        """Serve a file, or the pointer to the other version, which no folder holds."""
        if self.path != "/beside/current.json" or self.server.beside is None:
            super().do_GET()
            return
        card = hashlib.sha256((self.server.beside / "card.json").read_bytes()).hexdigest()
        content = json.dumps({"path": "version/", "card_sha256": card}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def translate_path(self, path: str) -> str:
        """URL → file."""
        name = path.partition("?")[0]
        if self.server.beside and name.startswith("/beside/version/"):
            self.directory, inside = str(self.server.beside), name.removeprefix("/beside/version")
        elif name.startswith("/static/"):
            self.directory, inside = str(ROOT / "static"), name.removeprefix("/static")
        else:
            self.directory, inside = str(ROOT / "frontend"), "/index.html" if name == "/" else name
        found = super().translate_path(inside)
        self.server.asked[name] = Path(found)
        return found

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@contextmanager
def serve(beside: Path | None) -> Iterator[Site]:
    """A site on a free port of this machine."""
    site = Site(beside)
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join()


def published() -> Path:
    """The published version's folder."""
    models = ROOT / "static" / "model"
    pointer = json.loads((models / "current.json").read_text("utf-8"))
    return models / str(pointer["path"])


def pictures_of(version: Path) -> list[dict[str, Any]]:
    """The version's golden pictures in base64 and their boxes: drawn displays of the size of a cut-out one."""
    entries = json.loads((version / "golden" / "golden.json").read_text("utf-8"))
    folder = version / "golden"
    return [
        {"file": base64.b64encode((folder / entry["image"]).read_bytes()).decode(), "box": entry["box"]}
        for entry in entries
    ]


def cold_start(browser: Browser, site: Site, picture: str) -> float:
    """Milliseconds from the start of the navigation to the first verdict on screen."""
    page = browser.new_page()
    page.add_init_script(f"({DROP})({json.dumps(picture)})")
    page.goto(site.address)
    page.wait_for_function("window.firstReading", timeout=60_000)
    return float(page.evaluate("window.firstReading"))


def wire(asked: dict[str, Path]) -> dict[str, Any]:
    """Bytes of what was asked for as they travel, by part; `total` is all of it by brotli."""
    sizes = {form: {"model": 0, "runtime": 0, "page": 0} for form in ("brotli", "gzip")}
    for url, path in asked.items():
        part = "model" if url.startswith("/static/model/") else "runtime" if url.startswith("/vendor/") else "page"
        content = path.read_bytes()
        plain = len(content)
        fixed = path.suffix in INCOMPRESSIBLE
        sizes["brotli"][part] += plain if fixed else min(plain, len(brotli.compress(content)))
        sizes["gzip"][part] += plain if fixed else min(plain, len(gzip.compress(content, 9)))
    return {
        **sizes,
        "total": sum(sizes["brotli"].values()),
        "total_gzip": sum(sizes["gzip"].values()),
        "files": len(asked),
    }


def spread(times: list[float]) -> dict[str, Any]:
    """Median, 90th percentile and number of times in milliseconds."""
    ordered = sorted(times)
    p90 = ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
    return {"median": round(statistics.median(ordered), 2), "p90": round(p90, 2), "n": len(ordered)}


def measure(beside: Path | None) -> dict[str, Any]:
    """All figures."""
    version = published()
    pictures = pictures_of(version)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver, serve(beside) as site:
        cold = []
        for _ in range(COLD_STARTS):
            with driver.chromium.launch(executable_path=find(), args=flags) as browser:
                cold.append(cold_start(browser, site, pictures[0]["file"]))
        asked = dict(site.asked)
        with driver.chromium.launch(executable_path=find(), args=flags) as browser:
            page = browser.new_page()
            page.goto(f"{site.address}/icon.svg")
            roots = ["/static/model/", *(["/beside/"] if beside else [])]
            times = page.evaluate(READ, [roots, pictures, WARM_UP, READINGS])
            name = browser.version
    figures: dict[str, Any] = {
        "version": "/".join(version.parts[-2:]),
        "browser": f"Chromium {name}",
        "cores": os.cpu_count(),
        "wire": wire(asked),
        "cold": spread(cold),
        "reading": spread(times[0]),
    }
    if beside:
        ratio = statistics.median(times[0]) / statistics.median(times[1])
        other = {"version": "/".join(beside.resolve().parts[-2:]), "reading": spread(times[1])}
        figures["beside"] = {**other, "ratio": round(ratio, 3)}
    return figures


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_page", description=__doc__.partition("\n")[0])
    parser.add_argument("--beside", type=Path, help="folder of another version, read in turns with the published one")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "results" / "page.json", help="file to write")
    options = parser.parse_args(arguments)
    text = json.dumps(measure(options.beside), indent=2) + "\n"
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
