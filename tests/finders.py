"""A published finder for tests: the colour finder of `tests/outlines.py` as a TensorFlow.js graph, written by hand."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.card import file_entries
from backend.domain.outline import find
from tests.outlines import COLOURS, GAIN, NEEDED, STEEPNESS, colour_finder, marked_photo

FLOAT = {"T": {"type": "DT_FLOAT"}}


def publish_finder(models: Path, **changes: Any) -> Path:
    """Write `finder/1/` beside the published reader and name it in `current.json`; `changes` go into golden.json."""
    folder = models / "finder" / "1"
    (folder / "golden").mkdir(parents=True)
    weights = _weights()
    (folder / "group1-shard1of1.bin").write_bytes(b"".join(values.tobytes() for values in weights.values()))
    (folder / "model.json").write_text(json.dumps(_graph(weights)), "utf-8")
    photo, _ = marked_photo(320, 400, 20)
    photo.save(folder / "golden" / "00.png")
    found = find(photo, colour_finder)
    entry = {"image": "00.png", "corners": found.corners.tolist(), "presence": found.presence, **changes}
    (folder / "golden" / "golden.json").write_text(json.dumps([entry]), "utf-8")
    files = {name: {"sha256": file.sha256, "bytes": file.bytes} for name, file in file_entries(folder).items()}
    about = {"format": 1, "kind": "finder", "name": "finder", "version": "1", "presence": 0.5}
    card = json.dumps({**about, "input": {"width": 192, "height": 192, "channels": 3}, "files": files})
    (folder / "card.json").write_text(card, "utf-8")
    pointer = json.loads((models / "current.json").read_text("utf-8"))
    place = {"name": "finder", "version": "1", "path": "finder/1/"}
    pointer["finder"] = {**place, "card_sha256": hashlib.sha256(card.encode()).hexdigest()}
    (models / "current.json").write_text(json.dumps(pointer), "utf-8")
    return folder


def _weights() -> dict[str, np.ndarray]:
    """likeness = 1 - |c|² + 2 c·colour - |colour|², of the mean colour c of 4 × 4 pixels."""
    colours = np.array(COLOURS, np.float32) / 255
    return {
        "squares": np.full((1, 1, 3, 4), -1, np.float32),
        "colours": (2 * colours.T).reshape(1, 1, 3, 4).astype(np.float32),
        "rest": (1 - (colours**2).sum(axis=1)).astype(np.float32),
        "gain": np.array(GAIN, np.float32),
        "needed": np.array(NEEDED, np.float32),
        "steepness": np.array(STEEPNESS, np.float32),
        "places": np.array([1, 2], np.int32),
        "corners": np.array([1], np.int32),
    }


def _graph(weights: dict[str, np.ndarray]) -> dict[str, Any]:
    window = {"strides": _list(1, 4, 4, 1), "ksize": _list(1, 4, 4, 1), **_layout("VALID")}
    mixing = {"strides": _list(1, 1, 1, 1), "dilations": _list(1, 1, 1, 1), **_layout("SAME")}
    keep, drop = {"keep_dims": {"b": True}}, {"keep_dims": {"b": False}}
    shape = {"dim": [{"size": str(side)} for side in (1, 192, 192, 3)]}
    nodes = [
        {"name": "picture", "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}},
        *(_constant(name, values) for name, values in weights.items()),
        _node("mean", "AvgPool", "picture", **window),
        _node("squared", "Square", "mean"),
        _node("off", "Conv2D", "squared", "squares", **mixing),
        _node("alike", "Conv2D", "mean", "colours", **mixing),
        _node("both", "AddV2", "off", "alike"),
        _node("likeness", "AddV2", "both", "rest"),
        _node("maps", "Mul", "likeness", "gain"),
        _node("most", "Max", "likeness", "places", **drop),
        _node("least", "Min", "most", "corners", **keep),
        _node("beyond", "Sub", "least", "needed"),
        _node("presence", "Mul", "beyond", "steepness"),
    ]
    kinds = {"float32": "float32", "int32": "int32"}
    listed = [{"name": n, "shape": [*v.shape], "dtype": kinds[str(v.dtype)]} for n, v in weights.items()]
    return {
        "format": "graph-model",
        "modelTopology": {"node": nodes, "library": {}, "versions": {}},
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": listed}],
    }


def _node(name: str, operation: str, *inputs: str, **attributes: Any) -> dict[str, Any]:
    return {"name": name, "op": operation, "input": [*inputs], "attr": {**FLOAT, **attributes}}


def _constant(name: str, values: np.ndarray) -> dict[str, Any]:
    kind = {"float32": "DT_FLOAT", "int32": "DT_INT32"}[str(values.dtype)]
    shape = {"dim": [{"size": str(side)} for side in values.shape]}
    tensor = {"tensor": {"dtype": kind, "tensorShape": shape}}
    return {"name": name, "op": "Const", "attr": {"dtype": {"type": kind}, "value": tensor}}


def _list(*numbers: int) -> dict[str, Any]:
    return {"list": {"i": [str(number) for number in numbers]}}


def _layout(padding: str) -> dict[str, Any]:
    return {
        key: {"s": b64encode(text.encode()).decode()} for key, text in (("padding", padding), ("data_format", "NHWC"))
    }
