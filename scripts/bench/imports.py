"""How fast `import_training_data` takes pictures in, and whether its memory stays flat.

The import runs as the command does, in a process of its own, whose largest memory the system tells afterwards: once
for a quarter of the pictures and once for all of them. A memory that grows with the pictures shows in the difference.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from backend.settings import ROOT
from scripts.bench import Figures, figure

WIDTH, HEIGHT = 300, 100
PICTURES_PER_SECOND = 150
FLAT = 1.10  # the memory with all pictures, as a part of that with a quarter

IMPORT = """
import json, resource, sys, time
from pathlib import Path
from backend.services.dataset_import import import_dataset
from scripts.bench import installation
with installation():
    start = time.perf_counter()
    done = import_dataset(Path(sys.argv[1]), "bench")
    seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"samples": done.samples, "seconds": seconds, "kilobytes": peak}))
"""


def run(count: int = 10_000) -> Figures:
    """Import `count` pictures of 300×100, and before that a quarter of them."""
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        write_pictures(Path(folder), count)
        write_table(Path(folder), count // 4)
        few = measure(Path(folder))
        write_table(Path(folder), count)
        many = measure(Path(folder))
    assert (few["samples"], many["samples"]) == (count // 4, count), "the import skipped pictures"
    rate, growth = many["samples"] / many["seconds"], many["kilobytes"] / few["kilobytes"]
    memory = f"{many['kilobytes'] / 1024:.0f} MB with {count:,}, {few['kilobytes'] / 1024:.0f} MB with {count // 4:,}"
    return {
        "figures": [
            figure(
                f"`import_training_data`, {count:,} pictures of {WIDTH}×{HEIGHT}",
                f"≥ {PICTURES_PER_SECOND} pictures a second",
                f"{rate:.0f} pictures a second",
                rate >= PICTURES_PER_SECOND,
            ),
            figure("– its memory", "flat", memory, growth <= FLAT),
        ],
        "few": few,
        "many": many,
    }


def measure(folder: Path) -> dict[str, float]:
    """Import a folder into a new installation in a new process."""
    command = [sys.executable, "-c", IMPORT, str(folder)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def write_pictures(folder: Path, count: int) -> None:
    """Draw `count` different pictures, noisy as photographs are, as JPEG files."""
    (folder / "images").mkdir()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(draw, [folder] * count, range(count), chunksize=100))


def draw(folder: Path, number: int) -> None:
    """One picture, "00012345.jpg", that shows its number."""
    rng = np.random.default_rng(number)
    light = np.linspace(60, 200, WIDTH)[None, :, None] + rng.normal(0, 12, (HEIGHT, WIDTH, 3))
    image = Image.fromarray(light.clip(0, 255).astype(np.uint8))
    ImageDraw.Draw(image).text((20, 15), f"{number:08}", fill="black", font_size=56)
    image.save(folder / "images" / f"{number:08}.jpg", quality=90)


def write_table(folder: Path, count: int) -> None:
    """Name the first `count` pictures in `training.csv`."""
    with (folder / "training.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "type", "correct_value", "source"])
        writer.writerows([f"{n:08}.jpg", n % 3, f"{n:08}", "bench"] for n in range(count))
