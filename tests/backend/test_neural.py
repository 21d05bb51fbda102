"""From samples in the database to a version, and to the next one: the training side is run for real, with few steps."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from backend.commands import neural as commands
from backend.database import db
from backend.domain.card import Card, file_entries
from backend.domain.leaking import KINDS
from backend.models import MeterType, NeuralVersion, Run, State, Training, TrainingAugmentation
from backend.services import leaks, neural, snapshots, tables, versions
from backend.services.dataset_export import export_dataset
from backend.services.dataset_import import import_dataset
from backend.services.parameters import ParameterError
from backend.services.reporter import Reporter
from backend.services.tables import DatasetError
from backend.settings import Settings
from tests.training.small_training import SMALL as SMALL_NETWORK
from training.architectures import ARCHITECTURES
from training.data import dataset_hash, read_table
from training.golden import draw_dataset

from ..versions import make_version
from .accounts import login

pytestmark = pytest.mark.one_database("sqlite", reason="what is tested is other processes")
SMALL = {"epochs": 1, "steps": 1, "batch": 2, "limit": 4}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The training side knows a small network too: the others take half a minute to compile."""
    monkeypatch.setattr(neural, "TRAIN", "tests.training.small_training")
    monkeypatch.setattr(neural, "EXPORT", "tests.training.small_export")
    monkeypatch.setattr(neural, "architectures", lambda: ["compact", "small"])


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset folder of 12 drawn displays, 4 of each type."""
    return draw_dataset(tmp_path_factory.mktemp("drawn") / "displays", 12)


@pytest.fixture
def filled(app: Flask, drawn: Path) -> Flask:
    with app.app_context():
        import_dataset(drawn, "anna")
        db.session.remove()
    return app


@pytest.fixture
def report(app: Flask) -> Reporter:
    return Reporter(app, 1, "worker")


def augment() -> TrainingAugmentation:
    """Take one sample's picture for an augmentation."""
    row = db.session.scalars(select(Training).where(Training.type == 0).limit(1)).one()
    size = {"width": row.width, "height": row.height, "image": row.image}
    hashes = {"sha256": row.sha256, "pixels_sha256": row.pixels_sha256, "seed": 1}
    made = TrainingAugmentation(type=0, meter_type_id=row.meter_type_id, correct_value="1.5", **size, **hashes)
    made.element_ids = "1-2"
    db.session.add(made)
    db.session.commit()
    return made


def test_a_model_and_its_next_version(
    filled: Flask, report: Reporter, settings: Settings, small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neural, "FEW", ("--few", "--pictures", "14"))  # more than there are
    with filled.app_context():
        options = neural.Options.of({"model_name": "mercury", "architecture": "small", **SMALL})
        first = neural.train(options, tmp_path / "one", "anna", report)
        assert report.fraction == 1.0 and [point["epoch"] for point in report.curve] == [1]

        version = db.session.scalars(select(NeuralVersion)).one()
        assert (version.id, version.path, version.parent_id) == (first.version_id, "mercury/1", None)
        assert (version.model.structure, version.created_by, version.changes) == ("small", "anna", "first version")
        folder = settings.static / "model" / "mercury" / "1"
        card = Card.load(folder)
        card.verify(folder)
        assert version.data_sha256 == card.data["sha256"] == report.result["data_sha256"]
        found = card.metrics["gates"]
        passed = dict.fromkeys(("leaks", "inherited", "agreement"), "passed")
        assert {name: gate["outcome"] for name, gate in found.items()} == passed
        assert "Gate agreement: passed. Keras, TFLite and TensorFlow.js read 14 pictures alike." in report.log_text()
        checks = card.metrics["export"]
        assert (checks["pictures"], checks["real"], checks["numbers"]["pictures"]) == ("real and drawn", 12, 14)
        counted = card.metrics["validate"]["mismatches"]
        assert sum(row["readings"] for row in counted) == 4 and sum(row["share"] for row in counted) == pytest.approx(1)
        db.session.commit()
        with pytest.raises(ParameterError, match="expected a new name, got mercury"):
            neural.check_training({"model_name": "mercury", "epochs": 1})

        versions.publish("mercury/1", "anna", override="nothing can read with drawn/1")
        augment()
        same_meter = db.session.scalars(select(Training).where(Training.type != 1).order_by(Training.type)).all()
        same_meter[0].group = same_meter[-1].group = "one meter"
        db.session.commit()
        given = neural.check_fine_tuning({"model_name": "mercury", "changes": "one more", **SMALL})
        second = neural.fine_tune(neural.Options.of(given), tmp_path / "two", "boris", report)
        version = db.session.get_one(NeuralVersion, second.version_id)
        assert (version.path, version.parent_id, version.changes) == ("mercury/2", first.version_id, "one more")
        card = Card.load(settings.static / "model" / "mercury" / "2")
        assert card.training["parent"] == card.metrics["parent"]["version"] == "mercury/1"
        assert card.training["learning_rate"] == pytest.approx(0.25 * SMALL_NETWORK.learning_rate)
        assert (card.metrics["parent"]["pictures"], card.metrics["parent"]["lost"]) == (4, 0)
        assert report.curve[-1]["lost"] <= 1
        found = card.metrics["gates"]
        assert found["leaks"] == {"outcome": "failed", "meter": 1, "untraced": 1} | dict.fromkeys(KINDS, 0) | {
            "meter": 1
        }
        inherited = found["inherited"]
        assert (inherited["outcome"], inherited["meter"], inherited["picture"]) == ("failed", 1, 0)
        assert (inherited["data"], inherited["unknown"]) == ([first.result["data_sha256"]], [])
        told = "Leak (meter): meter 'one meter' was taught to an earlier version, meter 'one meter' is measured by."
        assert told in report.log_text()
        assert found["kept"]["outcome"] == "passed"
        same = {"outcome": "open", "version": "mercury/1", "pictures": 4}
        assert found["comparison"].items() >= same.items(), "four are too few"
        assert "Leak (meter): meter 'one meter' is taught, meter 'one meter' is measured by." in report.log_text()
        assert second.result["gates_not_passed"] == "comparison, leaks, inherited"
        with pytest.raises(versions.GateError, match="the same meter 1 times"):
            versions.publish("mercury/2", "anna")
        assert report.result["augmentations"] == 1
        text = (settings.static / "model" / "mercury" / "2" / "card.json").read_text("utf-8")
        assert str(tmp_path) not in text
        before, after = (
            {(sample.image.name, sample.type) for sample in read_table(snapshots.place_of(each)) if sample.type == 0}
            for each in (first.result["data_sha256"], second.result["data_sha256"])
        )
        assert len(before) == 4 and before <= after, "the next version is taught with the old data, too"


@pytest.mark.long
def test_a_run_with_nan_ends_with_its_reason(
    filled: Flask, runner: FlaskCliRunner, client: FlaskClient, settings: Settings
) -> None:
    """A parent whose weights are broken: the first loss is no number."""
    folder = make_version(settings.static / "model", 1, "broken")
    model = ARCHITECTURES["compact"].build()
    weights = model.get_weights()
    weights[0][:] = np.nan
    model.set_weights(weights)
    model.save(folder / "model.keras")
    card = dataclasses.replace(Card.load(folder), files=file_entries(folder))
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    with filled.app_context():
        versions.register(db.session(), "broken/1", "me")
        db.session.commit()
    asked = ["neural_pre_training", "broken", "1", "why", "--steps", "2", "--batch", "2", "--limit", "4"]
    result = runner.invoke(args=asked)
    reason = "expected a finite loss, got nan at step 0: lower the learning rate"
    assert result.exit_code == 1 and reason in result.output.splitlines()[-1]
    with filled.app_context():
        run = db.session.scalars(select(Run)).one()
        assert (run.state, run.version_id) == ("failed", None)
        assert run.error and reason in run.error and reason in run.log
    assert not (settings.static / "model" / "broken" / "2").exists()
    login(client, "viewer")
    page = client.get(f"/admin/runs/{run.id}/").text
    assert reason in page.partition("<dl")[0]


def test_a_small_limit_has_short_epochs() -> None:
    steps = [neural.Options.of({"model_name": "m", "epochs": 1, **more}).steps for more in ({}, {"limit": 200})]
    assert steps == [100, 25]
    assert neural.Options.of({"model_name": "m", "epochs": 1, "limit": 200, "steps": 7}).steps == 7
    assert neural.Options.of({"model_name": "m", "epochs": 1, "limit": 10**6}).steps == 100


def test_a_snapshot_is_named_by_its_hash(filled: Flask, settings: Settings) -> None:
    with filled.app_context():
        first = snapshots.take()
        assert first.sha256 == dataset_hash(first.folder)
        assert (first.samples, first.augmentations) == (12, 0)
        assert snapshots.take() == first
        made = augment()
        second = snapshots.take()
        assert second.sha256 == dataset_hash(second.folder) != first.sha256
        joined = [sample for sample in read_table(second.folder) if sample.source == "augmentation"]
        assert [(s.correct_value, s.type) for s in joined] == [(made.correct_value, 0)]
        db.session.rollback()
        export_dataset(settings.instance / "elsewhere", augmentations=True)  # to train on another machine
        assert dataset_hash(settings.instance / "elsewhere") == second.sha256
        for number in range(snapshots.KEPT + 2):
            db.session.add(MeterType(name=f"type {number}"))
            row = db.session.scalars(select(Training).limit(1)).one()
            row.correct_value = str(number)
            db.session.commit()
            snapshots.take()
        folders = list((settings.instance / snapshots.FOLDER).iterdir())
        whole = [place for place in folders if (place / tables.SAMPLES).exists()]
        assert len(whole) == snapshots.KEPT and not any(place.name.endswith(".tmp") for place in folders)
        kept = [leaks.ALIKE, leaks.FILE]
        assert all(sorted(each.name for each in place.iterdir()) == kept for place in set(folders) - set(whole))


def test_without_validation_nothing_is_trained(filled: Flask) -> None:
    with filled.app_context():
        for row in db.session.scalars(select(Training).where(Training.type == 2)):
            row.state = State.TRASH.value
        db.session.commit()
        with pytest.raises(DatasetError, match="expected labelled samples of the type validate, got none"):
            snapshots.take()


def test_a_parent_that_learned_from_other_data_is_told_of(
    filled: Flask, runner: FlaskCliRunner, report: Reporter, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the run by the command, at its start in its log; of one that was taught here there is nothing to say."""
    folder = make_version(settings.static / "model", 1, "shipped")
    (folder / "model.keras").write_bytes(b"weights")
    card = dataclasses.replace(Card.load(folder), files=file_entries(folder))
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    told = "shipped/1 was taught with data that is not here: "
    monkeypatch.setattr(commands, "do_run", lambda *_: Run(id=5, result={"version": "shipped/2"}))
    started: list[str] = []
    monkeypatch.setattr(neural, "run_training", lambda *_: started.append(report.log_text()))
    monkeypatch.setattr(neural, "export", lambda *_: folder)
    monkeypatch.setattr(neural, "register", lambda *_: None)
    options = neural.Options.of({"model_name": "shipped", "changes": "why", **SMALL})
    with filled.app_context():
        parent = versions.register(db.session(), "shipped/1", "me").data_sha256
        db.session.commit()
        neural.fine_tune(options, settings.instance, "me", report)
        assert told in started[0]
    assert runner.invoke(args=["neural_pre_training", "shipped", "1", "why"]).output.startswith(told)
    with filled.app_context():
        snapshots.place_of(parent).mkdir(parents=True)
        leaks.write(snapshots.place_of(parent), [], [])
        assert neural.word_before("shipped") is None
        assert neural.word_before("nobody") is None


def test_every_architecture_can_be_chosen() -> None:
    assert neural.architectures() == sorted(ARCHITECTURES)
