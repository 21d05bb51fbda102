"""`python -m training.average RUN_DIR`: between a network and what it was before it was trained further.

The weights are the mean of those of the run and those that it began with (`training.train --from`), `--share` of the
latter: what was learned anew is mostly kept, and what was known before is forgotten less. Wortsman et al. 2022, "Robust
fine-tuning of zero-shot models" (WiSE-FT). The result is a run of its own, `RUN_DIR-averaged`, to be exported like any.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from training.data import DatasetError
from training.publishing import sync

BEST, OPTIONS, LOG = "model.keras", "options.json", "log.jsonl"


def averaged(run: Path) -> Path:
    """Where the average of a run lies."""
    return run.with_name(f"{run.name}-averaged")


def average(run: Path, share: float) -> Path:
    """The new run's folder, complete or not there. Raises DatasetError for a run that began with nothing."""
    if not 0 < share < 1:
        raise DatasetError(f"expected a share between 0 and 1, got {share}")
    if not all((run / name).is_file() for name in (BEST, OPTIONS, LOG)):
        raise DatasetError(f"expected the folder of a training, got {run} without {BEST}, {OPTIONS} or {LOG}")
    options = json.loads((run / OPTIONS).read_text(encoding="utf-8"))
    start = Path(str(options.get("start")))
    if not start.is_file():
        raise DatasetError(f"expected a run that began with a network that is still there, got {run} from {start}")
    target = averaged(run)
    if target.exists():
        raise DatasetError(f"expected no {target} yet, got one")
    work = target.with_name(f".{target.name}.tmp")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    write_mean(run / BEST, start, share, work / BEST)
    (work / OPTIONS).write_text(json.dumps(options | {"averaged": share}, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(run / LOG, work / LOG)
    sync(work)
    return work.rename(target)


def write_mean(file: Path, start: Path, share: float, target: Path) -> None:
    """Write a model with `share` of the weights of `start` and the rest of those of `file`."""
    import keras

    import training.architectures
    import training.losses  # noqa: F401 (both register what the files name)

    model, before = (keras.models.load_model(each, compile=False) for each in (file, start))
    old, new = before.get_weights(), model.get_weights()
    if [each.shape for each in old] != [each.shape for each in new]:
        raise DatasetError(f"expected a network of the same structure in {start}, got another")
    model.set_weights([share * a + (1 - share) * b for a, b in zip(old, new, strict=True)])
    model.save(target)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the new run's folder printed, 1 with one line on standard error when there is none."""
    parser = argparse.ArgumentParser(prog="python -m training.average", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("run", metavar="RUN_DIR", type=Path)
    parser.add_argument("--share", type=float, default=0.25, help="of the weights that it began with")
    given = parser.parse_args(arguments)
    try:
        print(average(given.run, given.share))
    except DatasetError as error:
        print(f"training.average: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
