"""Recipes: systems that this project descends from, each in one file that says what it was and what it reached.

A recipe's module has a docstring, whose first line lists show, and a `RECIPE`. `python -m training.recipe` does them.
"""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from training.progress import Progress

FOLDER = Path(__file__).resolve().parent


class RecipeError(RuntimeError):
    """A recipe that cannot be done, or gives no version; the message says why."""


@dataclass(frozen=True)
class Ancestor:
    """What a recipe descends from, and the figures that it is known to have had, by what was measured."""

    what: str
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What a recipe is asked for.

    `run` is its folder, to go on from; `full` means all of it, as the results page has it, else a quick try. `epochs`
    is where to stop earlier than the recipe does; `limit` uses only so many examples of each part of the data. A recipe
    of transfer learning begins with `backbone`, whose weights are in the file `weights`.
    """

    run: Path
    data: Path | None = None
    full: bool = False
    epochs: int | None = None
    limit: int | None = None
    backbone: str | None = None
    weights: Path | None = None
    progress: Progress = field(default_factory=lambda: Progress(None))


class Recipe(Protocol):
    """What the command needs of one."""

    @property
    def ancestor(self) -> Ancestor:
        """What it descends from."""

    def run(self, asked: Asked) -> dict[str, Any]:
        """Do it, or go on with it; returns what a results file holds: `figures` and what they were made of.

        Each of the figures has `what`, `measured` (a share as `backend.domain.figures.proportion` has it), `ancestor`
        and `target` (numbers or None). Raises DatasetError for data that are not there or other options than before,
        RecipeError for what else stands in its way.
        """

    def export(self, asked: Asked, output: Path, number: int | None = None) -> Path:
        """A version of what was trained: `output/NAME/NUMBER`, by default the next. Raises RecipeError without one."""


def names() -> list[str]:
    """The names of all recipes: each is one file."""
    return sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))


def about(name: str) -> str:
    """The first line that a recipe says of itself; nothing of it is run."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def open_recipe(name: str) -> Recipe:
    """A recipe by its name, one of `names`."""
    recipe: Recipe = importlib.import_module(f"training.recipes.{name}").RECIPE
    return recipe
