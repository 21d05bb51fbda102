"""What a training run is asked for: command line, or the stages of a configuration file, → options."""

from __future__ import annotations

import argparse
import hashlib
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.architectures import ARCHITECTURES
from training.batches import SHARES
from training.data import DatasetError, dataset_hash
from training.progress import Progress

CONFIGURED = {  # what a configuration file may state, and as what
    "architecture": str,
    "epochs": int,
    "stop": int,
    "steps": int,
    "batch": int,
    "seed": int,
    "learning_rate": float,
    "shares": dict,
    "precision": str,
    "teachers": list,
    "teachers_share": float,
}
TEACHERS_SHARE = 0.5
PRECISIONS = ("auto", "float32", "mixed_float16", "mixed_bfloat16")


@dataclass(frozen=True)
class Options:
    """Everything that decides a run's result; kept in `options.json`.

    `epochs` is what the learning rate's schedule is made for; a run ends after `stop` of them, where that is given.
    `teachers_share` of each target is what the networks of the files `teachers` say (`training.teachers`).
    """

    dataset: str
    architecture: str
    epochs: int
    steps: int
    batch: int
    seed: int
    learning_rate: float
    limit: int | None
    never: tuple[str, ...]
    start: str | None
    keep: float | None
    dataset_sha256: str
    stop: int | None = None
    shares: dict[str, float] = field(default_factory=lambda: dict(SHARES))
    precision: str = "auto"
    teachers: tuple[str, ...] = ()
    teachers_sha256: tuple[str, ...] = ()
    teachers_share: float = TEACHERS_SHARE

    @property
    def last(self) -> int:
        """The epoch that the run ends with."""
        return min(self.epochs, self.stop or self.epochs)


@dataclass(frozen=True)
class Command:
    """One run: its options, its folder, and what has no say in its result.

    `extras` holds `digits/` and `not_meters/`; `workers` is how many processes make batches (None: by the device).
    """

    options: Options
    run: Path
    extras: Path | None
    workers: int | None
    progress: str | None

    def say(self) -> Progress:
        """Where this run tells how far it is."""
        return Progress(self.progress)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    about = "A dataset folder → trained weights in runs/NAME/."
    made = argparse.ArgumentParser(prog="python -m training.train", description=about)
    made.add_argument("dataset", metavar="DATASET_DIR", help="folder with training.csv and images/")
    made.add_argument("--config", type=Path, metavar="FILE.toml", help="trainings in a row, then a version of the last")
    made.add_argument("--no-export", action="store_true", help="only train: no version is to be made of it")
    made.add_argument("--name", help="the run's folder under runs/ (default: the architecture's, or the file's)")
    made.add_argument("--architecture", choices=sorted(ARCHITECTURES), default="compact")
    made.add_argument("--epochs", type=int, default=60)
    made.add_argument("--stop", type=int, metavar="EPOCH", help="end after this one; the schedule is for all of them")
    made.add_argument("--steps", type=int, default=100, help="batches an epoch")
    made.add_argument("--batch", type=int, default=64)
    repeats = "repeats a run; bit by bit with one thread only (TF_NUM_INTRAOP_THREADS=1)"
    made.add_argument("--seed", type=int, default=1, help=repeats)
    made.add_argument("--learning-rate", type=float)
    made.add_argument("--shares", nargs="+", metavar="KIND=SHARE", help=f"of pictures: {', '.join(SHARES)}")
    made.add_argument("--precision", choices=PRECISIONS, default="auto", help="auto: mixed on a GPU, else float32")
    made.add_argument("--limit", type=int, help="use only the first N samples of each side")
    made.add_argument("--never", nargs="*", default=[], metavar="POSITION:DIGIT", help="digits never shown there")
    made.add_argument("--from", dest="start", metavar="MODEL.keras", help="weights to start from")
    made.add_argument("--keep", type=float, metavar="SHARE", help="lose at most this share of what --from read right")
    made.add_argument("--teachers", nargs="+", default=[], metavar="MODEL.keras", help="networks to learn from")
    made.add_argument("--teachers-share", type=float, default=TEACHERS_SHARE, help="of each target is what they say")
    made.add_argument("--extras", type=Path, help="folder with digits/ and not_meters/ (default: beside the dataset)")
    made.add_argument("--workers", type=int, help="processes that make batches (default: by the device); 0: only this")
    made.add_argument("--progress-file", metavar="FILE", help="say how far it is, one JSON line at a time")
    made.add_argument("--runs", type=Path, default=Path("runs"))
    return made


def parse(arguments: list[str], configured: dict[str, Any] | None = None, **more: Any) -> Command:
    """Command line → one run. `configured` stands in for what it does not say, `more` wins over both.

    Raises DatasetError; what argparse refuses ends the process with status 2, as it does everywhere.
    """
    made = parser()
    made.set_defaults(**(configured or {}))
    given = made.parse_args(arguments)
    vars(given).update(more)
    if any(not re.fullmatch(r"([1-9]|10):[0-9]", pair) for pair in given.never):
        made.error(f"expected --never as POSITION:DIGIT pairs such as 3:9, got {' '.join(given.never)}")
    least = dict.fromkeys(("epochs", "steps", "batch", "stop", "limit"), 1) | {"seed": 0, "workers": 0}
    for name, smallest in least.items():
        if (value := getattr(given, name)) is not None and value < smallest:
            made.error(f"expected --{name} of at least {smallest}, got {value}")
    check_fractions(given)
    check_files(given, begun=more.get("start"))
    try:
        shares = read_shares(given.shares)
    except ValueError as error:
        made.error(str(error))
    usual = ARCHITECTURES[given.architecture].learning_rate
    options = Options(
        dataset=given.dataset,
        architecture=given.architecture,
        epochs=given.epochs,
        steps=given.steps,
        batch=given.batch,
        seed=given.seed,
        learning_rate=usual if given.learning_rate is None else given.learning_rate,
        limit=given.limit,
        never=tuple(given.never),
        start=given.start,
        keep=given.keep,
        dataset_sha256=dataset_hash(given.dataset),
        stop=given.stop,
        shares=shares,
        precision=given.precision,
        teachers=tuple(given.teachers),
        teachers_sha256=tuple(hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in given.teachers),
        teachers_share=given.teachers_share,
    )
    beside = Path(given.dataset).resolve().parent
    extras = given.extras or (beside if (beside / "digits").is_dir() else None)
    return Command(options, given.runs / (given.name or given.architecture), extras, given.workers, given.progress_file)


def check_fractions(given: argparse.Namespace) -> None:
    """Refuse a learning rate or a share that is none, and one of what nothing begins with. Raises DatasetError."""
    if given.learning_rate is not None and not 0 < given.learning_rate < math.inf:
        raise DatasetError(f"expected --learning-rate above 0 and finite, got {given.learning_rate:g}")
    if not 0 < given.teachers_share <= 1:
        raise DatasetError(f"expected --teachers-share above 0 and up to 1, got {given.teachers_share:g}")
    if given.keep is not None and not 0 <= given.keep <= 1:
        raise DatasetError(f"expected --keep from 0 to 1, got {given.keep:g}")
    if given.keep is not None and given.start is None:
        raise DatasetError(f"expected --from, whose readings are to be kept, with --keep {given.keep:g}, got none")


def check_files(given: argparse.Namespace, begun: str | None = None) -> None:
    """Refuse networks that are not there; `begun` is what a training before this one leaves. Raises DatasetError."""
    if missing := [str(file) for file in given.teachers if not Path(str(file)).is_file()]:
        raise DatasetError(f"expected .keras files of teachers, got {', '.join(missing)}")
    if given.start is not None and given.start != begun and not Path(given.start).is_file():
        raise DatasetError(f"expected --from as a .keras file to begin with, got {given.start}")


def read_shares(given: list[str] | dict[str, float] | None) -> dict[str, float]:
    """How much of each kind of picture there is, 0 for what is not named. Raises ValueError."""
    if given is None:
        return dict(SHARES)
    pairs = given.items() if isinstance(given, dict) else [tuple(pair.split("=", 1)) for pair in given]
    try:
        named = {kind: float(share) for kind, share in pairs}
    except (TypeError, ValueError):
        raise ValueError(f"expected shares as KIND=SHARE such as real=0.3, got {given}") from None
    if not named.keys() <= SHARES.keys():
        raise ValueError(
            f"expected shares of {', '.join(SHARES)}, got {', '.join(sorted(named.keys() - SHARES.keys()))}"
        )
    shares = {kind: named.get(kind, 0.0) for kind in SHARES}
    if not 0 < sum(shares.values()) < float("inf") or min(shares.values()) < 0:
        raise ValueError(f"expected shares that are not negative and not all 0, got {given}")
    return shares


def check_configured(given: dict[str, Any], where: str) -> dict[str, Any]:
    """Options of a configuration file, each known and of its type. Raises DatasetError."""
    for name, value in given.items():
        kind = CONFIGURED.get(name)
        if kind is None:
            raise DatasetError(f"expected options among {', '.join(CONFIGURED)} in {where}, got {name!r}")
        right = isinstance(value, (int, float)) if kind is float else isinstance(value, kind)
        if not right or isinstance(value, bool):
            raise DatasetError(f"expected {name} in {where} as {kind.__name__}, got {value!r}")
    try:
        read_shares(given.get("shares"))
    except ValueError as error:
        raise DatasetError(f"{where}: {error}") from None
    for name, choices in (("architecture", tuple(ARCHITECTURES)), ("precision", PRECISIONS)):
        if given.get(name, choices[0]) not in choices:
            raise DatasetError(f"expected {name} in {where} among {', '.join(choices)}, got {given[name]!r}")
    return given
