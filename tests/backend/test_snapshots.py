"""What snapshots are kept, and what killed processes leave."""

import os
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, select

from backend.database import db
from backend.models import Run, Training
from backend.services import neural, runs, snapshots, tables
from backend.services.dataset_import import import_dataset
from backend.services.reporter import Reporter
from backend.settings import Settings

from .folders import some_rows, write_folder

pytestmark = pytest.mark.one_database("sqlite", reason="what is tested is folders")


def changed(number: int) -> str:
    """The hash of a snapshot of data that have changed."""
    row = db.session.scalars(select(Training).order_by(Training.id).limit(1)).one()
    row.correct_value = str(number)
    db.session.commit()
    return snapshots.take().sha256


@pytest.mark.parametrize(("state", "kept"), [("running", True), ("done", False), ("failed", False)])
def test_what_a_run_is_under_way_with_is_kept(app: Flask, tmp_path: Path, state: str, kept: bool) -> None:
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        used = changed(0)
        others = [{"kind": "generation", "state": "running", "result": found} for found in (None, {"made": 1})]
        db.session.execute(
            insert(Run), [{"kind": "training", "state": state, "result": {"data_sha256": used}}, *others]
        )
        db.session.commit()
        newer = [changed(number) for number in range(1, snapshots.KEPT + 2)]
        whole = [(snapshots.place_of(each) / tables.SAMPLES).exists() for each in (used, *newer)]
        assert whole == [kept, False] + [True] * snapshots.KEPT
        assert any((snapshots.place_of(used) / tables.IMAGES).glob("*")) == kept


def test_what_killed_processes_left_goes_after_a_day(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, models = settings.instance / snapshots.FOLDER, settings.static / "model"
    names = [root / "ab.tmp", root / "cd.tmp", models / ".export-old", models / ".export-new"]
    for place in names:
        (place / "images").mkdir(parents=True)
        (place / "images" / "1.png").write_bytes(b"picture")
    for place in names[::2]:
        os.utime(place, (0, 0))
    monkeypatch.setattr(neural, "run_tool", lambda *_: None)
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        snapshot = snapshots.take()
        assert [place.exists() for place in names] == [False, True, True, True]
        options = neural.Options.of({"model_name": "mercury", "epochs": 1})
        neural.export(options, snapshot, None, tmp_path, 1, Reporter(app, 1, runs.claim()))
    assert [place.exists() for place in names] == [False, True, False, True], "the newer ones are being filled"
    assert (models / "drawn" / "1" / "card.json").is_file()
