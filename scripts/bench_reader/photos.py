"""Milliseconds for a whole photo, by stage, on WASM: finding the display and reading it; and the finder's bytes."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scripts.bench_page import serve, wire
from scripts.bench_reader import Figures, chromium, circumstances, pictures, spread

WARM_UP = 5
OPEN = """async () => {
  const {createReader} = await import("/js/reader.js");
  window.reader = await createReader({model: "/static/model/", backends: ["wasm"]});
}"""
READ = """async (binary) => {
  const file = new Blob([Uint8Array.from(atob(binary), (c) => c.charCodeAt(0))]);
  await file.slice(0, 1).arrayBuffer(); // with the browser's own process by then, as a picked file is
  const began = performance.now();
  const {stages, accepted, corners} = await reader.readPhoto(file);
  return {whole: performance.now() - began, ...stages, accepted, found: Boolean(corners)};
}"""


def run(photos: Path | None, number: int) -> Figures:
    """Read so many photos once each, after a few to warm up."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver, serve(None) as site:
        files = pictures(photos, number, Path(folder))
        with chromium(driver) as browser:
            page = browser.new_page()
            page.goto(f"{site.address}/icon.svg")
            page.evaluate(OPEN)
            for file in files[:WARM_UP]:
                read(page, file)
            readings = [read(page, file) for file in files]
            about = circumstances(browser)
        finder = {url: path for url, path in site.asked.items() if url.startswith("/static/model/finder/")}
    return {
        **about,
        "drawn": photos is None,
        "found": sum(reading["found"] for reading in readings),
        "accepted": sum(reading["accepted"] for reading in readings),
        "finder_bytes": wire(finder)["brotli"]["model"],
        "milliseconds": {
            # What remains once the file is decoded, as the target is meant; and all that a person waits for.
            "work": spread(
                [sum(reading[stage] for stage in ("find", "preprocess", "network")) for reading in readings]
            ),
            **{stage: spread([reading[stage] for reading in readings]) for stage in ("find", "decode", "whole")},
        },
    }


def read(page: Page, file: Path) -> Figures:
    """The stages of one reading, and what came of it."""
    found: Figures = page.evaluate(READ, base64.b64encode(file.read_bytes()).decode())
    return found
