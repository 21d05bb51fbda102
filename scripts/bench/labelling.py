"""The labelling queue in a real browser against a real gunicorn: how long one picture takes by keyboard.

A person who knew each answer at once would press Enter when a picture is shown, and the next one would be there when
the answer is on the server's disk. The time is that from the key to the next picture drawn, measured in the page. Every
fifth picture is corrected by one digit, every tenth is called unreadable. The queue is full: 100,000 samples, half of
which wait.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from backend.app import create_app
from backend.database import db
from backend.models import Role
from backend.settings import Settings
from scripts.bench import Figures, figure
from scripts.bench.list_page import p95
from scripts.bench.panel import add_samples, cookie
from scripts.bench.server import free_port, served
from scripts.browser import find

TARGET = 300.0  # milliseconds a picture
PAGE = "/admin/labelling/"
# Notes when an answer's key is pressed, and when the next picture is decoded and drawn.
WATCH = """() => {
  const image = document.querySelector("#picture image");
  const state = (window.bench = {times: [], begun: 0, last: ""});
  addEventListener("keydown", ({key}) => {
    if (key === "Enter" || key === "u") state.begun = performance.now();
  }, true);
  new MutationObserver(async () => {
    const begun = state.begun;
    if (!begun) return;
    state.begun = 0;
    const loaded = new Image();
    loaded.src = image.getAttribute("href");
    await loaded.decode();
    requestAnimationFrame(() => setTimeout(() => state.times.push(performance.now() - begun)));
  }).observe(document.querySelector("#facts"), {childList: true, characterData: true, subtree: true});
}"""


def run(pictures: int = 300, samples: int = 100_000) -> Figures:
    """Label so many pictures out of a queue of so many samples."""
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        settings = Settings(instance=Path(folder), port=free_port(), workers=2, embedded_worker=False)
        content = prepared(settings, max(samples, 4 * pictures))
        with served(settings), sync_playwright() as driver:
            flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            browser = driver.chromium.launch(executable_path=find(), args=flags)
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            address = f"http://127.0.0.1:{settings.port}"
            context.add_cookies([{"name": "session", "value": content, "url": address}])
            page = context.new_page()
            page.goto(address + PAGE)
            times = label(page, pictures)
            browser.close()
    mean, slow = statistics.mean(times), p95(times)
    return {
        "figures": [
            figure("labelling by keyboard, mean", f"≤ {TARGET:.0f} ms", f"{mean:.0f} ms a picture", mean <= TARGET),
            figure("labelling by keyboard, p95", "", f"{slow:.0f} ms", None),
        ],
        "pictures": pictures,
        "median_ms": round(statistics.median(times), 1),
        "longest_ms": round(max(times), 1),
    }


def prepared(settings: Settings, samples: int) -> str:
    """Fill the database; the cookie of an annotator."""
    from flask_migrate import upgrade

    app = create_app(settings)
    with app.app_context():
        upgrade()
        add_samples(samples)
        content = cookie(app, Role.ANNOTATOR, "bench")
        db.engine.dispose()
    return content


def label(page: Page, pictures: int) -> list[float]:
    """Press keys as fast as the page answers; milliseconds of each picture."""
    page.wait_for_selector("#value button")
    page.evaluate(WATCH)
    for number in range(pictures):
        if number % 10 == 9:
            page.keyboard.press("u")
        else:
            if number % 5 == 4:
                page.keyboard.press("7")
            page.keyboard.press("Enter")
        page.wait_for_function("count => window.bench.times.length > count", arg=number)
    times: list[float] = page.evaluate("() => window.bench.times")
    return times


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=1, ensure_ascii=False))
