"""The same displays read by all in one Chromium, in turns: what each reads, how long it takes, what it downloads."""

from __future__ import annotations

import json
import os
import statistics
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from tqdm import tqdm

from backend.domain.figures import proportion
from backend.domain.reading import ReadingError, encode
from scripts import bench_page
from scripts.bench_compare import tools, wire
from scripts.browser import find
from training.data import Sample

COLD_STARTS = 3
PATIENCE = 180_000  # milliseconds
NAMES = ("reader", "baseline", "onnxruntime", "tesseract")

OPEN = """async (names) => {
  const {open} = await import("/bench/contenders.js");
  window.contenders = {};
  for (const name of names) window.contenders[name] = await open(name);
}"""
READ = """async ([name, number, box]) => {
  const file = await (await fetch(`/pictures/${number}`)).blob();
  await file.slice(0, 1).arrayBuffer(); // a picked file, too, is there before the clock starts
  const began = performance.now();
  const text = await window.contenders[name](file, box);
  return {text, milliseconds: performance.now() - began};
}"""
COLD = """async ([name, box]) => {
  const file = await (await fetch("/pictures/0")).blob();
  const began = performance.now();
  const {open} = await import("/bench/contenders.js");
  await (await open(name))(file, box);
  return performance.now() - began;
}"""


class Site(bench_page.Site):
    """The page, two versions, the ONNX graph of the first, the npm packages, and the pictures by number."""

    def __init__(self, baseline: Path | None, graph: Path, pictures: Sequence[Path]) -> None:
        super().__init__(baseline)
        self.RequestHandlerClass = Handler
        self.files = {f"/pictures/{number}": picture for number, picture in enumerate(pictures)}
        self.files["/onnx/model.onnx"] = graph
        self.files["/onnx/card.json"] = bench_page.published() / "card.json"


class Handler(bench_page.Handler):
    """See Site."""

    server: Site
    extensions_map = {**bench_page.Handler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def translate_path(self, path: str) -> str:
        """URL → file."""
        name = path.partition("?")[0]
        found = self.server.files.get(name)
        for prefix, folder in (("/bench/", tools.HERE), ("/npm/", tools.PACKAGES)):
            if name.startswith(prefix) and ".." not in name:
                found = folder / name.removeprefix(prefix)
        if found is None:
            return super().translate_path(path)
        self.server.asked[name] = found
        return str(found)


@contextmanager
def serving(site: ThreadingHTTPServer) -> Iterator[None]:
    """The site answers as long as this lasts."""
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        site.shutdown()
        site.server_close()
        thread.join()


def compare(samples: Sequence[Sample], baseline: Path | None) -> dict[str, Any]:
    """All figures, by contender. Raises SystemExit when the version cannot be converted to ONNX."""
    names = [name for name in NAMES if baseline or name != "baseline"]
    version = bench_page.published()
    flags = [*bench_page.FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    site = Site(baseline, tools.onnx_of(version), [sample.image for sample in samples])
    with (
        sync_playwright() as driver,
        serving(site),
        driver.chromium.launch(executable_path=find(), args=flags) as browser,
    ):
        readings = read_all(browser, site, names, samples)
        figures = {name: judged(readings[name], samples) for name in names}
        starts = {name: cold(browser, site, name, samples[0]) for name in names}
        chromium = browser.version
    for name, (times, files) in starts.items():
        figures[name] |= {"cold": bench_page.spread(times), "bytes": wire.weigh(files), "files": len(files)}
    versions = versions_of(version, baseline)
    return {
        "browser": f"Chromium {chromium}",
        "cores": os.cpu_count(),
        "pictures": len(samples),
        "contenders": {name: {"version": versions[name]} | figures[name] for name in names},
    }


def new_page(browser: Browser, site: Site) -> Page:
    """A page without scripts of its own, with nothing cached."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{site.address}/icon.svg")
    return page


def read_all(
    browser: Browser, site: Site, names: Sequence[str], samples: Sequence[Sample]
) -> dict[str, list[dict[str, Any]]]:
    """What each reads of each display and in how many milliseconds, the contenders taking turns; the first warms up."""
    page = new_page(browser, site)
    page.evaluate(OPEN, list(names))
    readings: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in tqdm([0, *range(len(samples))], desc="reading", leave=False, disable=None):
        for name in names:
            readings[name].append(page.evaluate(READ, [name, number, box_of(samples[number])]))
    page.context.close()
    return {name: own[1:] for name, own in readings.items()}


def box_of(sample: Sample) -> dict[str, float] | None:
    """The display's box as the page takes it."""
    box = sample.box
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height} if box else None


def judged(readings: Sequence[dict[str, Any]], samples: Sequence[Sample]) -> dict[str, Any]:
    """Exact readings, the same with the decimal point left aside, and the times."""
    truths = [(sample.correct_value, *sample.also_accepted) for sample in samples]
    pairs = [(reading["text"], values) for reading, values in zip(readings, truths, strict=True)]
    times = [reading["milliseconds"] for reading in readings]
    return {
        "exact": proportion(np.array([any(same(text, value) for value in values) for text, values in pairs])),
        "digits": proportion(np.array([any(same(plain(t), plain(value)) for value in values) for t, values in pairs])),
        "milliseconds": bench_page.spread(times) | {"mean": round(statistics.fmean(times), 2)},
    }


def same(text: str, value: str) -> bool:
    """Whether a text is the reading; leading zeros say nothing."""
    try:
        return bool((encode(text) == encode(value)).all())
    except ReadingError:
        return False


def plain(text: str) -> str:
    """The digits alone."""
    return text.replace(".", "").replace(",", "")


def cold(browser: Browser, site: Site, name: str, sample: Sample) -> tuple[list[float], list[Path]]:
    """Milliseconds from the first import to the first reading in a browser that has nothing cached; its downloads."""
    times = []
    for _ in range(COLD_STARTS):
        page = new_page(browser, site)
        site.asked.clear()
        times.append(page.evaluate(COLD, [name, box_of(sample)]))
        page.context.close()
    return times, [path for url, path in site.asked.items() if not url.startswith(("/pictures/", "/bench/", "/icon"))]


def versions_of(version: Path, baseline: Path | None) -> dict[str, str]:
    """What was compared, each by its name and version."""
    packages = json.loads((tools.HERE / "package.json").read_text("utf-8"))["dependencies"]
    name = "/".join(version.parts[-2:])
    return {
        "reader": name,
        "baseline": "/".join(baseline.resolve().parts[-2:]) if baseline else "",
        "onnxruntime": f"onnxruntime-web {packages['onnxruntime-web']} with {name}",
        "tesseract": f"tesseract.js {packages['tesseract.js']}, eng {packages['@tesseract.js-data/eng']} (best_int)",
    }
