"""`python -m scripts.bench_learning DATASET_DIR --network MODEL.keras`: what ten corrections of a meter are worth.

The network was never taught the meter types of its `options.json` (`training.left_out`). Of each type ten pictures are
drawn at random, several times; the page's own code tunes the last layers on them in Chromium, and the type's other
pictures are read, and validation pictures of the other types. Features are made by Keras, which the page's are like.
Into `docs/results/learning.json`.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, sync_playwright

from backend.domain.imaging import Box, cut, load
from backend.domain.reading import decode, encode
from scripts.bench_page import FLAGS, ROOT, published, serve
from scripts.browser import find
from training.data import VALIDATE, Sample, read_table
from training.networks import batches, input_of, load_keras

PICTURES = 10  # corrections
GOLDEN = 4  # pictures of a version that a browser fetches
MODULE = Path(__file__).with_suffix(".js")
CALL = "async ([name, given]) => (await import('/bench/module.js'))[name](given)"


class Features:
    """Pictures' columns before the head, by number."""

    def __init__(self, file: Path) -> None:
        self.spec = input_of(load_keras(file), "compact")  # which registers the network's own layers, too
        self.model = keras.models.load_model(file, compile=False)
        wide = self.model.get_layer("gather").input[0]
        self.columns, self.channels = int(wide.shape[1]), int(wide.shape[2])
        self._extract = keras.Model(self.model.inputs, wide)
        self._pixels: list[NDArray[np.uint8]] = []

    def add(self, file: Path, boxes: Sequence[Box | None]) -> list[int]:
        """The numbers of a picture's views."""
        picture = load(file)
        first = len(self._pixels)
        self._pixels += [np.asarray(cut(picture, box, self.spec)) for box in boxes]
        return list(range(first, len(self._pixels)))

    def compute(self) -> NDArray[np.float32]:
        """Float32 (n, columns, channels)."""
        parts = [np.asarray(self._extract.predict_on_batch(part)) for part in batches(np.stack(self._pixels))]
        return np.concatenate(parts).astype(np.float32)

    def head(self) -> tuple[dict[str, int], NDArray[np.float32]]:
        """The head's sizes, and its parameters in one vector, in the order of frontend/js/learn/head.js."""
        found = {w[0].shape: w for layer in self.model.layers if len(w := layer.get_weights()) == 2}
        (hidden,) = (s[1] for s in found if s[0] == self.channels + 1)
        (pair,) = (s[1] for s in found if s[0] == 2 * hidden)
        (first,) = (s[1] for s in found if s[0] == hidden and s[1] != 10)
        order: list[tuple[int, ...]] = [(1, 3, self.channels, 1), (self.channels + 1, hidden), (hidden, 10)]
        order += [(2 * hidden, pair), (pair, 1), (hidden, first), (first, 1)]
        sizes = {"channels": self.channels, "hidden": hidden, "pair": pair, "first": first}
        return sizes, np.concatenate([part.ravel() for shape in order for part in found[shape]]).astype(np.float32)


def classes_of(text: str) -> list[int]:
    """The class of each of the 11 rows."""
    return [int(row) for row in encode(text).argmax(1)]


def looks(page: Page, boxes: Sequence[Box]) -> list[list[Box]]:
    """The page's looks at each box."""
    found = page.evaluate(CALL, ["looksAt", [vars(box) for box in boxes]])
    return [[Box(**each) for each in views] for views in found]


def whole(sample_box: Box | None, file: Path) -> Box:
    """The box, or all of the picture."""
    if sample_box:
        return sample_box
    picture = load(file)
    return Box(0.0, 0.0, float(picture.width), float(picture.height))


def views_of(page: Page, features: Features, samples: Sequence[Sample]) -> list[list[int]]:
    """The numbers of the views of each sample's picture, as it is first."""
    around = looks(page, [whole(sample.box, sample.image) for sample in samples])
    pairs = zip(samples, around, strict=True)
    return [features.add(sample.image, [sample.box, *views[1:]]) for sample, views in pairs]


def golden_samples(folder: Path) -> list[Sample]:
    """The drawn pictures of a version that every device has."""
    entries = json.loads((folder / "golden" / "golden.json").read_text("utf-8"))[:GOLDEN]
    return [
        Sample(
            folder / "golden" / entry["image"],
            VALIDATE,
            decode(entry["output"]).text,
            "",
            "",
            "",
            Box(**entry["box"]) if entry["box"] else None,
            (),
        )
        for entry in entries
    ]


def right(read: Sequence[list[int]], samples: Sequence[Sample]) -> NDArray[np.bool_]:
    """Which readings, as classes, are among those accepted."""
    accepted = [[classes_of(text) for text in (s.correct_value, *s.also_accepted)] for s in samples]
    return np.array([each in texts for each, texts in zip(read, accepted, strict=True)])


def compare(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> dict[str, int]:
    """How many are right, and of how many."""
    return {"n": len(before), "before": int(before.sum()), "after": int(after.sum())}


def measure(page: Page, given: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """All figures but the time of the whole."""
    options = json.loads(given.network.with_name("options.json").read_text("utf-8"))
    samples = read_table(given.dataset)
    own = [sample for sample in samples if sample.meter_type in options["without"]]
    others = [s for s in samples if s.type == VALIDATE and s.meter_type not in options["without"]]
    tests = [*own, *others]
    features = Features(given.network)
    numbers = [features.add(sample.image, [sample.box])[0] for sample in tests]
    golden = views_of(page, features, golden_samples(published()))
    lessons = []
    for kind in options["without"]:
        places = [place for place, sample in enumerate(own) if sample.meter_type == kind]
        for choice in range(given.choices):
            chosen = np.random.default_rng((given.seed, choice)).choice(places, PICTURES, replace=False).tolist()
            views = views_of(page, features, [own[place] for place in chosen])
            lessons.append({"kind": kind, "places": places, "chosen": chosen, "views": views})
    features.compute().tofile(scratch / "features.f32")
    sizes, parameters = features.head()
    parameters.tofile(scratch / "parameters.f32")
    question = {
        "sizes": sizes,
        "columns": features.columns,
        "golden": golden,
        "tests": numbers,
        "lessons": [
            [
                {"views": views, "classes": classes_of(own[place].correct_value)}
                for place, views in zip(lesson["chosen"], lesson["views"], strict=True)
            ]
            for lesson in lessons
        ],
    }
    found = page.evaluate(CALL, ["teach", question])
    before = right(found["before"], tests)
    types: dict[str, list[dict[str, Any]]] = {}
    for lesson, taught in zip(lessons, found["taught"], strict=True):
        after = right(taught["read"], tests)
        rest = sorted(set(lesson["places"]) - set(lesson["chosen"]))
        figures = {
            "kept": taught["kept"],
            "type": compare(before[rest], after[rest]),
            "others": compare(before[len(own) :], after[len(own) :]),
        }
        types.setdefault(lesson["kind"], []).append(figures)
    meters = {kind: len({s.group for s in own if s.meter_type == kind}) for kind in types}
    return {"network": options, "pictures": PICTURES, "recipe": found["recipe"], "meters": meters, "types": types}


def processor(browser: Browser) -> float:
    """Seconds that the browser's pages have computed."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(each["cpuTime"] for each in processes if each["type"] == "renderer"))


def duration(browser: Browser, page: Page) -> dict[str, float]:
    """Learning with the published model from ten pictures, trials of its worth included: how long, how much work."""
    drawn = golden_samples(published())
    examples = [
        {
            "file": base64.b64encode(each.image.read_bytes()).decode(),
            "box": vars(each.box) if each.box else None,
            "text": each.correct_value,
        }
        for each in (drawn * PICTURES)[:PICTURES]
    ]
    before = processor(browser)
    milliseconds = float(page.evaluate(CALL, ["learn", examples]))
    return {"milliseconds": milliseconds, "cpu_seconds": processor(browser) - before}


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench_learning", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("dataset", metavar="DATASET_DIR")
    parser.add_argument(
        "--network", type=Path, required=True, metavar="MODEL.keras", help="as training.left_out saves it"
    )
    parser.add_argument("--choices", type=int, default=5, help="how often ten pictures are drawn of each type")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "results" / "learning.json", help="file to write")
    parser.add_argument("--time-only", action="store_true", help="measure the time anew, keep the file's other figures")
    given = parser.parse_args(arguments)
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver, serve(None) as site:
        browser = driver.chromium.launch(executable_path=find(), args=flags)
        page = browser.new_page()
        page.route("**/bench/module.js", lambda route: route.fulfill(path=MODULE, content_type="text/javascript"))
        page.route(
            "**/bench/*.f32", lambda route: route.fulfill(path=Path(folder) / route.request.url.rsplit("/", 1)[1])
        )
        page.goto(f"{site.address}/icon.svg")
        known = json.loads(given.to.read_text("utf-8")) if given.time_only else measure(page, given, Path(folder))
        about = {
            "browser": f"Chromium {browser.version}",
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
        }
        result = known | about | duration(browser, page)
        browser.close()
    text = json.dumps(result, indent=1) + "\n"
    given.to.parent.mkdir(parents=True, exist_ok=True)
    given.to.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
