"""`python -m scripts.bench_offline`: the page on a device that knows it, into `docs/results/offline.json`.

One visit, until the page and the model are kept; then, each time in a browser that has just been started, the time from
opening the page to the reading of a picture dropped as soon as the page listens: from what is kept, with the server
there and without it. And how many bytes are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from scripts.bench_page import DROP, FLAGS, ROOT, pictures_of, published, serve, spread
from scripts.browser import find

STARTS = 5
PATIENCE = 60_000  # milliseconds until what is awaited has surely failed
# The service worker has the page, and the pointer to a whole set of the model's files is there.
KEPT = """async () => {
  const kept = async () => navigator.serviceWorker.controller && (await caches.has("model-pointers"));
  while (!(await kept())) await new Promise((resolve) => setTimeout(resolve, 50));
}"""


@contextmanager
def browser(driver: Playwright, profile: str) -> Iterator[BrowserContext]:
    """A browser just started that keeps what it has in the folder `profile`."""
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    context = driver.chromium.launch_persistent_context(profile, executable_path=find(), args=flags)
    try:
        yield context
    finally:
        context.close()


def visit(driver: Playwright, profile: str, address: str) -> tuple[int, str]:
    """Open the page and wait until it is kept; bytes kept, and the browser's version."""
    with browser(driver, profile) as context:
        page = context.new_page()
        page.goto(address)
        page.evaluate(KEPT)
        size = page.evaluate("navigator.storage.estimate().then(({usage}) => usage)")
        return int(size), page.evaluate("navigator.userAgent.match(/Chrome.([0-9.]+)/)[1]")


def start(driver: Playwright, profile: str, address: str, picture: str, offline: bool) -> float:
    """Milliseconds from the start of the navigation to the first verdict on screen."""
    with browser(driver, profile) as context:
        context.set_offline(offline)
        page = context.new_page()
        page.add_init_script(f"({DROP})({json.dumps(picture)})")
        page.goto(address)
        page.wait_for_function("window.firstReading", timeout=PATIENCE)
        return float(page.evaluate("window.firstReading"))


def measure() -> dict[str, Any]:
    """All figures."""
    version = published()
    picture = pictures_of(version)[0]["file"]
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as driver, serve(None) as site:
        kept, name = visit(driver, profile, site.address)
        times = {
            way: [start(driver, profile, site.address, picture, way == "offline") for _ in range(STARTS)]
            for way in ("second", "offline")
        }
    return {
        "version": "/".join(version.parts[-2:]),
        "browser": f"Chromium {name}",
        "cores": os.cpu_count(),
        "kept": kept,
        **{way: spread(found) for way, found in times.items()},
    }


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_offline", description=__doc__.partition("\n")[0])
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "results" / "offline.json", help="file to write")
    options = parser.parse_args(arguments)
    text = json.dumps(measure(), indent=2) + "\n"
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
