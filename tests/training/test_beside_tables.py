"""The table that sets the reader beside others, and what counts as an exact reading of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.figures import proportion
from scripts.bench_compare.measure import judged
from training import beside_tables, results
from training.data import VALIDATE, Sample


def sample(value: str, *others: str) -> Sample:
    return Sample(Path("none.png"), VALIDATE, value, "water", value, "first", None, others)


def test_exact_is_what_the_codec_says() -> None:
    samples = [sample("0047.5"), sample("0047.5"), sample("12", "13"), sample("12"), sample("12")]
    texts = ["47.5", "475", "13", "", "12.3.4"]
    figures = judged([{"text": text, "milliseconds": 8.0} for text in texts], samples)
    assert (figures["exact"]["right"], figures["digits"]["right"]) == (2, 3)
    assert figures["milliseconds"]["median"] == 8.0


def contender(right: int, milliseconds: float, size: int) -> dict[str, Any]:
    figure = proportion(np.arange(20) < right)
    times = {"median": milliseconds, "p90": milliseconds, "n": 20}
    return {"version": "some 1", "exact": figure, "digits": figure, "milliseconds": times, "cold": times, "bytes": size}


def test_the_page_shows_what_was_measured(tmp_path: Path) -> None:
    file = {
        "browser": "Chromium 1",
        "cores": 2,
        "pictures": 20,
        "data": {"drawn": False, "split": "validate"},
        "contenders": {
            "reader": contender(18, 10.0, 600_000),
            "onnxruntime": contender(18, 8.0, 3_000_000),
            "tesseract": contender(2, 160.0, 5_000_000),
        },
    }
    assert beside_tables.faster(file) == ("16 times (10.0 against 160 ms)", True)
    assert beside_tables.more_exact(file) == ("9.0 times (18 against 2 of 20)", True)
    assert beside_tables.beside_onnx(file) == ("125% of 8.0 ms", False)
    assert beside_tables.bytes_beside_onnx(file) == ("600 kB against 3,000 kB", True)
    page = results.page({"compare_browser": file})
    assert "| tesseract.js (some 1) | 10.0% [2.8%, 30.1%] (2 of 20) |" in page
    assert "| time of a reading beside onnxruntime-web's | ≤ 120% | 125% of 8.0 ms | **no** |" in page
