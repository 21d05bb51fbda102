"""A configuration file: trainings in a row, each from the best weights of the one before, then a version of the last.

TOML: `[all]` holds options of every stage, each `[[stage]]` its own, named as on the command line of `training.train`
(`training.options.CONFIGURED` lists them) with a word `about` it; `[export]` holds the options of `training.export`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.data import DatasetError
from training.options import Command, check_configured, parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EXPORTED = {"name": str, "weights": str, "output": str, "pictures": int, "few": bool, "limit": int}


@dataclass(frozen=True)
class Configuration:
    """The options of each stage, and those of the export (None: there is none)."""

    name: str
    stages: list[dict[str, Any]]
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
    made = []
    for number, stage in enumerate(stages, start=1):
        own = {name: value for name, value in stage.items() if name != "about"}
        made.append(check_configured(common | own, f"stage {number} of {file}"))
    if export is not None:
        for name, value in export.items():
            if name not in EXPORTED or type(value) is not EXPORTED[name]:
                raise DatasetError(f"expected {', '.join(EXPORTED)} in [export] of {file}, got {name} = {value!r}")
    return Configuration(file.stem, made, export)


def commands(arguments: list[str], configuration: Configuration, name: str | None) -> list[Command]:
    """One run for each stage, in `runs/NAME-1`, `runs/NAME-2`, …; the command line wins over the file."""
    made: list[Command] = []
    for number, stage in enumerate(configuration.stages, start=1):
        before = {"start": str(made[-1].run / "model.keras")} if made else {}
        made.append(parse(arguments, stage, name=f"{name or configuration.name}-{number}", **before))
    return made


def export_command(configuration: Configuration, last: Command) -> list[str]:
    """What makes a version of the last stage's best weights; a process of its own, as conversion sets TensorFlow up."""
    options = {"name": configuration.name} | (configuration.export or {})
    flags = [
        f"--{key}" if value is True else f"--{key}={value}" for key, value in options.items() if value is not False
    ]
    dataset = ["--dataset", last.options.dataset]
    return [sys.executable, "-m", "training.export", str(last.run), *dataset, *flags]
