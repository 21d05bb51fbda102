"""Gates: what stands in the way of publishing, what is unknown, and that an override is written down."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select, update

from backend.database import db
from backend.domain import gates as rules
from backend.domain.leaking import NOT_ALL
from backend.models import NeuralVersion, Publication, Split, Training, VersionReading
from backend.services import gates, gates_leaks, leaks, snapshots, versions
from backend.services.dataset_import import import_dataset
from backend.services.version_readings import read_samples
from backend.services.versions import GateError, publish, rollback
from backend.settings import Settings

from ..versions import make_version
from .accounts import csrf, login
from .folders import some_rows, write_folder
from .test_version_readings import add_samples, add_version

one_database = pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
WORSE = {"comparison": rules.compare(400, 20, 2)}


def outcomes(version_id: int) -> dict[str, str]:
    """The outcomes of a version's gates as they stand now."""
    session = db.session()
    found = gates.of(session, session.get_one(NeuralVersion, version_id), versions.published(session))
    assert all("%(" not in str(gate.why) for gate in found)
    return {gate.name: gate.outcome for gate in found}


def spoil(version_id: int, count: int) -> None:
    """Let a version have read so many validation samples wrongly."""
    of_side = select(Training.id).where(Training.type == Split.VALIDATE.value).order_by(Training.id).limit(count)
    mine = (VersionReading.version_id == version_id) & VersionReading.training_id.in_(of_side)
    db.session.execute(update(VersionReading).where(mine).values(text="77777"))
    db.session.commit()


def with_gates(settings: Settings, number: int, **found: Any) -> int:
    """A version whose card says this about gates."""
    return add_version(settings, number, metrics={"gates": found})


@pytest.fixture
def nothing_published(settings: Settings) -> None:
    (settings.static / "model" / "current.json").unlink()


@pytest.mark.usefixtures("nothing_published")
def test_a_worse_version_takes_an_override(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data")
        one, two = add_version(settings, 1), add_version(settings, 2)
        known = {"comparison": "passed", "agreement": "passed"}
        assert outcomes(two) == known | {"leaks": "unknown", "inherited": "unknown"}
        publish("compact/1", "anna")
        assert outcomes(two)["comparison"] == "open"
        with pytest.raises(GateError, match="comparison open: First both it and compact/1"):
            publish("compact/2", "anna")
        read_samples(one)
        assert outcomes(two)["comparison"] == "open"
        read_samples(two)
        spoil(two, 5)
        assert outcomes(two)["comparison"] == "passed"
        spoil(two, 6)
        with pytest.raises(GateError, match="comparison failed: Significantly worse than compact/1") as error:
            publish("compact/2", "anna", "newer")
        assert [gate.name for gate in error.value.gates] == ["comparison"]
        db.session.rollback()
        assert publish("compact/2", "boris", "newer", "  the samples are wrong ").published
        last = db.session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        assert last
        assert (last.created_by, last.reason, last.override) == ("boris", "newer", "the samples are wrong")
        assert last.gates == known | {"comparison": "failed", "leaks": "unknown", "inherited": "unknown"}
        assert rollback("anna").path == "compact/1", "what was published may come back at once"
        kept = db.session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [each.override for each in kept] == ["", "the samples are wrong", ""]


@one_database
@pytest.mark.usefixtures("nothing_published")
def test_what_the_card_says_counts_for_the_version_it_names(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        one = add_version(settings, 1)
        digest = db.session.get_one(NeuralVersion, one).card_sha256
        publish("compact/1", "anna")
        worse = {"comparison": WORSE["comparison"] | {"card_sha256": digest}}
        assert outcomes(with_gates(settings, 2, **worse))["comparison"] == "failed"
        other = {"comparison": WORSE["comparison"] | {"card_sha256": "0" * 64}}
        assert outcomes(with_gates(settings, 3, **other))["comparison"] == "unknown", "and there are no samples here"
        for number, odd in enumerate(({"card_sha256": digest, "pictures": "x"}, "good", None), start=4):
            assert outcomes(with_gates(settings, number, comparison=odd, leaks=odd))["comparison"] == "unknown"


@one_database
def test_a_version_that_says_little_is_unknown(app: Flask, settings: Settings) -> None:
    make_version(settings.static / "model", 1)
    with app.app_context():
        publish("drawn/1", "anna")
        version = versions.register(db.session(), "tiny/1", "me")
        assert outcomes(version.id) == dict.fromkeys(("comparison", "agreement", "leaks", "inherited"), "unknown")
        publish("tiny/1", "anna")


@one_database
def test_disagreement_leaks_and_losses_of_the_card(app: Flask, settings: Settings) -> None:
    parent = {"version": "compact/1", "right": 100, "lost": 2}
    found = {"agreement": rules.agree(["expected TFLite to read as Keras does"])}
    found["leaks"] = rules.leak({"picture": 1, "look": 0, "meter": 2, "fragment": 0}, 0)
    with app.app_context():
        version = add_version(settings, 2, metrics={"gates": found, "parent": parent})
        assert outcomes(version) == {
            "comparison": "passed",
            "agreement": "failed",
            "leaks": "failed",
            "inherited": "unknown",
            "kept": "failed",
        }
        with pytest.raises(GateError, match=r"expected TFLite to read as Keras does.*2 times.*compact/1 reads right"):
            publish("compact/2", "anna")


def test_leaks_are_looked_for_again(app: Flask, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        version = add_version(settings, 1, data={"sha256": snapshots.take().sha256})
        assert outcomes(version)["leaks"] == "passed"
        db.session.execute(update(Training).where(Training.id < 4).values(group="one meter"))
        db.session.execute(update(Training).where(Training.id == 1).values(updated_by="anna"))
        db.session.commit()
        assert outcomes(version)["leaks"] == "failed", "by now the meter is known"
        folder = gates_leaks.place_of(db.session().get_one(NeuralVersion, version))
        leaks.write(folder, [each._replace(meter="") for each in leaks.read(folder)][3:], [NOT_ALL])
        assert outcomes(version)["leaks"] == "unknown", "not all pictures were compared"
        (folder / leaks.ALIKE).write_text("nothing\n")
        app.extensions.pop(gates_leaks.CACHE)
        assert outcomes(version)["leaks"] == "unknown", "its card says nothing, and the pairs cannot be read"
        leaked = add_version(settings, 2, data={"sha256": snapshots.take().sha256})
        assert outcomes(leaked)["leaks"] == "failed"
        with pytest.raises(GateError, match=r"leaks failed: .* the same meter 1 times"):
            publish("compact/2", "anna")


@one_database
@pytest.mark.usefixtures("nothing_published")
def test_the_command_reads_first_and_names_the_gate(
    app: Flask, runner: FlaskCliRunner, settings: Settings, tmp_path: Path
) -> None:
    with app.app_context():
        add_samples(tmp_path / "data")
        _, two = add_version(settings, 1), add_version(settings, 2)
        with_gates(settings, 3, agreement=rules.agree(["numbers differ"]))
        db.session.commit()
        assert runner.invoke(args=["publish", "compact/1"]).exit_code == 0
        assert runner.invoke(args=["publish", "compact/2"]).exit_code == 0, "both have read now"
        assert outcomes(two)
        result = runner.invoke(args=["publish", "compact/3"])
        assert result.exit_code == 1
        last = result.output.splitlines()[-1]
        assert last.startswith("Error: expected compact/3 to pass its gates, or an override that says why it need not")
        assert "agreement failed: Keras, TFLite and TensorFlow.js do not read alike: numbers differ." in last
        assert runner.invoke(args=["publish", "compact/3", "--override", "for a test"]).exit_code == 0
        kept = db.session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        assert kept and kept.override == "for a test" and kept.gates["agreement"] == "failed"


@one_database
def test_the_panel_asks_for_an_override(app: Flask, client: FlaskClient, settings: Settings) -> None:
    with app.app_context():
        number = with_gates(settings, 2, agreement=rules.agree(["numbers differ"]))
    login(client, "admin", "anna")
    address = f"/admin/versions/{number}/"
    page = client.get(address).text
    assert 'name="override"' in page and "do not read alike: numbers differ." in page and "not passed" in page
    html = {"Accept": "text/html"}
    sent = client.post(f"{address}publish", data={"reason": "newer"}, headers=csrf(client) | html)
    assert sent.location == f"{address}#gates"
    assert "has not passed its gates (Reads alike everywhere)" in client.get(address).text
    headers = csrf(client) | {"Accept": "application/json"}
    sent = client.post(f"{address}publish", data={"reason": "newer"}, headers=headers)
    assert sent.status_code == 409
    assert sent.json and "agreement failed" in sent.json["error"]["message"]
    long = {"reason": "newer", "override": "x" * 501}
    sent = client.post(f"{address}publish", data=long, headers=csrf(client), follow_redirects=True)
    assert "in 500 characters at most" in sent.text
    given = {"reason": "newer", "override": "<b>for a test</b>"}
    sent = client.post(f"{address}publish", data=given, headers=csrf(client), follow_redirects=True)
    assert "compact/2 is published." in sent.text
    assert "Not passed: Reads alike everywhere." in sent.text and "&lt;b&gt;for a test" in sent.text
    page = client.get(address).text
    assert 'name="override"' not in page and "&lt;b&gt;for a test" in page
    client.post("/admin/language", data={"language": "ru", "next": address}, headers=csrf(client))
    assert "читают по-разному" in client.get(address).text
