"""What the pages of versions are asked for: versions, a side of the samples, a page of pictures."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from backend.admin.base import LARGEST_ID
from backend.database import db
from backend.models import READER, NeuralModel, NeuralVersion, Run, RunKind, RunState, Split
from backend.services.gallery import Page, page_number

SIZE = 48  # pictures on a page
SPLITS = {"validate": Split.VALIDATE, "test": Split.TEST}


def all_versions() -> Any:
    """Every version with its model, the newest first."""
    query = select(NeuralVersion).join(NeuralModel).options(joinedload(NeuralVersion.model))
    return query.order_by(NeuralModel.name, NeuralVersion.number.desc())


def all_readers() -> Any:
    """Every version that reads displays."""
    return all_versions().where(NeuralVersion.slot == READER)


def find_reader(number: int) -> NeuralVersion:
    """A version that reads displays by its number; 404 when there is none."""
    version = find(number)
    if version.slot != READER:
        abort(404, "There is no version with this number that reads displays.")
    return version


def find(number: int) -> NeuralVersion:
    """A version by its number; 404 when there is none."""
    query = all_versions().where(NeuralVersion.id == number)
    version = db.session.scalar(query) if number <= LARGEST_ID else None
    if not isinstance(version, NeuralVersion):
        abort(404, "There is no version with this number.")
    return version


def find_named(argument: str) -> NeuralVersion:
    """A version whose number the address carries."""
    text = request.args.get(argument, "")
    return find_reader(int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0)


def chosen_split() -> str:
    """The side of the samples that the address asks for."""
    split = request.args.get("split", "validate")
    if split not in SPLITS:
        abort(400, f"Expected one of {', '.join(SPLITS)}, got {split[:40]!r}.")
    return split


def page_of(total: int) -> Page[int]:
    """The page that the address asks for, of so many pictures; its rows are their places."""
    pages = max(1, -(-total // SIZE))
    number = min(max(1, page_number(request.args.get("page", "1"))), pages)
    return Page(list(range((number - 1) * SIZE, min(number * SIZE, total))), number, pages, total)


def reading_run(version_id: int) -> Run | None:
    """The run in which a version reads the samples just now."""
    version = find(version_id)
    active = Run.state.in_((RunState.WAITING.value, RunState.RUNNING.value))
    rows = db.session.scalars(select(Run).where(active, Run.kind == RunKind.READING.value))
    return next((run for run in rows if run.parameters.get("version") == version.path), None)
