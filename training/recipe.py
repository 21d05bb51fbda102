"""`python -m training.recipe NAME`: one of the systems that this project descends from, trained again.

Without a name it lists them; each is one file of `training/recipes/`. `--full` does all of a recipe, which may take
hours, and writes `docs/results/recipes/NAME.json` for the results page; without it, it is a quick try. What was killed
goes on when the same command is given again. `--export` makes a version of what was trained and prints its folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from training.data import DatasetError
from training.progress import Progress
from training.recipes import Asked, RecipeError, about, names, open_recipe
from training.tables import share


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m training.recipe", description=__doc__.partition("\n")[0])
    made.add_argument("name", metavar="NAME", nargs="?", choices=names(), help="the recipe; all are listed without it")
    made.add_argument("--full", action="store_true", help="all of it, and its results file")
    made.add_argument("--data", type=Path, metavar="DIR", help="its data (default: beside the checkout, or a download)")
    made.add_argument("--runs", type=Path, default=Path("runs/recipes"), help="folder of the runs to go on with")
    made.add_argument("--epochs", type=int, metavar="N", help="stop each training after so many")
    made.add_argument("--limit", type=int, metavar="N", help="use only so many examples of each part of the data")
    made.add_argument("--backbone", metavar="NAME", help="network to transfer from, such as MobileNetV2 or finder")
    made.add_argument("--weights", type=Path, metavar="FILE", help="its weights (default: the library's download)")
    made.add_argument("--export", action="store_true", help="make a version")
    made.add_argument("--version", type=int, metavar="N", help="its number (default: the next)")
    made.add_argument("--output", type=Path, default=Path("static/model"), help="where the version goes")
    made.add_argument("--results", type=Path, default=Path("docs/results/recipes"), help="where --full writes")
    made.add_argument("--progress-file", metavar="FILE", help="say how far it is, one JSON line at a time")
    return made


def listed() -> str:
    """All recipes, a line each."""
    width = max(map(len, names()))
    return "\n".join(f"{name:{width}}  {about(name)}" for name in names())


def follow(given: argparse.Namespace) -> None:
    """Do a recipe, say its figures, write them, make a version: whatever was asked for. Raises RecipeError."""
    recipe = open_recipe(given.name)
    with Progress(given.progress_file) as progress:
        asked = Asked(
            given.runs / given.name,
            given.data,
            given.full,
            given.epochs,
            given.limit,
            given.backbone,
            given.weights,
            progress,
        )
        results = recipe.run(asked)
    for line in told(results):
        print(line, flush=True)
    if given.full and given.limit is None and given.epochs is None:
        given.results.mkdir(parents=True, exist_ok=True)
        file = given.results / f"{given.name}.json"
        text = json.dumps(beside_others(file, results), indent=1, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")
    if given.export:
        print(recipe.export(asked, given.output, given.version))


def beside_others(file: Path, results: dict[str, Any]) -> dict[str, Any]:
    """Results, before them the figures that a file has of other networks to begin with, on the same data."""
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"figures": []}
    if before.get("data_sha256") != results.get("data_sha256"):
        return results
    done = {figure.get("backbone") for figure in results["figures"]}
    others = [figure for figure in before["figures"] if figure.get("backbone") not in {None, *done}]
    return results | {"figures": [*others, *results["figures"]]}


def told(results: dict[str, Any]) -> list[str]:
    """Its figures in words, those of the ancestor beside them."""
    lines = []
    for figure in results["figures"]:
        beside = "" if figure["ancestor"] is None else f"; the ancestor {figure['ancestor']:.2%}"
        wanted = "" if figure["target"] is None else f"; wanted ≥ {figure['target']:.1%}"
        lines.append(f"{figure['what']}: {share(figure['measured'])}{beside}{wanted}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the recipe is done, 1 with one line on standard error when it cannot be."""
    made = parser()
    given = made.parse_args(arguments)
    for name in ("epochs", "limit"):
        if (value := getattr(given, name)) is not None and value < 1:
            made.error(f"expected --{name} of at least 1, got {value}")
    if given.name is None:
        print(listed())
        return 0
    try:
        follow(given)
    except (RecipeError, DatasetError, FloatingPointError) as error:
        print(f"training.recipe: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
