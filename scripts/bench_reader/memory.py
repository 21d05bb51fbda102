"""Memory of the page for many photos, after every hundred of a thousand: does it grow with what was read?

Garbage is collected before each look. The heap of scripts and the number of nodes are told by the browser's own
debugger; the memory of WebAssembly by the worker, which is served with a few lines more that remember what is made;
what the whole process keeps to itself, decoded pictures too, by the system.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, Route, sync_playwright

from scripts.bench_page import serve
from scripts.bench_reader import Figures, chromium, circumstances, pictures

DIFFERENT = 200  # pictures; with more to read they come again under other names
EVERY = 100
PATIENCE = 600_000  # milliseconds for a hundred photos
REMEMBER = """
self.memories = new Set();
for (const name of ["instantiate", "instantiateStreaming"]) {
  const plain = WebAssembly[name];
  WebAssembly[name] = async (code, imports = {}) => {
    const made = await plain.call(WebAssembly, code, imports);
    const parts = [(made.instance ?? made).exports, ...Object.values(imports)].flatMap((part) => Object.values(part));
    for (const part of parts) if (part instanceof WebAssembly.Memory) self.memories.add(part);
    return made;
  };
}
"""
WASM = "(gc(), [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0))"


def run(photos: Path | None, number: int) -> Figures:
    """Read so many photos into the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver, serve(None) as site:
        place = Path(folder)
        files = list(named(pictures(photos, DIFFERENT, place), number, place))
        with chromium(driver, "--js-flags=--expose-gc") as browser:
            page = browser.new_page(service_workers="block")
            page.route("**/js/worker.js", remembering)
            page.goto(f"{site.address}/batch.html")
            page.locator("#loading").wait_for(state="hidden")
            looks = list(watched(browser, page, files))
            about = circumstances(browser)
    return {
        **about,
        "drawn": photos is None,
        "photos": number,
        "files": min(DIFFERENT, number),
        "looks": looks,
        **growth(looks),
    }


def named(files: list[Path], number: int, folder: Path) -> Iterator[Path]:
    """So many files, each with a name of its own: the page leaves out what it has already."""
    for index in range(number):
        file = folder / f"photo-{index:05}.jpg"
        file.symlink_to(files[index % len(files)].resolve())
        yield file


def remembering(route: Route) -> None:
    """The worker as it is served, which also remembers the memories that WebAssembly makes there."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + REMEMBER)


def watched(browser: Browser, page: Page, files: list[Path]) -> Iterator[Figures]:
    """Give the files to the page and look after every hundred, while it pauses."""
    page.set_input_files("#files", files)
    done = "(part) => document.querySelector('#progress progress').value >= part"
    for count in range(EVERY, len(files) + 1, EVERY):
        page.wait_for_function(done, arg=count / len(files), timeout=PATIENCE)
        if count < len(files):
            page.locator(".pause").click()
        page.wait_for_function("!document.querySelector('tr[data-state=reading]')")
        yield {"read": page.locator("tr[data-state=read]").count(), **look(browser, page)}
        if count < len(files):
            page.locator(".pause").click()


def look(browser: Browser, page: Page) -> Figures:
    """Bytes in use once the garbage is gone, and the number of nodes."""
    session = page.context.new_cdp_session(page)
    wasm = sum(worker.evaluate(WASM) for worker in page.workers)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    nodes = session.send("Memory.getDOMCounters")["nodes"]
    session.detach()
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    private = sum(private_bytes(each["id"]) for each in processes if each["type"] == "renderer")
    return {"heap": int(heap), "wasm": wasm, "nodes": nodes, "private": private}


def private_bytes(process: int) -> int:
    """What a process shares with no other, as Linux counts it."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def growth(looks: list[Figures]) -> Figures:
    """Bytes more for each photo read, by the straight line that fits the looks best."""
    read = [each["read"] for each in looks]
    slopes = {name: np.polyfit(read, [each[name] for each in looks], 1)[0] for name in ("heap", "wasm", "private")}
    return {"a_photo": {name: round(float(slope)) for name, slope in slopes.items()}}
