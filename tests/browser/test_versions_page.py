"""Versions in a real browser: charts that say what their tables say, publishing by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.database import db
from backend.models import NeuralVersion
from tests.backend.readable import shipped
from tests.backend.test_admin_versions import add_statistics
from tests.backend.test_version_readings import copy_version, register
from tests.browser.panel import SERVED, browser_login, complaints, panel_settings, serving

DRAWN = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
CARD = json.loads((shipped() / "card.json").read_text("utf-8"))
EXACT = "{right} / {n}".format(**CARD["metrics"]["validate"]["exact"])
READ_TABLE = """async () => {
  const { figuresOf } = await import("/panel-static/js/charts-parts.js");
  const figure = [...document.querySelectorAll("figure[data-chart=line]")][0];
  return figuresOf(figure.querySelector("table"));
}"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A panel with compact/1 published and compact/2 beside it, both with long figures."""
    folder: Path = tmp_path_factory.mktemp("versions")
    settings = panel_settings(folder)
    with serving(settings) as address:
        with SERVED[address].app_context():
            for number in (1, 2):
                add_statistics(copy_version(settings.static / "model", number))
                register(db.session(), f"compact/{number}", "anna")
            db.session.commit()
        yield address


def number_of(served: str, number: int) -> int:
    with SERVED[served].app_context():
        return db.session.query(NeuralVersion.id).filter_by(number=number).scalar()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_are_drawn_from_their_tables(page: Page, served: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    browser_login(page, served, "viewer")
    heard = complaints(page)
    page.goto(f"{served}/admin/versions/{number_of(served, 1)}/")
    charts = page.locator("figure[data-chart] canvas")
    assert charts.count() == 4
    for place in range(4):
        charts.nth(place).wait_for()
        assert charts.nth(place).evaluate(DRAWN) > 5
    figures = page.evaluate(READ_TABLE)
    (series,) = figures["series"]
    assert len(figures["x"]) == len(series["values"]) == len(series["low"]) == len(series["high"]) == 40
    assert all(
        low <= value <= high for low, value, high in zip(*map(series.get, ("low", "values", "high")), strict=True)
    )
    page.get_by_text("Figures as a table").first.click()
    assert page.get_by_role("cell", name=EXACT).first.is_visible()
    assert heard == []


def test_without_scripts_the_figures_are_there(page: Page, served: str) -> None:
    page.route("**/panel-static/js/*", lambda route: route.abort())
    browser_login(page, served, "viewer")
    page.goto(f"{served}/admin/versions/{number_of(served, 1)}/")
    assert not page.locator(".chart-area").first.is_visible()
    page.get_by_text("Figures as a table").first.click()
    assert page.get_by_role("cell", name=EXACT).first.is_visible()


def test_publish_and_roll_back_by_hand(page: Page, served: str) -> None:
    browser_login(page, served, "admin")
    questions: list[str] = []
    page.on("dialog", lambda dialog: (questions.append(dialog.message), dialog.accept()))
    for number in (1, 2):
        page.goto(f"{served}/admin/versions/{number_of(served, number)}/")
        if number == 1:
            page.get_by_text("Publish this version").click()
        else:  # without samples nobody can compare it with the first: the form is open, and asks why all the same
            page.get_by_label("Why although it has not passed its gates?").fill("no samples yet")
        page.get_by_label("Why?").fill(f"reason {number}")
        page.get_by_role("button", name="Publish", exact=True).click()
        page.get_by_text(f"compact/{number} is published.").wait_for()
        page.wait_for_load_state()  # the script that asks before the next change runs
    page.get_by_text("Roll back", exact=True).click()
    page.get_by_label("Why?").fill("worse at night")
    page.get_by_role("button", name="Publish the version before again").click()
    page.get_by_text("The version before is published again.").wait_for()
    assert questions[0] == "Give compact/1 to every browser from now on?"
    assert len(questions) == 3
    rows = page.locator("table.table tbody tr").all_inner_texts()
    assert ["worse at night" in rows[0], "reason 2" in rows[1], "reason 1" in rows[2]] == [True] * 3
    browser_login(page, served, "trainer")
    page.goto(f"{served}/admin/versions/{number_of(served, 2)}/")
    assert page.get_by_text("Publish this version").count() == 0
