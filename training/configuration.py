"""A configuration file: trainings in a row, each from the best weights of the one before, then a version of the last.

TOML: `[all]` holds options of every stage, each `[[stage]]` its own, named as on the command line of `training.train`
(`training.options.CONFIGURED` lists them) with a word `about` it, and `average` where what the stage ends with is mixed
with that share of what it began with (`training.average`); `[export]` holds the options of `training.export`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.average import averaged
from training.data import DatasetError
from training.options import Command, check_configured, parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXPORTED = {"name": str, "weights": str, "output": str, "pictures": int, "few": bool, "limit": int}


@dataclass(frozen=True)
class Configuration:
    """The options of each stage, its share of an average (None: there is none), and those of the export (the same)."""

    name: str
    stages: list[dict[str, Any]]
    averages: list[float | None]
    export: dict[str, Any] | None


def read_configuration(file: Path) -> Configuration:
    """Raises DatasetError, with what was expected, for a file that is no configuration."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DatasetError(f"expected a configuration file in TOML, got {file}: {error}") from None
    if strange := content.keys() - {"all", "stage", "export"}:
        raise DatasetError(f"expected [all], [[stage]] and [export] in {file}, got {', '.join(sorted(strange))}")
    common, stages, export = content.get("all", {}), content.get("stage", []), content.get("export")
    if not isinstance(common, dict) or not isinstance(stages, list) or not stages:
        raise DatasetError(f"expected options in [all] and at least one [[stage]] in {file}, got others")
    made, averages = [], []
    for number, stage in enumerate(stages, start=1):
        own = {name: value for name, value in stage.items() if name not in ("about", "average")}
        made.append(check_configured(common | own, f"stage {number} of {file}"))
        averages.append(check_average(stage.get("average"), f"stage {number} of {file}"))
    if export is not None:
        for name, value in export.items():
            if name not in EXPORTED or type(value) is not EXPORTED[name]:
                raise DatasetError(f"expected {', '.join(EXPORTED)} in [export] of {file}, got {name} = {value!r}")
    return Configuration(file.stem, made, averages, export)


def check_average(share: Any, where: str) -> float | None:
    """A share between 0 and 1, or None. Raises DatasetError."""
    if share is None or (isinstance(share, float) and 0 < share < 1):
        return share
    raise DatasetError(f"expected average in {where} as a share between 0 and 1, got {share!r}")


def commands(arguments: list[str], configuration: Configuration, name: str | None) -> list[Command]:
    """One run for each stage, in `runs/NAME-1`, `runs/NAME-2`, …; the command line wins over the file.

    Raises DatasetError.
    """
    made: list[Command] = []
    for number, (stage, share) in enumerate(zip(configuration.stages, configuration.averages, strict=True), start=1):
        before = {"start": str(outcome(configuration, made) / "model.keras")} if made else {}
        made.append(parse(arguments, stage, name=f"{name or configuration.name}-{number}", **before))
        if share is not None and made[-1].options.start is None:
            raise DatasetError(f"expected a stage {number} that begins with a network, for its average; got none")
    return made


def outcome(configuration: Configuration, stages: list[Command]) -> Path:
    """The run that holds what the last of these stages comes to."""
    run = stages[-1].run
    return run if configuration.averages[len(stages) - 1] is None else averaged(run)


def export_command(configuration: Configuration, stages: list[Command]) -> list[str]:
    """What makes a version of the last stage's best weights; a process of its own, as conversion sets TensorFlow up."""
    options = {"name": configuration.name} | (configuration.export or {})
    flags = [
        f"--{key}" if value is True else f"--{key}={value}" for key, value in options.items() if value is not False
    ]
    dataset = ["--dataset", stages[-1].options.dataset]
    return [sys.executable, "-m", "training.export", str(outcome(configuration, stages)), *dataset, *flags]
