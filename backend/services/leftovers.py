"""What a killed process leaves: pictures that it stored and never came to commit rows for.

Who takes pictures in notes each one in a journal of its own before storing it, and keeps the journal locked. The system
gives the lock back when the process ends, however it ends, so a journal that can be locked belongs to a dead one: its
pictures go, unless a row uses them. Nothing else is ever removed without a person's asking.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.database import reading_session
from backend.services.consistency import orphans
from backend.settings import get_settings
from backend.storage import KEY, TEMPORARY_NAME, get_storage, hash_of, remove_unused

FOLDER = "taking_in"


class BusyError(RuntimeError):
    """Pictures are being taken in, so that files without a row are no leftovers."""


class Journal:
    """The pictures that one process is about to store."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def lock(self) -> bool:
        """Make it this process's own; tells whether it is."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def note(self, key: str) -> None:
        """Write a key down, before its picture is stored; threads may do so at once."""
        os.write(self.descriptor, f"{key}\n".encode())

    def keys(self) -> set[str]:
        """The keys written down; a last line cut short is none."""
        with os.fdopen(os.dup(self.descriptor), encoding="ascii") as file:
            file.seek(0)
            return {line.strip() for line in file if KEY.fullmatch(line.strip())}

    def close(self) -> None:
        """Give the lock back."""
        os.close(self.descriptor)


@contextmanager
def taking_in() -> Iterator[Journal]:
    """Hold this from storing pictures until their rows are committed; after a failure the pictures go again."""
    new = folder() / f"{secrets.token_hex(8)}.new"
    journal = Journal(new)
    journal.lock()
    path = new.rename(new.with_suffix(".keys"))  # nobody looks at it before it is locked
    done = False
    try:
        yield journal
        done = True
    finally:
        if not done:
            clear(journal)
        path.unlink()
        journal.close()


def recover() -> int:
    """Remove what killed processes left; returns how many pictures. Call it when the application starts."""
    removed = 0
    for path in sorted(folder().glob("*.keys")):
        journal = Journal(path)
        if journal.lock():
            removed += clear(journal)
            path.unlink(missing_ok=True)
        journal.close()
    return removed


def remove_orphans() -> int:
    """Remove every picture without a row, and every half-written one; returns how many. What is not ours stays.

    Raises BusyError while pictures are being taken in on this machine.
    """
    recover()
    if any(folder().glob("*.keys")):
        raise BusyError("expected no import to be under way, got one; try again afterwards")
    with reading_session() as session:
        names = list(orphans(session, get_storage()))
    return clear_half_written(names) + remove_unused(name for name in names if KEY.fullmatch(name))


def clear(journal: Journal) -> int:
    """Remove the pictures of a journal that no row uses, half-written ones too."""
    storage, keys = get_storage(), journal.keys()
    hashes = {hash_of(key) for key in keys}
    if hashes and storage.local:
        clear_half_written(name for name in storage.names() if name[3:67] in hashes)
    return remove_unused(keys)


def clear_half_written(names: Iterator[str] | list[str]) -> int:
    """Remove those of the named files that a killed process was still writing."""
    half_written = [name for name in names if TEMPORARY_NAME.fullmatch(name)]
    for name in half_written:
        get_storage().delete_temporary(name)
    return len(half_written)


def folder() -> Path:
    """Where the journals are."""
    place = get_settings().instance / FOLDER
    place.mkdir(exist_ok=True)
    return place
