"""Finders and classifiers: published beside the reader, each in its slot, with gates, and taken back."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select

from backend.database import db
from backend.domain.classifier_card import ClassifierCard
from backend.domain.files import claimed
from backend.domain.finder_card import FinderCard
from backend.domain.gates import FAILED, OPEN, PASSED, UNKNOWN
from backend.models import NeuralVersion, Publication, Run
from backend.services import gates, gates_beside, recipes, versions
from backend.services.pointer import card_in, slot_of
from backend.services.version_checks import check_versions
from backend.services.versions import GateError, VersionError, publish, rollback, settle
from backend.settings import ROOT, Settings

from ..versions import make_classifier, make_finder, make_version
from .accounts import csrf, login

pytestmark = pytest.mark.one_database(
    "sqlite", reason="the database is only asked for what is tested on both elsewhere"
)
SAME = {"pictures": 60, "tflite": {"largest_difference": 1e-6}, "tfjs_wasm": {"largest_difference": 1e-6}}


@pytest.fixture
def models(app: Flask, settings: Settings) -> Path:
    """The folder of versions, with a reader that is published."""
    folder = settings.static / "model"
    (folder / "drawn" / "1" / "card.json").unlink()
    make_version(folder, 1)
    (folder / "current.json").write_text(json.dumps({"name": "tiny", "version": "1", "path": "tiny/1/"}))
    return folder


def measured(folder: Path, kind: type[ClassifierCard] | type[FinderCard], metrics: dict[str, Any]) -> None:
    """Give a version figures."""
    card: Any = replace(kind.load(folder), metrics=metrics, data={"sha256": "a" * 64})
    (folder / "card.json").write_text(card.to_json(), "utf-8")


def digits(models: Path, number: int, right: int) -> str:
    """A classifier that has told so many of 100 test pictures."""
    folder = make_classifier(models, number)
    share = {"value": right / 100, "low": 0.0, "high": 1.0, "right": right, "n": 100}
    measured(folder, ClassifierCard, {"test": {"accuracy": share}, "export": {"numbers": SAME}})
    return f"digits/{number}"


def finder(models: Path, number: int, right: int, reader: str = "tiny") -> str:
    """A finder from whose outlines so many of 100 photos were read."""
    folder = make_finder(models, number)
    share = {"value": right / 100, "low": 0.0, "high": 1.0, "right": right, "n": 100}
    measured(folder, FinderCard, {"validate": {"right_found": share, "reader": {"name": reader}}})
    return f"finder/{number}"


def named(models: Path) -> dict[str, str]:
    content = json.loads((models / "current.json").read_bytes())
    others = {"finder": content.get("finder"), **content.get("classifiers", {})}
    return {"reader": content["path"]} | {slot: one["path"] for slot, one in others.items() if one}


def outcomes(path: str) -> dict[str, str]:
    version = versions.register(db.session(), path, "me")
    return {
        gate.name: gate.outcome
        for gate in gates.of(db.session(), version, versions.published(db.session(), version.slot))
    }


def test_each_slot_has_its_own_version(app: Flask, runner: FlaskCliRunner, models: Path) -> None:
    make_version(models, 2)
    told = runner.invoke(args=["publish", "tiny/2", "--override", "nothing can run these readers"])
    assert told.output == "tiny/2 is published.\n"
    paths = [digits(models, 1, 90), digits(models, 2, 95), finder(models, 1, 80), finder(models, 2, 80)]
    for path in paths:
        assert runner.invoke(args=["publish", path]).output == f"{path} is published.\n"
    assert named(models) == {"reader": "tiny/2/", "digits": "digits/2/", "finder": "finder/2/"}
    assert runner.invoke(args=["rollback", "--of", "digits"]).output == "digits/1 is published.\n"
    assert runner.invoke(args=["rollback", "--of", "finder"]).output == "finder/1 is published.\n"
    assert named(models) == {"reader": "tiny/2/", "digits": "digits/1/", "finder": "finder/1/"}
    assert runner.invoke(args=["rollback"]).output == "tiny/1 is published.\n"
    assert named(models) == {"reader": "tiny/1/", "digits": "digits/1/", "finder": "finder/1/"}
    refused = runner.invoke(args=["rollback", "--of", "digits"])
    assert refused.output == "Error: expected a version that was published before the current one, got none\n"
    with app.app_context():
        found = db.session.scalars(select(NeuralVersion).where(NeuralVersion.published))
        assert sorted((version.slot, version.path) for version in found) == [
            ("digits", "digits/1"),
            ("finder", "finder/1"),
            ("reader", "tiny/1"),
        ]
        assert [problem for problem in check_versions(db.session()) if "drawn/1" not in problem] == []


def test_what_an_export_named_is_adopted_and_what_is_not_whole_is_left(app: Flask, models: Path) -> None:
    from training.publishing import point_at

    for path in (digits(models, 1, 90), finder(models, 1, 80)):
        point_at(models, models / path)
    (models / "digits" / "1" / "model.json").write_text("{}")
    with app.app_context():
        settle()
        kept = [(each.action, each.version.path) for each in db.session.scalars(select(Publication))]
        assert kept == [("adopt", "tiny/1"), ("adopt", "finder/1")]
        assert any("digits/1: expected model.json" in problem for problem in check_versions(db.session()))
        content = json.loads((models / "current.json").read_bytes()) | {"finder": {"path": "tiny/1/"}}
        (models / "current.json").write_text(json.dumps(content))
        settle()
        published = versions.published(db.session(), "finder")
        assert published and published.path == "finder/1", "a reader is no finder"
        assert "current.json: expected it to name finder/1 as finder, which is published, got tiny/1" in check_versions(
            db.session()
        )


def test_a_lost_pointer_is_whole_again_with_the_next_publication(app: Flask, models: Path) -> None:
    with app.app_context():
        for path in (digits(models, 1, 90), finder(models, 1, 80)):
            publish(path, "me")
        whole = named(models)
        (models / "current.json").unlink()
        publish(finder(models, 2, 80), "me")
        assert named(models) == whole | {"finder": "finder/2/"}
        (models / "current.json").unlink()
        rollback("me", slot="finder")
        assert named(models) == whole
        (models / "current.json").unlink()
        publish("tiny/1", "me")
        assert named(models) == whole


def test_what_was_published_twice_or_rolled_back_is_not_in_the_way(app: Flask, models: Path) -> None:
    with app.app_context():
        for path in (digits(models, 1, 90), digits(models, 2, 91), "digits/2"):
            publish(path, "me")
        assert rollback("me", slot="digits").path == "digits/1"
        assert versions.before(db.session(), versions.published(db.session(), "digits")) is None


def test_only_readers_can_be_trained_further(app: Flask, models: Path) -> None:
    with app.app_context():
        for path in (digits(models, 1, 90), finder(models, 1, 80)):
            publish(path, "me")
        assert recipes.other_models() == ["tiny"]


def test_two_that_publish_at_once_lose_nothing(models: Path) -> None:
    """One has read `current.json` and not yet written it when the training side's command comes."""
    folder = make_classifier(models, 1)
    code = "import sys; from pathlib import Path; from training.publishing import publish; print(flush=True); "
    command = [sys.executable, "-c", f"{code} publish(Path({str(folder)!r}))"]
    pointer = models / "current.json"
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as other, claimed(pointer, wait=True):
        before = json.loads(pointer.read_bytes())
        assert other.stdout and other.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            other.wait(1)  # long enough to publish, did it not wait
        pointer.write_text(json.dumps(before | {"finder": {"path": "finder/1/"}}), "utf-8")
    assert other.returncode == 0
    assert named(models) == {"reader": "tiny/1/", "finder": "finder/1/", "digits": "digits/1/"}


def test_nothing_is_published_beside_no_reader(app: Flask, models: Path) -> None:
    (models / "current.json").unlink()
    with app.app_context(), pytest.raises(VersionError, match="expected a published reader, beside which digits/1"):
        publish(digits(models, 1, 90), "me")


def test_fewer_right_takes_an_override(app: Flask, models: Path) -> None:
    with app.app_context():
        publish(digits(models, 1, 90), "me")
        worse = digits(models, 2, 89)
        with pytest.raises(GateError, match="It gets 89 of 100 pictures right, and digits/1, which is published, 90"):
            publish(worse, "me")
        assert outcomes(worse) == {"comparison": FAILED, "agreement": PASSED}
        publish(worse, "me", override="the new one is smaller")
        assert named(models)["digits"] == "digits/2/"
        rollback("me", slot="digits")
        publish(finder(models, 1, 80), "me")
        assert outcomes(finder(models, 2, 81)) == {"comparison": PASSED, "agreement": UNKNOWN}
        assert outcomes(finder(models, 3, 79)) == {"comparison": FAILED, "agreement": UNKNOWN}
        otherwise = finder(models, 4, 99, reader="other")
        assert outcomes(otherwise) == {"comparison": OPEN, "agreement": UNKNOWN}
        with pytest.raises(GateError, match="were not judged alike"):
            publish(otherwise, "me")
        assert named(models)["finder"] == "finder/1/"
    told = app.test_cli_runner().invoke(args=["publish", otherwise])
    assert told.exit_code and "were not judged alike" in told.output, "nobody reads samples with a finder"


def test_the_shipped_ones_pass_their_gates(app: Flask) -> None:
    """What their cards say is where the gates look for it."""
    for path in ("finder/1", "finder/2", "lenet/1", "clocks_or_crocs/1"):
        card = card_in(ROOT / "static" / "model" / path)
        version = NeuralVersion(slot=slot_of(card), statistics=card.metrics, data_sha256="a" * 64)
        assert gates_beside.agreement(version).outcome == (UNKNOWN if path == "finder/1" else PASSED)
        assert gates_beside.score(version)


def test_the_page_publishes_and_takes_back(app: Flask, client: FlaskClient, models: Path) -> None:
    with app.app_context():
        publish(digits(models, 1, 90), "me")
        number = versions.register(db.session(), digits(models, 2, 89), "me").id
        db.session.commit()
    login(client, "admin")
    overview = client.get("/admin/versions/").text
    assert "tells the pictures of the recipe digits" in overview
    page = client.get(f"/admin/versions/{number}/").text
    assert "which is published, 90 of as many" in page and "Told rightly, all" in page and "89.0%" in page
    address = f"/admin/versions/{number}/publish"
    client.post(address, data={"reason": "smaller"}, headers=csrf(client))
    assert named(models)["digits"] == "digits/1/"
    client.post(address, data={"reason": "smaller", "override": "as asked"}, headers=csrf(client))
    assert named(models)["digits"] == "digits/2/"
    assert 'name="slot" value="digits"' in client.get(f"/admin/versions/{number}/").text
    client.post("/admin/versions/rollback", data={"reason": "oops", "slot": "digits"}, headers=csrf(client))
    assert named(models) == {"reader": "tiny/1/", "digits": "digits/1/"}
    with app.app_context():
        assert db.session.scalar(select(Run.id)) is None, "nothing reads samples anew for a classifier"
    for address in (f"{number}/errors", f"compare?old={number}&new={number}"):
        assert client.get(f"/admin/versions/{address}").status_code == 404
    assert client.post(f"/admin/versions/{number}/read", headers=csrf(client)).status_code == 404


def test_a_classifier_is_not_trained_further_as_a_reader(app: Flask, models: Path, runner: FlaskCliRunner) -> None:
    with app.app_context():
        publish(digits(models, 1, 90), "me")
    refused = runner.invoke(args=["neural_pre_training", "digits", "1", "more"])
    assert refused.exit_code == 1
    assert "expected a model that reads displays, got digits" in refused.output
