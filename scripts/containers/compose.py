"""`compose.yaml` as Compose reads it: variables put in, a missing secret refused, services in their order of start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

from ruamel.yaml import YAML

from backend.settings import ROOT

FILE = ROOT / "compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
Service = dict[str, Any]


def services(environment: Mapping[str, str], profile: str = "") -> dict[str, Service]:
    """What `docker compose [--profile …] up` starts, each after those that it waits for. Raises ValueError."""
    with FILE.open(encoding="utf-8") as file:
        found = YAML(typ="safe", pure=True).load(file)["services"]
    told = {name: filled(each, environment) for name, each in found.items() if wanted(each, profile)}
    order = TopologicalSorter({name: set(each.get("depends_on", ())) for name, each in told.items()})
    return {name: told[name] for name in order.static_order()}


def wanted(service: Service, profile: str) -> bool:
    """Whether a service belongs to none but the given profile."""
    return set(service.get("profiles", ())) <= {profile}


def filled(value: Any, environment: Mapping[str, str]) -> Any:
    """A value with its `${…}` replaced. Raises ValueError with the file's own words for one that is required."""

    def replace(match: re.Match[str]) -> str:
        given = environment.get(match[1], "")
        if not given and match[2] == "?":
            raise ValueError(f"required variable {match[1]} is missing a value: {match[3]}")
        return given or (match[3] if match[2] == "-" else "")

    if isinstance(value, str):
        return VARIABLE.sub(replace, value)
    if isinstance(value, list):
        return [filled(each, environment) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, environment) for name, each in value.items()}
    return value
