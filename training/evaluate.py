"""`python -m training.evaluate VERSION DATASET_DIR`: how well a version reads a dataset folder.

VERSION is a version folder (read through its TFLite file), a run folder or a `.keras` file. Prints tables, of
everything together and of each data set; with `--json` all figures, the confusions, the bins of confidence and the
whole curve of error against coverage too. `--sheet FILE.png` draws the errors.
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

from backend.domain.card import CardError
from backend.domain.imaging import ImageError
from training import metrics
from training.data import SPLITS, DatasetError, Sample, dataset_hash, read_table
from training.networks import Network, Pixels, crop_samples, open_network, read_all

COVERAGES = (0.5, 0.8, 0.9, 1.0)  # at which the error is printed; the whole curve is in the JSON
_DETAILS = ("by_digit", "positions", "risk_coverage")


def choose(dataset: str | Path, split: str, limit: int | None = None) -> list[Sample]:
    """The samples of one side of the split. Raises DatasetError when there are none."""
    samples = [s for s in read_table(dataset) if s.type == SPLITS[split]][:limit]
    if not samples:
        raise DatasetError(f"expected pictures of the split '{split}', got a dataset without any")
    return samples


def judge(network: Network, outputs: NDArray[Any], samples: Sequence[Sample]) -> metrics.Judged:
    """Raw outputs (n, 11, 10) beside their truths, calibrated as the version's card says."""
    card = network.card
    return metrics.judge(outputs, samples, *((card.temperature, card.unreadable_temperature) if card else ()))


def report(network: Network, judged: metrics.Judged, about: dict[str, Any]) -> dict[str, Any]:
    """Everything that `--json` prints."""
    threshold, unreadable = (network.card.threshold, network.card.unreadable) if network.card else (1.0, 0.0)
    version = network.about | {"parameters": network.parameters, "threshold": threshold, "unreadable": unreadable}
    if network.card:
        version |= {"acceptance": network.card.acceptance, "export": network.card.metrics.get("export", {})}
    return {"version": version, "data": about} | metrics.evaluate(judged, threshold, unreadable)


def table(result: dict[str, Any]) -> str:
    """The main figures as text: one line for everything together and one for each source."""
    version, data = result["version"], result["data"]
    lines = [
        f"{version['name']}/{version['version']} ({version['architecture']}, {version['parameters']:,} parameters) "
        f"on {data['split']}, {data['crop']} crop",
        f"{'':22}{'n':>5}  {'exact':21}{'±1 last':>8}{'digits':>8}{'point':>8}{'ECE':>7}  accepted: error at coverage",
    ]
    for name, figures in {"together": result["together"], **result["by_source"]}.items():
        exact, taken = figures["exact"], figures["accepted"]
        wrong = "–" if taken["error"]["value"] is None else f"{taken['error']['value']:.2%}"
        lines.append(
            f"{name:22}{figures['pictures']:5}  {exact['value']:6.1%} [{exact['low']:.1%}, {exact['high']:.1%}]"
            f"{figures['within_one']['value']:8.1%}{figures['digits']['value']:8.1%}{figures['point']['value']:8.1%}"
            f"{figures['ece']['value']:7.3f}  {wrong} at {taken['coverage']['value']:.1%}"
        )
    return "\n".join(lines)


def details(result: dict[str, Any]) -> str:
    """Digit by digit, position by position, calibration and error at some coverages: a column for each data set."""
    parts = {"together": result["together"] | {key: result[key] for key in _DETAILS}, **result["by_source"]}
    rows: dict[str, list[str]] = {"": list(parts)}
    for each in range(10):
        rows[f"digit {each}"] = [_share(part["by_digit"][each]["accuracy"]) for part in parts.values()]
    for place in range(max(len(part["positions"]) for part in parts.values())):
        name = f"position {place} from the end"
        rows[name] = [_share(_at(part["positions"], place)) for part in parts.values()]
    spread = [(part["ece_digits"], part["ece_digits_by_meter"]) for part in parts.values()]
    rows["ECE of the digits"] = [f"{value:.3f} [{found['low']:.3f}, {found['high']:.3f}]" for value, found in spread]
    for share in COVERAGES:
        nearest = [min(p["risk_coverage"], key=lambda at: abs(at["coverage"] - share)) for p in parts.values()]
        rows[f"error of the surest {share:.0%}"] = [_share(at["error"]) for at in nearest]
    return "\n".join(f"{name:26}" + "".join(f"{cell:>24}" for cell in cells) for name, cells in rows.items())


def _at(positions: list[dict[str, Any]], place: int) -> dict[str, Any] | None:
    """The accuracy at a position, where a data set has digits there."""
    return next((position["accuracy"] for position in positions if position["from_end"] == place), None)


def _share(share: dict[str, Any] | None) -> str:
    """A share with its interval; a dash where nothing was counted."""
    if share is None or share["value"] is None:
        return "–"
    return f"{share['value']:.1%} [{share['low']:.1%}, {share['high']:.1%}]"


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when the version or the data cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.partition("\n")[0])
    parser.add_argument("version", metavar="VERSION", help="version folder, run folder or .keras file")
    parser.add_argument("dataset", metavar="DATASET_DIR", help="folder with training.csv and images/")
    parser.add_argument("--split", choices=sorted(SPLITS), default="validate")
    parser.add_argument("--crop", choices=("box", "whole"), default="box", help="the given box, or the stored picture")
    parser.add_argument("--limit", type=int, help="only the first N pictures")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw the errors")
    given = parser.parse_args(arguments)
    try:
        samples = choose(given.dataset, given.split, given.limit)
        network = open_network(given.version)
        pixels = crop_samples(samples, network.spec, given.crop)
        judged = judge(network, read_all(network, pixels), samples)
        about = {"sha256": dataset_hash(given.dataset), "split": given.split, "crop": given.crop, "limit": given.limit}
        result = report(network, judged, about)
        if given.sheet:
            draw_sheet(given.sheet, pixels, judged, samples)
    except (CardError, DatasetError, ImageError) as error:
        print(f"training.evaluate: {error}", file=sys.stderr)
        return 1
    text = f"{table(result)}\n\n{details(result)}"
    print(json.dumps(result, indent=1, ensure_ascii=False, allow_nan=False) if given.json else text)
    return 0


def draw_sheet(file: Path, pixels: Pixels, judged: metrics.Judged, samples: Sequence[Sample]) -> None:
    """Write the contact sheet of the errors, the surest first."""
    from training.contact_sheet import Cell, contact_sheet

    wrong = np.flatnonzero(~judged.exact)
    cells = [
        Cell(pixels[i], samples[i].correct_value, judged.text(int(i)), float(judged.sure[i]), samples[i].source)
        for i in wrong[np.argsort(-judged.sure[wrong], kind="stable")]
    ]
    contact_sheet(cells, len(samples)).save(file)


if __name__ == "__main__":
    sys.exit(main())
