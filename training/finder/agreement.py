"""Hold a converted finder against Keras: the same tensors by LiteRT and in a real browser, then the page's own way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Error as BrowserError

from backend.domain.imaging import load, normalise
from backend.domain.outline import Predict, find, letterbox
from training.agreement import DisagreementError
from training.canvas import Pixels
from training.finder.opened import tflite_predict
from training.parity import LOAD, Site, open_browser, open_page, open_reader

TOLERANCE = 2e-3  # of a logit, as a part of the largest
CORNER = 0.01  # of a corner found by the page, as a part of the picture's longer side
PAGE_SHARE = 0.95  # of the pictures: two peaks as high as each other may be told apart otherwise

_RUN = """async ({url, shape}) => {
  const values = new Float32Array(await (await fetch(url)).arrayBuffer());
  const size = shape.reduce((a, b) => a * b);
  const all = [];
  for (let at = 0; at < values.length; at += size) {
    const input = window.tf.tensor(values.subarray(at, at + size), [1, ...shape], "float32");
    const outputs = [window.graph.execute(input)].flat();
    const parts = await Promise.all(outputs.map((output) => output.data()));
    for (const used of [input, ...outputs]) used.dispose();
    all.push(parts.sort((a, b) => b.length - a.length).map((part) => Array.from(part)));
  }
  return all;
}"""
_FIND = """async ({url}) => {
  const picture = await (await fetch(url)).blob();
  const begun = performance.now();
  const found = await window.reader.find(picture);
  return {found, milliseconds: performance.now() - begun};
}"""


def check_numbers(predict: Predict, models: Path, path: str, pixels: Pixels) -> dict[str, Any]:
    """The same tensors through TensorFlow.js in Chromium, against Keras. `path` is the version's, "finder/1/".

    Raises DisagreementError on a logit that is off.
    """
    site = Site(models, (), pixels)
    with open_browser() as browser, open_page(browser, site) as page:
        try:
            page.evaluate(LOAD, {"backend": "wasm", "folder": f"/static/model/{path}"})
            outputs = page.evaluate(_RUN, {"url": "/check/tensors/0", "shape": list(pixels.shape[1:])})
        except BrowserError as error:
            raise DisagreementError(f"expected TensorFlow.js to run the finder, got {error.message}") from error
        version = browser.version
    off = _largest(predict, pixels, outputs)
    return {"pictures": len(pixels), "tolerance": TOLERANCE, "largest_difference": off, "browser": version}


def check_tflite(predict: Predict, file: Path, pixels: Pixels) -> dict[str, Any]:
    """The same pictures through LiteRT, against Keras. Raises DisagreementError on a logit that is off."""
    light = tflite_predict(file)
    outputs = []
    for picture in pixels:
        maps, presence = light(normalise(picture)[None])
        outputs.append((np.ravel(maps), [presence]))
    return {"pictures": len(pixels), "largest_difference": _largest(predict, pixels, outputs)}


def _largest(predict: Predict, pixels: Pixels, outputs: Sequence[Any]) -> float:
    """The largest difference of a logit, as a part of the largest one; `outputs` are pairs of maps and presence."""
    off = 0.0
    for picture, (maps, presence) in zip(pixels, outputs, strict=True):
        wanted, sure = predict(normalise(picture)[None])
        off = max(off, _off(np.ravel(wanted), np.array(maps)), _off(np.array([sure]), np.array(presence)))
    if off > TOLERANCE:
        raise DisagreementError(f"expected logits within {TOLERANCE} of Keras, got a difference of {off:.2g}")
    return off


def _off(wanted: NDArray[Any], got: NDArray[Any]) -> float:
    if wanted.shape != got.shape or not np.isfinite(got).all():
        raise DisagreementError(f"expected finite logits of shape {wanted.shape}, got others of shape {got.shape}")
    return float(np.abs(wanted - got).max() / max(1.0, np.abs(wanted).max()))


def check_page(predict: Predict, presence: float, models: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Picture files found by the page's own module, as Python finds them. Raises DisagreementError when under 95% are.

    `models` holds a published reader, too, without which the page has nothing to read with.
    """
    site = Site(models, tuple(files), np.zeros((0, 1, 1, 3), np.uint8))
    with open_browser() as browser, open_page(browser, site) as page:
        try:
            open_reader(page)
            answers = [page.evaluate(_FIND, {"url": f"/check/pictures/{number}"}) for number in range(len(files))]
        except BrowserError as error:
            raise DisagreementError(f"expected the page to find with the version, got {error.message}") from error
    same = sum(_same(predict, presence, file, answer["found"]) for file, answer in zip(files, answers, strict=True))
    if same < PAGE_SHARE * len(files):
        raise DisagreementError(f"expected the page to find what Python finds, got it for {same} of {len(files)}")
    times = [answer["milliseconds"] for answer in answers[1:]] or [0.0]
    return {"pictures": len(files), "same": same, "median_milliseconds": float(np.median(times))}


def _same(predict: Predict, presence: float, file: Path, got: dict[str, Any] | None) -> bool:
    picture = load(file)
    wanted = find(picture, predict)
    if got is None:
        return wanted.presence < presence + 0.05
    away = np.abs(np.array(got["corners"]) - wanted.corners).max() / max(picture.size)
    return bool(away <= CORNER)


def first_looks(files: Sequence[Path]) -> Pixels:
    """What the finder gets to see of picture files at first, uint8 (n, 192, 192, 3)."""
    return np.stack([(letterbox(load(file))[0] * 255 + 0.5).astype(np.uint8) for file in files])
