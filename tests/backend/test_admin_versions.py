"""The pages of versions: what they show, publishing with its reason, two side by side."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from backend.admin import version_figures
from backend.database import db
from backend.models import NeuralVersion, Publication, Run, VersionReading
from backend.services.version_judging import Judged
from backend.services.version_readings import read_samples
from backend.settings import ROOT, Settings

from .accounts import csrf, login
from .readable import copy_version
from .test_version_readings import add_samples, add_version

FIGURES = json.loads((ROOT / "docs" / "results" / "validate.json").read_text("utf-8"))


def add_statistics(folder: Path) -> None:
    """Long figures beside the card, as an export writes them."""
    content = json.dumps({"validate": FIGURES}).encode()
    (folder / "statistics.json").write_bytes(content)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["files"]["statistics.json"] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / "card.json").write_text(json.dumps(card), "utf-8")


def publish(client: FlaskClient, number: int, reason: str = "better", override: str = "") -> str:
    data = {"reason": reason, "override": override}
    sent = client.post(f"/admin/versions/{number}/publish", data=data, headers=csrf(client), follow_redirects=True)
    assert sent.status_code == 200
    return sent.text


def test_publish_and_roll_back_with_a_reason(app: Flask, client: FlaskClient, settings: Settings) -> None:
    (settings.static / "model" / "current.json").unlink()
    with app.app_context():
        one, two = add_version(settings, 1), add_version(settings, 2)
    login(client, "admin", "anna")
    assert "Nothing is published" in client.get("/admin/versions/").text
    assert "say in a few words why" in publish(client, one, " ")
    assert "compact/1 is published." in publish(client, one, "the first")
    assert "compact/2 is published." in publish(client, two, "fewer errors", "there are no samples yet")
    sent = client.post("/admin/versions/rollback", data={"reason": "<b>oops</b>"}, headers=csrf(client))
    assert sent.status_code == 302
    page = client.get("/admin/versions/").text
    assert "&lt;b&gt;oops&lt;/b&gt;" in page and "fewer errors" in page and "<b>oops" not in page
    with app.app_context():
        kept = db.session.scalars(select(Publication).order_by(Publication.id)).all()
        assert [(each.action, each.created_by, each.reason) for each in kept] == [
            ("publish", "anna", "the first"),
            ("publish", "anna", "fewer errors"),
            ("rollback", "anna", "<b>oops</b>"),
        ]
        readings = db.session.scalars(select(Run).order_by(Run.id)).all()
        assert [(run.kind, run.parameters["version"], run.created_by) for run in readings] == [
            ("reading", "compact/1", "anna"),
            ("reading", "compact/2", "anna"),
            ("reading", "compact/1", "anna"),
        ], "what another version proposed is out of date"
    pointer = json.loads((settings.static / "model" / "current.json").read_text("utf-8"))
    assert pointer["path"] == "compact/1/"


def test_a_changed_version_is_not_published(app: Flask, client: FlaskClient, settings: Settings) -> None:
    with app.app_context():
        number = add_version(settings, 1)
    (settings.static / "model" / "compact" / "1" / "model.json").write_text("{}")
    login(client, "admin")
    assert "expected model.json" in publish(client, number)
    with app.app_context():
        assert not db.session.get_one(NeuralVersion, number).published
        assert db.session.scalar(select(Run.id)) is None


def test_found_versions_are_added(app: Flask, client: FlaskClient, settings: Settings) -> None:
    copy_version(settings.static / "model", 4)
    login(client, "trainer")
    assert "compact/4" in client.get("/admin/versions/").text
    for path in ("compact/4", "../4"):
        client.post("/admin/versions/register", data={"path": path}, headers=csrf(client))
    with app.app_context():
        assert [version.path for version in db.session.scalars(select(NeuralVersion))] == ["compact/4"]


def test_the_pages_of_a_version(app: Flask, client: FlaskClient, settings: Settings, tmp_path: Path) -> None:
    with app.app_context():
        add_samples(tmp_path / "data", wrong={0: "9", 1: "8"})
        add_statistics(copy_version(settings.static / "model", 1))
        (settings.static / "model" / "compact" / "1").rename(tmp_path / "kept")
        one = add_version(settings, 2)
        (tmp_path / "kept").rename(settings.static / "model" / "compact" / "1")
    login(client, "trainer")
    client.post("/admin/versions/register", data={"path": "compact/1"}, headers=csrf(client))
    with app.app_context():
        other = db.session.scalars(select(NeuralVersion.id).where(NeuralVersion.number == 1)).one()
    page = client.get(f"/admin/versions/{other}/").text
    assert page.count("data-chart=") == 4
    assert str(FIGURES["confusion"][0][0]) in page, "the zeros read as zeros"
    assert "Wrong characters in a reading" in page
    for row in FIGURES["mismatches"][:2]:
        assert f"<td>{row['characters']}</td><td>{row['readings']}</td><td>{row['share']:.1%}</td>" in page
    assert "210,117" in page and "conv2d_1" in page
    page = client.get(f"/admin/versions/{one}/").text
    assert page.count("data-chart=") == 1 and "has not read 12 labelled samples" in page
    with app.app_context():
        read_samples(one)
        read_samples(other)
        spoiled = db.session.scalars(select(VersionReading).where(VersionReading.version_id == one)).all()[4:6]
        for reading in spoiled:
            reading.text = "1"
        db.session.commit()
    page = client.get(f"/admin/versions/{one}/?set=samples_validate").text
    assert page.count("data-chart=") == 4
    assert client.get(f"/admin/versions/{one}/?set=nothing").status_code == 400
    assert client.get(f"/admin/versions/{one}/errors").text.count("sheet-picture") >= 3
    assert client.get(f"/admin/versions/{one}/errors?split=teach").status_code == 400
    page = client.get(f"/admin/versions/compare?old={one}&new={other}").text
    assert "No difference is shown." in page and "Wrong in both: 2" in page
    assert client.get(f"/admin/versions/compare?old={one}&new=77").status_code == 404
    assert client.get(f"/admin/versions/compare?old={one}&new={other}&show=x").status_code == 400


def test_reading_the_samples_is_a_run(app: Flask, client: FlaskClient, settings: Settings) -> None:
    with app.app_context():
        number = add_version(settings, 1)
    login(client, "trainer", "boris")
    addresses = [client.post(f"/admin/versions/{number}/read", headers=csrf(client)).location for _ in range(2)]
    with app.app_context():
        run = db.session.scalars(select(Run)).one()
        assert (run.kind, run.parameters, run.created_by) == ("reading", {"version": "compact/1"}, "boris")
        assert addresses == [f"/admin/runs/{run.id}/"] * 2
    assert "just now" in client.get(f"/admin/versions/{number}/").text


def test_odd_figures_break_no_page(app: Flask, client: FlaskClient, settings: Settings) -> None:
    with app.app_context():
        number = add_version(settings, 1)
        odd = {"validate": {"exact": 0.5, "accepted": [], "exact_by_source": {"a": None}}, "test": "good"}
        db.session.execute(update(NeuralVersion).values(statistics=odd))
        db.session.commit()
    login(client, "viewer")
    for address in ("/admin/versions/", f"/admin/versions/{number}/", "/admin/"):
        assert client.get(address).status_code == 200
    for odd_figures in ({}, {"positions": 1}, None, {"positions": [{"confusion": [[1]]}]}):
        assert version_figures.shaped(odd_figures) == {}


@pytest.mark.parametrize(
    ("read", "truth", "shown", "marked"),
    [
        ("12.5", "0012.5", 5, "0012.5"),
        ("12.6", "0012.5", 5, "0012.[6]"),
        ("125", "12.5", 3, "125[]"),
        ("1.25", "12.5", 3, "1[.]25"),
        ("7125", "125", 3, "[7]125"),
        ("0", "0", 1, "0"),
    ],
)
def test_wrong_characters_are_marked(read: str, truth: str, shown: int, marked: str) -> None:
    from backend.services.version_judging import classes

    rows = np.arange(11)[None] > 10 - shown
    judged = Judged(*[np.zeros(1, np.int64), [read], classes([read]), classes([truth]), rows, *[np.zeros(1)] * 4])  # type: ignore[arg-type]
    parts = version_figures.characters(judged, 0)
    assert "".join(f"[{character}]" if wrong else character for character, wrong in parts) == marked


def test_what_is_promised_of_accepted_readings_is_said(app: Flask, client: FlaskClient, settings: Settings) -> None:
    kept = json.loads((ROOT / "static" / "model" / "compact" / "1" / "card.json").read_text("utf-8"))["acceptance"]
    promised = kept | {"target": 0.01, "bound": 0.01, "n": 612, "guaranteed": {"bound": 0.01}}
    with app.app_context():
        none = add_version(settings, 1, acceptance=kept | {"guaranteed": None})
        some = add_version(settings, 2, acceptance=promised)
    login(client, "viewer")
    page = client.get(f"/admin/versions/{none}/").text
    assert f"nothing: {kept['n']} pictures are too few to promise" in page
    assert f"{kept['error']['right']} were wrong; with 95% confidence at most" in page
    page = client.get(f"/admin/versions/{some}/").text
    assert "with 95% confidence at most 1.0% of accepted readings are wrong (612 pictures)" in page
