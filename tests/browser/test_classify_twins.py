"""How a picture is prepared for a network of whole pictures: the page's code against the training's, in a worker."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from backend.domain.imaging import normalise
from tests.browser.test_twins import RESAMPLING_TOLERANCE, SAMPLES, Harness
from tests.vectors.pictures import Sample
from training.transfer.collection import stretched

SIZES = ((96, 96), (48, 64))  # width and height


@pytest.fixture(scope="module")
def twins(browser: Browser, static_server: str) -> Iterator[Harness]:
    context = browser.new_context()
    yield Harness(context.new_page(), static_server)
    context.close()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_whole_picture_is_prepared_alike(twins: Harness, tmp_path: Path, sample: Sample) -> None:
    """Of every kind that is decoded: turned by EXIF, transparent, deep, with a palette, of CMYK, large."""
    file = tmp_path / "picture"
    file.write_bytes(sample.draw())
    address = twins.serve(file.read_bytes())
    for width, height in SIZES:
        expected = normalise(np.asarray(stretched(file, (width, height))))
        got = np.frombuffer(base64.b64decode(twins.ask("wholePicture", address, width, height)), np.float32)
        assert np.abs(got.reshape(expected.shape) - expected).max() <= RESAMPLING_TOLERANCE / 255
