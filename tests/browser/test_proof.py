"""What a version has shown on this device is not shown again in full, and nothing wrong slips through by that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.shipped import faulty_server, rehash
from tests.browser.test_reader import HELPERS

OPEN = """async () => {
  const reader = await open_({backends: ["wasm"]});
  const {trusted, worst, milliseconds} = reader.choice.candidates[0];
  reader.close();
  return {trusted, worst, milliseconds};
}"""
SHOWN = """() => Object.values(JSON.parse(localStorage.getItem("meter-reader-proofs") ?? "{}"))"""


def shown(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(SHOWN)
    return found


def at(page: Page, address: str) -> Page:
    page.add_init_script(HELPERS)
    page.goto(f"{address}/icon.svg")
    return page


def spoil(models: Path, entries: slice) -> None:
    """Move golden outputs by 0.01, honestly hashed."""
    golden_file = next(models.rglob("golden.json"))
    golden = json.loads(golden_file.read_text("utf-8"))
    for entry in golden[entries]:
        entry["output"][3][7] += 0.01
    golden_file.write_text(json.dumps(golden), "utf-8")
    rehash(models, "golden/golden.json")


def pretend(page: Page, models: Path) -> None:
    """Note that the published version was right here, as if it had been."""
    card = json.loads((models / "current.json").read_text("utf-8"))["card_sha256"]
    note = {"starts": 0, "worst": 0, "milliseconds": 9}
    page.evaluate(
        """([card, note]) => localStorage.setItem("meter-reader-proofs",
          JSON.stringify({[card]: {...note, browser: navigator.userAgent}}))""",
        [card, note],
    )


def test_the_next_start_remembers_what_the_first_has_seen(page: Page, static_server: str) -> None:
    at(page, static_server)
    first = page.evaluate(OPEN)
    assert [note["starts"] for note in shown(page)] == [0]
    second = page.evaluate(OPEN)
    assert [note["starts"] for note in shown(page)] == [1]
    assert (first["trusted"], second["trusted"]) == (True, True)
    assert second["milliseconds"] == first["milliseconds"]  # one picture alone would be slow, as all first ones
    assert second["worst"] >= first["worst"]


def test_every_start_shows_a_golden_picture_and_the_next_one_each_time(page: Page, tmp_path: Path) -> None:
    with faulty_server(tmp_path) as (server, address):
        spoil(server.models, slice(1, 2))
        pretend(at(page, address), server.models)
        assert page.evaluate("() => codeOf(open_({backends: ['wasm']}))") is None  # the first picture is right
        assert page.evaluate("() => codeOf(open_({backends: ['wasm']}))") == "ReaderError backend"
        assert shown(page) == []
        assert page.evaluate("() => codeOf(open_({backends: ['wasm']}))") == "ReaderError backend"  # by all pictures


def test_what_another_browser_has_seen_counts_for_nothing(page: Page, tmp_path: Path) -> None:
    with faulty_server(tmp_path) as (server, address):
        spoil(server.models, slice(1, 2))
        pretend(at(page, address), server.models)
        page.evaluate(
            """() => localStorage.setItem("meter-reader-proofs",
              localStorage.getItem("meter-reader-proofs").replaceAll("Chrome/", "Chrome/1"))"""
        )
        assert page.evaluate("() => codeOf(open_({backends: ['wasm']}))") == "ReaderError backend"


def test_notes_that_are_none_count_for_nothing(page: Page, tmp_path: Path) -> None:
    with faulty_server(tmp_path) as (server, address):
        spoil(server.models, slice(None))
        at(page, address)
        card = json.loads((server.models / "current.json").read_text("utf-8"))["card_sha256"]
        for note in ["}", "[]", "null", json.dumps({card: "right"}), json.dumps({card: {"browser": 1, "starts": -1}})]:
            page.evaluate("(note) => localStorage.setItem('meter-reader-proofs', note)", note)
            assert page.evaluate("() => codeOf(open_({backends: ['wasm']}))") == "ReaderError backend", note
