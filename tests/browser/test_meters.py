"""My meters: what is kept, what is shown of it, and what goes out and comes in as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.shipped import displays, upload, watch

HOSTILE = "=<img src=x onerror=alert(1)>&\"',;"
METER = {"id": "m1", "name": "Kitchen", "unit": "kWh", "digits": 5, "decimals": 1, "mostPerDay": 150, "created": 1}
READING = {
    "meter": "m1",
    "rows": None,
    "alone": None,
    "kind": "forward",
    "corrected": False,
    "picture": None,
    "box": None,
    "version": "compact 2",
}
SAVE = """async ({meters, readings}) => {
  const {saveAll} = await import("/js/store.js");
  const picture = (bytes) => bytes && new Blob([new Uint8Array(bytes)], {type: "image/png"});
  await saveAll({meters, readings: readings.map((each) => ({...each, picture: picture(each.picture)}))});
}"""
KEPT = """async () => {
  const {readAll} = await import("/js/store.js");
  const {meters, readings} = await readAll();
  const bytes = async (blob) => blob && {type: blob.type, bytes: [...new Uint8Array(await blob.arrayBuffer())]};
  return {meters, readings: await Promise.all(readings.map(async (r) => ({...r, picture: await bytes(r.picture)})))};
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A device in Berlin, where a day of October has 25 hours. Its page may keep no files of its own."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Berlin", service_workers="block")
    yield context
    context.close()


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    """A time in Berlin in 2026, in milliseconds; without the list of time zones, which not every system has."""
    summer = (3, 29) < (month, day) < (10, 26)  # but not in the night of the change
    zone = timezone(timedelta(hours=2 if summer else 1))
    return int(datetime(year, month, day, hour, tzinfo=zone).timestamp() * 1000)


def readings(*each: tuple[int, str], **more: Any) -> list[dict[str, Any]]:
    """Readings r0, r1, … of the meter."""
    return [{**READING, "id": f"r{n}", "time": time, "text": text, **more} for n, (time, text) in enumerate(each)]


def save(page: Page, meters: list[dict[str, Any]], readings: list[dict[str, Any]]) -> None:
    """Put into the store of a page that is open."""
    page.evaluate(SAVE, {"meters": meters, "readings": readings})


def kept(page: Page) -> dict[str, Any]:
    """What is in the store, pictures as lists of bytes."""
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def picture() -> list[int]:
    """The bytes of a drawn display."""
    return list(displays()[0].file.read_bytes())


TWO = ((at(2026, 10, 1), "0400.0"), (at(2026, 11, 1), "0710.0"))


def test_another_tab_sees_a_change_at_once(context: BrowserContext, static_server: str) -> None:
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"{static_server}/meters.html")
        expect(page.locator(".none")).to_contain_text("No meters yet")
    save(first, [METER], readings(*TWO))
    expect(second.locator(".meter")).to_contain_text("710.0 kWh")
    expect(second.locator(".meter")).to_contain_text("310.0 kWh in 31 days")
    second.locator(".meter a").click()
    expect(second.locator(".stored")).to_have_count(2)
    first.evaluate("import('/js/store.js').then(({removeMeter}) => removeMeter('m1'))")
    expect(second.locator("#meters")).to_contain_text("This meter is not here")
    expect(first.locator(".none")).to_be_visible()


def test_a_meter_goes_with_its_readings_or_not_at_all(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    save(page, [METER], readings(*((time, "0400.0") for time in range(9))))
    whole = kept(page)
    failed = page.evaluate(
        """async () => {
          const {removeMeter} = await import("/js/store.js");
          const original = IDBObjectStore.prototype.delete;
          let count = 0;
          IDBObjectStore.prototype.delete = function (...key) {
            if (++count === 5) throw new Error("the browser fails in the middle");
            return original.apply(this, key);
          };
          try { return await removeMeter("m1").then(() => "removed", (error) => error.message); }
          finally { IDBObjectStore.prototype.delete = original; }
        }"""
    )
    assert "fails in the middle" in failed
    assert kept(page) == whole


def test_a_tab_that_goes_while_it_removes_leaves_all_or_nothing(context: BrowserContext, static_server: str) -> None:
    page = context.new_page()
    page.goto(f"{static_server}/meters.html")
    for steps in range(0, 12, 2):
        save(page, [METER], readings(*((time, "0400.0") for time in range(40))))
        page.evaluate(
            """async (steps) => {
              const {removeMeter} = await import("/js/store.js");
              void removeMeter("m1");
              for (let step = 0; step < steps; step++) await new Promise((resolve) => setTimeout(resolve));
            }""",
            steps,
        )
        page.close()
        page = context.new_page()
        page.goto(f"{static_server}/meters.html")
        found = kept(page)
        assert (len(found["meters"]), len(found["readings"])) in ((1, 40), (0, 0))


def test_a_reading_without_its_meter_is_refused(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    code = "({readings}) => import('/js/store.js').then((s) => s.saveAll({readings})).then(() => 'kept', (e) => e.code)"
    assert page.evaluate(code, {"readings": readings(*TWO)}) == "no_meter"
    wrong = readings((at(2026, 1, 1), "12,5"))
    assert page.evaluate(code, {"readings": wrong}) == "invalid"
    assert kept(page) == {"meters": [], "readings": []}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }",
            "no room left",
        ),
        (
            "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }",
            "ordinary window",
        ),
    ],
)
def test_where_nothing_can_be_kept_a_sentence_says_so(
    page: Page, static_server: str, fault: str, sentence: str
) -> None:
    page.add_init_script(fault)
    page.goto(f"{static_server}/meters.html")
    if sentence == "no room left":
        page.get_by_role("button", name="Add a meter").click()
        page.get_by_label("Name").fill("Kitchen")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("dialog .failure")).to_contain_text(sentence)
    else:
        expect(page.locator("#problem")).to_contain_text(sentence)


def test_a_meter_and_its_readings_by_the_keyboard(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    page.get_by_role("button", name="Add a meter").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .failure")).to_contain_text("Give the meter a name")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Bath")
    page.keyboard.press("Tab")
    page.keyboard.press("w")  # chooses Water
    expect(page.locator(".example-reading")).to_contain_text("01273.659 m³")
    expect(page.get_by_label("Highest plausible use a day")).to_have_value("3")
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="Bath")).to_be_visible()
    page.get_by_role("button", name="Add a reading").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("12.5")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .failure")).to_contain_text("a point and 3 digits after it, such as 01273.659")
    page.get_by_label("Reading", exact=True).fill("12,345")
    page.keyboard.press("Enter")
    expect(page.locator(".stored .value")).to_have_text("12.345")
    expect(page.get_by_role("button", name="Add a reading")).to_be_focused()
    found = kept(page)
    assert found["meters"][0] | {"id": "", "created": 0} == {
        "id": "",
        "name": "Bath",
        "unit": "m³",
        "digits": 8,
        "decimals": 3,
        "mostPerDay": 3,
        "created": 0,
    }
    assert [(each["text"], each["corrected"]) for each in found["readings"]] == [("00012.345", True)]


def test_a_reading_is_edited(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    exact = at(2026, 11, 1) + 12_345  # seconds that the form does not show
    save(page, [METER], readings((TWO[0][0], "0400.0"), (exact, "0390.0"), kind="doubtful"))
    expect(page.locator(".stored").first).to_contain_text("doubtful")
    page.locator("[data-key=edit-r1]").click()
    page.get_by_label("Reading", exact=True).fill("410.0")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".stored .value").first).to_have_text("410.0")
    expect(page.locator(".stored").first).to_contain_text("typed or corrected")
    expect(page.locator("[data-key=edit-r1]")).to_be_focused()
    changed = next(each for each in kept(page)["readings"] if each["id"] == "r1")
    assert (changed["text"], changed["time"], changed["kind"]) == ("0410.0", exact, "first")
    page.locator("[data-key=edit-r1]").click()
    page.get_by_label("Date and time").fill("2026-11-05T08:30")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".stored time").first).to_contain_text("Nov 5, 2026, 8:30")
    page.get_by_role("button", name="Edit meter").click()
    page.get_by_label("Of these, after the point").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog .failure")).to_contain_text("2 of its readings would not fit, such as 0400.0")


def test_what_is_deleted_can_be_brought_back(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO, picture=picture()))
    whole = kept(page)
    page.locator("[data-key=delete-r1]").click()
    expect(page.locator(".stored")).to_have_count(1)
    assert len(kept(page)["readings"]) == 1  # at once: a tab that is closed now leaves it deleted
    expect(page.locator("#toast")).to_contain_text("Deleted the reading 710.0")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".stored")).to_have_count(2)
    page.get_by_role("button", name="Delete meter").click()
    expect(page.locator(".none")).to_be_visible()
    assert kept(page) == {"meters": [], "readings": []}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".meter")).to_have_count(1)
    expect(page.locator("#toast")).to_be_hidden()
    assert kept(page) == whole


def use(page: Page, meter: dict[str, Any], stored: list[dict[str, Any]], year: int, month: int | None = None) -> Any:
    """Steps, odd readings, and the use in the days of a month or the months of a year."""
    return page.evaluate(
        """async ([meter, readings, year, month]) => {
          const {useOf, spread, daysOf, monthsOf} = await import("/js/meters/use.js");
          const {steps, odd} = useOf(meter, readings);
          const edges = month === null ? monthsOf(year) : daysOf(year, month - 1);
          return {steps: steps.map(({used, rollover}) => [used, rollover]), odd: [...odd],
                  use: spread(meter, steps, edges)};
        }""",
        [meter, stored, year, month],
    )


def test_use_is_spread_over_the_days_between(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    found = use(page, METER, readings((at(2026, 10, 20), "0100.0"), (at(2026, 10, 30), "0341.0")), 2026, 10)
    days = found["use"]
    assert days[:19] == [None] * 19 and days[29:] == [None, None]
    assert days[19] == pytest.approx(24) and days[24] == pytest.approx(25)  # the 25th has 25 hours
    assert sum(days[19:29]) == pytest.approx(241)
    months = use(page, METER, readings((at(2026, 1, 30), "0000.0"), (at(2026, 2, 4), "0010.0")), 2026)["use"]
    assert months[:2] == [pytest.approx(4), pytest.approx(6)] and months[2:] == [None] * 10


def test_a_rollover_is_use_and_a_misread_is_none(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    days = [at(2026, 9, day) for day in range(1, 9)]
    rolled = use(page, METER, readings((days[0], "9990.0"), (days[1], "0010.5")), 2026, 9)
    assert rolled["steps"] == [[205, True]] and rolled["use"][0] == pytest.approx(20.5)
    texts = ["0100.0", "0110.0", "8120.0", "0130.0", "0129.9"]  # one is misread; the last drum was once read early
    odd = use(page, METER, readings(*zip(days, texts, strict=False)), 2026, 9)
    assert odd["odd"] == ["r2"] and odd["steps"] == [[100, False], [200, False], [0, False]]
    exchanged = ["5000.0", "5010.0", "5020.0", "5030.0", "0001.0", "0011.0", "0021.0", "0031.0"]
    new = use(page, METER, readings(*zip(days, exchanged, strict=True)), 2026, 9)
    assert new["odd"] == [] and [step[0] for step in new["steps"]] == [100] * 6


def test_the_chart_says_what_its_table_says(page: Page, live_server: str) -> None:
    """With the application's security headers."""
    troubles = watch(page)
    page.goto(f"{live_server}/meters.html#m1")
    save(page, [METER], readings((at(2026, 9, 30), "9900.0"), (at(2026, 10, 4), "0000.0"), (at(2026, 10, 5), "0012.5")))
    expect(page.locator(".period")).to_have_text("October 2026")
    page.get_by_text("As a table").click()
    rows = page.locator(".chart-table tbody tr")
    expect(rows).to_have_count(31)
    expect(rows.nth(3)).to_have_text("October 4, 202612.50")
    expect(rows.nth(4)).to_have_text("October 5, 2026not known")
    page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
    page.get_by_role("button", name="By month").click()
    expect(page.locator(".period")).to_have_text("2026")
    expect(rows.nth(8)).to_have_text("September 202625.00")
    expect(rows.nth(9)).to_have_text("October 202687.50")
    expect(page.get_by_role("button", name="By month")).to_be_focused()
    assert [trouble for trouble in troubles if "Service Worker" not in trouble] == []


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
    "not a table": ("Meter 12345, read on Monday", "the columns meter, time, reading"),
    "cut short": (backup()[:-40], "not whole"),
    "other JSON": ('{"a": 1}', "not one that this page exported"),
    "letters": (backup(text="12x.0"), "because of reading 2 in the file: expected only the digits 0 to 9"),
    "stray": (backup(meter="m7"), "because of reading 2 in the file: expected a reading of a meter in the file"),
    "script": (
        backup(picture={"type": "image/svg+xml", "base64": "PHN2Zy8+"}),
        "because of reading 2 in the file: expected image/jpeg",
    ),
    "no picture": (backup(picture={"type": "image/png", "base64": "AAAA"}), "reading 2 in the file: expected a whole"),
    "time": ("meter,time,reading\na,2026-01-01,5\na,yesterday,6\n", "because of line 3: expected a time"),
    "drums": ("meter,time,reading\na,2026-01-01,1.5\na,2026-01-02,16\n", "because of line 3: expected a reading of 5"),
    "quotation": ('meter,time,reading\n"a,2026-01-01,1\n', "quotation mark out of place in line 2"),
}


def test_a_bad_file_is_refused_whole(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    for content, sentence in REFUSED.values():
        page.set_input_files("#file", upload("file", content.encode(), "text/plain"))
        expect(page.locator("#problem")).to_contain_text(sentence)
    assert kept(page) == {"meters": [], "readings": []}


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
    assert text.startswith("Kitchen: 710.0 kWh, Nov 1, 2026") and kind == "text/csv"
    assert table.count("Kitchen") == 2


def test_without_sharing_the_last_reading_is_copied(page: Page, static_server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=static_server)
    page.add_init_script("navigator.share = undefined")
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO))
    page.get_by_role("button", name="Share").click()
    expect(page.locator("#toast")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("Kitchen: 710.0 kWh")


@pytest.mark.parametrize(("width", "locale"), [(360, "ru-RU"), (768, "en-GB")])
def test_every_state_fits_the_screen(browser: Browser, static_server: str, width: int, locale: str) -> None:
    """With a name that would be markup, and one without a place to break."""
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": 740}, service_workers="block", timezone_id="Europe/Berlin"
    )
    page = context.new_page()
    troubles = watch(page)
    page.goto(f"{static_server}/meters.html")

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    expect(page.locator(".none")).to_contain_text("Счётчиков пока нет" if locale == "ru-RU" else "No meters yet")
    fits()
    long = {**METER, "id": "m2", "name": "Kellerwasserzähler" * 4, "created": 2}
    save(page, [{**METER, "name": HOSTILE}, long], readings(*TWO, (TWO[1][0] + 1000, "9999.9"), picture=picture()))
    expect(page.locator(".meter")).to_have_count(2)
    fits()
    page.locator(".meter a").first.click()
    expect(page.locator("#meters h2")).to_have_text(HOSTILE)
    expect(page.locator(".stored.odd")).to_have_count(1)
    if locale == "ru-RU":
        expect(page.locator(".stored").last).to_contain_text("400,0")
        expect(page.locator(".since")).to_contain_text("310,0 kWh за 31 дн. (10,00 kWh в день)")
        expect(page.locator(".period")).to_contain_text("2026")
    page.locator(".chart-table summary").click()
    page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
    fits()
    page.locator("[data-key=edit]").click()
    fits()
    page.keyboard.press("Escape")
    page.locator(".thumb").first.click()
    fits()
    page.keyboard.press("Escape")
    assert [trouble for trouble in troubles if "Service Worker" not in trouble] == []
    context.close()
