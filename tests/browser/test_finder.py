"""`readPhoto`, `find` and `read(…, {corners})`: a published finder finds the display, the reader reads it straightened.

The finder here knows four colours, which mark the corners; its network is a real graph, loaded and run as any other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.shipped import Display, FaultyServer, displays, encoded, faulty_server
from tests.browser.test_reader import HELPERS
from tests.finders import publish_finder
from tests.outlines import marked_photo

DEGREES = [0, 35, 180]


@pytest.fixture(scope="module")
def display() -> Display:
    return displays()[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FaultyServer, str]]:
    with faulty_server(tmp_path_factory.mktemp("models")) as (server, address):
        publish_finder(server.models)
        yield server, address


@pytest.fixture(scope="module")
def bare(browser: Browser, server: tuple[FaultyServer, str]) -> Iterator[Page]:
    """A page with a reader and its finder."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(HELPERS)
    page.goto(f"{server[1]}/icon.svg")
    page.evaluate("async () => { window.reader = await open_({backends: ['wasm']}); }")
    yield page
    context.close()


def binary(image: Image.Image, form: str = "PNG") -> str:
    return base64.b64encode(encoded(image, form)).decode()


def photo_of(display: Display, degrees: float) -> tuple[Image.Image, np.ndarray]:
    return marked_photo(900, 1100, degrees, display.cut_out)


def read_photo(page: Page, image: Image.Image) -> dict[str, Any]:
    reading: dict[str, Any] = page.evaluate("(file) => reader.readPhoto(blobOf(file))", binary(image))
    return reading


@pytest.mark.parametrize("degrees", DEGREES)
def test_a_whole_photo_is_read(bare: Page, display: Display, degrees: float) -> None:
    photo, outline = photo_of(display, degrees)
    reading = read_photo(bare, photo)
    assert (reading["text"], reading["accepted"]) == (display.reading.text, True)
    assert np.array(reading["corners"]) == pytest.approx(outline, abs=8)
    assert reading["presence"] > 0.9
    assert reading["stages"].keys() == {"decode", "preprocess", "network", "find"}
    assert reading["model"] == "compact"


def test_found_corners_can_be_read_and_followed(bare: Page, display: Display) -> None:
    photo, outline = photo_of(display, 200)
    found, again, lost, reading = bare.evaluate(
        """async (file) => {
          const photo = blobOf(file);
          const found = await reader.find(photo);
          const moved = found.corners.map(([x, y]) => [x + 40, y - 20]);
          const away = found.corners.map(([x, y]) => [x + 9000, y]);
          return [found, await reader.find(photo, {before: moved}), await reader.find(photo, {before: away}),
                  await reader.read(photo, {corners: found.corners})];
        }""",
        binary(photo),
    )
    for each in (found, again, lost):
        assert np.array(each["corners"]) == pytest.approx(outline, abs=8)
        assert each["presence"] > 0.9
    assert (reading["text"], reading["corners"]) == (display.reading.text, found["corners"])


def test_an_upside_down_outline_reads_nothing_right(bare: Page, display: Display) -> None:
    """The outline's order is what says which way up the text is."""
    photo, outline = photo_of(display, 0)
    corners = np.roll(outline, 2, axis=0).tolist()
    reading = bare.evaluate("([f, corners]) => reader.read(blobOf(f), {corners})", [binary(photo), corners])
    assert not (reading["accepted"] and reading["text"] == display.reading.text)


def test_a_picture_without_marks_is_read_whole(bare: Page) -> None:
    wall = Image.new("RGB", (500, 600), (120, 118, 110))
    whole, photo = bare.evaluate(
        "async (f) => [await reader.read(blobOf(f)), await reader.readPhoto(blobOf(f))]", binary(wall)
    )
    assert bare.evaluate("(file) => reader.find(blobOf(file))", binary(wall)) is None
    assert (photo["text"], photo["confidence"]) == (whole["text"], whole["confidence"])
    assert (photo["corners"], photo["presence"]) == (None, None)


def test_a_display_cut_out_already_is_read_as_it_is(bare: Page, display: Display) -> None:
    """Whatever the finder would say of it: its corners are marked, wrongly."""
    strip = display.cut_out
    marked, _ = marked_photo(strip.width, strip.height * 4, 0)
    strip.paste(marked.crop((0, strip.height, strip.width, strip.height * 4)).resize((20, 12)), (0, 0))
    whole, photo = bare.evaluate(
        "async (f) => [await reader.read(blobOf(f)), await reader.readPhoto(blobOf(f))]", binary(strip)
    )
    assert (photo["text"], photo["corners"]) == (display.reading.text, None)
    assert photo["confidence"] == whole["confidence"]


def test_wrong_outlines_are_refused(bare: Page, display: Display) -> None:
    photo, outline = photo_of(display, 0)
    wrong = [outline[::-1].tolist(), (outline + 5000).tolist(), outline.tolist()[:3], "corners"]
    codes = bare.evaluate(
        """async ([file, all]) => {
          const photo = blobOf(file);
          return Promise.all(all.map((corners) => codeOf(reader.read(photo, {corners}))));
        }""",
        [binary(photo), wrong],
    )
    assert codes == ["ReaderError bad_box"] * 4


FALLBACKS = """async ([file, options]) => {
  const reader = await open_({backends: ["wasm"], ...options});
  const [before, photo] = [reader.canFind, await reader.readPhoto(blobOf(file))];
  const found = await reader.find(blobOf(file)).catch((error) => error.code);
  const after = reader.canFind;
  reader.close();
  return {before, after, found, text: photo.text, corners: photo.corners};
}"""


@pytest.mark.parametrize("fault", ["no finder", "other outlines", "damaged", "missing"])
def test_without_a_finder_that_works_the_whole_picture_is_read(
    browser: Browser, display: Display, tmp_path: Path, fault: str
) -> None:
    with faulty_server(tmp_path) as (server, address):
        if fault != "no finder":
            folder = publish_finder(server.models, **({"presence": 0.1} if fault == "other outlines" else {}))
        if fault == "damaged":
            (folder / "group1-shard1of1.bin").write_bytes(bytes((folder / "group1-shard1of1.bin").stat().st_size))
        if fault == "missing":
            (folder / "model.json").unlink()
        context = browser.new_context()
        page = context.new_page()
        page.add_init_script(HELPERS)
        page.goto(f"{address}/icon.svg")
        answer = page.evaluate(FALLBACKS, [binary(display.cut_out.resize((600, 300))), {}])
        context.close()
    reasons = {"no finder": None, "other outlines": None, "damaged": "broken", "missing": "download"}
    assert answer["found"] == reasons[fault]
    assert answer["before"] == (fault != "no finder")
    assert answer["after"] == (fault in ("damaged", "missing"))  # these may be mended
    assert (answer["text"], answer["corners"]) == (display.reading.text, None)


def test_the_finder_travels_only_when_it_is_needed(
    browser: Browser, server: tuple[FaultyServer, str], display: Display
) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(HELPERS)
    page.goto(f"{server[1]}/icon.svg")
    file = binary(photo_of(display, 0)[0])
    page.evaluate(
        "async (f) => { window.reader = await open_({backends: ['wasm']}); await reader.read(blobOf(f)); }", file
    )
    assert not [url for url in asked if "/finder/" in url]
    page.evaluate("(file) => Promise.all([1, 2, 3].map(() => reader.readPhoto(blobOf(file))))", file)
    found = [json.dumps(url) for url in asked if "/finder/" in url]
    assert len(found) == len(set(found)) == 5  # card, graph, weights, golden outlines and their picture: once
    context.close()
