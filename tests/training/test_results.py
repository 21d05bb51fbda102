"""`docs/results.md` says what the results files say, and nothing that they do not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.reading import encode
from training import metrics, results, tables
from training.data import VALIDATE, Sample

ROOT = Path(__file__).resolve().parents[2]


def evaluation(wrong: int) -> dict[str, Any]:
    """Of 40 pictures in two data sets, the `wrong` least sure ones of the first are misread."""
    samples = [
        Sample(Path("none.png"), VALIDATE, "0123.4", "water", f"m{i}", "first" if i < 20 else "second", None, ())
        for i in range(40)
    ]
    sure = np.linspace(0.9, 0.99, 40)[:, None, None]
    hot = np.stack([encode("0129.4" if i < wrong else "0123.4") for i in range(40)])
    judged = metrics.judge(hot * sure + (1 - hot) * (1 - sure) / 9, samples)
    promise = {
        "method": "observed risk",
        "n": 40,
        "target": 0.01,
        "error": metrics.proportion(np.zeros(36, bool)),
        "bound": 0.08,
        "delta": 0.05,
    }
    same = {"same_reading": 500, "largest_difference": 3e-6}
    export = {
        "numbers": {"pictures": 500, "tflite": same, "tfjs_wasm": same},
        "page": {"same_reading": 119, "pictures": 120},
        "pictures": "real",
    }
    version = {
        "name": "tiny",
        "version": "3",
        "parameters": 1234,
        "threshold": 0.35,
        "acceptance": promise,
        "export": export,
    }
    return {"version": version} | metrics.evaluate(judged, 0.35, 0.0)


def comparison() -> dict[str, Any]:
    own, other = evaluation(2), evaluation(10)
    return {
        side: {
            "version": result["version"] | {"input": [192, 48]},
            "together": result["together"],
            "exact_by_source": {name: figures["exact"] for name, figures in result["by_source"].items()},
            "wire": {"brotli": size},
            "milliseconds": {"median": time, "p90": time + 1, "n": 9, "stages": {"network": time - 2}},
            "training": {"budget": {"pictures": 100, "cpu_seconds": 600}},
        }
        for side, result, size, time in (("a", own, 400_000, 12.0), ("b", other, 9_000_000, 60.0))
    } | {"paired": {"only_a_right": 8, "only_b_right": 0, "p": 0.0078, "difference": own["together"]["aurc"]}}


def write(folder: Path, **files: Any) -> Path:
    (folder / "results").mkdir()
    for name, content in files.items():
        (folder / "results" / f"{name}.json").write_text(json.dumps(content))
    return folder


def row(text: str, figure: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {figure}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_targets_are_measured_against_the_files(tmp_path: Path) -> None:
    page = {"wire": {"total": 1_100_000}, "cold": {"median": 2600.0, "n": 5}}
    again = {"second": {"median": 640.0, "n": 5}, "offline": {"median": 1010.0, "n": 5}}
    docs = write(tmp_path, validate=evaluation(3), compare=comparison(), page=page, offline=again)
    assert results.main(["--docs", str(docs)]) == 0
    text = (docs / "results.md").read_text()
    low, high = metrics.wilson(37, 40)
    together = row(text, "exact readings, validation, together")
    assert together[2:] == [f"92.5% [{low:.1%}, {high:.1%}] (37 of 40)", "yes"]
    assert row(text, "– the worst single")[2].startswith("first: 85.0%")
    assert row(text, "accepted readings that are wrong, validation")[3] == "yes"
    assert row(text, "exact readings, baseline")[2].startswith("75.0%")
    assert row(text, "model on the wire (brotli)")[2:] == ["400 kB (baseline 9,000 kB)", "yes"]
    assert row(text, "model + runtime")[2:] == ["1100 kB", "yes"]
    assert row(text, "one reading")[3] == "yes"
    assert row(text, "– as a part of")[2:] == ["20% of 60.0 ms", "yes"]
    assert row(text, "page opened cold")[2:] == ["2.60 s (median of 5)", "**no**"]
    assert row(text, "– on a device")[2:] == ["0.64 s, without a network 1.01 s (medians of 5)", "**no**"]


def test_the_cost_of_all_trainings_stands_beside_that_of_the_last(tmp_path: Path) -> None:
    """The first version has trainings before its last one, and its card says them; of the second's nobody knows."""
    file = comparison()
    file["a"]["training"]["budget"]["all"] = {"trainings": 2, "pictures": 1500, "cpu_seconds": 9000, "whole": True}
    docs = write(tmp_path, compare=file)
    assert results.main(["--docs", str(docs)]) == 0
    text = (docs / "results.md").read_text()
    assert row(text, "last training: pictures")[1:] == ["100", "100"]
    assert row(text, "last training: CPU time")[1:] == ["10 min", "10 min"]
    assert row(text, "all its trainings: pictures")[1:] == ["1,500", "not known"]
    assert row(text, "all its trainings: CPU time")[1:] == ["150 min", "not kept"]
    (taught,) = row(text, "exact readings, baseline")[2:3]
    assert "taught with 100 pictures in its last training" in taught and taught.endswith("taught with 1,500 pictures")
    file["a"]["training"]["budget"]["all"]["whole"] = False
    (docs / "results" / "compare.json").write_text(json.dumps(file))
    assert results.main(["--docs", str(docs)]) == 0
    text = (docs / "results.md").read_text()
    assert row(text, "all its trainings: CPU time")[1:] == ["at least 150 min, of 2 of them", "not kept"]


def test_other_versions_than_the_pages_are_named(tmp_path: Path) -> None:
    """In the row of what was measured with them; the page's own reader and finder are named once."""
    page = {"version": "tiny/2", "wire": {"total": 1_100_000}, "cold": {"median": 2600.0, "n": 5}}
    again = {"version": "tiny/3", "finder": "finder/1", "second": {"median": 1.0, "n": 5}, "offline": {"median": 1.0}}
    docs = write(tmp_path, validate=evaluation(3), page=page, offline=again)
    assert results.main(["--docs", str(docs)]) == 0
    text = (docs / "results.md").read_text()
    assert row(text, "model + runtime")[2] == "1100 kB; with tiny/2"
    assert row(text, "– on a device")[2].endswith("(medians of 5); with finder/1")
    assert "tiny" not in row(text, "exact readings, validation")[2]
    assert row(text, "an accelerator's wait")[2:] == ["not measured: there was no accelerator to train on", ""]


def test_the_clean_bound_stands_beside_that_of_the_pictures_chosen_on(tmp_path: Path) -> None:
    test = evaluation(1)
    test["together"]["accepted"]["bound"] = 0.043
    docs = write(tmp_path, validate=evaluation(1), test=test)
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert "any average and its temperature were chosen on these pictures, too." in text
    assert f"On the test split, {tables.CLEAN}, it is 4.3%." in text
    assert "picked with both splits in view" in tables.CLEAN
    assert row(text, "– the same on the test split,")[0].endswith(tables.CLEAN)


def test_agreement_and_acceptance_are_said(tmp_path: Path) -> None:
    docs = write(tmp_path, validate=evaluation(1))
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert "from a confidence of 0.350 on, chosen on 40 validation pictures by observed risk" in text
    assert "On 500 real pictures, against Keras: TFLite 500 times the same reading, probabilities within 3e-06" in text
    assert "119 of 120 the same" in text


def test_what_is_fitted_on_unreadable_pictures_is_said(tmp_path: Path) -> None:
    file, shares = evaluation(1), metrics.proportion(np.arange(50) < 49)
    figures = dict.fromkeys(("others_refused", "readable_refused", "others_accepted"), shares)
    file["version"]["acceptance"]["no_display"] = {"others": 50} | figures
    docs = write(tmp_path, validate=file)
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert f"Of 50 unreadable pictures {tables.share(shares)} are called that when the limit is fitted" in text
    assert "these intervals take all pictures, those of one file too, for independent." in text


def test_too_few_pictures_for_a_promise_are_said_to_be(tmp_path: Path) -> None:
    docs = write(tmp_path, validate=evaluation(1))
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert "too few pictures for a promise of 1.0%: with so many errors it takes 299 accepted readings" in text
    assert row(text, "– promised with 95%")[2:] == ["no promise: too few pictures (n = 40)", "**no**"]


def test_a_promise_is_said_with_its_bound(tmp_path: Path) -> None:
    file = evaluation(1)
    file["version"]["acceptance"] |= {"guaranteed": {"bound": 0.01}, "bound": 0.01, "n": 500}
    docs = write(tmp_path, validate=file)
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert "Promised, with 95% confidence: at most 1.0% are wrong on such pictures." in text
    assert row(text, "– promised with 95%")[2:] == ["at most 1.0% (n = 500)", "yes"]


def test_what_is_claimed_of_unreadable_pictures_is_said(tmp_path: Path) -> None:
    figures = {
        kind: {
            "claimed": metrics.proportion(np.arange(50) < n),
            "accepted": metrics.proportion(np.arange(50) < 1),
            "files": files,
        }
        for kind, n, files in (("no_display", 0, 12), ("half_cut", 3, 50), ("together", 1, 25))
    }
    side = {
        "set": "ab" * 32,
        "unreadable": figures,
        "readable_refused": {"together": metrics.proportion(np.arange(50) < 2)},
    }
    other = side | {"unreadable": figures | {"no_display": figures["no_display"] | {"files": 9}}}
    docs = write(tmp_path, unreadable={"claimed_is": "a number is shown", "validate": side, "test": other})
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert row(text, "a reading claimed of unreadable pictures")[3] == "yes"
    assert row(text, "readable pictures called unreadable")[3] == "**no**"
    assert row(text, "half cut")[1:3] == [tables.share(metrics.proportion(np.arange(50) < 3)), "50"]
    # Fifty pictures of twelve files say no more than twelve: their interval is that of 0 of 12.
    high, less = metrics.wilson(0, 12)[1], metrics.wilson(0, 9)[1]
    cells = [f"0.0% [0.0%, {high:.1%}] (0 of 50)", "12", f"0.0% [0.0%, {less:.1%}] (0 of 50)", "9"]
    assert row(text, "no display")[1:] == cells
    assert "those of as many pictures as there are files" in text
    together = row(text, "together")[1]
    assert row(text, "a reading claimed of unreadable pictures")[2] == together
    assert together != tables.share(figures["together"]["claimed"])


def test_an_interval_over_files_is_that_of_as_many_pictures() -> None:
    for right, n, files in ((0, 200, 47), (200, 200, 47), (10, 40, 20), (3, 50, 50)):
        figure = tables.over_files(metrics.proportion(np.arange(n) < right), files)
        assert (figure["low"], figure["high"]) == pytest.approx(metrics.wilson(right * files // n, files)), right
        assert (figure["right"], figure["n"]) == (right, n)


def test_held_out_digits(tmp_path: Path) -> None:
    seen = {"held_out": metrics.proportion(np.arange(100) < 79), "pairs": {"7 at 1": [20, 40], "4 at 2": [59, 60]}}
    drawn = {"held_out": metrics.proportion(np.arange(100) < 80)}
    docs = write(tmp_path, holdout={"epochs": 20, "measured": "2026-11-21", "photographs": seen, "drawn": drawn})
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert row(text, "a digit never shown")[3] == "**no**"
    assert row(text, "a digit never shown")[2].endswith(
        "; the worst, 7 at 1 from the end, 50% (20 of 40); a network of its own after 20 epochs, 2026-11-21"
    )
    assert row(text, "– the same on drawn")[3] == "yes"


def test_a_missed_target_is_said(tmp_path: Path) -> None:
    docs = write(tmp_path, validate=evaluation(12))
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert row(text, "exact readings, validation, together")[3] == "**no**"
    assert row(text, "– the worst single")[2:][1] == "**no**"
    assert row(text, "accepted readings that are wrong, validation")[3] == "**no**"


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    docs = write(tmp_path, validate=evaluation(0))
    results.main(["--docs", str(docs)])
    text = (docs / "results.md").read_text()
    assert row(text, "exact readings, baseline")[2:] == ["not measured", ""]
    assert row(text, "page opened cold")[2:] == ["not measured", ""]


def test_what_the_panel_reaches(tmp_path: Path) -> None:
    figures = [
        {"figure": "list page", "target": "≤ 150 ms", "measured": "80 ms", "reached": True},
        {"figure": "import", "target": "≥ 150", "measured": "120", "reached": False},
        {"figure": "beside it", "target": "", "measured": "12", "reached": None},
    ]
    machine = {"cores": 2, "processor": "some", "memory_gb": 8, "system": "Linux", "python": "3.11.7"}
    panel = {"machine": machine, "measured": "2026-01-31", "parts": {"a": {"figures": figures}}}
    docs = write(tmp_path, validate=evaluation(1), panel=panel)
    assert results.main(["--docs", str(docs)]) == 0
    text = (docs / "results.md").read_text()
    assert "Measured 2026-01-31 on 2 cores (some), 8 GB, Linux, Python 3.11.7." in text
    assert row(text, "list page") == ["list page", "≤ 150 ms", "80 ms", "yes"]
    assert row(text, "import")[3] == "**no**"
    assert row(text, "beside it")[3] == ""


def test_broken_results_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert results.main(["--docs", str(tmp_path)]) == 1
    assert "got no JSON file" in capsys.readouterr().err
    broken = copy.deepcopy(evaluation(0))
    del broken["together"]["exact"]
    docs = write(tmp_path, validate=broken)
    assert results.main(["--docs", str(docs)]) == 1
    assert "expected validate.json as its command writes it" in capsys.readouterr().err


def test_the_committed_page_is_what_the_command_makes() -> None:
    docs = ROOT / "docs"
    assert (docs / "results.md").read_text(encoding="utf-8") == results.page(results.read_results(docs / "results"))
