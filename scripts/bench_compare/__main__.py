"""`python -m scripts.bench_compare DATASET_DIR`: the reader beside what one would use instead, in one Chromium run.

The published version, the baseline network (`--baseline FOLDER`), the same version under onnxruntime-web, and
tesseract.js (digits whitelist, single line) read the same displays in turns: exact readings, milliseconds, cold start,
bytes on the wire. Without a dataset folder it draws displays. Writes `docs/results/compare_browser.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from scripts.bench_compare import measure, tools
from training import evaluate
from training.data import SPLITS, DatasetError, dataset_hash
from training.render.__main__ import write as draw

ROOT = Path(__file__).resolve().parent.parent.parent
DRAWN = 400  # pictures, of which some are for validation


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error when the data cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench_compare", description=__doc__.partition("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR", type=Path, nargs="?", help="without one, displays are drawn")
    parser.add_argument("--baseline", type=Path, metavar="FOLDER", help="a version of the baseline network")
    parser.add_argument("--split", choices=sorted(SPLITS), default="validate")
    parser.add_argument("--limit", type=int, help="only N pictures, spread over the data sets")
    target = ROOT / "docs" / "results" / "compare_browser.json"
    parser.add_argument("--to", type=Path, default=target, help="file to write")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = given.dataset
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "drawn"
            draw(folder, DRAWN, seed=1)
        try:
            samples = evaluate.choose(folder, given.split)
        except DatasetError as error:
            print(f"scripts.bench_compare: {error}", file=sys.stderr)
            return 1
        order = np.random.default_rng(3).permutation(len(samples))[: given.limit]
        tools.install()
        result = measure.compare([samples[i] for i in order], given.baseline)
        drawn = given.dataset is None
        result["data"] = {"sha256": dataset_hash(folder), "split": given.split, "drawn": drawn}
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    given.to.parent.mkdir(parents=True, exist_ok=True)
    given.to.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
