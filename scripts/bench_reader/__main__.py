"""`python -m scripts.bench_reader PART`: the reader of whole photos in Chromium, into `docs/results/PART.json`.

`photos`: milliseconds of finder and reader. `camera`: readings a second and the time to an accepted reading, before a
fake camera. `memory`: what the page for many photos keeps of a thousand. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from scripts.bench_reader import ROOT, Figures, camera, memory, photos
from training.data import DatasetError

NUMBERS = {"photos": 100, "camera": 12, "memory": 1000}


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when the photos cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_reader", description=__doc__.partition("\n")[0])
    parser.add_argument("part", choices=NUMBERS)
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="with outlines.csv; without it, they are drawn")
    parser.add_argument("--number", type=int, help=f"photos, or displays of the camera; without it, {NUMBERS}")
    parser.add_argument("--to", type=Path, help="file to write; without it, docs/results/PART.json")
    given = parser.parse_args(arguments)
    try:
        result = measure(given.part, given.photos, given.number or NUMBERS[given.part])
    except DatasetError as error:
        print(f"scripts.bench_reader: {error}", file=sys.stderr)
        return 1
    target = given.to or ROOT / "docs" / "results" / f"{given.part}.json"
    text = json.dumps(result, indent=1) + "\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def measure(part: str, folder: Path | None, number: int) -> Figures:
    """One part's figures. Raises DatasetError for a folder without photos."""
    if part == "camera":
        return camera.run(number)
    return photos.run(folder, number) if part == "photos" else memory.run(folder, number)


if __name__ == "__main__":
    sys.exit(main())
