"""A reading beside its meter's past: proposed and explained (frontend/js/sense/); `test_sense_kept.py` has the page."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.shipped import encoded

Ask = Callable[..., Any]
MODULE = Path(__file__).with_name("sense_page.js")
CALL = "async ([name, ...values]) => (await import('/sense_page.js'))[name](...values)"


def give_module(page: Page) -> Ask:
    """Calls functions of sense_page.js in a page."""
    script = MODULE.read_text("utf-8")
    page.route("**/sense_page.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    return lambda name, *values: page.evaluate(CALL, [name, *values])


@pytest.fixture(scope="module")
def ask(browser: Browser, static_server: str) -> Iterator[Ask]:
    """A page without the reader, for all that needs no picture."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    found = give_module(page)
    page.goto(f"{static_server}/icon.svg")
    yield found
    context.close()


FIRST, SECOND = "00300", "00412"  # in January and February


@pytest.mark.parametrize(
    ("earlier", "now", "kind", "sentence", "accepted"),
    [
        ([], "00412", "first", "The first reading of this meter.", True),
        ([FIRST, SECOND], "00500", "forward", "88 kWh since 14 February 2026.", True),
        ([FIRST, SECOND], "00411", "forward", "0 kWh since 14 February 2026.", False),  # the last drum was read early
        (["99700", "99900"], "00080", "rollover", "has run through 99999 and started at zero again: 180 kWh", True),
        ([FIRST, SECOND], "00390", "backwards", "less than the 00412 of 14 February 2026", False),
        ([FIRST, SECOND], "70500", "jump", "70,088 kWh more than on 14 February 2026, in 30 days", False),
        (
            [FIRST, SECOND],
            "1200500",
            "too_long",
            "The picture shows 1200500, more than the 5 digits of this meter",
            False,
        ),
    ],
)
def test_what_a_reading_is_called(
    ask: Ask, earlier: list[str], now: str, kind: str, sentence: str, accepted: bool
) -> None:
    judged = ask("judge", earlier, now)
    assert [remark["kind"] for remark in judged["remarks"]] == [kind]
    assert sentence in judged["remarks"][0]["text"]
    assert judged["accepted"] is accepted
    assert not judged["changed"]


@pytest.mark.parametrize(("hours", "span"), [(0, "in 30 days"), (2, "in 30 days"), (20, "in 31 days")])
def test_days_are_counted_as_they_are_nearest(ask: Ask, hours: int, span: str) -> None:
    (remark,) = ask("judge", [FIRST, SECOND], "70500", None, None, 0, hours)["remarks"]
    assert span in remark["text"]


@pytest.mark.parametrize(("most", "shown"), [(10, "10 kWh"), (0.25, "0.25 kWh"), (12.5, "12.5 kWh")])
def test_a_limit_is_told_as_it_was_given(ask: Ask, most: float, shown: str) -> None:
    (remark,) = ask("judge", [FIRST, "00301"], "70500", None, None, 0, 0, most)["remarks"]
    assert f"more than {shown} a day" in remark["text"]


DIM = {"fromRight": 1, "digit": 0, "sure": 0.6, "other": 5}  # a last digit that is hard to tell


@pytest.mark.parametrize(
    ("now", "torn", "doubt"),
    [
        ("70500", None, "what was read does not fit this meter’s earlier readings."),
        ("1200500", None, "what was read does not fit this meter."),
        ("500.0", None, "what was read does not fit this meter."),
        ("00500", DIM, "the digits cannot be told for certain. Check each"),
        ("00300", DIM, "the digits cannot be told for certain, or do not fit this meter and its earlier readings."),
    ],
)
def test_why_a_reading_is_in_doubt(ask: Ask, now: str, torn: dict[str, Any] | None, doubt: str) -> None:
    """Sure digits are not called unsure because they do not fit."""
    judged = ask("judge", [FIRST, SECOND], now, torn)
    assert judged["accepted"] is False
    assert judged["doubt"].startswith(doubt)


@pytest.mark.parametrize(
    ("now", "last", "alone", "accepted"),
    [
        ("00500", 0.97, True, True),  # the picture alone is enough, and the past has nothing against it
        ("00500", 0.97, False, False),
        ("00500", 0.85, True, False),  # less probable than that
        ("70500", 0.97, True, False),  # more than the meter can run
        ("00390", 0.97, True, False),  # backwards
    ],
)
def test_what_the_picture_alone_accepts_and_can_be(
    ask: Ask, now: str, last: float, alone: bool, accepted: bool
) -> None:
    torn = {"fromRight": 1, "digit": int(now[-1]), "sure": last, "other": (int(now[-1]) + 1) % 10, "accepted": alone}
    judged = ask("judge", [FIRST, SECOND], now, torn)
    assert (judged["text"], judged["accepted"]) == (now, accepted)


@pytest.mark.parametrize(
    ("now", "torn", "kind", "sentence"),
    [
        (
            "00090",
            {"fromRight": 3, "digit": 0, "sure": 0.6, "other": 5},
            "changed_backwards",
            "The picture alone says 00090; that would be less than the 00412 of 14 February 2026.",
        ),
        (
            "00500",
            {"fromRight": 5, "digit": 3, "sure": 0.6, "other": 0},
            "changed_jump",
            "The picture alone says 30500; since the 00412 of 14 February 2026, the meter cannot have used so much.",
        ),
    ],
)
def test_it_is_said_when_the_past_changed_the_reading(
    ask: Ask, now: str, torn: dict[str, Any], kind: str, sentence: str
) -> None:
    judged = ask("judge", [FIRST, SECOND], now, torn)
    assert [remark["kind"] for remark in judged["remarks"]] == [kind]
    assert sentence in judged["remarks"][0]["text"]
    assert judged["text"] in ("00590", "00500")
    assert [digit["changed"] for digit in judged["digits"]].count(True) == 1


@pytest.mark.parametrize(
    ("earlier", "now", "decimals", "alone", "text", "sentence"),
    [
        ([], "412.7", 0, "0412.7", "04127", "alone says 0412.7; this meter has no decimals, so its digits are 04127."),
        (["04000", "04100"], "412.7", 0, "0412.7", "04127", "its digits are 04127. Is it the right meter"),
        ([], "4127", 1, "04127", "0412.7", "with the point where this meter has it, its digits are 0412.7."),
        ([], "0.0412", 2, "0.0412", "004.12", "with the point where this meter has it, its digits are 004.12."),
    ],
)
def test_a_point_that_is_surely_elsewhere_is_said_and_doubted(
    ask: Ask, earlier: list[str], now: str, decimals: int, alone: str, text: str, sentence: str
) -> None:
    """The picture is sure of every digit, and each could follow; but it has another point than the meter."""
    judged = ask("judge", earlier, now, None, None, decimals)
    assert (judged["alone"], judged["text"]) == (alone, text)
    assert (judged["changed"], judged["accepted"]) == (True, False)
    assert judged["remarks"][0]["kind"] == "changed_point"
    assert sentence in judged["remarks"][0]["text"]
    assert not any(digit["changed"] for digit in judged["digits"])


@pytest.mark.parametrize(("sure", "accepted"), [(0.6, True), (0.92, False)])
def test_a_point_that_the_picture_leaves_open_is_the_meters(ask: Ask, sure: float, accepted: bool) -> None:
    """The digits follow surely; of the point the picture has only a guess, or next to none that it is the meter's."""
    torn = {"fromRight": 0, "digit": 1, "sure": sure, "other": 0}
    judged = ask("judge", ["04000", "04100"], "412.7", torn)
    assert (judged["alone"], judged["text"], judged["changed"]) == ("0412.7", "04127", True)
    assert judged["accepted"] is accepted
    assert [remark["kind"] for remark in judged["remarks"]] == ["changed_point", "forward"]
    assert ("Is it the right meter" in judged["remarks"][0]["text"]) is not accepted


def test_point_and_digit_are_changed_each_in_its_own_words(ask: Ask) -> None:
    torn = {"fromRight": 3, "digit": 0, "sure": 0.6, "other": 5}
    judged = ask("judge", [FIRST, SECOND], "9.0", torn)  # 00090, were it not for the point
    assert [remark["kind"] for remark in judged["remarks"]] == ["changed_point", "changed_backwards"]
    assert "alone says 0009.0" in judged["remarks"][0]["text"]
    assert "alone says 00090; that would be less" in judged["remarks"][1]["text"]
    assert (judged["text"], judged["accepted"]) == ("00590", False)


def test_every_sentence_in_russian(browser: Browser, static_server: str) -> None:
    """With all its values filled in; only the unit is not Russian."""
    context = browser.new_context(locale="ru-RU", timezone_id="Europe/Berlin")
    page = context.new_page()
    ask = give_module(page)
    page.goto(f"{static_server}/icon.svg")
    torn = {"fromRight": 3, "digit": 0, "sure": 0.6, "other": 5}
    cases = [
        *(([FIRST, SECOND], now, None) for now in ("00500", "00390", "70500", "1200500")),
        ([FIRST], "00090", torn),
    ]
    cases += [([], "00412", None), (["99700", "99900"], "00080", None), ([], "412.7", None), ([], "0.0412", None)]
    kinds = set()
    for earlier, now, changed in cases:
        for remark in ask("judge", earlier, now, changed, None, 2 if now == "0.0412" else 0)["remarks"]:
            kinds.add(remark["kind"])
            assert re.search(r"[а-яё]{3}", remark["text"])
            assert ".." not in remark["text"]  # a Russian date ends with a full stop of its own
            assert not re.search(r"[{}]|[A-Za-z]", remark["text"].replace("kWh", "")), remark["text"]
    expected = {"first", "forward", "rollover", "backwards", "jump", "too_long", "changed_backwards", "changed_point"}
    assert kinds == expected
    context.close()


def test_a_person_is_believed_and_told(ask: Ask) -> None:
    judged = ask("judge", [FIRST, SECOND], "00500", None, "00390")
    assert (judged["text"], judged["accepted"], judged["alone"]) == ("00390", True, "00500")
    assert [remark["kind"] for remark in judged["remarks"]] == ["backwards"]


def test_what_the_meters_form_has_cut_nobody_has_said(ask: Ask) -> None:
    judged = ask("judge", [FIRST, SECOND], "00500", None, "500.7")
    assert (judged["text"], judged["accepted"], judged["corrected"]) == ("00500", False, False)
    judged = ask("judge", [FIRST, SECOND], "00500", None, "500.0")
    assert (judged["text"], judged["accepted"], judged["corrected"]) == ("00500", True, True)


def test_years_in_the_pages_own_store(ask: Ask) -> None:
    """Ten years, every twentieth picture shows another number beyond doubt."""
    years = ask("live", 11, 120, 0.05)
    assert years["wrong"] == 0
    assert years["stuck"] <= 5
    assert years["accepted"] > 90


def test_the_cameras_clock(ask: Ask) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:03:01 18:30:05"
    picture = base64.b64encode(encoded(Image.new("RGB", (40, 20)), "JPEG", exif=exif)).decode()
    found = ask("exif", picture)
    assert found["whole"] == "Mar 01 2026 18:30:05"
    assert found["cut"] < 400  # cut anywhere it is no error
    assert ask("exif", base64.b64encode(encoded(Image.new("RGB", (40, 20)))).decode())["whole"] is None
