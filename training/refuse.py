"""`python -m training.refuse VERSION DATASET_DIR`: is a reading claimed where there is none to be had?

A reading is claimed where the page shows a number at all: accepted, or as a best guess under "not sure". It is not
claimed where the answer is that no readable display is in the frame. Measured on the frozen set of unreadable pictures
(`training.unreadable_set`) of validation, which the limit was fitted on, and of test, on which neither network nor
limit was; beside it how many readable displays of the same side are called unreadable. Prints a table, whose intervals
are those of as many pictures as there are files; with `--json` everything; `--sheet FILE.png` draws what is claimed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.card import Card, CardError
from backend.domain.figures import proportion
from backend.domain.imaging import ImageError
from training import metrics
from training.data import SPLITS, DatasetError, Sample, dataset_hash, read_table
from training.networks import Network, crop_samples, open_network, read_all
from training.tables import over_files
from training.unreadable_set import EACH, KINDS, Unreadable, draw_set, without_display

Limits = tuple[float, float, float, float | None]  # temperature, threshold, unreadable, the latter's temperature

SIDES = ("validate", "test")
DEFINITION = "a number is shown, accepted or as a best guess; not: no readable display is in the frame"


def limits_of(card: Card) -> Limits:
    """What a card says of when a number is shown and when it is accepted."""
    return card.temperature, card.threshold, card.unreadable, card.unreadable_temperature


def pictures_beside(dataset: Path) -> Path:
    """Where the pictures without a display lie: beside the dataset folder, if anywhere."""
    return dataset.resolve().parent / "not_meters" / "images"


def read_set(
    network: Network, samples: Sequence[Sample], folder: Path, split: str, each: int = EACH
) -> tuple[Unreadable, NDArray[np.float32]]:
    """The unreadable pictures of one side, and the network's outputs for them, (n, 11, 10)."""
    drawn = draw_set(samples, without_display(folder, split), split, network.spec, each)
    return drawn, read_all(network, drawn.pixels, f"reading (unreadable, {split})")


def by_kind(
    drawn: Unreadable,
    outputs: NDArray[Any],
    temperature: float,
    threshold: float,
    unreadable: float,
    soft: float | None,
) -> dict[str, Any]:
    """Of each kind and of all: how many are claimed as a reading, how many of them accepted, made of how many files."""
    shown, accepted = metrics.claimed(outputs, temperature, threshold, unreadable, soft)
    kinds = {kind: drawn.kinds == kind for kind in KINDS if (drawn.kinds == kind).any()}
    return {
        kind: {
            "claimed": proportion(shown[chosen]),
            "accepted": proportion(accepted[chosen]),
            "files": len(np.unique(drawn.origins[chosen])),
        }
        for kind, chosen in (kinds | {"together": np.ones(len(drawn), bool)}).items()
    }


def readable(network: Network, samples: Sequence[Sample]) -> dict[str, Any]:
    """How many readable displays are called unreadable: together and by data set."""
    card = network.card
    assert card is not None
    outputs = read_all(network, crop_samples(samples, network.spec), "reading (readable)")
    refused = ~metrics.claimed(outputs, *limits_of(card))[0]
    sources = np.array([s.source for s in samples])
    parts = {str(name): proportion(refused[sources == name]) for name in np.unique(sources)}
    return {"together": proportion(refused), "by_source": parts}


def measure(network: Network, dataset: Path, each: int = EACH, sheet: Path | None = None) -> dict[str, Any]:
    """Everything that `--json` prints. Raises DatasetError without readable pictures, CardError without a card."""
    card = network.card
    if card is None:
        raise CardError("expected a version, whose card says when there is no display, got a network without a card")
    samples = read_table(dataset)
    sides = {}
    for side in SIDES:
        given = [s for s in samples if s.type == SPLITS[side]]
        if not given:
            raise DatasetError(f"expected pictures of the split '{side}', got a dataset without any")
        drawn, outputs = read_set(network, samples, pictures_beside(dataset), side, each)
        limits = limits_of(card)
        if sheet and side == "validate":
            draw_claimed(sheet, drawn, outputs, limits)
        sides[side] = {
            "set": drawn.sha256,
            "unreadable": by_kind(drawn, outputs, *limits),
            "readable_refused": readable(network, given),
        }
    about = {
        "limit": card.unreadable,
        "temperature": card.unreadable_temperature,
        "claimed_is": DEFINITION,
        "data": {"sha256": dataset_hash(dataset)},
    }
    return {"version": network.about} | about | sides


def draw_claimed(file: Path, drawn: Unreadable, outputs: NDArray[Any], limits: Limits) -> None:
    """Write the contact sheet of what is claimed, the surest first."""
    from training.contact_sheet import Cell, contact_sheet

    sure, _ = metrics.confidences(outputs, limits[0])
    shown = np.flatnonzero(metrics.claimed(outputs, *limits)[0])
    order = shown[np.argsort(-sure[shown], kind="stable")]
    texts = {i: metrics.text_of(outputs[i].argmax(1)) for i in order}
    cells = [Cell(drawn.pixels[i], "none", texts[i], float(sure[i]), str(drawn.kinds[i])) for i in order]
    contact_sheet(cells, len(drawn)).save(file)


def table(result: dict[str, Any]) -> str:
    """The main figures as text."""
    lines = [f"{result['version']['name']}/{result['version']['version']}: claimed is where {result['claimed_is']}"]
    for side in SIDES:
        lines.append(f"{side:14}{'claimed':>26}{'accepted':>10}{'files':>7}")
        for kind, each in result[side]["unreadable"].items():
            claimed, accepted = over_files(each["claimed"], each["files"]), each["accepted"]["right"]
            share = f"{claimed['value'] or 0:.1%} [{claimed['low']:.1%}, {claimed['high']:.1%}]"
            lines.append(f"  {kind:12}{share:>26}{accepted:10}{each['files']:7}")
        refused = result[side]["readable_refused"]["together"]
        lines.append(f"  readable displays called unreadable: {refused['right']} of {refused['n']}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when the version or the data cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.refuse", description=__doc__.partition("\n")[0])
    parser.add_argument("version", metavar="VERSION", help="version folder")
    parser.add_argument("dataset", metavar="DATASET_DIR", type=Path, help="folder with training.csv and images/")
    parser.add_argument("--each", type=int, default=EACH, help=f"pictures of each kind and side (default {EACH})")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw what is claimed")
    given = parser.parse_args(arguments)
    try:
        result = measure(open_network(given.version), given.dataset, given.each, given.sheet)
    except (CardError, DatasetError, ImageError) as error:
        print(f"training.refuse: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) if given.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
