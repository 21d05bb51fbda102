"""What lies in the folders of versions: cards, long statistics, layers, and versions that nobody has registered yet."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.card import CardError
from backend.models import NeuralVersion
from backend.services.pointer import PATH, AnyCard, card_in, models_folder

STATISTICS = "statistics.json"
LEARNED = "ReadVariableOp"  # how the graph names what was learned; other constants belong to the structure


@dataclass(frozen=True)
class Layer:
    """A layer with weights: its name, the shapes of its weights, and how many numbers they are."""

    name: str
    shapes: list[str]
    weights: int


def card_of(version: NeuralVersion) -> AnyCard | None:
    """The card of a version; None when it is gone or broken (`check` says more)."""
    try:
        return card_in(models_folder() / version.path)
    except CardError:
        return None


def statistics_of(version: NeuralVersion) -> dict[str, Any]:
    """The long statistics that the export wrote, by data set; empty where there are none or they were changed."""
    entry = version.files.get(STATISTICS)
    try:
        content = (models_folder() / version.path / STATISTICS).read_bytes()
        if not isinstance(entry, dict) or hashlib.sha256(content).hexdigest() != entry["sha256"]:
            return {}
        return dict(json.loads(content))
    except (OSError, ValueError, KeyError):
        return {}


def layers_of(version: NeuralVersion) -> list[Layer]:
    """The layers that have weights, in the order of the network; empty when its graph cannot be read."""
    try:
        graph = json.loads((models_folder() / version.path / "model.json").read_bytes())
        nodes = graph["modelTopology"]["node"]
        used = {name: place for place, node in reversed(list(enumerate(nodes))) for name in node.get("input", [])}
        weights = [weight for group in graph["weightsManifest"] for weight in group["weights"]]
        found: dict[str, list[tuple[int, list[int]]]] = {}
        for weight in weights:
            if weight["dtype"] == "float32" and weight["shape"] and weight["name"] in used:
                found.setdefault(layer_name(weight["name"]), []).append((used[weight["name"]], weight["shape"]))
        learned = {layer_name(weight["name"]) for weight in weights if weight["name"].endswith(LEARNED)}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    names = sorted(found.keys() & learned, key=lambda name: min(found[name]))
    return [layer(name, [shape for _, shape in found[name]]) for name in names]


def layer(name: str, shapes: list[list[int]]) -> Layer:
    """A layer from the shapes of its weights."""
    return Layer(name, ["×".join(map(str, shape)) for shape in shapes], sum(math.prod(shape) for shape in shapes))


def layer_name(node: str) -> str:
    """The layer that a node of the graph belongs to: "StatefulPartitionedCall/compact_1/conv2d_1/Relu" → "conv2d_1"."""
    parts = [part for part in node.split("/") if part != "StatefulPartitionedCall"]
    return parts[1] if len(parts) > 1 else parts[0] if parts else ""


def unregistered(session: Session) -> list[str]:
    """The versions under static/model/ that the database does not know, such as "compact/2"."""
    known = {version.path for version in session.scalars(select(NeuralVersion))}
    folders = [card.parent for card in models_folder().glob("*/*/card.json")]
    found = [f"{folder.parent.name}/{folder.name}" for folder in folders]
    return sorted((path for path in found if PATH.fullmatch(path) and path not in known), key=natural)


def natural(path: str) -> tuple[str, int]:
    """The order of versions: by name, then by number."""
    name, _, number = path.partition("/")
    return name, int(number)
