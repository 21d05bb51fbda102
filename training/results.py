"""`python -m training.results`: write `docs/results.md` from the files in `docs/results/`, and from nothing else
but the configuration of the shipped network and the base of its learning curves, which those name.

Those files are what commands print: `validate.json`, `whole.json` and `test.json` by `training.evaluate --json` (the
published version on the given boxes, on the stored pictures as they are, and on the test split), `unreadable.json` by
`training.refuse --json`, `compare.json` by `training.compare --json` (the published version, then the baseline),
`holdout.json` by `training.holdout`, `page.json` by `scripts.bench_page`, `offline.json` by `scripts.bench_offline`,
`panel.json` by `scripts.bench --full`,
`curve.json` by `training.curve`, `first_guess.json` by `training.first_guess`, `label_errors.json` by
`training.label_errors --plant`, `architectures.json` by `scripts.bench_architectures`, `input.json` by
`scripts.bench_input`, `finder.json` and `finder_test.json` by `training.finder.evaluate --json` (the finder on
whole photos of validation and of test),
`compare_browser.json` by `scripts.bench_compare`, `photos.json`, `camera.json` and `memory.json` by
`scripts.bench_reader`, `recipes/NAME.json` by `training.recipe NAME --full`,
`learning.json` by `scripts.bench_learning`, `years.json` by `scripts.bench_years`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from training import (
    beside_tables,
    curve_tables,
    learning_tables,
    planting,
    recipe_tables,
    speed_tables,
    tables,
)
from training.finder import tables as finder_tables
from training.targets import Files, ResultsError, targets

SPLITS = {"validate": "validation, given box", "whole": "validation, stored picture", "test": "test, given box"}


def read_results(folder: Path) -> Files:
    """File name without `.json` → its content; `recipes` → the same of that folder. Raises ResultsError for none."""
    files: Files = {}
    for path in sorted(folder.glob("*.json")):
        try:
            files[path.stem] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ResultsError(f"expected JSON in {path.name}, got text that is none") from error
    if not files:
        raise ResultsError(f"expected results in {folder.name}/, got no JSON file")
    recipes = folder / "recipes"
    return files | ({"recipes": read_results(recipes)} if recipes.is_dir() else {})


def page(files: Files) -> str:
    """The whole of `results.md`."""
    reached = {True: "yes", False: "**no**", None: ""}
    lines = [
        "# Results",
        "",
        "Made by `python -m training.results` from `docs/results/`; not to be edited. Intervals are 95%.",
        "",
        *_which(files),
        "## What it must reach",
        "",
        "| figure | target | measured | reached |",
        "|---|---|---|---|",
        *(f"| {row.figure} | {row.target} | {row.measured} | {reached[row.reached]} |" for row in targets(files)),
    ]
    if "panel" in files:
        lines += ["", "## What the panel reaches", "", *tables.panel(files["panel"])]
    for name, title in SPLITS.items():
        if name in files:
            lines += ["", f"## By data set: {title}", "", *tables.by_source(files[name])]
    if "unreadable" in files:
        lines += ["", "## Unreadable is an answer", "", *tables.unreadable(files["unreadable"])]
    if "validate" in files:
        lines += ["", "## Error against coverage, validation", "", *tables.curve(files["validate"])]
        lines += ["", "## By position, validation", "", *tables.positions(files["validate"])]
        lines += ["", "## Confusion of digits, validation", "", *tables.confusion(files["validate"])]
        lines += ["", "## Calibration, validation", "", *tables.calibration(files["validate"])]
    if "finder" in files:
        lines += ["", "## Whole photos", "", *finder_tables.section(files["finder"], files.get("finder_test"))]
    if "learning" in files:
        lines += ["", "## A meter learned on its device", "", *learning_tables.markdown(files["learning"])]
    if "curve" in files:
        lines += ["", "## How many more photos?", "", *curve_tables.curve(files["curve"])]
    if "first_guess" in files:
        lines += ["", "## A curve guessed from four pictures", "", *curve_tables.first_guess(files["first_guess"])]
    if "label_errors" in files:
        lines += ["", "## Wrong labels", "", *planting.markdown(files["label_errors"])]
    if "architectures" in files:
        lines += ["", "## Architectures", "", *speed_tables.architectures(files["architectures"])]
    if "compare" in files:
        lines += ["", "## Beside the baseline", "", *tables.compare(files["compare"])]
    if "compare_browser" in files:
        title = "## Beside what one would use instead"
        lines += ["", title, "", *beside_tables.markdown(files["compare_browser"])]
    if "recipes" in files:
        lines += ["", "## Beside what it descends from", "", *recipe_tables.markdown(files["recipes"])]
    return "\n".join(lines) + "\n"


def _which(files: Files) -> list[str]:
    if "validate" not in files:
        return []
    version = files["validate"]["version"]
    name = f"`{version['name']}/{version['version']}`"
    lines = [f"Version {name}: {version['parameters']:,} parameters.", ""]
    clean = files.get("test", {}).get("together", {}).get("accepted", {}).get("bound")
    return lines + tables.card(version, clean) if "acceptance" in version else lines


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when there is nothing to write about."""
    parser = argparse.ArgumentParser(prog="python -m training.results", description=__doc__.partition("\n")[0])
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of results/ and results.md")
    docs = parser.parse_args(arguments).docs
    try:
        text = page(read_results(docs / "results"))
    except (ResultsError, KeyError) as error:
        reason = f"expected results as their commands write them, got some without {error}"
        print(f"training.results: {error if isinstance(error, ResultsError) else reason}", file=sys.stderr)
        return 1
    (docs / "results.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
