"""What the reader of whole photos reaches, measured in a real Chromium on a plain server: see `__main__.py`.

Each module has `run(…)`, which returns what goes into its file in `docs/results/`. Pictures are the photos named on the
command line, or drawn ones.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Playwright

from scripts.bench_page import FLAGS, ROOT
from scripts.browser import find
from training.data import VALIDATE
from training.finder.data import read_outlines
from training.finder.golden import drawn_photo

Figures = dict[str, Any]

DRAWN_SIZE = (960, 1280)  # pixels of a drawn photo, as pictures sent from phones have
QUALITY = 92  # of a drawn photo's JPEG


def pictures(photos: Path | None, number: int, folder: Path) -> list[Path]:
    """So many files: validation photos of the folder with `outlines.csv`, or drawn ones written to `folder`.

    Raises DatasetError for a folder that is none.
    """
    if photos is not None:
        return [photo.image for photo in read_outlines(photos) if photo.type == VALIDATE][:number]
    files = [folder / f"{index:04}.jpg" for index in range(number)]
    for index, file in enumerate(files):
        picture, _ = drawn_photo(np.random.default_rng((17, index)), size=DRAWN_SIZE)
        picture.save(file, quality=QUALITY)
    return files


@contextmanager
def chromium(driver: Playwright, *more: str) -> Iterator[Browser]:
    """A browser just started, with further flags."""
    flags = [*FLAGS, *more, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with driver.chromium.launch(executable_path=find(), args=flags) as browser:
        yield browser


def circumstances(browser: Browser) -> Figures:
    """What it was measured with: the browser, the published reader and the published finder."""
    pointer = json.loads((ROOT / "static" / "model" / "current.json").read_bytes())
    own = {"version": pointer["path"].rstrip("/")}
    finder = {"finder": pointer["finder"]["path"].rstrip("/")} if "finder" in pointer else {}
    return own | finder | {"browser": f"Chromium {browser.version}", "cores": os.cpu_count()}


def spread(values: Sequence[float]) -> Figures:
    """Median, 95th percentile and number."""
    p95 = float(np.percentile(values, 95))
    return {"median": round(statistics.median(values), 2), "p95": round(p95, 2), "n": len(values)}


__all__ = ["ROOT", "Figures", "chromium", "circumstances", "pictures", "spread"]
