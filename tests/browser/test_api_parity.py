"""The same picture read by the page's own module and by `/api/read`: the same answer, key by key."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page

from backend.domain.imaging import Box, load, preprocess
from backend.domain.looks import in_doubt
from backend.services.reading import Version
from tests.browser.shipped import shipped_folder
from tests.browser.test_reader import FIELDS
from training.render import KINDS, Drawn, render

DRAWN, SHARP = 15, 9
CLOSE = 1e-3

READ_BOTH = """async (pictures) => {
  const {createReader} = await import("/js/reader.js");
  const reader = await createReader({model: "/static/model/", backends: ["wasm"]});
  const both = [];
  for (const {file, box} of pictures) {
    const blob = new Blob([Uint8Array.from(atob(file), (c) => c.charCodeAt(0))]);
    const form = new FormData();
    form.append("picture", blob, "meter.png");
    for (const [name, value] of Object.entries(box ?? {})) form.append(name, value);
    const answer = await fetch("/api/read", {method: "POST", body: form});
    both.push([await reader.read(blob, {box}), await answer.json()]);
  }
  reader.close();
  return both;
}"""


def pictures() -> list[dict[str, Any]]:
    """The golden pictures, and displays that are drawn anew, with and without a box, some of them blurred."""
    golden = json.loads((shipped_folder() / "golden" / "golden.json").read_text("utf-8"))
    found = [
        {"file": (shipped_folder() / "golden" / entry["image"]).read_bytes(), "box": entry["box"]} for entry in golden
    ]
    for number in range(DRAWN):
        drawn = render(np.random.default_rng((31, number)), KINDS[number % len(KINDS)])
        buffer = io.BytesIO()
        blurred(drawn).save(buffer, "PNG") if number >= SHARP else drawn.image.save(buffer, "PNG")
        box = {name: round(size, 2) for name, size in vars(drawn.box).items()} if number % 2 else None
        found.append({"file": buffer.getvalue(), "box": box})
    return [{**each, "file": base64.b64encode(each["file"]).decode()} for each in found]


def blurred(drawn: Drawn) -> Image.Image:
    """So much that a first look is in doubt."""
    return drawn.image.filter(ImageFilter.GaussianBlur(0.07 * drawn.box.height))


def looks_in_doubt() -> int:
    """How many of the blurred displays the shipped version looks at again."""
    version = Version(shipped_folder(), hashlib.sha256((shipped_folder() / "card.json").read_bytes()).hexdigest())
    again = 0
    for each in pictures()[-(DRAWN - SHARP) :]:
        box = Box(**each["box"]) if each["box"] else None
        pixels = preprocess(load(base64.b64decode(each["file"])), box, version.card.input)
        again += int(in_doubt(version.predict(pixels)[None], version.card.look_again)[0])
    return again


def test_the_server_reads_as_the_browser_does(page: Page, live_server: str) -> None:
    page.goto(f"{live_server}/icon.svg")
    readings = page.evaluate(READ_BOTH, pictures())
    assert len(readings) >= 12 + DRAWN
    assert looks_in_doubt() >= 2
    for here, there in readings:
        assert here.keys() == FIELDS and there.keys() == FIELDS - {"learned"}  # the server knows no meters of people
        for name in ("text", "value", "decimals", "accepted", "reason", "model", "version"):
            assert here[name] == there[name], name
        assert [each["digit"] for each in here["digits"]] == [each["digit"] for each in there["digits"]]
        confidences = [[one["confidence"], one["pointConfidence"], *(d["confidence"] for d in one["digits"])]
                       for one in (here, there)]  # fmt: skip
        assert confidences[0] == pytest.approx(confidences[1], abs=CLOSE)
        assert np.array(here["rows"]) == pytest.approx(np.array(there["rows"]), abs=CLOSE)
        assert here["stages"].keys() == there["stages"].keys()
        assert (here["backend"], there["backend"]) == ("wasm", "server")
