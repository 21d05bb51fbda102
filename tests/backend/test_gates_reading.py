"""A version beside the published one and its parent: by a card of either, or by what both have read here."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from backend.database import db
from backend.domain import gates as rules
from backend.models import Publication
from backend.services.version_readings import read_samples
from backend.services.versions import GateError, publish, rollback
from backend.settings import Settings

from .gating import digest_of, outcomes, spoil, with_gates
from .test_version_readings import add_samples, add_version

one_database = pytest.mark.one_database("sqlite", reason="nothing in it depends on the database")
WORSE = {"comparison": rules.compare(400, 20, 2)}


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
