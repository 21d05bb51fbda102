"""`python -m scripts.bench_years DATASET_DIR`: years of monthly readings, judged by the page beside their meter's past.

Every month's picture is a display that the published network has read, drawn at random from those of one meter type and
as many digits (validation and test split, which it was never taught): the probabilities of each drum, and of the point,
are turned on to what the simulated meter shows, so that it is misread as the network misreads: as often, and, a second
time, 5% of the pictures (of the types of which any is misread). The page's own code proposes and accepts, in Chromium.
Into `docs/results/years.json`.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from backend.domain.reading import encode, probabilities
from scripts.bench_page import FLAGS, ROOT, published, serve
from scripts.browser import find
from training.data import TEACH, read_table
from training.networks import crop_samples, open_network, read_all

LEAST = 12  # displays of a type and as many digits
MODULE = Path(__file__).with_suffix(".js")
SHARE = 0.05  # of the pictures that are misread, the second time
CALL = "async (given) => (await import('/bench/module.js')).live(given)"


def pools(version: Path, dataset: str) -> list[dict[str, Any]]:
    """Displays that a version has read, by meter type and number of digits: what it says, and what they show."""
    network = open_network(version)
    assert network.card is not None
    samples = [sample for sample in read_table(dataset) if sample.type != TEACH]
    outputs = read_all(network, crop_samples(samples, network.spec))
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for sample, output in zip(samples, outputs, strict=True):
        reading = network.card.read(output)
        digits = len(sample.correct_value.replace(".", ""))
        truth = encode(sample.correct_value).argmax(axis=1)
        wrong = output.argmax(axis=1) != truth
        display = {
            "rows": probabilities(output, network.card.temperature).round(9).tolist(),
            "truth": truth.tolist(),
            "misread": bool(wrong[0] or wrong[-digits:].any()),
            "accepted": reading.accepted,
            "confidence": reading.confidence,
        }
        found[sample.meter_type, digits].append(display)
    rows = sorted((kind, digits, displays) for (kind, digits), displays in found.items() if len(displays) >= LEAST)
    return [{"kind": kind, "digits": digits, "displays": displays} for kind, digits, displays in rows]


def misreads(pool: dict[str, Any]) -> bool:
    """Whether any of the displays is misread."""
    return any(display["misread"] for display in pool["displays"])


def summed(sums: dict[str, Any]) -> dict[str, Any]:
    """The page's counts, its list of longest waits in two numbers."""
    stuck = sums["stuck"]
    return sums | {"stuck": {"most": max(stuck), "at_most_5": sum(1 for each in stuck if each <= 5)}}


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_years", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR")
    parser.add_argument("--meters", type=int, default=180)
    parser.add_argument("--months", type=int, default=60, help="readings of each")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "results" / "years.json", help="file to write")
    given = parser.parse_args(arguments)
    version = published()
    drawn = pools(version, given.dataset)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver, serve(None) as site:
        browser = driver.chromium.launch(executable_path=find(), args=flags)
        page = browser.new_page()
        page.route("**/bench/module.js", lambda route: route.fulfill(path=MODULE, content_type="text/javascript"))
        page.goto(f"{site.address}/icon.svg")
        question = {"seed": given.seed, "meters": given.meters, "months": given.months}
        some = [pool for pool in drawn if misreads(pool)]
        both: list[dict[str, Any]] = [{"share": None, "pools": drawn}, {"share": SHARE, "pools": some}]
        sums, fewer = (summed(page.evaluate(CALL, question | each)) for each in both)
        browser.close()
    kinds = {f"{pool['kind']}, {pool['digits']} digits": len(pool["displays"]) for pool in drawn}
    about = {"version": f"{version.parent.name}/{version.name}", "meters": given.meters, "months": given.months}
    result = about | sums | {"fewer_misread": fewer, "displays": kinds}
    text = json.dumps(result, indent=1) + "\n"
    given.to.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
