"""The JavaScript twins of the domain, in a real Chromium and in a worker as on the page, against the Python originals.

Measured with Chromium 156 and Pillow 13 on x86-64: all pictures, JPEG, CMYK and lossy WebP included, are equal to the
bit, decoded and preprocessed. So no tolerance is given, except that ARM builds of Pillow fuse a multiplication with an
addition, which may turn a rounding.
"""

import base64
import hashlib
import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from backend.domain import imaging
from backend.domain.reading import ReadingError, decode
from tests.vectors import make
from tests.vectors.pictures import Refused, Sample, boxes, encoded, refused, samples, scene
from tests.vectors.tensors import cases, line

HERE = Path(__file__).parent
SCRIPTS = {
    "": "twins.html",
    "page.js": "twins_page.js",
    "worker.js": "twins_worker.js",
    "drawn.js": "twins_drawn.js",
    "outline.js": "twins_outline.js",
    "vectors.js": "twins_vectors.js",
}
TYPES = {".html": "text/html", ".js": "text/javascript"}
RESAMPLING_TOLERANCE = 0 if platform.machine() in ("x86_64", "AMD64") else 1
VECTORS = json.loads(make.PATH.read_text("utf-8"))
SAMPLES = samples()


class Harness:
    """A page with the twins in a worker. `ask` calls a function of twins_worker.js; `serve` gives a file an address."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.files = page, dict[str, bytes]()
        page.context.route("**/twins/*", self._answer)
        page.goto(f"{address}/twins/")

    def ask(self, name: str, *values: object) -> Any:
        return self.page.evaluate("([name, ...values]) => ask(name, ...values)", [name, *values])

    def serve(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        self.files = {name: data}
        return f"/twins/{name}"

    def _answer(self, route: Route) -> None:
        name = route.request.url.split("/twins/")[1]
        if name in SCRIPTS:
            path = HERE / SCRIPTS[name]
            route.fulfill(body=path.read_text("utf-8"), content_type=TYPES[path.suffix])
        else:
            route.fulfill(body=self.files[name], content_type="application/octet-stream")


@pytest.fixture(scope="module")
def twins(browser: Browser, static_server: str) -> Iterator[Harness]:
    context = browser.new_context()
    yield Harness(context.new_page(), static_server)
    context.close()


def test_there_are_at_least_fifty_pictures() -> None:
    assert len(SAMPLES) >= 50


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_picture_is_decoded_and_preprocessed_alike(twins: Harness, sample: Sample) -> None:
    data = sample.draw()
    image = imaging.load(data)
    places = boxes(*image.size)[: 2 if image.width > 3000 else None]  # a large one is slow, and the box makes it small
    answer = twins.ask("picture", twins.serve(data), places)
    assert tuple(answer["size"]) == image.size
    assert answer["sha256"] == hashlib.sha256(image.tobytes()).hexdigest()
    for place, cropped in zip(places, answer["crops"], strict=True):
        expected = imaging.crop(image, imaging.Box(**place) if place else None, 192, 48, 0.1)
        got = np.frombuffer(base64.b64decode(cropped), np.uint8).reshape(expected.shape)
        assert np.abs(got.astype(int) - expected).max() <= RESAMPLING_TOLERANCE, place


@pytest.mark.parametrize("file", refused(), ids=lambda file: file.name)
def test_a_file_is_refused_alike(twins: Harness, file: Refused) -> None:
    assert twins.ask("refusal", twins.serve(file.data), None) == [file.code, file.message]


@pytest.mark.parametrize(
    "box",
    [
        {"x": 0, "y": 0, "width": 0, "height": 5},
        {"x": 0, "y": 0, "width": 5, "height": -1},
        {"x": float("nan"), "y": 0, "width": 5, "height": 5},
        {"x": 0, "y": 0, "width": float("inf"), "height": 5},
        {"x": 200, "y": 0, "width": 10, "height": 10},
        {"x": 0, "y": -50, "width": 10, "height": 10},
    ],
)
def test_a_box_is_refused_alike(twins: Harness, box: dict[str, float]) -> None:
    data = encoded(scene(60, 40), "PNG")
    with pytest.raises(imaging.ImageError) as refusal:
        imaging.crop(imaging.load(data), imaging.Box(**box), 192, 48, 0.1)
    assert twins.ask("refusal", twins.serve(data), box) == [refusal.value.code, str(refusal.value)]


def test_any_box_is_widened_alike(twins: Harness) -> None:
    numbers = np.random.default_rng(3).uniform((-20, -20, 22, 22, 0, 0), (35, 35, 112, 112, 2, 2), (200, 6)).tolist()
    places = [(dict(zip(("x", "y", "width", "height"), each[:4], strict=True)), *each[4:]) for each in numbers]
    places += [(box, margin) for box, margin, _ in places]  # without a margin of their own, the sides have the other
    expected = [imaging.widen(imaging.Box(**box), margin, (60, 40), *side) for box, margin, *side in places]
    answers = twins.ask("widenAll", places, {"width": 60, "height": 40})
    assert [imaging.Box(**box) for box in answers] == expected


@pytest.mark.parametrize("kind", ["bitmap", "canvas", "data"])
def test_a_picture_handed_over_gives_the_same_input_and_stays_open(twins: Harness, kind: str) -> None:
    data = encoded(scene(331, 217), "PNG")
    place = boxes(331, 217)[1]
    answer = twins.ask("handedOver", kind, twins.serve(data), place)
    expected = imaging.preprocess(imaging.load(data), imaging.Box(**place), imaging.InputSpec())
    got = np.frombuffer(base64.b64decode(answer["input"]), np.float32).reshape(expected.shape)
    assert np.abs(got - expected).max() <= RESAMPLING_TOLERANCE / 255
    assert answer["sourceWidth"] == 331  # a closed bitmap has the width 0


def test_only_the_box_is_read_and_resized_whatever_the_photo_weighs(twins: Harness) -> None:
    photo = next(sample for sample in SAMPLES if sample.name == "PNG of 12 megapixels")
    place = {"x": 1500.5, "y": 1400.5, "width": 500, "height": 200}
    read, milliseconds = twins.ask("effort", twins.serve(photo.draw()), place)
    reach = 2 * (20 + 5 + 1)  # the margin, the filter, the fraction: on both sides
    assert read <= (500 + reach) * (200 + reach)
    assert milliseconds < 500  # 2 on an idle machine; a full resize takes a hundred times as long


@pytest.mark.parametrize("entry", VECTORS["accepted"], ids=lambda entry: entry["text"])
def test_a_text_is_encoded_alike(twins: Harness, entry: dict[str, Any]) -> None:
    array = np.array(twins.ask("encode", entry["text"])["result"]).reshape(11, 10)
    assert np.array_equal(array, np.eye(10)[entry["classes"]])


@pytest.mark.parametrize("entry", VECTORS["refused"], ids=lambda entry: ascii(entry["text"]))
def test_a_text_is_refused_alike(twins: Harness, entry: dict[str, str]) -> None:
    assert twins.ask("encode", entry["text"]) == {"error": entry["message"]}


@pytest.mark.parametrize("entry", VECTORS["no_text"], ids=lambda entry: str(entry["value"]))
def test_what_is_no_text_is_refused_alike(twins: Harness, entry: dict[str, Any]) -> None:
    assert twins.ask("encode", entry["value"]) == {"error": entry["message"]}


def test_what_only_javascript_has_is_refused_by_what_it_is(twins: Harness) -> None:
    answers = twins.page.evaluate("Promise.all([undefined, 1n, new Float32Array(110)].map((v) => ask('encode', v)))")
    kinds = ("nothing", "a number", "a list")
    assert answers == [{"error": f"expected a reading as text, got {kind}"} for kind in kinds]


@pytest.mark.parametrize("entry", VECTORS["decoded"], ids=lambda entry: entry["name"])
def test_an_odd_tensor_is_decoded_alike(twins: Harness, entry: dict[str, Any]) -> None:
    got = twins.ask("decode", entry["array"], entry["decision"])["result"]
    got["digits"] = [[each["digit"], each["confidence"]] for each in got["digits"]]
    for numbers in ("digits", "pointConfidence", "confidence"):
        np.testing.assert_allclose(got.pop(numbers), entry["reading"][numbers], rtol=1e-14, atol=0)
    assert got == {key: entry["reading"][key] for key in ("text", "value", "decimals", "accepted", "reason")}


@pytest.mark.parametrize(
    "value", [[], [0] * 109, [[0] * 10] * 10, [[0] * 9] * 11, [[0] * 10] * 10 + [[0]], [["0"] * 10] * 11]
)
def test_another_shape_is_refused_alike(twins: Harness, value: list[Any]) -> None:
    with pytest.raises(ReadingError) as refusal:
        decode(value)
    assert twins.ask("decodeRaw", value) == {"error": str(refusal.value)}


@pytest.mark.parametrize(
    "decision",
    [{"temperature": 0}, {"temperature": -1}, {"threshold": 1.1}, {"unreadable": -0.1}, {"unreadable_temperature": 0}],
)
def test_a_decision_out_of_range_is_refused_alike(twins: Harness, decision: dict[str, float]) -> None:
    array = np.eye(10)[[0] * 11].tolist()
    with pytest.raises(ReadingError) as refusal:
        decode(array, **decision)
    assert twins.ask("decode", array, decision) == {"error": str(refusal.value)}


def test_a_hundred_thousand_random_tensors_are_decoded_alike(twins: Harness) -> None:
    random = VECTORS["random"]
    digests = twins.ask("digests", random["seed"], len(random["sha256"]), random["size"])
    assert len(digests) * random["size"] == 100_000
    for block, (got, expected) in enumerate(zip(digests, random["sha256"], strict=True)):
        if got != expected:  # say where
            seed = random["seed"] + block
            assert twins.ask("lines", seed, random["size"]) == list(map(line, cases(seed, random["size"])))
        assert got == expected
