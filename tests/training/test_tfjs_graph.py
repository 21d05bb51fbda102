"""Graphs for TensorFlow.js are rewritten where they match to the letter, and nowhere else.

That a rewritten network gives the same numbers in a browser is held by test_export.py on a network with all of these.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np
import pytest

from training.tfjs_graph import simplify

ONES = {"list": {"i": ["1"] * 4}}


def text(value: str) -> dict[str, str]:
    return {"s": b64encode(value.encode()).decode()}


class Graph:
    """A graph under construction: each operation takes the one before it, and constants."""

    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = [{"name": "picture", "op": "Placeholder", "attr": {}}]
        self.entries: list[dict[str, Any]] = []

    def constant(self, values: Any, kind: type = np.int32) -> str:
        name = f"constant_{len(self.entries)}"
        tensor = {"dtype": "DT_FLOAT" if kind is np.float32 else "DT_INT32", "tensorShape": {}}
        self.nodes.append({"name": name, "op": "Const", "attr": {"value": {"tensor": tensor}}})
        self.entries.append({"name": name, "data": np.array(values, kind)})
        return name

    def add(self, operation: str, *constants: str, source: str = "", **attributes: Any) -> str:
        before = source or next(node["name"] for node in reversed(self.nodes) if node["op"] != "Const")
        name = f"{operation}_{len(self.nodes)}"
        self.nodes.append({"name": name, "op": operation, "input": [before, *constants], "attr": attributes})
        return name

    def simplified(self) -> list[dict[str, Any]]:
        """The operations left, in order of use."""
        topology = {"node": self.nodes}
        simplify(topology, self.entries)
        names = {node["name"] for node in topology["node"]}
        assert {entry["name"] for entry in self.entries} <= names  # nothing is downloaded in vain
        assert all(set(node.get("input", ())) <= names for node in topology["node"])
        operations = {n["name"]: n for n in topology["node"] if n["op"] not in ("Const", "Placeholder")}
        used = {node["input"][0] for node in operations.values()}
        chain = [node for name, node in operations.items() if name not in used]
        while chain[0]["input"][0] in operations:
            chain.insert(0, operations[chain[0]["input"][0]])
        return chain

    def data(self, name: str) -> np.ndarray:
        return next(entry["data"] for entry in self.entries if entry["name"] == name)


def dilated(graph: Graph, crops: list[list[int]]) -> None:
    """Seven taps three apart on 10 columns, as TensorFlow writes them."""
    block = graph.constant([1, 3])
    graph.add("SpaceToBatchND", block, graph.constant([[0, 0], [9, 11]]))
    kernel = graph.constant(np.arange(1.0, 15.0).reshape(1, 7, 2, 1), np.float32)
    graph.add("DepthwiseConv2dNative", kernel, strides=ONES, dilations=ONES, padding=text("VALID"))
    graph.add("BatchToSpaceND", block, graph.constant(crops))
    graph.add("BiasAdd", graph.constant([1.0, 2.0], np.float32))
    graph.add("Relu6")


def test_a_dilated_convolution_is_one_operation_of_nine_taps() -> None:
    graph = Graph()
    dilated(graph, [[0, 0], [0, 2]])
    convolution, after = graph.simplified()
    assert (convolution["op"], after["op"]) == ("FusedDepthwiseConv2dNative", "Relu6")
    assert convolution["input"][0] == "picture"
    assert convolution["attr"]["dilations"] == {"list": {"i": ["1", "1", "3", "1"]}}
    assert b64decode(convolution["attr"]["padding"]["s"]) == b"SAME"
    kernel = graph.data(convolution["input"][1])[0, :, :, 0]
    assert kernel[:, 0].tolist() == [0, 1, 3, 5, 7, 9, 11, 13, 0]
    assert graph.data(convolution["input"][2]).tolist() == [1, 2]


def test_a_shifted_one_is_left_alone() -> None:
    graph = Graph()
    dilated(graph, [[0, 0], [1, 1]])
    operations = [node["op"] for node in graph.simplified()]
    assert operations == ["SpaceToBatchND", "DepthwiseConv2dNative", "BatchToSpaceND", "BiasAdd", "Relu6"]


@pytest.mark.parametrize("relu", [True, False])
def test_a_dense_layer_of_several_rows_is_one_convolution(relu: bool) -> None:
    graph = Graph()
    graph.add("Relu6")
    graph.add("Reshape", graph.constant([1, 11, 3]))
    graph.add("Reshape", graph.constant([11, 3]))
    turned = {"transpose_a": {"b": False}, "transpose_b": {"b": False}}
    graph.add("MatMul", graph.constant(np.ones((3, 5)), np.float32), **turned)
    graph.add("Reshape", graph.constant([1, 11, 5]))
    graph.add("BiasAdd", graph.constant([0.0] * 5, np.float32))
    if relu:
        graph.add("Relu")
    graph.add("Softmax")
    _, before, convolution, after, last = graph.simplified()
    assert [before["op"], convolution["op"], after["op"], last["op"]] == [
        "Reshape",
        "_FusedConv2D",
        "Reshape",
        "Softmax",
    ]
    assert graph.data(before["input"][1]).tolist() == [1, 1, 11, 3]
    assert graph.data(convolution["input"][1]).shape == (1, 1, 3, 5)
    assert graph.data(after["input"][1]).tolist() == [1, 11, 5]
    fused = [b64decode(each).decode() for each in convolution["attr"]["fused_ops"]["list"]["s"]]
    assert fused == (["BiasAdd", "Relu"] if relu else ["BiasAdd"])


def test_padding_goes_into_the_convolution_and_its_bias_has_one_dimension() -> None:
    graph = Graph()
    graph.add("Pad", graph.constant([[0, 0], [0, 0], [1, 2], [0, 0]]))
    weights = [graph.constant(np.ones((1, 3, 2, 1)), np.float32), graph.constant([[[[0.5]]]], np.float32)]
    graph.add("_FusedConv2D", *weights, strides=ONES, dilations=ONES, padding=text("VALID"))
    (convolution,) = graph.simplified()
    assert b64decode(convolution["attr"]["padding"]["s"]) == b"EXPLICIT"
    assert convolution["attr"]["explicit_paddings"] == {"list": {"i": ["0", "0", "0", "0", "1", "2", "0", "0"]}}
    assert graph.data(convolution["input"][2]).tolist() == [0.5]


def test_what_others_use_too_is_not_changed() -> None:
    graph = Graph()
    kernel = graph.constant(np.ones((1, 7, 2, 1)), np.float32)
    for _ in range(2):
        graph.add("DepthwiseConv2dNative", kernel, strides=ONES, dilations=ONES, padding=text("SAME"))
    assert len(graph.simplified()) == 2
    assert graph.data(kernel).shape == (1, 7, 2, 1)
