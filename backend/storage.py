"""Files by content hash: a local folder by default, any fsspec URL (S3 and others) by one setting.

A file appears complete or not at all, and its name says what is in it, so putting the same content twice keeps one
file. A file goes only after the deletion of its row was committed, and only when no other row uses it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from flask import Flask, current_app
from fsspec.implementations.local import LocalFileSystem
from sqlalchemy import ColumnElement, event, select
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.files import sync_folder
from backend.domain.sentences import Translatable
from backend.models import Pictured, Training, TrainingAugmentation, TrainingElement
from backend.settings import get_settings

Table = type[Training | TrainingElement | TrainingAugmentation]
TABLES: tuple[Table, ...] = (Training, TrainingElement, TrainingAugmentation)
KEY = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})\.(png|jpg)")
TEMPORARY = ".tmp"
TEMPORARY_NAME = re.compile(KEY.pattern + r"\.[0-9a-f]{12}\.tmp")
RELEASED = "released pictures"
LIBC = ctypes.CDLL(None, use_errno=True)


class StorageError(Translatable, ValueError):
    """A name that is none of ours, or a file that is not there."""


class Storage:
    """The files of one place. Keys look like "ab/ab12….png": the sha256 of the content, in 256 folders."""

    def __init__(self, url: str) -> None:
        self.filesystem, root = fsspec.core.url_to_fs(url)
        self.root = root.rstrip("/")
        self.local = isinstance(self.filesystem, LocalFileSystem)

    def put(self, data: bytes, suffix: str) -> str:
        """Keep `data` and return its key; on return it is on the disk."""
        digest = hashlib.sha256(data).hexdigest()
        key = f"{digest[:2]}/{digest}.{suffix}"
        path = self._path(key)
        if self._size(path) == len(data):
            return key
        if self.local:
            write_safely(Path(path), data)
        else:
            self.filesystem.pipe_file(path, data)  # object stores show a file when it is complete
        return key

    @contextmanager
    def together(self) -> Iterator[Callable[[bytes, str], str]]:
        """Yield a `put` that threads may call at once; what it took is there, and on the disk, when the block ends.

        Far cheaper than `put`, which waits for the disk twice for each file. A failure leaves nothing half-written.
        """
        if not self.local:
            yield self.put
            return
        written: dict[Path, Path] = {}
        try:
            yield lambda data, suffix: self._write_ahead(data, suffix, written)
            sync_filesystem(Path(self.root))
            for own, path in written.items():
                own.replace(path)
            sync_filesystem(Path(self.root))  # the names, too
        except BaseException:
            for own in written:
                own.unlink(missing_ok=True)
            raise

    def get(self, key: str) -> bytes:
        """Return the content of a file. Raises StorageError when there is none."""
        try:
            return bytes(self.filesystem.cat_file(self._path(key)))
        except FileNotFoundError:
            raise StorageError("expected the file %(file)s in the storage, got none", file=key) from None

    def exists(self, key: str) -> bool:
        """Tell whether there is such a file."""
        return self._size(self._path(key)) >= 0

    def delete(self, key: str) -> None:
        """Remove a file; one that is not there is fine."""
        path = self._path(key)
        if self.filesystem.isfile(path):
            self.filesystem.rm_file(path)

    def delete_temporary(self, name: str) -> None:
        """Remove what a killed process left of a file that it was writing."""
        if not TEMPORARY_NAME.fullmatch(name):
            raise StorageError("expected the name of a temporary file, got %(got)s", got=repr(name[:80]))
        self.filesystem.rm_file(f"{self.root}/{name}")

    def names(self) -> Iterator[str]:
        """Name every file there is, relative to the root: keys, and what does not belong here."""
        if not self.filesystem.isdir(self.root):
            return
        for folder, _, files in self.filesystem.walk(self.root):
            inside = str(folder)[len(self.root) :].strip("/")
            for name in files:
                yield f"{inside}/{name}" if inside else name

    def _path(self, key: str) -> str:
        hash_of(key)
        return f"{self.root}/{key}"

    def _write_ahead(self, data: bytes, suffix: str, written: dict[Path, Path]) -> str:
        """Write a file under a temporary name, without waiting for the disk, and note both names in `written`."""
        digest = hashlib.sha256(data).hexdigest()
        key = f"{digest[:2]}/{digest}.{suffix}"
        path = Path(self._path(key))
        if self._size(path) != len(data):
            own = temporary(path)
            written[own] = path
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_bytes(data)
        return key

    def _size(self, path: str | Path) -> int:
        """The size of a file in bytes; -1 when there is none."""
        try:
            return Path(path).stat().st_size if self.local else int(self.filesystem.size(path))
        except FileNotFoundError:
            return -1


def write_safely(path: Path, data: bytes) -> None:
    """Write a file that appears complete or not at all, and is on the disk afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = temporary(path)
    try:
        with own.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        own.replace(path)
    except BaseException:
        own.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def temporary(path: Path) -> Path:
    """A name beside `path` for writing it."""
    return path.with_name(f"{path.name}.{secrets.token_hex(6)}{TEMPORARY}")


def sync_filesystem(folder: Path) -> None:
    """Bring everything written to the filesystem of a folder onto the disk. Raises OSError when that failed."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        if LIBC.syncfs(handle):  # unlike os.sync() it waits for one filesystem only, and tells of errors
            raise OSError(ctypes.get_errno(), "expected the disk to take what was written, got an error", str(folder))
    finally:
        os.close(handle)


def init_app(app: Flask) -> None:
    """Open the storage of `app`, and let files follow the rows of its database."""
    settings = get_settings(app)
    app.extensions["storage"] = Storage(settings.files or str(settings.instance.resolve() / "files"))
    if not event.contains(db.session, "after_commit", remove_released):
        event.listen(db.session, "after_commit", remove_released)
        event.listen(db.session, "after_soft_rollback", forget_released)


def get_storage() -> Storage:
    """Return the storage of the current application."""
    storage = current_app.extensions["storage"]
    assert isinstance(storage, Storage)
    return storage


def release(session: Session, keys: Iterable[str]) -> None:
    """Remove these files once the transaction is committed, unless another row uses them.

    A row deleted through the session does this by itself; deletions in bulk call it.
    """
    session.info.setdefault(RELEASED, set()).update(keys)


@event.listens_for(Session, "before_flush")
def release_deleted(session: Session, *_: Any) -> None:
    """Note the files of the rows that this session deletes."""
    release(session, [row.image for row in session.deleted if isinstance(row, Pictured)])


def remove_released(session: Session) -> None:
    """Remove what the committed transaction released."""
    keys = session.info.pop(RELEASED, set())
    if keys:
        remove_unused(keys)


def forget_released(session: Session, _: object) -> None:
    """Nothing was deleted after all."""
    session.info.pop(RELEASED, None)


def uses(table: type[Pictured], key: str) -> tuple[ColumnElement[bool], ...]:
    """The condition for rows that use a file; the hash has the index."""
    return table.sha256 == hash_of(key), table.image == key


def hash_of(key: str) -> str:
    """The sha256 that a key names. Raises StorageError for what is no key."""
    match = KEY.fullmatch(key)
    if not match:
        raise StorageError("expected a key such as ab/ab12….png, got %(got)s", got=repr(key[:80]))
    return match[2]


def remove_unused(keys: Iterable[str]) -> int:
    """Remove those of `keys` that no row uses; returns how many.

    It holds the write lock of SQLite meanwhile, so that nobody adds a row for a file that is about to go.
    """
    storage, removed = get_storage(), 0
    with Session(db.engine) as session, session.begin():
        for key in keys:
            if not any(session.scalar(select(table.id).where(*uses(table, key)).limit(1)) for table in TABLES):
                storage.delete(key)
                removed += 1
    return removed
