"""Runs in a real browser: started from the form, followed live, stopped; nothing is asked for while nobody looks."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from backend.database import db
from backend.models import Run
from backend.services import runs
from backend.services.runs import Told
from tests.browser.panel import SERVED, browser_login, complaints

HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
AT_THE_END = "log => log.scrollHeight - log.scrollTop - log.clientHeight < 2"


def point(epoch: int) -> dict[str, Any]:
    return {"epoch": epoch, "loss": 2 / epoch, "exact_box": 0.1 * epoch, "exact_whole": 0.05 * epoch}


def say(served: str, run: int, epochs: int, lines: int) -> None:
    """What the run's worker tells the database."""
    log = "".join(f"line {number}\n" for number in range(lines))
    with SERVED[served].app_context():
        runs.beat(run, "w", Told(epochs / 10, log, {"curve": [point(epoch + 1) for epoch in range(epochs)]}))


def begin(served: str, **values: Any) -> int:
    with SERVED[served].app_context():
        run = Run(kind="training", parameters={"model_name": "mercury"}, created_by="me", **values)
        db.session.add(run)
        db.session.commit()
        runs.begin(run.id, "w")
        return run.id


def test_a_training_from_the_form_to_its_stop(page: Page, panel_server: str) -> None:
    browser_login(page, panel_server, "trainer")
    heard = complaints(page)
    page.goto(f"{panel_server}/admin/runs/")
    page.get_by_text("Train a new model").click()
    page.get_by_label("Name of the model").fill("mercury")
    page.get_by_label("Epochs").first.fill("3")
    page.get_by_role("button", name="Start the training").click()
    expect(page.locator(".run-state")).to_contain_text("waiting")
    page.wait_for_load_state()  # the script that asks before it stops anything runs
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".run-state")).to_contain_text("stopped")
    expect(page.get_by_text("stopped by trainer")).to_be_visible()
    page.get_by_role("link", name="Start once more").click()
    assert page.get_by_label("Name of the model").input_value() == "mercury"
    assert heard == []


def test_a_run_is_followed_live(page: Page, panel_server: str) -> None:
    run = begin(panel_server)
    say(panel_server, run, 2, 100)
    browser_login(page, panel_server, "trainer")
    heard = complaints(page)
    page.clock.install()
    page.goto(f"{panel_server}/admin/runs/{run}/")
    log = page.locator("pre.log")
    assert log.evaluate(AT_THE_END)
    expect(page.get_by_text("20.0%").first).to_be_visible()
    say(panel_server, run, 5, 200)
    page.clock.run_for(2100)
    expect(page.get_by_text("50.0%").first).to_be_visible()
    expect(log).to_contain_text("line 199")
    assert log.evaluate(AT_THE_END), "the log follows"
    assert page.locator("[data-live=loss] tr").count() == 5
    log.evaluate("log => { log.scrollTop = 0; }")
    with SERVED[panel_server].app_context():
        runs.finish(run, "w", {"curve": [point(1)]}, "line 0\n" * 300)
    page.clock.run_for(2100)
    expect(page.locator(".run-state")).to_contain_text("done")
    assert log.evaluate("log => log.scrollTop") == 0, "who reads further up is left there"
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    assert heard == []


def test_nothing_is_asked_for_while_nobody_looks(page: Page, panel_server: str) -> None:
    run = begin(panel_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live" in request.url else None)
    browser_login(page, panel_server, "viewer")
    page.clock.install()
    page.goto(f"{panel_server}/admin/runs/{run}/")
    page.evaluate(HIDE, True)
    page.clock.run_for(20_000)
    assert asked == []
    with page.expect_response(lambda response: "/live" in response.url):
        page.evaluate(HIDE, False)
    assert len(asked) == 1


def test_the_list_follows_too(page: Page, panel_server: str) -> None:
    run = begin(panel_server)
    browser_login(page, panel_server, "viewer")
    page.clock.install()
    page.goto(f"{panel_server}/admin/runs/")
    with SERVED[panel_server].app_context():
        runs.fail(run, "w", "expected a finite loss, got nan")
    page.clock.run_for(2100)
    expect(page.get_by_text("expected a finite loss, got nan")).to_be_visible()
