"""A version's TensorFlow.js graph as ONNX: the same operations on the same weights, for onnxruntime-web.

Tensors of pictures are kept channels first, as ONNX's convolutions and poolings want them, and turned only where an
operation cares for the order of its axes; so the graph holds few transpositions, as an export by the usual tools would.
Run as a program with `onnx` on the path (`PYTHONPATH`): `onnx_graph.py VERSION_DIR FILE`.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]
Node = dict[str, Any]

OPSET = 17
OUTPUT = [1, 11, 10]
ALIKE = {"AddV2": "Add", "Sub": "Sub", "Mul": "Mul", "Relu": "Relu", "Sigmoid": "Sigmoid", "Square": "Mul"}
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


def convert(folder: Path) -> onnx.ModelProto:
    """The version's graph. Raises ValueError for an operation that no conversion is written for."""
    model = json.loads((folder / "model.json").read_text("utf-8"))
    nodes = model["modelTopology"]["node"]
    graph = Graph(weights(folder, model["weightsManifest"]))
    picture = output = ""
    for node in ordered(nodes):
        name, kind = node["name"], node["op"]
        if kind == "Placeholder":
            graph.picture = picture = name
            shape = dimensions(node)
        elif kind == "Identity":
            output = name
            graph.add("Identity", [graph.take(inputs(node)[0])], name)
        elif kind != "Const":
            if kind not in OPERATIONS:
                raise ValueError(f"expected operations that onnx_graph converts, got {kind}")
            OPERATIONS[kind](graph, node)
    made = helper.make_graph(
        graph.nodes,
        "reader",
        [helper.make_tensor_value_info(picture, TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, OUTPUT)],
        list(graph.initializers.values()),
    )
    proto = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, Array]:
    """The stored tensors as TensorFlow.js would hold them: float32 and int32, quantised ones spread out again."""
    tensors: dict[str, Array] = {}
    for group in manifest:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        at = 0
        for spec in group["weights"]:
            quantised = spec.get("quantization", {})
            kind = np.dtype(quantised.get("dtype", spec["dtype"]))
            count = int(np.prod(spec["shape"], dtype=np.int64))
            values = np.frombuffer(data, kind, count, at).reshape(spec["shape"])
            at += count * kind.itemsize
            if "scale" in quantised:
                values = values.astype(np.float32) * np.float32(quantised["scale"]) + np.float32(quantised["min"])
            tensors[spec["name"]] = values.astype(np.int64 if spec["dtype"] == "int32" else np.float32)
    return tensors


def ordered(nodes: list[Node]) -> list[Node]:
    """Each node after those that it needs."""
    by_name = {node["name"]: node for node in nodes}
    done: dict[str, Node] = {}

    def visit(node: Node) -> None:
        if node["name"] in done:
            return
        for name in inputs(node):
            visit(by_name[name])
        done[node["name"]] = node

    for node in nodes:
        visit(node)
    return list(done.values())


def inputs(node: Node) -> list[str]:
    """Names of what a node takes."""
    return [name.removeprefix("^").partition(":")[0] for name in node.get("input", [])]


def dimensions(node: Node) -> list[int]:
    """A placeholder's shape."""
    return [int(each["size"]) for each in node["attr"]["shape"]["shape"]["dim"]]


def integers(node: Node, key: str) -> list[int]:
    """A list of numbers among the attributes."""
    return [int(each) for each in node["attr"].get(key, {}).get("list", {}).get("i", [])]


def text(node: Node, key: str) -> str:
    """A text among the attributes; they are in base64."""
    return base64.b64decode(node["attr"][key]["s"]).decode()


def activation(graph: Graph, node: Node, value: str) -> None:
    """What a fused operation does last; `value` is what it has computed before."""
    fused = [base64.b64decode(each).decode() for each in node["attr"]["fused_ops"]["list"]["s"]]
    kinds = [kind for kind in fused if kind != "BiasAdd"]
    if kinds not in ([], ["Relu"]):
        raise ValueError(f"expected no activation or Relu, got {' and '.join(kinds)}")
    graph.add("Relu" if kinds else "Identity", [value], node["name"])


def convolution(graph: Graph, node: Node) -> None:
    """2D, or depthwise; 1×1 on rows that were never a picture is a matrix product."""
    source, kernel_name, bias = inputs(node)
    kernel, name = graph.constants[kernel_name], node["name"]
    deep = node["op"].startswith("FusedDepthwise")
    if not deep and kernel.shape[:2] == (1, 1) and source not in graph.first:
        product = graph.add(
            "MatMul", [graph.take(source), graph.constant(kernel_name, kernel[0, 0])], f"{name}:product"
        )
        activation(graph, node, graph.add("Add", [product, graph.take(bias)], f"{name}:sum"))
        return
    order = (2, 3, 0, 1) if deep else (3, 2, 0, 1)
    stored = graph.constant(kernel_name, kernel.transpose(order))
    options = {**edges(node, kernel.shape[:2]), "group": kernel.shape[2] if deep else 1}
    value = graph.add("Conv", [graph.take(source, True), stored, graph.take(bias)], f"{name}:conv", **options)
    activation(graph, node, value)
    graph.first.add(name)


def edges(node: Node, size: tuple[int, ...]) -> dict[str, Any]:
    """A convolution's steps, and what is added around the picture."""
    strides, dilations = integers(node, "strides")[1:3], integers(node, "dilations")[1:3]
    options: dict[str, Any] = {"strides": strides, "dilations": dilations}
    padding = text(node, "padding")
    if padding == "EXPLICIT":
        around = integers(node, "explicit_paddings")
        return {**options, "pads": [around[2], around[4], around[3], around[5]]}
    if padding == "SAME" and strides == [1, 1]:  # onnxruntime has no automatic padding with dilations
        both = [(length - 1) * step for length, step in zip(size, dilations, strict=True)]
        return {**options, "pads": [each // 2 for each in both] + [each - each // 2 for each in both]}
    return {**options, "auto_pad": "SAME_UPPER" if padding == "SAME" else "VALID"}


def pooling(graph: Graph, node: Node) -> None:
    """The largest or the mean of each window."""
    kind = {"MaxPool": "MaxPool", "AvgPool": "AveragePool"}[node["op"]]
    same = "SAME_UPPER" if text(node, "padding") == "SAME" else "VALID"
    size, strides = integers(node, "ksize")[1:3], integers(node, "strides")[1:3]
    source = graph.take(inputs(node)[0], True)
    graph.add(kind, [source], node["name"], kernel_shape=size, strides=strides, auto_pad=same)
    graph.first.add(node["name"])


def alike(graph: Graph, node: Node) -> None:
    """Number by number: in the order of axes that its inputs are in."""
    names = inputs(node)
    in_first = [name in graph.first for name in names]
    plain = [name in graph.constants and graph.constants[name].ndim == 0 for name in names]
    turnable = [
        held or single or name == graph.picture for held, single, name in zip(in_first, plain, names, strict=True)
    ]
    first = any(in_first) and all(turnable)
    values = [graph.take(name, first and not single) for name, single in zip(names, plain, strict=True)]
    graph.add(ALIKE[node["op"]], values * 2 if node["op"] == "Square" else values, node["name"])
    if first:
        graph.first.add(node["name"])


def inverse_root(graph: Graph, node: Node) -> None:
    """1 / √x."""
    (source,) = inputs(node)
    root = graph.add("Sqrt", [source], f"{node['name']}:root")
    graph.add("Reciprocal", [root], node["name"])
    if source in graph.first:
        graph.first.add(node["name"])


def mean(graph: Graph, node: Node) -> None:
    """Over all axes but the batch, which is the same in either order."""
    source, axes = inputs(node)
    if sorted(graph.constants[axes].tolist()) != [1, 2, 3] or not node["attr"]["keep_dims"]["b"]:
        raise ValueError("expected a mean over a whole picture that keeps its axes")
    graph.add("ReduceMean", [source], node["name"], axes=[1, 2, 3], keepdims=1)
    if source in graph.first:
        graph.first.add(node["name"])


def product(graph: Graph, node: Node) -> None:
    """Matrices, with what is fused to them."""
    names = inputs(node)
    attributes = node["attr"]
    if any(attributes.get(key, {}).get("b") for key in ("transpose_a", "transpose_b", "adj_x", "adj_y")):
        raise ValueError("expected matrices as they are, got a transposed one")
    fused = node["op"] == "_FusedMatMul"
    value = graph.add(
        "MatMul", [graph.take(n) for n in names[:2]], f"{node['name']}:product" if fused else node["name"]
    )
    if fused:
        activation(graph, node, graph.add("Add", [value, graph.take(names[2])], f"{node['name']}:sum"))


def sliced(graph: Graph, node: Node) -> None:
    """A part along each axis; an axis of which one place is taken may go."""
    source, *bounds = inputs(node)
    begin, end, step = (graph.constants[name].copy() for name in bounds)
    masks = {
        key: int(node["attr"][f"{key}_mask"]["i"]) for key in ("begin", "end", "shrink_axis", "new_axis", "ellipsis")
    }
    if masks["new_axis"] or masks["ellipsis"] or (step != 1).any():
        raise ValueError("expected a slice by steps of one, without new axes")
    gone = [axis for axis in range(len(begin)) if masks["shrink_axis"] >> axis & 1]
    for axis in range(len(begin)):
        if masks["begin"] >> axis & 1:
            begin[axis] = 0
        if axis in gone:
            end[axis] = begin[axis] + 1 if begin[axis] != -1 else np.iinfo(np.int64).max
        elif masks["end"] >> axis & 1:
            end[axis] = np.iinfo(np.int64).max
    name = node["name"]
    parts = [graph.constant(f"{name}:{key}", values) for key, values in (("begin", begin), ("end", end))]
    value = graph.add("Slice", [graph.take(source), *parts], f"{name}:part" if gone else name)
    if gone:
        graph.add("Squeeze", [value, graph.constant(f"{name}:gone", np.array(gone, np.int64))], name)


def padded(graph: Graph, node: Node) -> None:
    """Around each axis, by one value."""
    source, around, value = inputs(node)
    pads = graph.constant(f"{node['name']}:pads", graph.constants[around].T.reshape(-1))
    graph.add("Pad", [graph.take(source), pads, graph.take(value)], node["name"])


def joined(graph: Graph, node: Node) -> None:
    """One after the other along an axis."""
    *names, axis = inputs(node)
    graph.add("Concat", [graph.take(name) for name in names], node["name"], axis=int(graph.constants[axis]))


def reversed_axis(graph: Graph, node: Node) -> None:
    """From the end: a slice by steps of minus one."""
    source, axis = inputs(node)
    name = node["name"]
    least = np.array([np.iinfo(np.int64).min + 1], np.int64)
    parts = {
        "begin": np.array([-1], np.int64),
        "end": least,
        "axis": graph.constants[axis],
        "step": np.array([-1], np.int64),
    }
    graph.add("Slice", [graph.take(source), *(graph.constant(f"{name}:{key}", v) for key, v in parts.items())], name)


def shaped(graph: Graph, node: Node) -> None:
    """Another shape."""
    source, shape = inputs(node)
    graph.add("Reshape", [graph.take(source), graph.take(shape)], node["name"])


def widened(graph: Graph, node: Node) -> None:
    """A further axis of length one."""
    source, axis = inputs(node)
    place = graph.constant(f"{node['name']}:axis", graph.constants[axis].reshape(1))
    graph.add("Unsqueeze", [graph.take(source), place], node["name"])


def softmax(graph: Graph, node: Node) -> None:
    """Along the last axis."""
    graph.add("Softmax", [graph.take(inputs(node)[0])], node["name"], axis=-1)


OPERATIONS: dict[str, Callable[[Graph, Node], None]] = {
    **dict.fromkeys(ALIKE, alike),
    **dict.fromkeys(("_FusedConv2D", "FusedDepthwiseConv2dNative"), convolution),
    **dict.fromkeys(("MaxPool", "AvgPool"), pooling),
    **dict.fromkeys(("MatMul", "BatchMatMulV2", "_FusedMatMul"), product),
    "Rsqrt": inverse_root,
    "Mean": mean,
    "StridedSlice": sliced,
    "PadV2": padded,
    "ConcatV2": joined,
    "ReverseV2": reversed_axis,
    "Reshape": shaped,
    "ExpandDims": widened,
    "Softmax": softmax,
}


if __name__ == "__main__":
    onnx.save(convert(Path(sys.argv[1])), sys.argv[2])
