"""Files by content hash: whole or not at all, safe names, gone only when nobody uses them."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert

from backend.database import db
from backend.models import Training, TrainingElement
from backend.storage import Storage, StorageError, get_storage, release

CONTENT = b"content"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEY = f"{DIGEST[:2]}/{DIGEST}.png"


def picture(key: str) -> dict[str, object]:
    return {"image": key, "width": 30, "height": 10, "sha256": key[3:67], "pixels_sha256": "b" * 64}


def add_sample(key: str) -> None:
    row = {**picture(key), "type": 0, "phash": "c" * 64, "original_sha256": "d" * 64, "meter_type_id": 1}
    db.session.execute(insert(Training), [row])
    db.session.commit()


def test_put_get_delete(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path / "files"))
    assert list(storage.names()) == []
    assert storage.put(CONTENT, "png") == KEY
    assert storage.put(CONTENT, "png") == KEY
    assert storage.get(KEY) == CONTENT
    assert list(storage.names()) == [KEY]
    storage.delete(KEY)
    storage.delete(KEY)
    assert not storage.exists(KEY)
    with pytest.raises(StorageError, match=r"expected the file .* got none"):
        storage.get(KEY)


def test_another_filesystem() -> None:
    storage = Storage("memory://pictures")
    key = storage.put(CONTENT, "png")
    assert storage.get(key) == CONTENT
    assert list(storage.names()) == [key]
    storage.delete(key)
    assert list(storage.names()) == []


@pytest.mark.parametrize(
    "key", ["", "../secret_key", f"/{KEY}", KEY.replace("png", "svg"), f"00/{DIGEST}.png", KEY + "\n"]
)
def test_unsafe_names_are_refused(tmp_path: Path, key: str) -> None:
    storage = Storage(str(tmp_path))
    for use in (storage.get, storage.exists, storage.delete):
        with pytest.raises(StorageError, match="expected a key"):
            use(key)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    storage = Storage(str(tmp_path))
    with pytest.raises(OSError, match="disk full"):
        storage.put(CONTENT, "png")
    assert list(storage.names()) == []


def test_files_put_together_appear_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, contents = Storage(str(tmp_path / "files")), [bytes([n]) * 5 for n in range(40)]
    with storage.together() as put, ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(put, contents, ["png"] * 40))
        assert not any(map(storage.exists, keys))
    assert [storage.get(key) for key in keys] == contents
    with storage.together() as put:
        assert put(contents[0], "png") == keys[0]
    assert sorted(storage.names()) == sorted(keys)

    def fail(_: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("backend.storage.sync_filesystem", fail)
    with pytest.raises(OSError, match="disk full"), storage.together() as put:
        put(CONTENT, "png")
    assert sorted(storage.names()) == sorted(keys)


def test_another_filesystem_takes_files_together() -> None:
    storage = Storage("memory://together")
    with storage.together() as put:
        key = put(CONTENT, "png")
    assert storage.get(key) == CONTENT


def test_a_torn_file_is_written_again(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    storage.put(CONTENT, "png")
    (tmp_path / KEY).write_bytes(CONTENT[:3])
    storage.put(CONTENT, "png")
    assert storage.get(KEY) == CONTENT


def test_a_file_goes_with_its_last_row_after_the_commit(app: Flask) -> None:
    with app.app_context():
        storage = get_storage()
        key = storage.put(CONTENT, "png")
        add_sample(key)
        row = {**picture(key), "part": 0, "meter_type_id": 1, "correct_value": "1"}
        db.session.execute(insert(TrainingElement), [row])
        db.session.delete(db.session.get(Training, 1))
        db.session.commit()
        assert storage.exists(key)  # the fragment uses it
        db.session.delete(db.session.get(TrainingElement, 1))
        db.session.flush()
        assert storage.exists(key)
        db.session.commit()
        assert not storage.exists(key)


def test_a_rollback_keeps_the_file(app: Flask) -> None:
    with app.app_context():
        storage = get_storage()
        key = storage.put(CONTENT, "png")
        add_sample(key)
        release(db.session(), [key])
        db.session.delete(db.session.get(Training, 1))
        db.session.flush()
        db.session.rollback()
        db.session.commit()
        assert storage.exists(key)
