"""Commands of `flask --app backend`, one module an area; each command is one service call."""

from __future__ import annotations

from flask import Flask

from backend.commands import (
    accounts,
    curves,
    data,
    demo,
    generation,
    jobs,
    neural,
    preparing,
    proposals,
    recipes,
    telegram,
)

AREAS = (accounts, curves, data, demo, generation, jobs, neural, proposals, recipes, telegram)


def init_app(app: Flask) -> None:
    """Add the commands of every area."""
    for area in AREAS:
        area.init_app(app)
    preparing.init_app(app)
