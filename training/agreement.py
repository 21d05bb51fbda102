"""Hold Keras, TFLite and the browser against each other: the same readings, the same probabilities, or no version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Error as BrowserError

from backend.domain.card import Card
from backend.domain.imaging import Box
from backend.domain.reading import ROWS, Reading, ReadingError, encode
from training.networks import Network, Pixels, crop_files, read_all, tflite_predict
from training.parity import Site, open_browser, open_page, predict_in_browser, read_in_browser

TOLERANCE = 1e-3
TIE = 1e-5  # two classes nearer than this to each other: arithmetic decides, and may do so otherwise elsewhere
SURE = ROWS * TOLERANCE  # of a reading's confidence, the product of its rows'


class DisagreementError(RuntimeError):
    """The exported files do not read as Keras does."""


def check_numbers(network: Network, folder: Path, pixels: Pixels, expected: NDArray[np.float32]) -> dict[str, Any]:
    """The same tensors through TFLite and through TensorFlow.js in Chromium, against Keras' outputs (n, 11, 10).

    `folder` is the version's. Raises DisagreementError on another reading or a probability off by over 1e-3.
    """
    models, path = folder.parent.parent, f"{folder.parent.name}/{folder.name}/"
    light = Network(network.spec, tflite_predict(folder / "model.tflite"), network.parameters, {})
    results: dict[str, Any] = {"tflite": compare("TFLite", read_all(light, pixels, "reading (TFLite)"), expected)}
    site = Site(models, (), pixels)
    with open_browser() as browser, open_page(browser, site) as page:
        try:
            outputs = predict_in_browser(page, site, path)
        except BrowserError as error:
            raise DisagreementError(f"expected TensorFlow.js to run the version, got {error.message}") from error
        results["tfjs_wasm"] = compare("TensorFlow.js", outputs, expected)
        results["browser"] = browser.version
    return {"pictures": len(pixels), "tolerance": TOLERANCE} | results


def compare(who: str, outputs: NDArray[np.float32], expected: NDArray[np.float32]) -> dict[str, Any]:
    """How many readings are the same and the largest difference of a probability; raises DisagreementError."""
    if outputs.shape != expected.shape or not np.isfinite(outputs).all():
        raise DisagreementError(f"expected finite outputs of shape {expected.shape} from {who}, got others")
    largest = float(np.abs(outputs - expected).max()) if len(expected) else 0.0
    rows = outputs.argmax(2)
    same = _behind(expected, rows) <= TIE
    if not same.all():
        raise DisagreementError(f"expected {who} to read as Keras does, got {int((~same).sum())} of {len(same)} others")
    if largest > TOLERANCE:
        raise DisagreementError(f"expected {who} within {TOLERANCE} of Keras, got a difference of {largest:.2g}")
    return {"same_reading": int(same.sum()), "largest_difference": largest}


def check_page(network: Network, card: Card, models: Path, places: Sequence[tuple[Path, Box | None]]) -> dict[str, Any]:
    """Picture files read by the page's own module against Python's decoding, preprocessing and Keras.

    `models` holds a `current.json` that points to the version. Raises DisagreementError unless all are the same.
    """
    outputs = read_all(network, crop_files(places, network.spec, "cropping (page)"), "reading (Keras)")
    expected = [card.read(output) for output in outputs]
    site = Site(models, tuple(file for file, _ in places), np.zeros((0, 1, 1, 3), np.uint8))
    with open_browser() as browser, open_page(browser, site) as page:
        try:
            readings = read_in_browser(page, site, [box for _, box in places])
        except BrowserError as error:
            raise DisagreementError(f"expected the page to read with the version, got {error.message}") from error
    return judge_page(readings, expected, outputs)


def judge_page(
    readings: Sequence[dict[str, Any]], expected: Sequence[Reading], outputs: NDArray[np.float32]
) -> dict[str, Any]:
    """What the page has read beside Keras' readings of its outputs (n, 11, 10); raises DisagreementError.

    Pictures are decoded and cut alike to the bit in the page (tests/browser/test_twins.py), so no reading may be
    another one, but where arithmetic alone decides.
    """
    pairs = list(zip(readings, expected, strict=True))
    texts = sum(got["text"] == wanted.text for got, wanted in pairs)
    same = sum(
        got["text"] == wanted.text or is_toss_up(output, got["text"])
        for (got, wanted), output in zip(pairs, outputs, strict=True)
    )
    if same < len(pairs):
        raise DisagreementError(
            f"expected the page to read as Python does, got {len(pairs) - same} of {len(pairs)} others"
        )
    off = float(np.max([abs(got["confidence"] - wanted.confidence) for got, wanted in pairs], initial=0.0))
    if not off <= SURE:
        raise DisagreementError(
            f"expected the page within {SURE} of Python's confidence, got a difference of {off:.2g}"
        )
    return {
        "pictures": len(pairs),
        "same_reading": texts,
        "toss_ups": same - texts,
        "same_decision": sum(got["accepted"] == wanted.accepted for got, wanted in pairs),
        "largest_confidence_difference": off,
        "median_milliseconds": float(np.median([got["milliseconds"] for got in readings])),
    }


def is_toss_up(output: NDArray[np.float32], text: str) -> bool:
    """Tell whether an output (11, 10) says `text` as well, but for what arithmetic does to its last bits.

    A network that has hardly been trained has such rows now and then; one that reads has hardly any.
    """
    try:
        rows = encode(text).argmax(axis=1)
    except ReadingError:  # what is no reading is not the same one either
        return False
    return bool(_behind(output, rows) <= TIE)


def _behind(outputs: NDArray[np.float32], rows: NDArray[Any]) -> NDArray[np.float32]:
    """By how much the classes `rows` (…, 11) fall short of the winners of outputs (…, 11, 10), at most: (…)."""
    said = np.take_along_axis(outputs, rows[..., None], axis=-1)[..., 0]
    return np.asarray((outputs.max(-1) - said).max(-1), dtype=np.float32)
