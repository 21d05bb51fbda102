"""Gates: what stands in the way of publishing, what is unknown, and that an override is written down."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select, update

from backend.database import db
from backend.domain import gates as rules
from backend.domain.card import Card
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
from .readable import copy_version
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


def digest_of(version_id: int) -> str:
    return db.session.get_one(NeuralVersion, version_id).card_sha256


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
        digest = digest_of(add_version(settings, 1))
        publish("compact/1", "anna")
        worse = {"comparison": WORSE["comparison"] | {"card_sha256": digest}}
        assert outcomes(with_gates(settings, 2, **worse))["comparison"] == "failed"
        other = {"comparison": WORSE["comparison"] | {"card_sha256": "0" * 64}}
        assert outcomes(with_gates(settings, 3, **other))["comparison"] == "open", "and there are no samples here"
        for number, odd in enumerate(({"card_sha256": digest, "pictures": "x"}, "good", None), start=4):
            found = outcomes(with_gates(settings, number, comparison=odd, leaks=odd))
            assert (found["comparison"], found["leaks"]) == ("open", "unknown")


@one_database
@pytest.mark.usefixtures("nothing_published")
@pytest.mark.parametrize(
    ("lost", "gained", "outcome"), [(1, 11, "failed"), (1, 5, "passed"), (0, 5, "passed"), (9, 1, "passed")]
)
def test_what_the_published_card_says_of_the_one_before_counts(
    app: Flask, settings: Settings, lost: int, gained: int, outcome: str
) -> None:
    """What the published version gained is what the one before it would lose."""
    with app.app_context():
        one = add_version(settings, 1)
        publish("compact/1", "anna")
        made = rules.compare(400, lost, gained) | {"card_sha256": digest_of(one)}
        with_gates(settings, 2, comparison=made)
        publish("compact/2", "anna", override="" if made["outcome"] == "passed" else "for a test")
        assert outcomes(one)["comparison"] == outcome
        if outcome == "failed":
            with pytest.raises(GateError, match="11 right readings are lost, 1 are gained"):
                publish("compact/1", "anna")
        assert rollback("anna").path == "compact/1", "it was published before, and may be had back at once"


@one_database
@pytest.mark.usefixtures("nothing_published")
def test_a_card_that_tells_of_fewer_pictures_than_are_here_does_not_count(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    """A run may have been asked to use only a few of them."""
    with app.app_context():
        add_samples(tmp_path / "data")  # 9 of them validate
        one = add_version(settings, 1)
        digest = digest_of(one)
        publish("compact/1", "anna")
        for number, (pictures, outcome) in enumerate(((3, "open"), (8, "open"), (9, "passed")), start=2):
            made = rules.compare(pictures, 3, 0) | {"card_sha256": digest}
            parent = {"version": "compact/1", "pictures": pictures, "right": 200, "lost": 1}
            found = outcomes(add_version(settings, number, metrics={"gates": {"comparison": made}, "parent": parent}))
            assert (found["comparison"], found["kept"]) == (outcome, outcome)
        gone = {"version": "mercury/1", "pictures": 3, "right": 200, "lost": 1}
        assert outcomes(add_version(settings, 5, metrics={"parent": gone}))["kept"] == "open"


@one_database
@pytest.mark.usefixtures("nothing_published")
def test_what_both_read_here_counts_instead(
    app: Flask, runner: FlaskCliRunner, settings: Settings, tmp_path: Path
) -> None:
    """The version before it is read with, too, though a third one is published by now."""
    with app.app_context():
        add_samples(tmp_path / "data")
        one, three = add_version(settings, 1), add_version(settings, 3)
        parent = {"version": "compact/1", "pictures": 3, "right": 3, "lost": 0}
        two = add_version(settings, 2, metrics={"parent": parent})
        publish("compact/3", "anna")
        assert outcomes(two)["kept"] == "open"
        assert runner.invoke(args=["publish", "compact/2"]).exit_code == 0, "all three have read now"
        assert outcomes(two)["kept"] == "passed"
        spoil(two, 1)
        assert outcomes(two)["kept"] == "failed"
        spoil(one, 1)
        assert outcomes(two)["kept"] == "passed", "what neither reads right is not lost"
        assert outcomes(three)["comparison"] == "passed"


@one_database
@pytest.mark.usefixtures("nothing_published")
def test_too_few_pictures_compare_nobody(app: Flask, settings: Settings) -> None:
    with app.app_context():
        digest = digest_of(add_version(settings, 1))
        publish("compact/1", "anna")
        with_gates(settings, 2, comparison=rules.compare(5, 5, 0) | {"card_sha256": digest})
        with pytest.raises(GateError, match="comparison open: 5 validation pictures are too few to compare it with"):
            publish("compact/2", "anna")


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
