"""What earlier versions were taught with is looked through for what a new one is measured by, or said to be unknown."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from backend.database import db
from backend.domain.leaking import Leak
from backend.models import NeuralVersion, Split, Training
from backend.services import gates_leaks, inherited, leaks, snapshots, versions
from backend.services.dataset_import import import_dataset
from backend.services.gate import Gate
from backend.services.inherited import look_through
from backend.settings import Settings
from backend.storage import get_storage

from .folders import some_rows, write_folder
from .readable import copy_version

pytestmark = pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
NONE = {"picture": 0, "look": 0, "meter": 0, "fragment": 0, "untraced": 0}
NOTHING: dict[str, Any] = NONE | {"data": [], "unknown": []}  # was taught before
LOOKS = {
    number: f"{0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95 * number % 2**256:064x}"
    for number in range(2, 7)
}
LOOKS[1] = f"{int(LOOKS[3], 16) ^ (2**60 - 1):064x}"


@pytest.fixture
def taught(app: Flask, tmp_path: Path) -> str:
    """The hash of a snapshot of six samples, of which the first and the fourth teach."""
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        return snapshots.take().sha256


def move(number: int, side: Split) -> None:
    db.session.execute(update(Training).where(Training.id == number).values(type=side.value, updated_by="anna"))
    db.session.commit()


def a_version(settings: Settings, number: int, sha256: str, gate: object = None, parent: int | None = None) -> int:
    """A version that was taught with this snapshot, and whose card has this gate."""
    found = {"metrics": {"gates": {"inherited": gate}}} if gate else {}
    copy_version(
        settings.static / "model", number, training={"dataset_sha256": sha256}, data={"sha256": sha256}, **found
    )
    version = versions.register(db.session(), f"compact/{number}", "me", parent_id=parent)
    db.session.commit()
    return version.id


def shown(version: int) -> Gate:
    session = db.session()
    gate = gates_leaks.inheriting(session, session.get_one(NeuralVersion, version))
    assert "%(" not in str(gate.why)
    return gate


def test_what_was_taught_before_and_is_measured_by_now(app: Flask, settings: Settings, taught: str) -> None:
    """Found though the snapshot itself is clean, and two versions later, too; its page says it."""
    with app.app_context():
        first = a_version(settings, 1, taught, NOTHING)
        assert shown(first).outcome == "passed" and "No network was taught before it" in str(shown(first).why)
        move(4, Split.VALIDATE)
        snapshot = snapshots.take()
        assert snapshot.leaks.found == []
        found = look_through(snapshot, first)
        assert found.leaks.found == [Leak("picture", "sample 4", "sample 4")]
        assert found.gate == NONE | {"outcome": "failed", "picture": 1, "data": [taught], "unknown": []}
        second = a_version(settings, 2, snapshot.sha256, found.gate, first)
        assert shown(second).outcome == "failed" and "the same picture 1 times" in str(shown(second).why)
        third = look_through(snapshot, second)
        assert (third.gate["outcome"], third.gate["data"]) == ("failed", [snapshot.sha256, taught])


def test_the_same_data_cost_no_second_look(
    app: Flask, settings: Settings, taught: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        first = a_version(settings, 1, taught, NOTHING)
        snapshot = snapshots.take()
        monkeypatch.setattr(inherited, "across", None)
        gate = look_through(snapshot, first).gate
        assert gate == NONE | {"outcome": "passed", "data": [taught], "unknown": []}
        second = a_version(settings, 2, taught, gate, first)
        assert shown(second).outcome == "passed"


def test_what_cannot_be_looked_through_is_said(app: Flask, settings: Settings, taught: str) -> None:
    """Its data are not here; its card is from before it said such things; the card of one before it is."""
    with app.app_context():
        move(4, Split.VALIDATE)
        snapshot = snapshots.take()
        elsewhere = a_version(settings, 1, "a" * 64, NOTHING)
        found = look_through(snapshot, elsewhere).gate
        assert found == NONE | {"outcome": "unknown", "data": ["a" * 64], "unknown": ["compact/1"]}
        silent = a_version(settings, 2, snapshot.sha256)
        found = look_through(snapshot, silent).gate
        assert (found["outcome"], found["unknown"]) == ("unknown", ["compact/2"])
        assert shown(silent).outcome == "unknown" and "Its card does not say" in str(shown(silent).why)
        told = a_version(settings, 3, snapshot.sha256, found, silent)
        found = look_through(snapshot, a_version(settings, 4, snapshot.sha256, parent=told)).gate
        assert (found["outcome"], found["unknown"]) == ("unknown", ["compact/2"])
        assert shown(told).outcome == "unknown" and "taught to compact/2 could be" in str(shown(told).why)
        odds: list[object] = [{"data": "x"}, NONE | {"data": [1], "unknown": []}]
        for number, odd in enumerate(odds, start=5):
            assert shown(a_version(settings, number, taught, odd)).outcome == "unknown"


def test_pictures_that_are_gone_leave_it_open(app: Flask, settings: Settings, taught: str) -> None:
    """Those of samples that are still here are taken from where samples are kept."""
    with app.app_context():
        first = a_version(settings, 1, taught, NOTHING)
        move(2, Split.VALIDATE)
        snapshot = snapshots.take()
        places = [snapshots.place_of(taught), snapshot.folder]
        for folder in places:  # far enough for their hashes not to tell, near enough to be asked for
            prints = [each._replace(look=LOOKS[each.id]) for each in leaks.read(folder)]
            leaks.write(folder, prints, [])
        assert look_through(snapshot, first).leaks.compared
        for folder in places:
            shutil.rmtree(folder / "images")
        assert look_through(snapshot, first).leaks.compared
        get_storage().delete(db.session.get_one(Training, 3).image)
        found = look_through(snapshot, first).gate
        assert (found["outcome"], found["compared"]) == ("unknown", False)
        second = a_version(settings, 2, snapshot.sha256, found, first)
        assert shown(second).outcome == "unknown" and "some pictures are gone" in str(shown(second).why)


def test_a_meter_that_is_known_by_now_counts(app: Flask, settings: Settings, taught: str) -> None:
    with app.app_context():
        first = a_version(settings, 1, taught, NOTHING)
        move(1, Split.TEST)
        snapshot = snapshots.take()
        move(1, Split.TEACH)
        gate = NONE | {"outcome": "passed", "data": [taught], "unknown": []}
        second = a_version(settings, 2, snapshot.sha256, gate, first)
        leaks.write(snapshot.folder, leaks.read(snapshot.folder)[1:], [])  # as if the first had not been moved
        assert shown(second).outcome == "passed"
        db.session.execute(update(Training).where(Training.id.in_([3, 4])).values(group="one meter", updated_by="anna"))
        db.session.commit()
        assert shown(second).outcome == "failed" and "the same meter 1 times" in str(shown(second).why)
        shutil.rmtree(snapshots.place_of(taught))
        db.session.execute(update(Training).where(Training.id == 3).values(updated_by="boris", group="one meter"))
        db.session.commit()
        app.extensions.pop(gates_leaks.CACHE_BEFORE)
        assert shown(second).outcome == "passed", "what its card says"


def test_what_the_card_does_not_know_stays_unknown_without_the_snapshot(
    app: Flask, settings: Settings, taught: str
) -> None:
    """A snapshot that was never here, or is no longer, tells nothing anew."""
    with app.app_context():
        for number, data in enumerate((["a" * 64], ["a" * 64, taught]), start=1):
            gate = NONE | {"outcome": "unknown", "untraced": 3, "data": data, "unknown": []}
            version = shown(a_version(settings, number, snapshots.take().sha256, gate))
            assert version.outcome == "unknown" and "in 3 augmentations" in str(version.why)
        gate = NONE | {"outcome": "unknown", "untraced": 3, "data": [], "unknown": []}
        assert shown(a_version(settings, 3, taught, gate)).outcome == "unknown"
