"""`python -m training.label_errors DATASET_DIR`: which labels are wrong? Ranks samples by how surely a network that has
not learned from them contradicts their labels (`backend.domain.doubt`), the most surely contradicted first.

`--version VERSION` reads the sides that the version did not learn from: test and validation. `--folds K` trains K
networks, each without the meters of one fold, and has each read its fold, so that teaching samples are ranked too; that
takes K trainings, which go on where they were when the same command is given again.

`--plant SHARE` spoils that share of the labels, seed after seed, and measures how many of these are in the first 6% of
the list, for every score: `backend.domain.doubt.CONTRADICTION` was chosen on the test side alone.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.card import CardError
from backend.domain.doubt import CONTRADICTION, Floats, Probabilities, calibrated, contradiction
from backend.domain.imaging import ImageError, InputSpec
from backend.domain.reading import decode
from training.curve import write_json
from training.data import SPLITS, TEACH, DatasetError, Sample, dataset_hash, read_table
from training.networks import Network, crop_samples, open_network, read_all
from training.planting import WITHIN, measure

SIDES = ("test", "validate")  # what a version did not learn from
COLUMNS = ("picture", "given", "read", "confidence", "score")


@dataclass(frozen=True)
class OutOfFold:
    """Samples with the calibrated probabilities (n, 11, 10) of networks that have not learned from them, and whose."""

    samples: list[Sample]
    probabilities: Probabilities
    about: dict[str, Any]

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """Of each sample its label, then what else is accepted."""
        return [(sample.correct_value, *sample.also_accepted) for sample in self.samples]


def by_version(version: str | Path, dataset: str | Path, sides: Sequence[str]) -> OutOfFold:
    """Read sides of a dataset folder with a version. Raises DatasetError for what it learned from, and CardError."""
    if taught := [side for side in sides if SPLITS[side] == TEACH]:
        raise DatasetError(f"expected sides that the version did not learn from, got {taught[0]}; --folds ranks it too")
    samples = [sample for sample in read_table(dataset) if sample.type in {SPLITS[side] for side in sides}]
    if not samples:
        raise DatasetError(f"expected pictures of {' or '.join(sides)}, got a dataset without any")
    network = open_network(version)
    own = network.card.data.get("sha256") if network.card else None
    name = f"{network.about['name']}/{network.about['version']}"
    about = {"version": name, "same_data": own == dataset_hash(dataset)}
    return OutOfFold(samples, read(network, samples), about)


def read(network: Network, samples: Sequence[Sample], temperature: float | None = None) -> Probabilities:
    """Calibrated probabilities (n, 11, 10) of samples, by the card's temperature where none is given."""
    outputs = read_all(network, crop_samples(samples, network.spec))
    return calibrated(outputs, temperature or (network.card.temperature if network.card else 1.0))


def measured(ranked: OutOfFold, share: float, seeds: Sequence[int]) -> dict[str, Any]:
    """What `--plant` prints: each side alone and together."""
    types = np.array([sample.type for sample in ranked.samples])
    parts: dict[str, NDArray[np.bool_]] = {name: types == number for name, number in SPLITS.items()}
    parts = {name: chosen for name, chosen in parts.items() if chosen.any()} | {"together": types >= 0}
    labels = ranked.labels
    sides = {
        name: measure(ranked.probabilities[chosen], [labels[i] for i in np.flatnonzero(chosen)], share, seeds)
        for name, chosen in parts.items()
    }
    plan = {"share": share, "within": WITHIN, "seeds": list(seeds), "score": CONTRADICTION}
    return {"by": ranked.about, **plan, "sides": sides}


def in_order(ranked: OutOfFold) -> tuple[NDArray[np.int64], Floats]:
    """The samples' places in the list, the most surely contradicted first, and all scores."""
    scores = contradiction(ranked.probabilities, ranked.labels)
    return np.argsort(-scores, kind="stable"), scores


def rows(ranked: OutOfFold) -> list[dict[str, str]]:
    """The list as rows of `COLUMNS`."""
    order, scores = in_order(ranked)
    listed = []
    for i in order:
        sample, reading = ranked.samples[i], decode(ranked.probabilities[i])
        cells = (sample.image.name, sample.correct_value, reading.text, f"{reading.confidence:.3f}", f"{scores[i]:.2f}")
        listed.append(dict(zip(COLUMNS, cells, strict=True)))
    return listed


def write_list(file: Path, listed: Sequence[dict[str, str]]) -> None:
    """Write the list as CSV."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def table(result: dict[str, Any]) -> str:
    """The measured shares as text."""
    lines = [f"{result['share']:.0%} planted, {len(result['seeds'])} times; found in the first {result['within']:.0%}:"]
    for side, part in result["sides"].items():
        for name, figure in part["scores"].items():
            kinds = ", ".join(f"{kind} {value:.1%}" for kind, value in figure["kinds"].items())
            interval = f"[{figure['low']:.1%}, {figure['high']:.1%}], the worst {figure['least']:.1%}"
            lines.append(f"{side:9} {name:11} {figure['mean']:6.1%} {interval}; {kinds}")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    about = (__doc__ or "").partition(": ")[2].partition("?")[0]
    made = argparse.ArgumentParser(prog="python -m training.label_errors", description=f"{about}?")
    made.add_argument("dataset", metavar="DATASET_DIR", help="folder with training.csv and images/")
    way = made.add_mutually_exclusive_group(required=True)
    way.add_argument("--version", help="version folder, whose teaching samples are left out")
    way.add_argument("--folds", type=int, metavar="K", help="train K networks, each to read what it did not see")
    made.add_argument("--side", choices=sorted(SPLITS), help="only these samples (default: all that may be read)")
    made.add_argument("--top", type=int, default=20, help="how many are printed")
    made.add_argument("--csv", type=Path, metavar="FILE.csv", help="write the whole list")
    made.add_argument("--sheet", type=Path, metavar="FILE.png", help="draw those that are printed")
    made.add_argument("--plant", type=float, metavar="SHARE", help="measure: spoil this share of the labels")
    made.add_argument("--seed", type=int, default=1, help="of the first planting, and of the trainings")
    made.add_argument("--plantings", type=int, default=40, help="how often labels are planted, seed after seed")
    made.add_argument("--output", type=Path, default=Path("docs/results/label_errors.json"), help="with --plant")
    made.add_argument("--full", action="store_true", help="with --folds: whole trainings, which take hours")
    made.add_argument("--epochs", type=int, help="with --folds: shorter ones")
    made.add_argument("--steps", type=int, default=100, help="with --folds: batches an epoch")
    made.add_argument("--batch", type=int, default=64, help="with --folds")
    made.add_argument("--workers", type=int, default=2, help="with --folds: processes that make batches")
    made.add_argument("--runs", type=Path, default=Path("runs"), help="with --folds: where the trainings are kept")
    return made


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Command line → options that fit together."""
    made = parser()
    given = made.parse_args(arguments)
    if given.folds is not None and given.folds < 2:
        made.error(f"expected --folds of at least 2, got {given.folds}")
    if given.folds and bool(given.full) == bool(given.epochs):
        made.error("expected either --full, for whole trainings, or --epochs, for shorter ones, with --folds")
    if given.plant is not None and not 0 < given.plant < 1:
        made.error(f"expected --plant between 0 and 1, got {given.plant}")
    if given.plantings < 1:
        made.error(f"expected --plantings of at least 1, got {given.plantings}")
    return given


def out_of_fold(given: argparse.Namespace) -> OutOfFold:
    """What is to be ranked."""
    if given.version:
        return by_version(given.version, given.dataset, (given.side,) if given.side else SIDES)
    from training.folds import by_folds  # Keras takes seconds: a version does without

    return by_folds(given)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when the version or the data cannot be used."""
    given = parse(arguments)
    try:
        ranked = out_of_fold(given)
        if not ranked.about.get("same_data", True):
            print("another dataset folder than the version learned from: nothing tells that these are new to it")
        listed = rows(ranked)
        if given.csv:
            write_list(given.csv, listed)
        if given.sheet:
            draw_sheet(given.sheet, ranked, given.top)
        if given.plant:
            result = measured(ranked, given.plant, range(given.seed, given.seed + given.plantings))
            write_json(given.output, result)
            print(table(result))
        else:
            print("\n".join("  ".join(row.values()) for row in listed[: given.top]))
    except (CardError, DatasetError, FloatingPointError, ImageError) as error:
        print(f"training.label_errors: {error}", file=sys.stderr)
        return 1
    return 0


def draw_sheet(file: Path, ranked: OutOfFold, top: int) -> None:
    """Write the contact sheet of the first of the list, as stored, so that people can look."""
    from training.contact_sheet import Cell, contact_sheet

    order = in_order(ranked)[0][:top]
    listed = rows(ranked)[:top]
    pixels = crop_samples([ranked.samples[i] for i in order], InputSpec(384, 96))
    cells = [
        Cell(picture, row["given"], row["read"], float(row["confidence"]), row["picture"])
        for picture, row in zip(pixels, listed, strict=True)
    ]
    contact_sheet(cells, len(ranked.samples)).save(file)


if __name__ == "__main__":
    sys.exit(main())
