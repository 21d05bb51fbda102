"""`python -m training.curve DATASET_DIR`: how the error falls with more samples, from runs on nested subsets.

Six subsets of the teaching samples, each about half of the next and made of whole meters, are each taught twice with
other seeds; every run is judged on the frozen validation set, together and by meter type. How a run is taught
(`--how`):

- `train`: a training by `training.train` from nothing, of `--epochs` times `--steps`. Slow, and the real thing.
- `tuned`: a training that begins with a base network which has never seen a photographed display: `--base`, or
  one that is first trained here, for `--base-epochs`, on drawn displays and on displays composed of single digits
  alone. It is given a fifth of what one from nothing is.

Goes on where it was when the same command is given again. Given several times at once, each process takes the runs that
no other is at: on two cores two of them with TF_NUM_INTRAOP_THREADS=1 do more than one with both. The result holds the
runs, the fitted curves with their intervals and answers for target accuracies (`training.learning_curve`), and what
each form had foretold for all of the data from half of it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from backend.domain.files import claimed
from training.curve_figures import Measured, curves_of
from training.data import VALIDATE, DatasetError, Sample, dataset_hash, read_table
from training.progress import Progress
from training.subsets import nested

Teach = Callable[[list[Sample], int], NDArray[Any]]  # a subset, a seed → which validation samples are read right (n,)
HOW = ("tuned", "train")
EPOCHS = {"tuned": 10, "train": 50}


@dataclass(frozen=True)
class Options:
    """Everything that decides the result; kept beside the runs."""

    how: str
    architecture: str
    sizes: int
    repeats: int
    epochs: int
    steps: int
    batch: int
    seed: int
    base_epochs: int
    base_sha256: str | None
    dataset_sha256: str


def measure(
    samples: Sequence[Sample], options: Options, folder: Path, teach: Teach, progress: Progress
) -> list[Measured]:
    """Every size with every repeat, the small ones first; what `folder` has, or another process is at, is not done."""
    subsets = [nested(samples, options.sizes, options.seed + repeat) for repeat in range(options.repeats)]
    plan = [(size, repeat) for size in range(options.sizes) for repeat in range(options.repeats)]
    validation = [sample for sample in samples if sample.type == VALIDATE]
    if not validation:
        raise DatasetError("expected samples for validation, got none")
    places = {pair: folder / f"{pair[0]}-{pair[1]}.json" for pair in plan}
    if done := sum(place.is_file() for place in places.values()):
        progress.say(done, len(plan))
    for wait in (False, True):  # first what nobody is at; then what others were at, and have done or left
        for number, (size, repeat) in enumerate(plan):
            place, subset = places[size, repeat], subsets[repeat][size]
            with claimed(place, wait) as mine:
                if not mine or place.is_file():
                    continue
                started = time.monotonic()
                right = teach(subset, options.seed + 1000 * (number + 1))
                point = count(subset, validation, right) | {"level": size + 1, "repeat": repeat}
                write_json(place, point | {"seconds": round(time.monotonic() - started, 1)})
            done = sum(one.is_file() for one in places.values())
            progress.say(done, len(plan), samples=len(subset), exact=exact(point))
            print(f"{done}/{len(plan)}: {len(subset)} samples, {exact(point):.1%} exact", flush=True)
    return [json.loads(place.read_text()) for place in places.values()]


def count(subset: Sequence[Sample], validation: Sequence[Sample], right: NDArray[Any]) -> Measured:
    """Samples taught and readings right, by meter type."""
    kinds = Counter(sample.meter_type for sample in validation)
    good = Counter(sample.meter_type for sample, well in zip(validation, right, strict=True) if well)
    return {
        "sizes": dict(Counter(sample.meter_type for sample in subset)),
        "right": {kind: good[kind] for kind in kinds},
        "n": dict(kinds),
    }


def exact(run: Measured) -> float:
    """The share of validation readings that a run reads exactly."""
    return float(sum(run["right"].values()) / sum(run["n"].values()))


def write_json(place: Path, content: Any) -> None:
    """Write a whole file or none."""
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f"{place.name}.{os.getpid()}.tmp")  # others may write the same
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place)


def file_hash(file: str | None) -> str | None:
    """Sha256 of a file, None where none is given. Raises DatasetError when there is none."""
    if file is None:
        return None
    if not Path(file).is_file():
        raise DatasetError(f"expected a .keras file to begin with, got {file}")
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def refuse_others(options: Options, folder: Path) -> None:
    """Refuse to go on with other options than the folder was begun with."""
    record, wanted = folder / "options.json", json.loads(json.dumps(asdict(options)))
    if not record.is_file():
        write_json(record, wanted)
        return
    begun = json.loads(record.read_text())
    if others := sorted(key for key in wanted if begun.get(key) != wanted[key]):
        raise DatasetError(f"expected the options that {folder} began with, got other {', '.join(others)}")


def run(given: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """The whole result, as `--output` gets it."""
    from training.curve_runs import teacher  # Keras: not for those who only want the figures

    names = ("how", "architecture", "sizes", "repeats", "epochs", "steps", "batch", "seed", "base_epochs")
    hashes: dict[str, Any] = {"base_sha256": file_hash(given.base), "dataset_sha256": dataset_hash(given.dataset)}
    options = Options(**{name: getattr(given, name) for name in names}, **hashes)
    folder = given.runs / given.name
    with claimed(folder / "points" / "options", wait=True):
        refuse_others(options, folder)
    samples = read_table(given.dataset)
    nested(samples, options.sizes, options.seed)  # too few are refused before anything is taught
    runs = measure(samples, options, folder / "points", teacher(given, samples, folder), progress)
    return {"protocol": asdict(options), "runs": runs, **curves_of(runs, options.seed)}


def lines(result: dict[str, Any]) -> Iterator[str]:
    """The curves as text."""
    for name, curve in {"together": result["together"], **result["types"]}.items():
        if "form" not in curve:
            few = f"{curve['sizes']} sizes, too few for a curve"
            yield f"{name}: {few if curve['points'] else 'no validation samples that would judge it'}"
            continue
        tested = curve["half_to_all"]
        told = "" if tested is None else f"; from half the data it is {100 * tested['chosen']:+.1f} points off"
        yield f"{name}: {curve['form']}{told}"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m training.curve", description=(__doc__ or "").split("\n")[0])
    made.add_argument("dataset", metavar="DATASET_DIR", help="folder with training.csv and images/")
    made.add_argument("--how", choices=HOW, default="tuned")
    made.add_argument("--sizes", type=int, default=6, help="each about half of the next")
    made.add_argument("--repeats", type=int, default=2, help="runs at each size")
    made.add_argument("--architecture", default="compact")
    made.add_argument("--epochs", type=int, help=f"of each run (default: {EPOCHS})")
    made.add_argument("--steps", type=int, default=100, help="batches an epoch")
    made.add_argument("--batch", type=int, default=64)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--base", metavar="MODEL.keras", help="a network that has seen none of these displays")
    made.add_argument("--base-epochs", type=int, default=12, help="to train one with, where none is given")
    made.add_argument("--extras", type=Path, help="folder with digits/ and not_meters/ (default: beside the dataset)")
    made.add_argument("--workers", type=int, default=2, help="processes that make pictures; 0: none but this one")
    made.add_argument("--runs", type=Path, default=Path("runs"))
    made.add_argument("--name", default="curve", help="the folder under runs/, to go on from")
    made.add_argument("--output", type=Path, default=Path("docs/results/curve.json"))
    made.add_argument("--progress-file", metavar="FILE", help="say how far it is, one JSON line at a time")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the result is written, 1 with one line on standard error when it cannot be."""
    made = parser()
    given = made.parse_args(arguments)
    given.epochs = EPOCHS[given.how] if given.epochs is None else given.epochs
    for name in ("sizes", "repeats", "epochs", "steps", "batch", "base_epochs"):
        if getattr(given, name) < 1:
            made.error(f"expected --{name.replace('_', '-')} of at least 1, got {getattr(given, name)}")
    try:
        with Progress(given.progress_file) as progress:
            result = run(given, progress)
    except (DatasetError, FloatingPointError) as error:
        print(f"training.curve: {error}", file=sys.stderr)
        return 1
    write_json(given.output, result)
    print("\n".join(lines(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
