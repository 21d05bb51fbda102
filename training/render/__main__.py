"""A dataset folder of drawn displays: `python -m training.render FOLDER --count 60 --seed 1`.

Each meter is a group: one look, several readings. A meter is there to teach, to test or to validate, never for two of
them. Beside `training.csv` and `images/`, `cells.json` says where each digit of a picture stands, in pixels from its
left edge. The same count and seed give the same folder.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.render import render
from training.render.paint import Drawn, Rng

COLUMNS = ("image", "type", "correct_value", "meter_type", "group", "source", "x", "y", "w", "h", "also_accepted")
# kind of display, digits before the point and after it
METER_TYPES = {"drawn drums": ("drums", 5, 3), "drawn LCD": ("lcd", 6, 1), "drawn LED": ("led", 5, 0)}
READINGS = 5  # of each meter
SPLITS = (0, 0, 1, 2)  # of the meters of one type in turn: two to teach, one to test, one to validate


def main() -> None:
    """Read the options and write the folder."""
    parser = argparse.ArgumentParser(prog="python -m training.render", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write; must not exist or be empty")
    parser.add_argument("--count", type=int, default=60, help="how many pictures")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same pictures")
    options = parser.parse_args()
    if options.count < 1:
        parser.error(f"expected a count of at least 1, got {options.count}")
    if options.folder.exists() and any(options.folder.iterdir()):
        parser.error(f"expected a folder that does not exist or is empty, got {options.folder}")
    write(options.folder, options.count, options.seed)
    print(f"{options.count} drawn displays written to {options.folder}.")


def write(folder: Path, count: int, seed: int) -> None:
    """Write `training.csv`, `cells.json` and the pictures."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    cells: dict[str, list[list[float]]] = {}
    with (folder / "training.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name, split, meter_type, group, drawn in displays(count, seed):
            drawn.image.save(folder / "images" / name)
            cells[name] = [[cell.x, cell.x + cell.width] for cell in drawn.cells]
            box = dict(zip("xywh", (drawn.box.x, drawn.box.y, drawn.box.width, drawn.box.height), strict=True))
            row = {"image": name, "type": split, "correct_value": drawn.text, "meter_type": meter_type, "group": group}
            row |= {"source": "drawn", "also_accepted": " ".join(drawn.also)}
            writer.writerow(row | {key: round(value, 2) for key, value in box.items()})
    (folder / "cells.json").write_text(json.dumps(cells, indent=1) + "\n", encoding="utf-8")


def displays(count: int, seed: int) -> Iterator[tuple[str, int, str, str, Drawn]]:
    """Yield name, split, meter type, meter and drawing of each picture, the meter types in turn."""
    for number in range(count):
        meter, reading = divmod(number, READINGS)
        turn, which = divmod(meter, len(METER_TYPES))
        meter_type = list(METER_TYPES)[which]
        kind, whole, decimals = METER_TYPES[meter_type]
        text = reading_text(np.random.default_rng([seed, meter, reading]), whole, decimals)
        # The generator's state is the meter's look: the same one for each of its readings.
        drawn = render(np.random.default_rng([seed, meter]), kind, text)
        yield f"{number:05}.png", SPLITS[turn % len(SPLITS)], meter_type, f"drawn-{seed}-{meter}", drawn


def reading_text(rng: Rng, whole: int, decimals: int) -> str:
    """Any digits, padded to the display's width."""
    digits = "".join(str(digit) for digit in rng.integers(0, 10, whole + decimals))
    return f"{digits[:whole]}.{digits[whole:]}" if decimals else digits


if __name__ == "__main__":
    main()
