"""What is converted and what comes of it: TensorFlow.js' nodes, and the ONNX graph that grows out of them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Array = NDArray[Any]
Node = dict[str, Any]

FIRST, LAST = (0, 3, 1, 2), (0, 2, 3, 1)  # axes: channels first, channels last


class Graph:
    """What has been converted so far: names of the values, and which of them are channels first."""

    def __init__(self, constants: dict[str, Array]) -> None:
        self.constants = constants
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        self.first: set[str] = set()  # values that are held channels first
        self.turned: dict[tuple[str, bool], str] = {}
        self.picture = ""

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """One node; gives its output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: Array) -> str:
        """A stored tensor; gives its name."""
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def take(self, name: str, channels_first: bool = False) -> str:
        """A value in the order of axes asked for."""
        if name in self.constants:
            return self.constant(name, self.constants[name])
        if (name in self.first) == channels_first:
            return name
        key = (name, channels_first)
        if key not in self.turned:
            order = FIRST if channels_first else LAST
            self.turned[key] = self.add(
                "Transpose", [name], f"{name}:{'first' if channels_first else 'last'}", perm=order
            )
        return self.turned[key]


def inputs(node: Node) -> list[str]:
    """Names of what a node takes."""
    return [name.removeprefix("^").partition(":")[0] for name in node.get("input", [])]


def integers(node: Node, key: str) -> list[int]:
    """A list of numbers among the attributes."""
    return [int(each) for each in node["attr"].get(key, {}).get("list", {}).get("i", [])]


def text(node: Node, key: str) -> str:
    """A text among the attributes; they are in base64."""
    return base64.b64decode(node["attr"][key]["s"]).decode()
