"""Galleries: some rows of a query at a time, numbered from page 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from backend.database import db

Row = TypeVar("Row")
LARGEST = 1_000_000  # page; what is asked for beyond is the last one anyway


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page: its rows, its number from 1, how many pages and rows there are."""

    rows: list[Row]
    number: int
    pages: int
    total: int


def page_of(query: Select[tuple[Row]], number: int, size: int) -> Page[Row]:
    """One page of a query; a number before the first page is the first, one behind the last the last."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows = list(db.session.scalars(query.limit(size).offset((number - 1) * size)))
    return Page(rows, number, pages, total)


def page_number(text: str) -> int:
    """A page's number as an address carries it; 1 for what is none."""
    return min(int(text), LARGEST) if text.isascii() and text.isdecimal() and len(text) < 8 else 1
