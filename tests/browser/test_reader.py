"""`createReader`, the public module, as another page would use it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.shipped import Display, displays, encoded, faulty_server, rehash, shipped_folder

FIELDS = {
    "text",
    "value",
    "confidence",
    "accepted",
    "reason",
    "digits",
    "decimals",
    "pointConfidence",
    "milliseconds",
    "backend",
    "model",
    "version",
    "stages",
    "rows",
    "learned",
}
HELPERS = """
  window.blobOf = (binary) => new Blob([Uint8Array.from(atob(binary), (c) => c.charCodeAt(0))]);
  window.codeOf = (promise) => promise.then(() => null, (error) => `${error.name} ${error.code}`);
  window.open_ = async (options = {}) => {
    const {createReader} = await import("/js/reader.js");
    return createReader({model: "/static/model/", ...options});
  };
"""


@pytest.fixture(scope="module")
def display() -> Display:
    return displays()[0]


@pytest.fixture
def bare(page: Page, static_server: str) -> Page:
    """A page of the same origin that is not the reader's own."""
    page.add_init_script(HELPERS)
    page.goto(f"{static_server}/icon.svg")
    return page


def picture(display: Display) -> str:
    return base64.b64encode(display.file.read_bytes()).decode()


def box(display: Display) -> dict[str, float] | None:
    return vars(display.box) if display.box else None


def test_every_golden_picture_reads_as_in_keras(bare: Page) -> None:
    golden = json.loads((shipped_folder() / "golden" / "golden.json").read_text("utf-8"))
    files = [base64.b64encode((shipped_folder() / "golden" / entry["image"]).read_bytes()).decode() for entry in golden]
    texts = bare.evaluate(
        """async ([files, boxes]) => {
          const reader = await open_();
          const readings = files.map((file, at) => reader.read(blobOf(file), {box: boxes[at]}));
          return (await Promise.all(readings)).map(({text}) => text);
        }""",
        [files, [entry["box"] for entry in golden]],
    )
    from backend.domain.reading import decode

    assert texts == [decode(entry["output"]).text for entry in golden]


def test_a_reading_has_every_field(bare: Page, display: Display) -> None:
    card = json.loads((shipped_folder() / "card.json").read_text("utf-8"))
    reading: dict[str, Any] = bare.evaluate(
        "async ([file, box]) => (await open_()).read(blobOf(file), {box})", [picture(display), box(display)]
    )
    expected = display.reading
    assert reading.keys() == FIELDS
    assert (reading["text"], reading["value"]) == (expected.text, str(expected.value))
    assert [digit["digit"] for digit in reading["digits"]] == [digit.digit for digit in expected.digits]
    assert reading["confidence"] == pytest.approx(expected.confidence, abs=0.01)
    assert (reading["accepted"], reading["reason"], reading["decimals"]) == (True, None, expected.decimals)
    assert (reading["backend"], reading["model"], reading["version"]) == ("wasm", card["name"], card["version"])
    assert 0 < reading["milliseconds"] < 60_000
    assert [len(row) for row in reading["rows"]] == [10] * 11
    assert [sum(row) for row in reading["rows"]] == pytest.approx([1] * 11)
    assert max(reading["rows"][-1]) == reading["digits"][-1]["confidence"]


def test_every_kind_of_source_reads_alike(bare: Page, display: Display) -> None:
    texts = bare.evaluate(
        """async ([file, box]) => {
          const reader = await open_();
          const blob = blobOf(file);
          const bitmap = await createImageBitmap(blob);
          const canvas = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas");
          const offscreen = new OffscreenCanvas(bitmap.width, bitmap.height);
          for (const each of [canvas, offscreen]) {
            Object.assign(each, {width: bitmap.width, height: bitmap.height});
            each.getContext("2d").drawImage(bitmap, 0, 0);
          }
          const data = offscreen.getContext("2d").getImageData(0, 0, bitmap.width, bitmap.height);
          const texts = [];
          for (const source of [blob, bitmap, canvas, offscreen, data, bitmap]) {
            texts.push((await reader.read(source, {box})).text);
          }
          return texts;
        }""",
        [picture(display), box(display)],
    )
    assert texts == [display.reading.text] * 6


def test_what_nobody_waits_for_is_not_read(bare: Page, display: Display) -> None:
    """A frame that is dragged asks for a reading at each step, faster than a slow phone reads."""
    answers, last = bare.evaluate(
        """async ([file, box]) => {
          let answers = 0;
          self.Worker = class extends Worker {
            constructor(...all) {
              super(...all);
              this.addEventListener("message", ({data}) => (answers += data.result?.text ? 1 : 0));
            }
          };
          const reader = await open_();
          const blob = blobOf(file);
          await reader.read(blob, {box}); // decoded and kept: from now on a reading lets no message in between
          answers = 0;
          const stops = Array.from({length: 50}, () => new AbortController());
          const asked = stops.map(({signal}) => reader.read(blob, {box, signal}).catch(() => null));
          await new Promise((resolve) => setTimeout(resolve));
          for (const stop of stops.slice(0, -1)) stop.abort();
          const last = await asked.at(-1);
          return [answers, last.text];
        }""",
        [picture(display), box(display)],
    )
    assert last == display.reading.text
    assert answers < 25, "of 50, of which 49 were called off"


def test_errors_have_codes(bare: Page, display: Display) -> None:
    codes = bare.evaluate(
        """async ([file, small]) => {
          const reader = await open_();
          const blob = blobOf(file);
          const outside = {x: 99999, y: 0, width: 10, height: 10};
          const video = document.createElementNS("http://www.w3.org/1999/xhtml", "video");
          const stop = new AbortController();
          const aborted = reader.read(blob, {signal: stop.signal}).catch((error) => error.name);
          stop.abort();
          const codes = [
            await codeOf(reader.read(new Blob(["no picture"]))),
            await codeOf(reader.read("no picture")),
            await codeOf(reader.read(blobOf(small))),
            await codeOf(reader.read(blob, {box: outside})),
            await codeOf(reader.read(video)),
            await aborted,
          ];
          reader.close();
          return [...codes, await codeOf(reader.read(blob))];
        }""",
        [picture(display), base64.b64encode(encoded(display.cut_out.resize((7, 7)))).decode()],
    )
    assert codes == [
        "ReaderError not_image",
        "ReaderError not_image",
        "ReaderError too_small",
        "ReaderError bad_box",
        "ReaderError no_frame",
        "AbortError",
        "ReaderError closed",
    ]


def test_a_hundred_readings_at_once_come_back_each_to_its_own(bare: Page) -> None:
    shown = displays()[:2]
    wrong = bare.evaluate(
        """async ([files, boxes, texts]) => {
          const reader = await open_();
          const blobs = files.map(blobOf);
          const one = async (n) => (await reader.read(blobs[n % 2], {box: boxes[n % 2]})).text === texts[n % 2];
          const all = await Promise.all(Array.from({length: 100}, (_, n) => one(n)));
          return all.filter((right) => !right).length;
        }""",
        [[picture(each) for each in shown], [box(each) for each in shown], [each.reading.text for each in shown]],
    )
    assert wrong == 0


def test_backends_without_hardware_are_not_trusted(bare: Page) -> None:
    """The browser of the tests draws without a graphics card."""
    choice = bare.evaluate("async () => (await open_()).compare()")
    assert choice["backend"] == "wasm"
    assert {each["backend"]: each["trusted"] for each in choice["candidates"]} == {
        "wasm": True,
        "webgl": False,
        "webgpu": False,
    }
    assert bare.evaluate("() => codeOf(open_({backends: ['webgl']}))") == "ReaderError backend"


def test_a_backend_that_computes_otherwise_is_refused(page: Page, tmp_path: Path) -> None:
    """The golden outputs are moved by 0.01, honestly hashed: now no backend reproduces them."""
    with faulty_server(tmp_path) as (_, address):
        golden_file = next(tmp_path.rglob("golden.json"))
        golden = json.loads(golden_file.read_text("utf-8"))
        for entry in golden:
            entry["output"][3][7] += 0.01
        golden_file.write_text(json.dumps(golden), "utf-8")
        rehash(tmp_path, "golden/golden.json")
        page.add_init_script(HELPERS)
        page.goto(f"{address}/icon.svg")
        assert page.evaluate("() => codeOf(open_())") == "ReaderError backend"


@pytest.mark.parametrize("name", ["model.json", "golden/golden.json", "card.json"])
def test_a_changed_file_is_refused(page: Page, tmp_path: Path, name: str) -> None:
    with faulty_server(tmp_path) as (_, address):
        changed = tmp_path / shipped_folder().relative_to(shipped_folder().parents[1]) / name
        changed.write_bytes(changed.read_bytes() + b" ")
        page.add_init_script(HELPERS)
        page.goto(f"{address}/icon.svg")
        assert page.evaluate("() => codeOf(open_())") == "ReaderError broken"


def test_a_missing_version_and_a_pointer_that_is_none(page: Page, tmp_path: Path) -> None:
    with faulty_server(tmp_path) as (_, address):
        page.add_init_script(HELPERS)
        page.goto(f"{address}/icon.svg")
        assert page.evaluate("() => codeOf(open_({model: '/static/none'}))") == "ReaderError download"
        (tmp_path / "current.json").write_text("{}", "utf-8")
        assert page.evaluate("() => codeOf(open_())") == "ReaderError broken"
