"""Publishing and rolling back: whole versions only, who and why kept, nothing torn by a kill."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from backend.database import db
from backend.domain.card import Card
from backend.models import NeuralVersion, Publication
from backend.services import versions
from backend.services.version_checks import check_versions
from backend.services.version_files import unregistered
from backend.services.versions import VersionError, rollback, settle
from backend.settings import Settings

from ..versions import make_classifier, make_finder, make_version

WHY = "networks that nothing can run are compared by nobody"


def publish(path: str, who: str, reason: str = "") -> NeuralVersion:
    """Publish with an override, which the first version does not need."""
    return versions.publish(path, who, reason, WHY)


@pytest.fixture
def models(app: Flask, settings: Settings) -> Path:
    """The folder of versions, with three of them and none published."""
    folder = settings.static / "model"
    (folder / "current.json").unlink()
    (folder / "drawn" / "1" / "card.json").unlink()
    for number in (1, 2, 3):
        make_version(folder, number)
    return folder


def pointer(models: Path) -> str:
    content = json.loads((models / "current.json").read_text("utf-8"))
    return str(content["path"])


def point_by_export(models: Path, finder: Path) -> None:
    from training.publishing import point_at

    point_at(models, finder)


def finder_problems() -> list[str]:
    return [problem for problem in check_versions(db.session()) if "finder" in problem]


def classifier_problems() -> list[str]:
    return [problem for problem in check_versions(db.session()) if "digits" in problem or "classifier" in problem]


def marked() -> list[str]:
    return [version.path for version in db.session.scalars(select(NeuralVersion).where(NeuralVersion.published))]


def test_publish_and_roll_back(app: Flask, runner: FlaskCliRunner, models: Path) -> None:
    for path in ("tiny/1", "tiny/2", "tiny/3"):
        result = runner.invoke(args=["publish", path, "--reason", f"better than before {path}", "--override", WHY])
        assert (result.exit_code, result.output) == (0, f"{path} is published.\n")
        assert pointer(models) == f"{path}/"
    for path in ("tiny/2", "tiny/1"):
        assert runner.invoke(args=["rollback"]).output == f"{path} is published.\n"
        assert pointer(models) == f"{path}/"
    result = runner.invoke(args=["rollback"])
    assert result.exit_code == 1
    assert result.output == "Error: expected a version that was published before the current one, got none\n"
    with app.app_context():
        assert marked() == ["tiny/1"]
        kept = db.session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [each.action for each in kept] == ["publish"] * 3 + ["rollback"] * 2
        assert kept[0].reason == "better than before tiny/1"
        assert [each.override for each in kept] == ["", WHY, WHY, "", ""], "the first, and taking back, need none"
        assert all(each.completed and each.created_by and each.created_at for each in kept)
        version = db.session.get(NeuralVersion, 3)
        assert version
        assert (version.statistics, version.data_sha256) == ({"exact": 0.8}, "a" * 64)
        assert version.files.keys() == {"model.json", "group1-shard1of1.bin"}


def test_the_pointer_has_the_hash_that_the_page_checks(app: Flask, models: Path) -> None:
    with app.app_context():
        publish("tiny/2", "me")
    from training.publishing import publish as publish_after_export

    ours = (models / "current.json").read_bytes()
    publish_after_export(models / "tiny" / "2")
    assert (models / "current.json").read_bytes() == ours


def test_the_finder_stays_while_readers_change(app: Flask, models: Path) -> None:
    finder = make_finder(models, 1)
    with app.app_context():
        publish("tiny/1", "me")
        point_by_export(models, finder)
        publish("tiny/2", "me")
        content = json.loads((models / "current.json").read_bytes())
        assert (content["path"], content["finder"]["path"]) == ("tiny/2/", "finder/1/")
        assert versions.pointers(models / "current.json") == content
        rollback("me")
        assert json.loads((models / "current.json").read_bytes())["finder"] == content["finder"]
        assert "finder/1" not in unregistered(db.session())
        assert finder_problems() == []
        (finder / "model.json").write_text("{}")
        (problem,) = finder_problems()
        assert problem.startswith("version finder/1: expected model.json of ")
        content["finder"]["path"] = "tiny/1/"
        (models / "current.json").write_text(json.dumps(content), "utf-8")
        assert (
            "current.json: expected its finder to be a version with a finder's card, got tiny/1/" in finder_problems()
        )
        with pytest.raises(VersionError, match="finder/1 is not as its card says"):
            publish("finder/1", "me")


def test_classifiers_stay_while_readers_change(app: Flask, models: Path) -> None:
    folder = make_classifier(models, 1)
    with app.app_context():
        publish("tiny/1", "me")
        point_by_export(models, folder)
        publish("tiny/2", "me")
        content = json.loads((models / "current.json").read_bytes())
        assert (content["path"], content["classifiers"]["digits"]["path"]) == ("tiny/2/", "digits/1/")
        assert "digits/1" not in unregistered(db.session())
        assert classifier_problems() == []
        content["classifiers"] = {"digits": content["classifiers"]["digits"] | {"card_sha256": "0" * 64}, "x": 3}
        (models / "current.json").write_text(json.dumps(content))
        wrong, nothing = classifier_problems()
        assert wrong.startswith("current.json: expected the card of digits with sha256 ")
        assert nothing == "current.json: expected its x to be a version with a classifier's card, got "
        publish("digits/1", "me")
        assert classifier_problems() == [nothing], "published again, it is named as it is"


@pytest.mark.parametrize("path", ["", "tiny", "tiny/0", "tiny/9", "../tiny/1", "tiny/1/..", "other/1", "drawn/1"])
def test_what_is_no_whole_version_is_refused(app: Flask, runner: FlaskCliRunner, models: Path, path: str) -> None:
    result = runner.invoke(args=["publish", path])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert not (models / "current.json").exists()


def test_a_version_that_changed_is_refused(app: Flask, models: Path) -> None:
    with app.app_context():
        publish("tiny/1", "me")
        publish("tiny/2", "me")
        (models / "tiny" / "1" / "model.json").write_text("{}", "utf-8")
        with pytest.raises(VersionError, match=r"tiny/1 is not as its card says: expected model\.json"):
            rollback("me")
        db.session.rollback()
        shutil.rmtree(models / "tiny" / "1")
        make_version(models, 1)
        with pytest.raises(VersionError, match="as it was registered"):
            publish("tiny/1", "me")
        db.session.rollback()
        assert (pointer(models), marked()) == ("tiny/2/", ["tiny/2"])


@pytest.mark.parametrize("moment", ["before the file", "after the file"])
def test_a_kill_leaves_nothing_torn(app: Flask, models: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    class KilledError(BaseException):
        pass

    def kill(*_: object) -> None:
        raise KilledError

    with app.app_context():
        publish("tiny/1", "me")
        with monkeypatch.context() as patch:
            patch.setattr(versions, "point_at" if moment == "before the file" else "mark", kill)
            with pytest.raises(KilledError):
                publish("tiny/2", "me", "why")
        db.session.remove()
        assert pointer(models) == ("tiny/1/" if moment == "before the file" else "tiny/2/")
        settle()
        assert (pointer(models), marked()) == ("tiny/2/", ["tiny/2"])
        kept = db.session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [(each.action, each.completed) for each in kept] == [("publish", True)] * 2


def test_what_the_export_published_is_adopted(app: Flask, models: Path) -> None:
    from training.publishing import publish as publish_after_export

    with app.app_context():
        publish("tiny/1", "me")
        publish_after_export(models / "tiny" / "3")
        settle()
        settle()
        assert marked() == ["tiny/3"]
        assert rollback("me").path == "tiny/1"
        kept = db.session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [each.action for each in kept] == ["publish", "adopt", "rollback"]


@pytest.mark.parametrize(
    ("override", "kept"),
    [
        ({"reason": " why ", "gates": {"leaks": "open", "agreement": "passed", "other": "open"}}, ("why", ["leaks"])),
        ({"reason": "why", "gates": {}}, ("", [])),
        ({"reason": ["why"], "gates": {"leaks": "open"}}, ("", [])),
        ("why", ("", [])),
    ],
)
def test_why_the_export_published_is_kept_with_it(
    app: Flask, models: Path, override: object, kept: tuple[str, list[str]]
) -> None:
    """A card may come from anywhere."""
    from training.publishing import point_at

    card = Card.load(models / "tiny" / "3")
    (models / "tiny" / "3" / "card.json").write_text(replace(card, metrics={"override": override}).to_json(), "utf-8")
    point_at(models, models / "tiny" / "3")
    with app.app_context():
        settle()
        found = db.session.scalars(select(Publication)).one()
        assert (found.action, found.override, list(found.gates)) == ("adopt", *kept)
