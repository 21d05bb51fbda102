"""The overview: its counts are those of the lists that it leads to, and come out of indexes alone."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select, text

from backend.database import db
from backend.models import MeterType, NeuralVersion, Split, State, Training
from backend.services import overview, samples
from backend.services.sample_filter import Filter
from backend.services.versions import publish
from backend.settings import Settings

from .accounts import login
from .readable import copy_version

ROW = {"image": "aa/x.png", "width": 30, "height": 10, "sha256": "a" * 64, "pixels_sha256": "b" * 64}
ROW |= {"phash": "c" * 64, "original_sha256": "d" * 64, "group": "", "source": "", "also_accepted": ""}


def add_samples() -> None:
    """Some samples of each kind; 4 labelled to teach, with the digits 1 to 4 at the last place."""
    kind = db.session.scalars(select(MeterType.id)).one()
    labelled = [{"state": "labelled", "correct_value": f"1234{n}.{n}", "type": 0} for n in (1, 2, 3, 4)]
    waiting = [{"state": "proposed", "proposed_value": "5", "proposed_confidence": sure} for sure in (0.1, 0.2, 0.999)]
    others = [{"state": "new", "type": 1}, {"state": "trash"}, {"state": "unreadable"}]
    others += [{"state": "labelled", "correct_value": "7", "proposed_value": "8", "type": 2}]
    for row in (*labelled, *waiting, *others):
        db.session.execute(insert(Training), {**ROW, "meter_type_id": kind, "type": 0, **row})
    db.session.commit()


def test_counts_are_those_of_the_lists(app: Flask, settings: Settings) -> None:
    with app.app_context():
        copy_version(settings.static / "model", 1)
        (settings.static / "model" / "current.json").unlink()
        publish("compact/1", "anna", "why not")
        add_samples()
        found = overview.overview()
        assert found.published
        assert (found.published.path, found.publication and found.publication.reason) == ("compact/1", "why not")
        counted = found.samples
        assert (counted.total, counted.labelled, counted.waiting) == (11, 5, 4)
        for state in State:
            for split in Split:
                wanted = Filter(type=split.value, state=state.value)
                assert counted.of(state.value, split=split) == samples.count(wanted)
        assert counted.doubtful == samples.count(Filter(doubtful=True)) == 2
        assert counted.contradicted == samples.count(Filter(disagrees=True)) == 1


def test_holes_of_the_meter_types_with_labels(app: Flask) -> None:
    with app.app_context():
        assert overview.gaps() == []
        add_samples()
        (gap,) = overview.gaps()
        assert (gap.meter_type.name, gap.cells) == ("Mercury 201", 60)
        last = {hole.digit for hole in gap.holes if hole.place == 0}
        assert last == {0, 5, 6, 7, 8, 9}


@pytest.mark.one_database("sqlite", reason="it asks SQLite for its plans")
def test_counting_reads_no_rows_of_samples(app: Flask) -> None:
    asked: list[tuple[str, object]] = []
    with app.app_context():
        add_samples()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        event.listen(
            db.engine, "before_cursor_execute", lambda _c, _k, query, values, *_: asked.append((query, values))
        )
        overview.count_samples(db.session())
        for query, values in [each for each in asked if "FROM training" in each[0]]:
            plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()  # type: ignore[arg-type]
            steps = [step.detail for step in plan if "training" in step.detail]
            assert all("INDEX" in step for step in steps), (query, steps)
        assert len(asked) >= 3


@pytest.mark.one_database("sqlite", reason="no table is asked for anything new")
def test_an_empty_installation_says_what_to_do(
    app: Flask, client: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    (settings.static / "model" / "current.json").unlink()
    login(client, "trainer")
    page = client.get("/admin/").text
    for part in (
        "/admin/training/upload",
        "/admin/runs/#start",
        "flask --app backend demo",
        "Nothing: the page cannot",
    ):
        assert part in page
    login(client, "viewer")
    assert "/admin/training/upload" not in client.get("/admin/").text
    with app.app_context():
        add_samples()
        assert db.session.scalars(select(NeuralVersion)).all() == []
    page = client.get("/admin/").text
    assert "Begin here" not in page and "/admin/training/?state=labelled&amp;type=2" in page
    assert "Mercury 201" in client.get("/admin/holes").text
