"""What a version has cost: epochs, pictures and time of its last training, and of all those behind it.

Behind it are those that it goes on from, and those of the networks that taught it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from backend.domain.card import NAME

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CONFIGURATIONS = Path(__file__).with_name("configurations")
OWN = ("epochs", "steps", "batch", "seed", "learning_rate")  # by these a configuration's stage is known again
COSTS = ("epochs", "pictures", "seconds", "cpu_seconds")
ALL, TRAININGS, WHOLE = "all", "trainings", "whole"


def budget(run: Path) -> dict[str, Any]:
    """What a run has cost, from its log; `all` has the sums with what went before, and whether that is all of it.

    What a run began with, and what taught it, is followed as long as it is there: other runs, or a version with what
    its card says. Each counts once.
    """
    own = last(run / "log.jsonl")
    if not own:
        return {}
    together = [one(own, whole=True), *before(run, {run.resolve()})]
    sums = {name: sum(each[name] for each in together) for name in (TRAININGS, *COSTS)}
    return own | {ALL: sums | {WHOLE: all(each[WHOLE] for each in together)}}


def one(spent: dict[str, Any], whole: bool) -> dict[str, Any]:
    """One training as a sum; of nothing that is known, none."""
    return {TRAININGS: int(bool(spent))} | {name: spent.get(name, 0) for name in COSTS} | {WHOLE: whole}


def last(log: Path) -> dict[str, int]:
    """What one training has cost; nothing without its log."""
    if not log.is_file():
        return {}
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    pictures = sum(line.get("seconds", 0.0) * line.get("images_per_second", 0.0) for line in lines)
    seconds, cpu = (sum(line.get(name, 0.0) for line in lines) for name in ("seconds", "cpu_seconds"))
    return {"epochs": len(lines), "pictures": round(pictures), "seconds": round(seconds), "cpu_seconds": round(cpu)}


def before(run: Path, seen: set[Path]) -> list[dict[str, Any]]:
    """What the trainings before a run have cost, without the folders `seen`; not `whole` where it is not known."""
    found = []
    for file in filter(None, (start_of(run), *teachers_of(run))):
        folder = folder_of(file)
        if folder is None or folder.resolve() == run.resolve():
            found.append(one({}, whole=False))
        elif folder.resolve() not in seen:
            seen.add(folder.resolve())
            found += spent_in(folder, seen)
    return found


def spent_in(folder: Path, seen: set[Path]) -> list[dict[str, Any]]:
    """What a version, or a run and all before it, has cost."""
    if (folder / NAME).is_file():
        spent = json.loads((folder / NAME).read_text(encoding="utf-8")).get("training", {}).get("budget", {})
        return [spent.get(ALL) or one(spent, whole=False)]
    own = last(folder / "log.jsonl")
    return [one(own, whole=True), *before(folder, seen)] if own else [one({}, whole=False)]


def start_of(run: Path) -> Path | None:
    """The file of weights that a run began with; None for one that began with nothing, or says nothing of it."""
    start = options_of(run).get("start")
    return Path(start) if start else None


def teachers_of(run: Path) -> list[Path]:
    """The files of the networks that taught a run."""
    return [Path(file) for file in options_of(run).get("teachers", ())]


def options_of(run: Path) -> dict[str, Any]:
    """The options that a run was made with; nothing where they are not known."""
    file = run / "options.json"
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def folder_of(start: Path) -> Path | None:
    """The folder of a file of weights; None of a bare name: in which one it lay then is not known any more."""
    return start.parent if start.parent != Path() else None


def pictures(name: str, training: dict[str, Any]) -> int | None:
    """What all trainings of a version have seen, by its card's `training`; else as its configuration file says.

    None where its card says it of its last training alone and that is no stage of a configuration of its name.
    """
    every = training.get("budget", {}).get(ALL, {})
    return int(every["pictures"]) if every.get(WHOLE) else configured(name, training)


def configured(name: str, training: dict[str, Any]) -> int | None:
    """The pictures of a configuration's stages up to this training, and of the networks that taught it.

    None where there is no such configuration or stage, or a teacher is none of one.
    """
    seen: dict[tuple[str, int], int] = {}
    return sum(seen.values()) if count(name, stage_like(name, training), seen) else None


def stage_like(name: str, training: dict[str, Any]) -> int:
    """Which stage of a configuration a training is, from 1 on; 0 for none."""
    stages = stages_of(name)
    like = (all(training.get(option) == stage.get(option) for option in OWN) for stage in stages)
    return next((number for number, same in enumerate(like, start=1) if same), 0)


def count(name: str, last_stage: int, seen: dict[tuple[str, int], int]) -> bool:
    """Add the pictures of a configuration's stages up to the last, and of their teachers; whether all are known."""
    stages = stages_of(name)
    if not 0 < last_stage <= len(stages):
        return False
    new = [number for number in range(1, last_stage + 1) if (name, number) not in seen]
    seen.update({(name, number): pictures_of(stages[number - 1]) for number in new})
    return all(count(*stage_of(file), seen) for number in new for file in stages[number - 1].get("teachers", ()))


def stage_of(file: str) -> tuple[str, int]:
    """The configuration and the stage that made a file of weights; stage 0 of any other.

    Of a version its card tells, of a run its name.
    """
    folder = Path(file).parent
    if (folder / NAME).is_file():
        card = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return card["name"], stage_like(card["name"], card["training"])
    name, _, number = folder.name.removesuffix("-averaged").rpartition("-")
    return (name, int(number)) if number.isdecimal() else (name, 0)


def stages_of(name: str) -> list[dict[str, Any]]:
    """The options of each stage of a configuration; of one that is not there, none."""
    file = CONFIGURATIONS / f"{name}.toml"
    content = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"stage": []}
    return [content.get("all", {}) | stage for stage in content["stage"]]


def pictures_of(stage: dict[str, Any]) -> int:
    """How many pictures a stage sees."""
    return int(min(stage["epochs"], stage.get("stop", stage["epochs"])) * stage["steps"] * stage["batch"])
