"""Common sense: a reading beside the meter's past (frontend/js/plausible.js)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(browser: Browser, static_server: str) -> Iterator[Ask]:
    """Calls a function of years.js in a page."""
    context = browser.new_context()
    script = Path(__file__).with_name("years.js").read_text("utf-8")
    context.route("**/years.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page = context.new_page()
    page.goto(static_server)
    call = "async ([name, ...values]) => (await import('/years.js'))[name](...values)"
    yield lambda name, *values: page.evaluate(call, [name, *values])
    context.close()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([100], "first"),
        ([100, 250], "forward"),
        ([100, 250, 249], "forward"),  # the last drum was read early
        ([100, 250, 90], "backwards"),
        ([100, 250, 90250], "jump"),
        ([99700, 99900, 80], "rollover"),
    ],
)
def test_what_a_reading_is(ask: Ask, values: list[int], kind: str) -> None:
    assert ask("judge", values)["kind"] == kind


def test_what_follows_plausibly_is_accepted(ask: Ask) -> None:
    for values, text in (([100, 250, 400], "00400"), ([99700, 99900, 80], "00080")):
        judged = ask("judge", values)
        assert (judged["text"], judged["accepted"], judged["changed"]) == (text, True, False)


def test_what_cannot_be_is_not_accepted(ask: Ask) -> None:
    for values in ([100, 250, 400, 390], [100, 250, 400, 60400]):
        assert not ask("judge", values)["accepted"]


def test_a_torn_drum_is_decided_by_the_past(ask: Ask) -> None:
    judged = ask("judgeTorn", [100, 250, 300], 0, 3, 0.6)  # the picture alone says 30300
    assert (judged["alone"], judged["text"], judged["changed"]) == ("30300", "00300", True)
    assert judged["accepted"]


def test_a_wrong_reading_does_not_block_the_right_ones(ask: Ask) -> None:
    """90400 was accepted in the past: within five readings the right ones are accepted again."""
    values = [90400, 450, 500, 560, 610, 700]
    assert any(ask("judge", values[: count + 1])["accepted"] for count in range(1, 6))
    assert ask("judge", values)["text"] == "00700"


def test_an_exchanged_meter_is_believed_in_the_end(ask: Ask) -> None:
    judged = ask("judge", [52000, 52100, 52200, 40, 140, 240, 330])
    assert (judged["text"], judged["accepted"]) == ("00330", True)


def test_years_of_readings(ask: Ask) -> None:
    """About 5% of the pictures are misread, some of them beyond doubt."""
    years = ask("live", {"seed": 7, "meters": 10, "readings": 120, "gross": 0.02})
    assert 0.03 < years["misread"] / years["readings"] < 0.08
    assert years["accepted"] > 0.75 * years["readings"]
    assert years["wrong"] <= 0.001 * years["accepted"]
    assert years["stuck"] <= 5


@pytest.mark.parametrize(
    ("meter", "said"),
    [
        ({"digits": 11, "decimals": 0, "mostPerDay": 1}, "expected a meter of 1 to 10 digits, got 11"),
        ({"digits": 5, "decimals": 5, "mostPerDay": 1}, "expected 0 to 4 decimals, got 5"),
        ({"digits": 5, "decimals": 0, "mostPerDay": 0}, "expected a use above 0, got 0"),
    ],
)
def test_a_meter_that_cannot_be_is_refused(ask: Ask, meter: dict[str, int], said: str) -> None:
    with pytest.raises(Error, match=said):
        ask("judge", [1], meter)
