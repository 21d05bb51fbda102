"""The map of digits and the dialog in a real browser: figures readable, too many refused, progress shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from backend.database import db
from backend.models import MeterType, Run, Training
from backend.services import fragments, generation
from backend.services.dataset_import import import_dataset
from tests.backend.folders import write_folder
from tests.browser.panel import SERVED, browser_login, complaints

CONTRAST = """cell => {
  const style = getComputedStyle(cell);
  const light = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => Number(part) / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const plain = style.backgroundImage === "none";
  const grounds = plain ? [style.backgroundColor] : style.backgroundImage.match(/rgb\\([^)]*\\)/g);
  return Math.min(...grounds.map((ground) => {
    const [a, b] = [light(style.color), light(ground)].sort();
    return (b + 0.05) / (a + 0.05);
  }));
}"""


@pytest.fixture(scope="module", autouse=True)
def stock(panel_server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Three samples with two decimal places each, cut into their digits."""
    rows = [
        {"image": f"{n}.jpg", "type": 0, "correct_value": value} for n, value in enumerate(("01.2", "34.5", "34.6"))
    ]
    folder: Path = write_folder(tmp_path_factory.mktemp("in"), rows)
    with SERVED[panel_server].app_context():
        import_dataset(folder, "me")
        for number in db.session.scalars(select(Training.id)).all():
            fragments.cut(number, [30, 60], "me")
        db.session.execute(update(MeterType).where(MeterType.name == "unknown").values(digits=3, decimals=1))
        db.session.commit()


def possible(address: str) -> int:
    with SERVED[address].app_context():
        return generation.possible("unknown")


@pytest.fixture
def trainer(page: Page, panel_server: str) -> Page:
    browser_login(page, panel_server, "trainer")
    page.goto(f"{panel_server}/admin/augmentations/")
    return page


def test_the_map_can_be_read(trainer: Page) -> None:
    table = trainer.get_by_role("table", name="How often each digit stands at each place")
    expect(table.get_by_role("columnheader")).to_have_text(["digit", "10", "1", "0.1"])
    row = table.get_by_role("row").filter(has=trainer.get_by_role("rowheader", name="3", exact=True))
    expect(row.get_by_role("cell")).to_have_text(["2", "0", "0"])
    for level in range(5):
        cells = trainer.locator(f".level-{level}").all()
        assert cells, level
        assert cells[0].evaluate(CONTRAST) >= 4.5, level


def test_too_many_are_refused_beforehand(trainer: Page, panel_server: str) -> None:
    page, left = trainer, possible(panel_server)
    found = complaints(page)
    page.get_by_role("button", name="Generate pictures").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"can give {left} more different pictures")
    start = dialog.get_by_role("button", name="Generate", exact=True)
    expect(start).to_be_disabled()  # a hundred are asked for
    expect(dialog.get_by_role("alert")).to_have_text(f"That is more than the {left} that are possible.")
    dialog.get_by_label("How many").fill(str(left))
    expect(start).to_be_enabled()
    for wrong in ("", "0", "-3", "1.5"):
        dialog.get_by_label("How many").fill(wrong)
        expect(start).to_be_disabled()
    dialog.get_by_label("Meter type").select_option(label="Mercury 201")
    expect(dialog).to_contain_text("give no picture yet")
    expect(start).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert found == []


def test_a_generation_is_followed(trainer: Page, panel_server: str) -> None:
    page = trainer
    page.get_by_role("button", name="Generate pictures").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("more different pictures")
    dialog.get_by_label("How many").fill("2")
    dialog.get_by_role("button", name="Generate", exact=True).click()
    first = page.locator("#generations li").first
    expect(first).to_contain_text("waiting")
    expect(page.locator("#generations progress")).to_be_visible()
    with SERVED[panel_server].app_context():  # what a worker would do
        run = db.session.scalars(select(Run)).one()
        generation.generate("unknown", 2, int(str(run.parameters["seed"])), run.created_by)
        run.state, run.started_at, run.finished_at = "done", run.created_at, run.created_at
        db.session.commit()
    expect(first).to_contain_text("done")
    expect(first.get_by_role("link", name="show its pictures (2)")).to_be_visible()
    page.on("dialog", lambda question: question.accept())
    first.get_by_role("button", name="Delete its pictures").click()
    expect(page.get_by_text("2 generated pictures deleted")).to_be_visible()
