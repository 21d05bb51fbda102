"""Learning curves in a real browser: drawn from their tables, answers for another target, all within a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from backend.database import db
from backend.models import NeuralModel, Run
from tests.backend.samples import add_samples, row
from tests.backend.test_curves import FEW, GUESS
from tests.browser.panel import SERVED, browser_login, complaints, panel_settings, serving

SIZES = (75, 150, 300, 600, 1200, 2400)


def curve(end: float) -> dict[str, object]:
    """A power law that ends at an error, with a few points of noise, as `training.curve` tells it."""
    points = [
        {"size": size, "error": end + 0.12 * (size / 2400) ** -0.4 + 0.01 * (size % 7 - 3) * sign, "n": 437}
        for size in SIZES
        for sign in (-1, 1)
    ]
    sizes = [75 * 1.2**k for k in range(24)]
    errors = [end + 0.12 * (size / 2400) ** -0.4 for size in sizes]
    line = [{"size": s, "error": e, "low": e - 0.02, "high": e + 0.02} for s, e in zip(sizes, errors, strict=True)]
    answers = [
        {"accuracy": 0.90, "size": 3100, "low": 2700, "high": 4800, "reached": 1.0},
        {"accuracy": 0.95, "size": None, "low": None, "high": None, "reached": 0.31},
    ]
    tested = {"sigmoid4": 0.024, "chosen": -0.011}
    return {
        "points": points,
        "sizes": 6,
        "form": "power3",
        "line": line,
        "answers": answers,
        "half_to_all": tested,
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A panel with one finished run."""
    folder: Path = tmp_path_factory.mktemp("curves")
    types = {"Mercury 201": curve(0.02), "rare": FEW}
    error = {"points": 0.21, "worst": 0.48}
    result = {
        "curves": {"together": curve(0.0), "types": types},
        "guesses": {"error": error, "types": {"rare": GUESS}},
    }
    with serving(panel_settings(folder)) as address:
        with SERVED[address].app_context():
            db.session.add(NeuralModel(name="mercury", structure="compact"))
            parameters = {"model_name": "mercury", "how": "tuned"}
            db.session.add(Run(kind="learning_curve", state="done", parameters=parameters, result=result))
            db.session.commit()
            add_samples(*(row(i, correct_value=f"{i:05}.4", state="labelled") for i in range(40)))
        yield address


@pytest.mark.parametrize("width", [1280, 390])
def test_curves_are_drawn_and_answer(page: Page, served: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    browser_login(page, served, "trainer")
    heard = complaints(page)
    page.goto(f"{served}/admin/learning-curves/")
    charts = page.locator("figure[data-chart] canvas")
    charts.nth(1).wait_for()
    assert charts.count() == 2, "none for what has no curve"
    assert page.get_by_text("Cannot be said from this.").count() == 2
    page.get_by_label("Target").fill("90")
    page.get_by_role("button", name="How many more photos?").click()
    page.get_by_text("700").first.wait_for()
    page.wait_for_load_state()  # all of the answer is there
    assert "300 to 2,400" in page.locator(".curve-answer").first.inner_text()
    assert page.get_by_text("Most worth photographing").is_visible()
    assert page.locator(".guesses tbody tr").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert heard == []
