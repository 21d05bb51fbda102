"""Uploaded archives are unpacked with distrust; folders on the server only inside the configured one."""

import io
import stat
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.database import db
from backend.models import Training
from backend.services import archives, runs, work
from backend.services.reporter import Reporter
from backend.services.tables import DatasetError
from backend.settings import Settings

from .folders import some_rows, write_folder

pytestmark = pytest.mark.one_database("sqlite", reason="no SQL of its own")
FORMULA = b"image,type,correct_value,group\na.jpg,0,1,one\nb.jpg,0,1,=1+1\n"
TABLE = ("training.csv", b"image,type,correct_value\na.jpg,0,1\n")


def archive(*files: tuple[str, bytes], links: tuple[str, ...] = ()) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            file.writestr(info, data)
    content.seek(0)
    return content


def packed(folder: Path, top: str = "") -> io.BytesIO:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return archive(*((top + path.relative_to(folder).as_posix(), path.read_bytes()) for path in files))


@pytest.mark.parametrize("top", ["", "my data/"])
def test_an_archive_is_imported_by_a_run(app: Flask, settings: Settings, tmp_path: Path, top: str) -> None:
    folder = write_folder(tmp_path / "in", some_rows())
    (folder / "notes.txt").write_text("not taken")
    with app.app_context():
        name = archives.keep(packed(folder, top))
        run = runs.start("import", {"archive": name}, "anna")
        report = Reporter(app, run.id, "worker")
        outcome = work.do_import(run.parameters, "anna", report)
        assert outcome.result == {"samples": 6, "elements": 0, "known": 0}
        assert db.session.scalar(select(func.count(Training.id))) == 6
        assert report.fraction == 1.0
        assert not (archives.imports_folder() / archives.UPLOADS / name).exists()
        assert list((settings.instance / work.FOLDER).iterdir()) == []
        with pytest.raises(DatasetError, match="expected an uploaded archive"):
            runs.start("import", {"archive": name}, "anna")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (io.BytesIO(b"PK no zip"), "expected a ZIP archive, got something else"),
        (archive(("images/a.jpg", b"")), "expected an archive with one training.csv, got 0"),
        (archive(TABLE, ("other/training.csv", b"")), "expected an archive with one training.csv, got 2"),
        (archive(TABLE, ("../evil.sh", b"")), "expected names inside the archive's folder, got '../evil.sh'"),
        (archive(TABLE, ("images/../../evil", b"")), "expected names inside the archive's folder"),
        (archive(TABLE, ("/etc/passwd", b"")), "expected names inside the archive's folder, got '/etc/passwd'"),
        (archive(TABLE, ("images\\..\\evil", b"")), "expected names inside the archive's folder"),
        (archive(("training.csv", FORMULA)), "training.csv line 3: expected group to be plain text, got '=1"),
        (archive(("training.csv", b"image,type\na.jpg,0\n")), "to have the column correct_value"),
        (archive(("training.csv", TABLE[1].decode().encode("utf-16"))), "to be a table as UTF-8 text"),
        (archive(TABLE, ("images/a.jpg", b"/etc/passwd"), links=("images/a.jpg",)), "expected no links"),
    ],
)
def test_what_is_no_good_archive_is_not_kept(app: Flask, content: io.BytesIO, message: str) -> None:
    with app.app_context():
        content.seek(0)
        with pytest.raises(DatasetError, match=message):
            archives.keep(content)
        assert list((archives.imports_folder() / archives.UPLOADS).iterdir()) == []


def test_a_name_twice_is_refused(app: Flask) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = archive(TABLE, ("images/a.jpg", b"1"), ("images/a.jpg", b"2"))
    with app.app_context(), pytest.raises(DatasetError, match="expected each file of an archive to have its own name"):
        archives.keep(content)


def test_limits_hold_for_what_really_comes_out(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(TABLE, ("images/a.jpg", bytes(3_000_000))).getvalue()
    assert len(bomb) < 10_000
    lying = bomb.replace((3_000_000).to_bytes(4, "little"), (300).to_bytes(4, "little"))
    with app.app_context():
        for content, limit, message in (
            (bomb, "FILE_BYTES", r"expected images/a\.jpg of at most 1 MB, got a larger one"),
            (bomb, "UNPACKED_BYTES", "expected at most 0 GB in an archive"),
            (lying, "FILE_BYTES", "does not unpack|at most 1 MB"),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(archives, limit, 1 << 20)
                with pytest.raises(DatasetError, match=message):
                    keep_and_unpack(content, tmp_path / "out")
            assert not (tmp_path / "out").exists()
        for limit, message in (("FILES", "at most 1 files"), ("UPLOAD_BYTES", "ZIP of at most")):
            monkeypatch.setattr(archives, limit, 1)
            with pytest.raises(DatasetError, match=f"expected {message}"):
                archives.keep(io.BytesIO(bomb))


def keep_and_unpack(content: bytes, folder: Path) -> None:
    archives.unpack(archives.archive_named(archives.keep(io.BytesIO(content))), folder)


@pytest.mark.parametrize("name", ["", ".", "..", "../in", "/etc", "missing", "link", "in\0"])
def test_folders_outside_are_refused(app: Flask, tmp_path: Path, name: str) -> None:
    outside = write_folder(tmp_path / "in", some_rows())
    with app.app_context():
        (archives.imports_folder() / "link").symlink_to(outside)
        with pytest.raises(DatasetError, match=r"expected a folder with training\.csv among those for imports"):
            archives.folder_named(name)


def test_folders_inside_are_listed(app: Flask) -> None:
    with app.app_context():
        root = archives.imports_folder()
        for name in ("b", "deep/a"):
            write_folder(root / name, some_rows(1))
        assert archives.folders() == ["b", "deep/a"]
        assert archives.folder_named("deep/a") == root / "deep" / "a"
