"""Rewrite a converted graph so that TensorFlow.js computes the same with fewer and faster kernels.

TensorFlow's optimiser leaves what its own kernels are fast at. In the browser every operation costs some microseconds
before it starts, and XNNPACK, which the WASM backend runs on, has depthwise kernels of 4, 9 and 25 taps alone: seven
taps take five times as long as nine. Each rewriting is exact but for the order of sums, and leaves alone what does not
match to the letter; export holds the result against Keras (`training/agreement.py`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

Node = dict[str, Any]

_TAPS = 9
_DEPTHWISE = ("DepthwiseConv2dNative", "FusedDepthwiseConv2dNative")
_WITH_BIAS = ("_FusedConv2D", "FusedDepthwiseConv2dNative")


def simplify(topology: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Rewrite in place the graph (`modelTopology` of a model.json) and its constants (`name`, `data`: an array)."""
    graph = _Graph(topology, entries)
    for node in graph.every("DepthwiseConv2dNative"):
        _dilate(graph, node)
    for node in graph.every("DepthwiseConv2dNative"):
        _take_bias(graph, node)
    for node in graph.every(*_DEPTHWISE):
        _widen(graph, node)
    for node in graph.every("_FusedConv2D"):
        _take_padding(graph, node)
    for node in graph.every("MatMul"):
        _convolve(graph, node)
    for node in graph.every("Reshape"):
        _reshape_once(graph, node)
    for node in graph.every(*_WITH_BIAS):
        _flatten_bias(graph, node)
    graph.sweep()


class _Graph:
    """Nodes and constants by name."""

    def __init__(self, topology: dict[str, Any], entries: list[dict[str, Any]]) -> None:
        self._topology, self._entries = topology, entries
        self.nodes: dict[str, Node] = {node["name"]: node for node in topology["node"]}
        self._constants = {entry["name"]: entry for entry in entries}
        self._outputs = [name for name in self.nodes if not self.consumers(name)]

    def every(self, *operations: str) -> list[Node]:
        return [node for node in self.nodes.values() if node["op"] in operations]

    def source(self, node: Node, number: int = 0) -> Node:
        return self.nodes[node["input"][number]]

    def consumers(self, name: str) -> list[Node]:
        return [node for node in self.nodes.values() if name in node.get("input", ())]

    def only_consumer(self, node: Node, *operations: str) -> Node | None:
        """The one node that uses this one, if it is one of these operations."""
        found = self.consumers(node["name"])
        return found[0] if len(found) == 1 and found[0]["op"] in operations else None

    def constant(self, name: str) -> NDArray[Any] | None:
        return self._constants[name]["data"] if name in self._constants else None

    def own_constant(self, node: Node, number: int) -> NDArray[Any] | None:
        """A constant that no other node uses, so that it may be changed."""
        name = node["input"][number] if number < len(node["input"]) else ""
        return self.constant(name) if len(self.consumers(name)) == 1 else None

    def put(self, name: str, data: NDArray[Any]) -> str:
        """Set or add a constant."""
        if name not in self._constants:
            kind = {"float32": "DT_FLOAT", "int32": "DT_INT32"}[str(data.dtype)]
            value = {"tensor": {"dtype": kind}}
            self.nodes[name] = {"name": name, "op": "Const", "attr": {"dtype": {"type": kind}, "value": value}}
            self._entries.append({"name": name})
            self._constants[name] = self._entries[-1]
        self._constants[name]["data"] = data
        shape = {"dim": [{"size": str(size)} for size in data.shape]}
        self.nodes[name]["attr"]["value"]["tensor"]["tensorShape"] = shape
        return name

    def replace(self, *chain: Node, by: Node) -> None:
        """Drop nodes that follow one another; who used the last now uses another."""
        for gone in chain:
            del self.nodes[gone["name"]]
        for user in self.consumers(chain[-1]["name"]):
            user["input"] = [by["name"] if name == chain[-1]["name"] else name for name in user["input"]]

    def sweep(self) -> None:
        """Drop what no output needs."""
        needed: set[str] = set()
        pending = list(self._outputs)
        while pending:
            name = pending.pop()
            if name not in needed:
                needed.add(name)
                pending += self.nodes[name].get("input", ())
        self._topology["node"] = [node for node in self.nodes.values() if node["name"] in needed]
        self._entries[:] = [entry for entry in self._entries if entry["name"] in needed]


def _dilate(graph: _Graph, node: Node) -> None:
    """SpaceToBatch → depthwise → BatchToSpace, as TensorFlow writes a dilation: the dilated convolution itself."""
    before, after = graph.source(node), graph.only_consumer(node, "BatchToSpaceND")
    kernel = graph.constant(node["input"][1])
    plain = _text(node, "padding") == "VALID" and _numbers(node, "strides") == _numbers(node, "dilations") == [1] * 4
    if before["op"] != "SpaceToBatchND" or after is None or kernel is None or not plain:
        return
    block, padding, block_after, crops = (graph.constant(name) for name in before["input"][1:] + after["input"][1:])
    if block is None or padding is None or block_after is None or crops is None or block.shape != (2,):
        return
    around = (np.array(kernel.shape[:2]) - 1) * block
    same = np.stack([around // 2, around - around // 2], axis=1)
    if not np.array_equal(block, block_after) or not np.array_equal(padding - crops, same):
        return
    node["input"][0] = before["input"][0]
    _set_text(node, "padding", "SAME")
    _set_numbers(node, "dilations", [1, *block, 1])
    graph.replace(after, by=node)


def _take_bias(graph: _Graph, node: Node) -> None:
    """Depthwise → BiasAdd: one operation."""
    add = graph.only_consumer(node, "BiasAdd")
    if add is None or graph.constant(add["input"][1]) is None:
        return
    node["op"] = "FusedDepthwiseConv2dNative"
    node["input"].append(add["input"][1])
    _set_fused(node, ["BiasAdd"])
    graph.replace(add, by=node)


def _widen(graph: _Graph, node: Node) -> None:
    """Five or seven taps in a row → nine, with zeros at both ends."""
    kernel = graph.own_constant(node, 1)
    if kernel is None or _text(node, "padding") != "SAME" or _numbers(node, "strides") != [1] * 4:
        return
    taps = max(kernel.shape[:2])
    if min(kernel.shape[:2]) == 1 and taps in (5, 7):
        more = [((_TAPS - taps) // 2,) * 2 if size == taps else (0, 0) for size in kernel.shape[:2]]
        graph.put(node["input"][1], np.pad(kernel, (*more, (0, 0), (0, 0))))


def _take_padding(graph: _Graph, node: Node) -> None:
    """Pad with zeros → convolution: one operation."""
    before = graph.source(node)
    padding = graph.constant(before["input"][1]) if before["op"] == "Pad" else None
    if padding is None or _text(node, "padding") != "VALID" or padding[[0, 3]].any():
        return
    node["input"][0] = before["input"][0]
    _set_text(node, "padding", "EXPLICIT")
    _set_numbers(node, "explicit_paddings", list(padding.flat))


def _convolve(graph: _Graph, node: Node) -> None:
    """A dense layer of several rows (Reshape → MatMul → Reshape → add → ReLU): a 1×1 convolution with all of these."""
    before, after = graph.source(node), graph.only_consumer(node, "Reshape")
    kernel = graph.own_constant(node, 1)
    add = after and graph.only_consumer(after, "BiasAdd", "AddV2")
    if before["op"] != "Reshape" or kernel is None or after is None or add is None:
        return
    rows, bias = graph.constant(before["input"][1]), graph.constant(add["input"][1])
    turned = any(node["attr"][which]["b"] for which in ("transpose_a", "transpose_b"))
    if turned or rows is None or bias is None or bias.shape != kernel.shape[1:]:
        return
    relu = graph.only_consumer(add, "Relu")
    shape = graph.put(f"{node['name']}/rows", np.array([1, 1, *rows], np.int32))
    flat = before | {"name": f"{node['name']}/flat", "input": [before["input"][0], shape]}
    graph.nodes[flat["name"]] = flat
    graph.put(node["input"][1], kernel.reshape(1, 1, *kernel.shape))
    node["op"], node["input"] = "_FusedConv2D", [flat["name"], node["input"][1], add["input"][1]]
    node["attr"] = {"T": {"type": "DT_FLOAT"}}
    _set_text(node, "data_format", "NHWC")
    _set_text(node, "padding", "VALID")
    _set_numbers(node, "strides", [1] * 4)
    _set_numbers(node, "dilations", [1] * 4)
    _set_fused(node, ["BiasAdd", "Relu"] if relu else ["BiasAdd"])
    graph.replace(add, *([relu] if relu else []), by=after)


def _reshape_once(graph: _Graph, node: Node) -> None:
    """Reshape → Reshape: the second alone."""
    while graph.source(node)["op"] == "Reshape":
        node["input"][0] = graph.source(node)["input"][0]


def _flatten_bias(graph: _Graph, node: Node) -> None:
    """(1, 1, 1, 1), which TensorFlow's optimiser leaves where there is a single filter and TensorFlow.js refuses."""
    bias = graph.own_constant(node, 2)
    if bias is not None and bias.ndim > 1:
        graph.put(node["input"][2], bias.reshape(-1))


def _text(node: Node, name: str) -> str:
    return b64decode(node["attr"][name]["s"]).decode()


def _set_text(node: Node, name: str, text: str) -> None:
    node["attr"][name] = {"s": b64encode(text.encode()).decode()}


def _numbers(node: Node, name: str) -> list[int]:
    return [int(number) for number in node["attr"][name]["list"]["i"]]


def _set_numbers(node: Node, name: str, numbers: list[Any]) -> None:
    node["attr"][name] = {"list": {"i": [str(number) for number in numbers]}}


def _set_fused(node: Node, operations: list[str]) -> None:
    """What a fused operation does after its own work, the bias being its one further input."""
    node["attr"]["fused_ops"] = {"list": {"s": [b64encode(each.encode()).decode() for each in operations]}}
    node["attr"]["num_args"] = {"i": "1"}
