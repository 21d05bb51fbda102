"""Meters and readings as files: what goes out comes in again, what is bad is refused whole, and what is shared."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.meters import HOSTILE, METER, TWO, at, device, kept, picture, readings, save
from tests.browser.shipped import upload


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


def download(page: Page, button: str) -> bytes:
    """What a button gives to the person."""
    with page.expect_download() as given:
        page.get_by_role("button", name=button).click()
    return given.value.path().read_bytes()


def everything() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two meters with what may be hard to carry: hostile names, pictures, probabilities, odd times."""
    rows = [[0.1 + 1e-17 * n for n in range(10)]] * 5
    stored = readings(*TWO, rows=rows, alone="0400.1", box={"x": 1.5, "y": 0, "width": 30, "height": 9})
    stored[1]["picture"] = picture()
    stored.append({**stored[0], "id": "r9", "time": -1.5, "text": "0000.1", "corrected": True})
    return [METER, {**METER, "id": "m2", "name": HOSTILE, "unit": "+m³", "created": 2}], stored


def test_json_goes_out_and_comes_in_exactly(page: Page, browser: Browser, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    save(page, *everything())
    whole = kept(page)
    backup = download(page, "Export all")
    other = browser.new_context(service_workers="block").new_page()
    other.goto(f"{static_server}/meters.html")
    other.set_input_files("#file", upload("meters.json", backup, "application/json"))
    expect(other.locator("#toast")).to_contain_text("meters 2, readings 3")
    expect(other.locator("#toast")).not_to_contain_text("already")
    assert kept(other) == whole
    other.set_input_files("#file", upload("meters.json", backup, "application/json"))
    expect(other.locator("#toast")).to_contain_text("meters 0, readings 0. Were here already: 3")
    assert kept(other) == whole
    other.context.close()


def test_csv_goes_out_and_comes_in(page: Page, browser: Browser, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    meters, stored = everything()
    stored[0]["meter"] = "m2"
    stored[2]["time"] = 0
    save(page, meters, stored)
    table = download(page, "Table (CSV)")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [(row["meter"], row["time"], row["reading"]) for row in rows] == [
        ("Kitchen", "1970-01-01T00:00:00.000Z", "0000.1"),
        ("Kitchen", "2026-10-31T23:00:00.000Z", "0710.0"),
        (f"'{HOSTILE}", "2026-09-30T22:00:00.000Z", "0400.0"),
    ]
    assert rows[2]["unit"] == "'+m³"
    other = browser.new_context(service_workers="block").new_page()
    other.goto(f"{static_server}/meters.html")
    other.set_input_files("#file", upload("readings.csv", table, "text/csv"))
    expect(other.locator("#toast")).to_contain_text("meters 2, readings 3")
    found = kept(other)
    by_id = {meter["id"]: meter for meter in found["meters"]}
    assert sorted(
        (by_id[each["meter"]]["name"], each["time"], each["text"], each["corrected"]) for each in found["readings"]
    ) == sorted(
        [
            ("Kitchen", 0, "0000.1", True),
            ("Kitchen", TWO[1][0], "0710.0", False),
            (HOSTILE, TWO[0][0], "0400.0", False),
        ]
    )
    assert all(meter["mostPerDay"] == 150 for meter in found["meters"])
    other.context.close()


def test_a_table_from_a_spreadsheet(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    table = 'Meter;Time;Reading\r\nGas;2026-01-01;12,345\r\n\r\nGas;2026-02-01 10:00;"23,456"\r\n'
    page.set_input_files("#file", upload("table.csv", table.encode(), "text/csv"))
    expect(page.locator("#toast")).to_contain_text("meters 1, readings 2")
    found = kept(page)
    assert [(each["time"], each["text"]) for each in found["readings"]] == [
        (at(2026, 1, 1), "12.345"),
        (at(2026, 2, 1, 10), "23.456"),
    ]
    assert (found["meters"][0]["digits"], found["meters"][0]["decimals"]) == (5, 3)


def backup(**changes: Any) -> str:
    """An exported file with one thing changed."""
    meters, stored = [METER], [{**each, "picture": None} for each in readings(*TWO)]
    stored[1] |= {key: value for key, value in changes.items() if key in stored[1]}
    return json.dumps({"format": "meter-reader", "version": 1, "meters": meters, "readings": stored})


REFUSED = {
    "not a table": (
        "Meter 12345, read on Monday",
        "the columns meter, time, reading are needed, and these are there: 'meter 12345, read on monday'.",
        "Ничего не импортировано: нужны столбцы meter, time, reading, а есть такие: 'meter 12345, read on monday'.",
    ),
    "cut short": (backup()[:-40], "not whole", "импортировано: файл обрезан или другого вида."),
    "other JSON": (
        '{"a": 1}',
        "of another kind. A file from “Export all” or",
        "файл другого вида. Подойдёт файл",
    ),
    "letters": (
        backup(text="12x.0"),
        "because of reading 2 in the file: '12x.0' is no reading, which is 1 to 10 digits",
        "из-за показания 2 в файле: '12x.0' — не показание: нужно от 1 до 10 цифр",
    ),
    "stray": (
        backup(meter="m7"),
        "because of reading 2 in the file: its meter is not in the file.",
        "из-за показания 2 в файле: его счётчика в файле нет.",
    ),
    "script": (
        backup(picture={"type": "image/svg+xml", "base64": "PHN2Zy8+"}),
        "because of reading 2 in the file: its picture should be one of image/jpeg, image/png, image/webp.",
        "из-за показания 2 в файле: снимок может быть только таким: image/jpeg, image/png, image/webp.",
    ),
    "no picture": (
        backup(picture={"type": "image/png", "base64": "AAAA"}),
        "reading 2 in the file: its picture is not whole.",
        "из-за показания 2 в файле: снимок неполон.",
    ),
    "no base64": (
        backup(picture={"type": "image/png", "base64": "%"}),
        "reading 2 in the file: it cannot be read.",
        "из-за показания 2 в файле: запись не читается.",
    ),
    "a field": (
        backup(kind=7),
        "because of reading 2 in the file: its field “kind” holds something else than it should.",
        "из-за показания 2 в файле: в поле «kind» не то, что должно быть.",
    ),
    "a meter": (
        backup().replace('"digits": 5', '"digits": 11'),
        "because of meter 1 in the file: it should have 1 to 10 digits, and has 11.",
        "из-за счётчика 1 в файле: цифр должно быть от 1 до 10, а указано 11.",
    ),
    "a meter's name": (
        "meter,time,reading\n,2026-01-01,5\n",
        "because of line 2: its name should have 1 to 80 characters, and no spaces around them.",
        "из-за строки 2: в названии должно быть от 1 до 80 знаков без пробелов по краям.",
    ),
    "time": (
        "meter,time,reading\na,2026-01-01,5\na,yesterday,6\n",
        "because of line 3: 'yesterday' is no time such as 2026-03-01T08:30.",
        "из-за строки 3: 'yesterday' — не время; его пишут так: 2026-03-01T08:30.",
    ),
    "drums": (
        "meter,time,reading\na,2026-01-01,1.5\na,2026-01-02,16\n",
        "because of line 3: '16' is no reading of its meter, which has 5 digits, 1 of them decimals.",
        "из-за строки 3: '16' не подходит счётчику: цифр у него 5, из них дробных 1.",
    ),
    "quotation": (
        'meter,time,reading\n"a,2026-01-01,1\n',
        "Nothing was imported: a quotation mark is out of place in line 2.",
        "Ничего не импортировано: в строке 2 кавычка не на месте.",
    ),
}


@pytest.mark.parametrize(("language", "position"), [("en", 1), ("ru", 2)])
def test_a_bad_file_is_refused_whole(page: Page, static_server: str, language: str, position: int) -> None:
    """And it is said why, whole in the language of the page."""
    page.add_init_script(f"localStorage.setItem('language', '{language}')")
    page.goto(f"{static_server}/meters.html")
    for case in REFUSED.values():
        page.set_input_files("#file", upload("file", case[0].encode(), "text/plain"))
        expect(page.locator("#problem")).to_contain_text(case[position])
    assert kept(page) == {"meters": [], "readings": []}


@pytest.mark.parametrize(
    ("language", "refused", "unexpected"),
    [
        ("en", "This cannot be kept: it should have 0 to 4 decimals, and has 9.", "unexpected went wrong (TypeError)."),
        ("ru", "Сохранить нельзя: дробных цифр должно быть от 0 до 4, а указано 9.", "непредвиденное (TypeError)."),
    ],
)
def test_what_the_store_refuses_is_said_in_the_pages_language(
    page: Page, static_server: str, language: str, refused: str, unexpected: str
) -> None:
    """As is what nobody has foreseen, and why nothing could be learned."""
    page.add_init_script(f"localStorage.setItem('language', '{language}')")
    page.goto(f"{static_server}/icon.svg")
    said = page.evaluate(
        """async (meter) => {
          const {saveMeter} = await import("/js/store.js");
          const {notKept} = await import("/js/why.js");
          const {learningFailed} = await import("/js/sentences.js");
          const {t} = await import("/js/i18n.js");
          const sentences = await saveMeter({...meter, decimals: 9}).catch((error) => [notKept(error)]);
          const learning = [{code: "broken"}, {code: "damaged"}].map(learningFailed);
          const known = ["error_broken", "error_damaged"].map((name) => t(name));
          return [...sentences, notKept(new TypeError("no English here")), learning.join() === known.join()];
        }""",
        METER,
    )
    assert said[0] == refused
    assert unexpected in said[1]
    assert "English" not in said[1]
    assert said[2] is True


@pytest.mark.parametrize(("language", "again"), [("en", "Try again; if this stays"), ("ru", "Повторите; если не")])
def test_a_picture_that_fails_for_no_known_reason_can_be_tried_again(
    page: Page, static_server: str, language: str, again: str
) -> None:
    """Its row has a button for that; only a page that does not work at all is to be reloaded at once."""
    page.add_init_script(f"localStorage.setItem('language', '{language}')")
    page.goto(f"{static_server}/icon.svg")
    said = page.evaluate(
        """async () => {
          const {readingFailed, loadingFailed} = await import("/js/sentences.js");
          return [readingFailed, loadingFailed].map((say) => say(new TypeError("no English here")));
        }"""
    )
    assert again in said[0] and again not in said[1]
    assert all("(TypeError)" in each and "English here" not in each for each in said)


def test_sharing_hands_over_a_text_and_a_table(page: Page, static_server: str) -> None:
    page.add_init_script(
        """navigator.canShare = () => true;
        navigator.share = async ({text, files}) => { window.shared = [text, await files[0].text(), files[0].type]; };"""
    )
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO))
    page.get_by_role("button", name="Share").click()
    page.wait_for_function("window.shared")
    text, table, kind = page.evaluate("window.shared")
    assert text.startswith("Kitchen: 710.0 kWh, 1 Nov 2026") and kind == "text/csv"
    assert table.count("Kitchen") == 2


def test_without_sharing_the_last_reading_is_copied(page: Page, static_server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=static_server)
    page.add_init_script("navigator.share = undefined")
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO))
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#toast")).to_contain_text("copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("Kitchen: 710.0 kWh")
