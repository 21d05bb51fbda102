"""Dataset folders to import: uploaded ZIP archives, and folders on the server inside a configured one.

An archive is unpacked with distrust: only `training.csv`, `images/` and the tables of a base dataset are taken, at most
so many files and bytes as really come out of it, no links, no names that lead elsewhere.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from backend.domain.files import sync_folder
from backend.services import tables
from backend.services.tables import DatasetError
from backend.settings import get_settings

UPLOAD_BYTES = 2 << 30
UNPACKED_BYTES = 8 << 30
FILE_BYTES = 64 << 20
FILES = 200_000
BLOCK = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError)
UPLOADS = "uploads"
NAME = re.compile(r"[0-9a-f]{24}\.zip")
TAKEN = {tables.SAMPLES, tables.ELEMENTS, tables.METER_TYPES}


def imports_folder() -> Path:
    """The folder from which may be imported; shared by all machines that do jobs."""
    settings = get_settings()
    folder = Path(settings.imports or settings.instance / "imports").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folders() -> list[str]:
    """The dataset folders that can be imported, by their names inside the imports folder."""
    root = imports_folder()
    found = (path.parent.relative_to(root).as_posix() for path in root.glob(f"**/{tables.SAMPLES}"))
    return sorted(name for name in found if not name.startswith(UPLOADS))


def folder_named(name: str) -> Path:
    """A dataset folder inside the imports folder. Raises DatasetError, also for what leads out of it."""
    root = imports_folder()
    place = (root / name).resolve() if name and "\0" not in name else root
    if place == root or not place.is_relative_to(root) or not (place / tables.SAMPLES).is_file():
        raise DatasetError(
            "expected a folder with %(table)s among those for imports, got %(got)s",
            table=tables.SAMPLES,
            got=repr(name[:80]),
        )
    return place


def keep(upload: IO[bytes]) -> str:
    """Keep an uploaded archive until its import; returns its name. Raises DatasetError for what is none."""
    folder = imports_folder() / UPLOADS
    folder.mkdir(exist_ok=True)
    name = f"{secrets.token_hex(12)}.zip"
    own = folder / f"{name}.tmp"
    try:
        with own.open("wb") as file:
            copy(upload, file, UPLOAD_BYTES, "ZIP")
            file.flush()
            os.fsync(file.fileno())
        with opened(own) as archive:
            refuse_formulas(archive, {name: member for member, name in checked_members(archive)})
        own.rename(folder / name)
        sync_folder(folder)
    finally:
        own.unlink(missing_ok=True)
    return name


def refuse_formulas(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> None:
    """Refuse an archive whose table holds what a spreadsheet would run, while who sends it can still be told."""
    table = members[tables.SAMPLES]
    if table.file_size > FILE_BYTES:
        raise too_large(tables.SAMPLES, FILE_BYTES)
    try:
        with archive.open(table) as file:
            tables.refuse_formulas(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""), tables.SAMPLES)
    except BROKEN as error:
        raise DatasetError(
            "expected a whole ZIP archive, got one that does not unpack: %(error)s", error=error
        ) from error


def archive_named(name: str) -> Path:
    """An uploaded archive by its name. Raises DatasetError."""
    place = imports_folder() / UPLOADS / name
    if not NAME.fullmatch(name) or not place.is_file():
        raise DatasetError("expected an uploaded archive, got %(got)s", got=repr(name[:80]))
    return place


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive into a new folder; returns where `training.csv` is. Raises DatasetError, leaving nothing."""
    left = UNPACKED_BYTES
    try:
        with opened(archive) as file:
            for member, name in checked_members(file):
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                with file.open(member) as source, place.open("xb") as target:
                    left -= copy(source, target, min(FILE_BYTES, left), name)
    except DatasetError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except BROKEN as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise DatasetError(
            "expected a whole ZIP archive, got one that does not unpack: %(error)s", error=error
        ) from error
    return folder


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open an archive. Raises DatasetError for what is none."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise DatasetError("expected a ZIP archive, got something else: %(error)s", error=error) from error
    with archive:
        yield archive


def checked_members(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """What is taken out of an archive, with its name inside the dataset folder. Raises DatasetError."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > FILES:
        raise DatasetError("expected at most %(most)s files in an archive, got %(got)s", most=FILES, got=len(members))
    tops = [PurePosixPath(member.filename).parent for member in members if is_samples(member.filename)]
    if len(tops) != 1:
        raise DatasetError(
            "expected an archive with one %(table)s, got %(count)s", table=tables.SAMPLES, count=len(tops)
        )
    chosen = [(member, inside(member, tops[0])) for member in members]
    taken = [(member, name) for member, name in chosen if name]
    if len({name for _, name in taken}) != len(taken):
        raise DatasetError("expected each file of an archive to have its own name, got one twice")
    if (total := sum(member.file_size for member, _ in taken)) > UNPACKED_BYTES:
        raise DatasetError(
            "expected at most %(most)s GB in an archive, got %(got)s", most=UNPACKED_BYTES >> 30, got=total >> 30
        )
    return taken


def is_samples(name: str) -> bool:
    """Tell whether this is the table of samples, at the top or in one folder."""
    path = PurePosixPath(name)
    return path.name == tables.SAMPLES and len(path.parts) <= 2


def inside(member: zipfile.ZipInfo, top: PurePosixPath) -> str:
    """The name of a member inside the dataset folder; empty for what is not taken. Raises DatasetError."""
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.parts[0]:
        raise DatasetError("expected names inside the archive's folder, got %(got)s", got=repr(member.filename[:80]))
    if stat.S_ISLNK(member.external_attr >> 16):
        raise DatasetError("expected no links in an archive, got %(got)s", got=repr(member.filename[:80]))
    if member.flag_bits & 1:
        raise DatasetError("expected an archive without a password, got an encrypted one")
    if not path.is_relative_to(top):
        return ""
    name = path.relative_to(top)
    return name.as_posix() if name.as_posix() in TAKEN or name.parts[0] == tables.IMAGES else ""


def copy(source: IO[bytes], target: IO[bytes], most: int, what: str) -> int:
    """Copy at most so many bytes; returns how many there were. Raises DatasetError for more."""
    copied = 0
    while block := source.read(BLOCK):
        copied += len(block)
        if copied > most:
            raise too_large(what, most)
        target.write(block)
    return copied


def too_large(what: str, most: int) -> DatasetError:
    """The refusal of a file of more than `most` bytes."""
    return DatasetError("expected %(name)s of at most %(most)s MB, got a larger one", name=what, most=most >> 20)
