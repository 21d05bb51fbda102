"""TensorBoard's event files of runs: the small part of a training's folder that stays when the rest goes.

`tensorboard --logdir instance/tensorboard` shows them, each run under its number.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from backend.settings import get_settings

FOLDER = "tensorboard"
NAMES = "events.out.tfevents.*"
KEPT = 50  # runs, the last ones: a long training leaves some 100 kB


def keep(training: Path, run_id: int) -> Path | None:
    """Move the event files of a training to those of its run; returns their folder, None where there were none."""
    root = get_settings().instance.resolve() / FOLDER
    place = root / str(run_id)
    files = sorted(training.glob(f"**/{NAMES}"))
    for file in files:
        parts = [part for part in file.parent.relative_to(training).parts if part != FOLDER]
        target = place.joinpath(*parts)
        target.mkdir(parents=True, exist_ok=True)
        shutil.move(file, target / file.name)
    if not files:
        return None
    runs = sorted((each for each in root.iterdir() if each.name.isdecimal()), key=lambda each: int(each.name))
    for old in runs[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return place
