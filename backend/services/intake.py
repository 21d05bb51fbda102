"""Many pictures into the storage: decoded and written by a few threads, in order, with flat memory.

Rows wait in a temporary file until all of them are known to be good; then one transaction takes them all.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from tempfile import TemporaryFile
from typing import Any, Generic, TextIO, TypeVar, cast

from backend.domain.imaging import ImageError
from backend.services.leftovers import Journal
from backend.services.pictures import prepare
from backend.services.tables import ElementRow, RowError, SampleRow
from backend.storage import Storage

# Decoding, encoding and fsync leave Python's lock, so a few more threads than cores keep both busy.
THREADS = min(8, 2 * (os.cpu_count() or 1))
WINDOW = 64  # pictures under way at once: what bounds the memory

Entry = dict[str, Any]
AnyRow = TypeVar("AnyRow", SampleRow, ElementRow)


class Spool:
    """Rows that wait in a temporary file."""

    def __init__(self) -> None:
        self.file = cast(TextIO, TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115 (closed with the spool)
        self.count = 0

    def add(self, entry: Entry) -> None:
        """Keep one row."""
        self.file.write(json.dumps(entry) + "\n")
        self.count += 1

    def chunks(self, size: int = 1000) -> Iterator[list[Entry]]:
        """Give the rows back, `size` at a time."""
        self.file.seek(0)
        chunk: list[Entry] = []
        for line in self.file:
            chunk.append(json.loads(line))
            if len(chunk) == size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def close(self) -> None:
        """Forget the rows."""
        self.file.close()


class Intake(Generic[AnyRow]):
    """Takes parsed rows, stores their pictures, spools what becomes of them, and collects what is wrong."""

    def __init__(self, storage: Storage, describe: Callable[[AnyRow, int, int], Entry], keep_own_form: bool) -> None:
        self.storage = storage
        self.describe: Callable[[AnyRow, int, int], Entry] = describe
        self.keep_own_form = keep_own_form
        self.spool = Spool()
        self.problems: list[str] = []

    def take(
        self, rows: Iterable[tuple[int, AnyRow | RowError]], journal: Journal, advance: Callable[[], None]
    ) -> None:
        """Go through all rows. Once one is bad, the others are still checked, but no more pictures are written."""
        under_way: deque[tuple[int, Future[Entry]]] = deque()
        with ThreadPoolExecutor(THREADS) as pool:
            for line, row in rows:
                if len(under_way) >= WINDOW:
                    self._finish(*under_way.popleft(), advance)
                under_way.append((line, pool.submit(self._one, row, journal)))
            while under_way:
                self._finish(*under_way.popleft(), advance)

    def _finish(self, line: int, future: Future[Entry], advance: Callable[[], None]) -> None:
        try:
            self.spool.add(future.result())
        except (ImageError, RowError) as error:
            self.problems.append(f"line {line}: {error}")
        advance()

    def _one(self, row: AnyRow | RowError, journal: Journal) -> Entry:
        if isinstance(row, RowError):
            raise row
        picture = prepare(row.image.read_bytes(), self.keep_own_form)
        described = self.describe(row, picture.width, picture.height)
        columns = picture.sample_columns() if isinstance(row, SampleRow) else picture.columns()
        key = picture.key
        if not self.problems:
            journal.note(key)
            key = self.storage.put(picture.data, picture.suffix)
        return {**described, **columns, "image": key}
