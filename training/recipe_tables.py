"""A part of the results page: what recipes reached, beside the systems that they descend from."""

from __future__ import annotations

from typing import Any

from training.tables import share


def markdown(files: dict[str, Any]) -> list[str]:
    """`files` by the names of their recipes: a row for each figure, and what the recipes were taught with."""
    rows = [row(name, file, figure) for name, file in files.items() for figure in file["figures"]]
    about = [f"- `{name}`: {file['about']}" for name, file in files.items()]
    return [
        "Made by `python -m training.recipe NAME --full`; stages that are not listed have not been run yet. Seconds "
        "are those that the training took until then.",
        "",
        "| recipe | figure | measured | the ancestor | wanted | reached | seconds |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        *about,
    ]


def row(name: str, file: Any, figure: Any) -> str:
    """A line of the table."""
    value, wanted, theirs = figure["measured"]["value"], figure["target"], figure["ancestor"]
    reached = "" if wanted is None else "yes" if value is not None and value >= wanted else "**no**"
    cells = [
        f"`{name}`",
        figure["what"],
        share(figure["measured"]),
        "not known" if theirs is None else f"{theirs:.2%}",
        "" if wanted is None else f"≥ {wanted:.1%}",
        reached,
        f"{figure['seconds']:,}" if "seconds" in figure else "",
    ]
    return f"| {' | '.join(cells)} |"
