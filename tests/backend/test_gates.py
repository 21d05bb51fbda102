"""Gates: what stands in the way of publishing, what is unknown, and that an override is written down."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select, update

from backend.database import db
from backend.domain import gates as rules
from backend.domain.card import Card
from backend.domain.leaking import NOT_ALL
from backend.models import NeuralVersion, Publication, Training
from backend.services import gates_leaks, leaks, snapshots, versions
from backend.services.dataset_import import import_dataset
from backend.services.versions import GateError, publish
from backend.settings import Settings

from ..versions import make_version
from .accounts import csrf, login
from .folders import some_rows, write_folder
from .gating import outcomes, with_gates
from .readable import copy_version
from .test_version_readings import add_samples, add_version

one_database = pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")


@one_database
def test_a_version_that_says_little_is_unknown(app: Flask, runner: FlaskCliRunner, settings: Settings) -> None:
    """Only that nobody has compared it stands in the way, and there is nothing to read: it cannot be read with."""
    make_version(settings.static / "model", 1)
    with app.app_context():
        publish("drawn/1", "anna")
        version = versions.register(db.session(), "tiny/1", "me")
        db.session.commit()
        known = dict.fromkeys(("agreement", "leaks", "inherited"), "unknown")
        assert outcomes(version.id) == known | {"comparison": "open"}
    result = runner.invoke(args=["publish", "tiny/1"])
    assert result.exit_code == 1
    assert result.output.endswith(
        "got comparison open: The server cannot read with it or with drawn/1, so the two cannot be compared here.\n"
    )
    with app.app_context():
        publish("tiny/1", "anna", override="for a test")


@one_database
def test_what_nobody_asked_stays_open_with_its_reason(app: Flask, settings: Settings, tmp_path: Path) -> None:
    why = {"outcome": "open", "reason": "it was taught with another folder than it is measured by"}
    with app.app_context():
        import_dataset(write_folder(tmp_path / "data", some_rows()), "me")
        measured = {"sha256": snapshots.take().sha256}
        version = with_gates(settings, 1, leaks=why, inherited=why)
        assert outcomes(version).items() >= {"leaks": "open", "inherited": "open"}.items()
        with pytest.raises(
            GateError, match=r"leaks open: Nobody .* another folder .* inherited open: Nobody .* folder"
        ):
            publish("compact/1", "anna", "newer")
        db.session.rollback()
        card = Card.load(copy_version(settings.static / "model", 2)).training
        same, other = card | {"dataset_sha256": measured["sha256"]}, card | {"dataset_sha256": "b" * 64}
        about = {"metrics": {"gates": {"leaks": why}}, "data": measured}
        assert outcomes(add_version(settings, 3, training=same, **about))["leaks"] == "passed", "by its snapshot"
        assert outcomes(add_version(settings, 4, training=other, **about))["leaks"] == "open", "that tells of others"


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
    assert (
        "has not passed its gates (Not worse than the published version, Reads alike everywhere)"
        in client.get(address).text
    )
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
    assert (
        "Not passed: Not worse than the published version, Reads alike everywhere." in sent.text
        and "&lt;b&gt;for a test" in sent.text
    )
    page = client.get(address).text
    assert 'name="override"' not in page and "&lt;b&gt;for a test" in page
    client.post("/admin/language", data={"language": "ru", "next": address}, headers=csrf(client))
    assert "читают по-разному" in client.get(address).text
