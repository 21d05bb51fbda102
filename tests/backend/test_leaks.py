"""Leaks between teaching and measuring: all of them, and nothing else."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from backend.database import db
from backend.domain.leaking import Leak, Print, find
from backend.models import State, Training
from backend.services import leaks, snapshots
from backend.services.dataset_import import import_dataset
from backend.services.tables import DatasetError
from scripts.bench import leaks as bench
from training.data import DatasetError as TrainingError
from training.data import dataset_hash, read_table
from training.leaking import own_prints

from .folders import some_rows, write_folder

LOOKS = {"a": "0" * 64, "b": "f" * 64, "c": "0f" * 32, "a copy": "0" * 62 + "07"}


def test_all_planted_leaks_are_found_and_nothing_else() -> None:
    result = bench.run(displays=120, each=4)
    assert [each["measured"] for each in result["figures"]] == ["0", *["4 of 4"] * 7, "0"]
    assert all(each["reached"] for each in result["figures"])


def sample(number: int, side: int, look: str = "", value: str = "1", meter: str = "") -> Print:
    name = look or f"own-{number}"
    bits = LOOKS.get(
        name, f"{0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95 * number % 2**256:064x}"
    )
    return Print(number, side, name, name, bits, value, meter, "")


def joined(number: int, side: int, made_of: str) -> Print:
    return Print(number, side, f"joined {number}", f"joined {number}", "", "1", "", made_of)


def test_each_kind() -> None:
    """As sample 1 and 2 of each: what is taught, and what is measured by."""
    assert find([sample(1, 0, "a"), sample(2, 2, "a")]).found == [Leak("picture", "sample 1", "sample 2")]
    assert find([sample(1, 1, "a"), sample(2, 0, "a copy")]).found == [Leak("look", "sample 2", "sample 1")]
    meter = Leak("meter", "meter 'x'", "meter 'x'")
    for sides in ((0, 2), (0, 1), (1, 2)):
        assert find([sample(n, side, meter="x") for n, side in enumerate(sides)]).found == [meter]
    found = find([sample(1, 2), sample(2, 0), joined(1, 0, "own-1 own-2"), joined(2, 0, "own-2")])
    assert found.found == [Leak("fragment", "augmentation 1", "sample 1")]
    found = find([sample(1, 2), sample(2, 0), joined(1, 2, "own-2"), joined(2, 2, "own-1")])
    assert found.found == [Leak("fragment", "sample 2", "augmentation 1")]


def test_what_is_no_leak() -> None:
    same_side = [sample(1, 0, "a"), sample(2, 0, "a copy"), sample(3, 2, "b"), sample(4, 2, "b"), sample(5, 1, "c")]
    assert find(same_side).found == []
    assert find([sample(1, 1, "a"), sample(2, 2, "a")]).found == [], "nobody is taught with either"
    found = find([sample(1, 0), joined(1, 0, "own-1 ?"), joined(2, 0, "own-1")])
    assert (found.found, found.untraced) == ([], 1)
    assert found.counts == {"picture": 0, "look": 0, "meter": 0, "fragment": 0}


def test_a_snapshot_keeps_fingerprints_and_tells_leaks(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        first = snapshots.take()
        assert first.leaks.found == []
        assert [each.id for each in leaks.read(first.folder)] == [1, 2, 3, 4, 5, 6]
        db.session.execute(update(Training).where(Training.id < 4).values(group="one meter"))
        db.session.commit()
        second = snapshots.take()
        assert second.leaks.found == [Leak("meter", "meter 'one meter'", "meter 'one meter'")]
        assert len(read_table(second.folder)) == 6, "it may be trained on: the version's gates tell"
        assert dataset_hash(second.folder) == second.sha256
        assert own_prints(second.folder, read_table(second.folder)) == leaks.read(second.folder), "training takes them"
        (second.folder / leaks.FILE).rename(tmp_path / "away")
        with pytest.raises(TrainingError, match="every meter on one side"):
            read_table(second.folder)
        meters = leaks.with_meters_of_now(db.session(), leaks.read(first.folder))
        assert [each.meter for each in meters] == ["one meter"] * 3 + [""] * 3
        assert find(meters).counts["meter"] == 1


def test_fingerprints_stay_when_a_snapshot_goes(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "KEPT", 1)
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        first = snapshots.take()
        db.session.execute(update(Training).where(Training.id == 6).values(state=State.TRASH.value))
        db.session.commit()
        assert snapshots.take().sha256 != first.sha256
        assert sorted(path.name for path in first.folder.iterdir()) == [leaks.ALIKE, leaks.FILE]
        db.session.execute(update(Training).values(state=State.LABELLED.value))
        db.session.commit()
        again = snapshots.take()
        assert again == first and dataset_hash(again.folder) == again.sha256
        (again.folder / leaks.ALIKE).write_text("nothing\n")
        assert snapshots.take() == again, "pairs that cannot be read are looked for again"
        assert leaks.alike(again.folder) == []
    with pytest.raises(DatasetError):
        leaks.read(tmp_path)
