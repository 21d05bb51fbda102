"""What the tests of one's own meters share: a device's store, filled and looked into, and readings to put there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.shipped import displays

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


@contextmanager
def device(browser: Browser) -> Iterator[BrowserContext]:
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
