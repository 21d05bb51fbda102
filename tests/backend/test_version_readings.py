"""Readings of versions on samples: made once, judged by the labels of now, two versions held against each other."""

import json
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from backend.database import db
from backend.domain.reading import encode
from backend.models import NeuralVersion, Split, Training, VersionReading
from backend.services import version_files, version_judging, version_readings
from backend.services.dataset_import import import_dataset
from backend.services.reading import ReaderError
from backend.services.version_readings import read_samples
from backend.services.versions import VersionError, register
from backend.settings import Settings
from backend.storage import get_storage

from .folders import write_folder
from .readable import copy_version, goldens

COLUMNS = "image,type,correct_value,source,x,y,w,h,also_accepted"


def add_samples(folder: Path, wrong: dict[int, str] | None = None) -> None:
    """Import the golden pictures as samples that validate, every fourth as one that tests, some with a wrong label."""
    (folder / "images").mkdir(parents=True)
    rows: list[dict[str, object]] = []
    for number, golden in enumerate(goldens()):
        (folder / "images" / f"{number}.png").write_bytes(golden.data)
        box = vars(golden.box) if golden.box else {}
        place = dict(zip("xywh", (box[key] for key in ("x", "y", "width", "height")), strict=True)) if box else {}
        row = {"image": f"{number}.png", "type": 1 if number % 4 == 3 else 2, "source": f"s{number % 2}"}
        rows.append(row | place | {"correct_value": (wrong or {}).get(number, golden.text)})
    write_folder(folder, rows, COLUMNS)
    import_dataset(folder, "me")


def add_version(settings: Settings, number: int, **changes: object) -> int:
    copy_version(settings.static / "model", number, **changes)
    version = register(db.session(), f"compact/{number}", "me")
    db.session.commit()
    return version.id


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(VersionReading)) or 0


def test_each_sample_is_read_once(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data")
        version, seen = add_version(settings, 1), []
        assert version_readings.missing(db.session(), version) == 12
        done = read_samples(version, lambda *told: seen.append(told))
        assert (done.read, done.failed, count()) == (12, [], 12)
        assert (seen[0], seen[-1]) == ((0, 12), (12, 12))
        assert read_samples(version).read == 0
        judged = version_judging.judged(db.session(), version, Split.VALIDATE)
        assert (len(judged), judged.right.all()) == (9, True)
        assert len(version_judging.judged(db.session(), version, Split.TEST)) == 3


def test_a_stopped_reading_goes_on_where_it_was(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_readings, "BATCH", 5)

    def stop(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with app.app_context():
        add_samples(tmp_path / "data")
        version = add_version(settings, 1)
        with pytest.raises(KeyboardInterrupt):
            read_samples(version, stop)
        db.session.remove()
        assert count() == 5
        assert read_samples(version).read == 7


@pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
def test_a_picture_that_is_gone_stops_nothing(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data")
        version = add_version(settings, 1)
        first = db.session.scalars(select(Training).order_by(Training.id)).first()
        assert first
        get_storage().delete(first.image)
        done = read_samples(version)
        assert (done.read, done.failed) == (11, [first.id])


def test_a_reading_goes_with_its_sample(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data")
        read_samples(add_version(settings, 1))
        db.session.delete(db.session.scalars(select(Training)).first())
        db.session.commit()
        assert count() == 11


@pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
def test_only_whole_versions_read(app: Flask, settings: Settings) -> None:
    with app.app_context():
        with pytest.raises(VersionError, match="none with the number 9"):
            read_samples(9)
        version = add_version(settings, 1)
        (settings.static / "model" / "compact" / "1" / "model.tflite").write_bytes(b"another")
        with pytest.raises(ReaderError):
            read_samples(version)


def test_right_follows_the_label(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data", wrong={0: "9", 1: "8"})
        version = add_version(settings, 1)
        read_samples(version)
        errors = version_judging.errors(version_judging.judged(db.session(), version, Split.VALIDATE))
        assert (len(errors), list(errors.sure)) == (2, sorted(errors.sure, reverse=True))
        first, second = sorted(errors.ids.tolist())
        text = errors.texts[errors.ids.tolist().index(second)]
        db.session.execute(update(Training).where(Training.id == first).values(correct_value=goldens()[0].text))
        db.session.execute(update(Training).where(Training.id == second).values(also_accepted=f"1.5 {text}"))
        judged = version_judging.judged(db.session(), version, Split.VALIDATE)
        assert judged.right.all()


@pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
def test_statistics_have_the_form_of_the_export(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data", wrong={0: "9"})
        version = add_version(settings, 1)
        read_samples(version)
        found = version_judging.statistics(version_judging.judged(db.session(), version, Split.VALIDATE))
        written = json.loads(Path("docs/results/validate.json").read_text("utf-8"))
        assert found.keys() >= {"together", "by_source", "confusion", "positions", "reliability", "risk_coverage"}
        for part in ("positions", "reliability", "risk_coverage"):
            assert found[part][0].keys() == written[part][0].keys()
        assert (found["together"]["exact"]["right"], found["together"]["exact"]["n"]) == (8, 9)
        assert found["mismatches"][0]["readings"] == 8
        assert sum(source["pictures"] for source in found["by_source"].values()) == 9
        assert version_judging.statistics(version_judging.judged(db.session(), version + 1, Split.TEST)) == {}


def test_two_versions_picture_by_picture(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data", wrong={0: "9"})
        old, new = add_version(settings, 1), add_version(settings, 2)
        read_samples(old)
        read_samples(new)
        ids = version_judging.judged(db.session(), old, Split.VALIDATE).ids.tolist()
        spoil(old, ids[3:6])
        spoil(new, ids[8:])
        found = version_judging.compare(db.session(), old, new, Split.VALIDATE)
        assert sorted(found.b.ids[found.fixed].tolist()) == ids[3:6]
        assert found.b.ids[found.broken].tolist() == ids[8:]
        assert found.b.ids[found.both_wrong].tolist() == ids[:1]
        assert found.p == pytest.approx(10 / 16)
        assert found.a.ids.tolist() == found.b.ids.tolist()
        assert found.a.texts[found.fixed[0]] == "1"


def spoil(version: int, ids: list[int]) -> None:
    chosen = (VersionReading.version_id == version) & VersionReading.training_id.in_(ids)
    db.session.execute(update(VersionReading).where(chosen).values(text="1"))
    db.session.commit()


@pytest.mark.parametrize("text", ["0", "000.5", "12.34", "9876543210", "0.000000001"])
def test_classes_are_those_of_the_codec(text: str) -> None:
    assert (version_judging.classes([text, "1"])[0] == encode(text).argmax(1)).all()
    assert version_judging.classes([]).shape == (0, 11)
    assert np.issubdtype(version_judging.classes([]).dtype, np.int64)


@pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
def test_what_lies_in_the_folders(app: Flask, settings: Settings) -> None:
    with app.app_context():
        statistics = {"validate": {"confusion": []}}
        folder = copy_version(settings.static / "model", 7)
        (folder.parent / "latest").symlink_to("7")  # no version by its name
        (settings.static / "model" / "drawn" / "1" / "card.json").unlink(missing_ok=True)
        assert version_files.unregistered(db.session()) == ["compact/7"]
        version = db.session.get(NeuralVersion, add_version(settings, 10))
        assert version
        assert version_files.unregistered(db.session()) == ["compact/7"]
        layers = version_files.layers_of(version)
        card = version_files.card_of(version)
        assert card
        added = sum(layer.weights for layer in layers) - card.parameters
        assert 0 <= added < 0.01 * card.parameters, "zeros that the browser's kernels are faster with"
        assert version_files.statistics_of(version) == {}
        (folder.parent / "10" / "statistics.json").write_text(json.dumps(statistics), "utf-8")
        assert version_files.statistics_of(version) == {}, "it is not listed in the card"
