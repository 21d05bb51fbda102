"""`python -m training.compare VERSION_A VERSION_B DATASET_DIR`: two versions side by side.

Accuracy on the same pictures (paired), parameters, bytes on the wire, and the time of one reading in Chromium on WASM,
decoding and preprocessing included, the two taking turns in the same run.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from backend.domain.card import CardError
from backend.domain.figures import mcnemar
from backend.domain.imaging import ImageError
from training import evaluate, metrics
from training.data import SPLITS, DatasetError, Sample, dataset_hash
from training.networks import crop_samples, open_version, read_all
from training.parity import Site, open_browser, open_page, open_reader, read_one
from training.publishing import point_at, wire

WARM_UP = 5


def compare(folders: Sequence[Path], samples: Sequence[Sample], pictures: int, crop: str = "box") -> dict[str, Any]:
    """Both versions' figures on the samples, what differs, and the times of `pictures` readings each in the browser."""
    judged, figures = [], []
    for folder in folders:
        network = open_version(folder)
        outputs = read_all(network, crop_samples(samples, network.spec, crop))
        judged.append(evaluate.judge(network, outputs, samples))
        card = network.card
        assert card is not None
        whole = metrics.summary(judged[-1], card.threshold, card.unreadable)
        sources = {
            str(s): metrics.proportion(judged[-1].exact[judged[-1].sources == s]) for s in np.unique(judged[-1].sources)
        }
        version = network.about | {"parameters": network.parameters, "input": [card.input.width, card.input.height]}
        figures.append(
            {
                "version": version,
                "wire": wire(folder),
                "together": whole,
                "exact_by_source": sources,
                "training": card.training,
            }
        )
    for figure, times in zip(figures, latency(folders, samples[:pictures]), strict=True):
        figure["milliseconds"] = times
    return {"a": figures[0], "b": figures[1], "paired": paired(*judged)}


def paired(a: metrics.Judged, b: metrics.Judged) -> dict[str, Any]:
    """How two versions differ on the same pictures: McNemar's exact test (McNemar 1947) and the difference by meter."""
    only_a, only_b = int((a.exact & ~b.exact).sum()), int((b.exact & ~a.exact).sum())
    gain = a.exact.astype(float) - b.exact.astype(float)
    difference = metrics.bootstrap(a, lambda _, weights: metrics.weighted_mean(gain, weights))
    return {
        "only_a_right": only_a,
        "only_b_right": only_b,
        "p": mcnemar(only_a, only_b),
        "difference": difference,
    }


def latency(folders: Sequence[Path], samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Milliseconds of one reading by `reader.js` on WASM: median, 90th percentile and the stages' medians."""
    readings: list[list[dict[str, Any]]] = [[] for _ in folders]
    files = tuple(sample.image for sample in samples)
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        browser = stack.enter_context(open_browser())
        pages = []
        for number, folder in enumerate(folders):
            site = Site(_publish_alone(folder, Path(place) / str(number)), files, _NO_TENSORS)
            pages.append(stack.enter_context(open_page(browser, site)))
            open_reader(pages[-1])
        turns = [0] * WARM_UP + list(range(len(samples)))
        for turn, i in enumerate(tqdm(turns, desc="timing", leave=False, disable=None)):
            for page, own in zip(pages, readings, strict=True):
                reading = read_one(page, i, samples[i].box)
                if turn >= WARM_UP:
                    own.append(reading)
    return [_times(own) for own in readings]


_NO_TENSORS = np.zeros((0, 1, 1, 3), np.uint8)


def _publish_alone(folder: Path, models: Path) -> Path:
    """A folder whose `current.json` points to the version, wherever it lies."""
    (models / folder.parent.name).mkdir(parents=True)
    (models / folder.parent.name / folder.name).symlink_to(folder)
    point_at(models, models / folder.parent.name / folder.name)
    return models


def _times(readings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    all_times = [reading["milliseconds"] for reading in readings]
    stages = {key: float(np.median([r["stages"][key] for r in readings])) for key in readings[0]["stages"]}
    median, late = np.percentile(all_times, [50, 90])
    return {"median": float(median), "p90": float(late), "n": len(all_times), "stages": stages}


def table(result: dict[str, Any]) -> str:
    """Both side by side as text."""
    sides = [result["a"], result["b"]]
    rows = [("", [f"{s['version']['name']}/{s['version']['version']}" for s in sides])]
    rows.append(("exact", [_share(s["together"]["exact"]) for s in sides]))
    for source in sides[0]["exact_by_source"]:
        rows.append((f"  {source}", [_share(s["exact_by_source"][source]) for s in sides]))
    rows.append(("within ±1 of the last digit", [_share(s["together"]["within_one"]) for s in sides]))
    rows.append(("digits", [_share(s["together"]["digits"]) for s in sides]))
    rows.append(("parameters", [f"{s['version']['parameters']:,}" for s in sides]))
    rows.append(("model on the wire, brotli", [f"{s['wire']['brotli'] / 1000:,.0f} kB" for s in sides]))
    rows.append(("one reading in Chromium, WASM", [f"{s['milliseconds']['median']:.1f} ms" for s in sides]))
    rows.append(("  of it the network", [f"{s['milliseconds']['stages']['network']:.1f} ms" for s in sides]))
    lines = [f"{name:30}{cells[0]:>26}{cells[1]:>26}" for name, cells in rows]
    pair = result["paired"]
    difference = pair["difference"]
    lines.append(
        f"only the first right: {pair['only_a_right']}, only the second: {pair['only_b_right']}; difference "
        f"{difference['value']:+.1%} [{difference['low']:+.1%}, {difference['high']:+.1%}], McNemar p = {pair['p']:.2g}"
    )
    return "\n".join(lines)


def _share(figure: dict[str, Any]) -> str:
    return f"{figure['value']:.1%} [{figure['low']:.1%}, {figure['high']:.1%}]"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when a version or the data cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.compare", description=__doc__.partition("\n")[0])
    parser.add_argument("a", metavar="VERSION_A", type=Path)
    parser.add_argument("b", metavar="VERSION_B", type=Path)
    parser.add_argument("dataset", metavar="DATASET_DIR", type=Path)
    parser.add_argument("--split", choices=sorted(SPLITS), default="validate")
    parser.add_argument("--crop", choices=("box", "whole"), default="box")
    parser.add_argument("--limit", type=int, help="only the first N pictures")
    parser.add_argument("--timed", type=int, default=100, help="readings of each that are timed in the browser")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    given = parser.parse_args(arguments)
    try:
        samples = evaluate.choose(given.dataset, given.split, given.limit)
        # Spread over the sources: the table is sorted by them.
        order = np.random.default_rng(3).permutation(len(samples))
        result = compare((given.a.resolve(), given.b.resolve()), [samples[i] for i in order], given.timed, given.crop)
    except (CardError, DatasetError, ImageError) as error:
        print(f"training.compare: {error}", file=sys.stderr)
        return 1
    result["data"] = {"sha256": dataset_hash(given.dataset), "split": given.split, "crop": given.crop}
    print(json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) if given.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
