"""Each operation of TensorFlow.js' graphs as ONNX has it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np

from scripts.bench_compare.onnx_nodes import Graph, Node, inputs, integers, text

ALIKE = {"AddV2": "Add", "Sub": "Sub", "Mul": "Mul", "Relu": "Relu", "Sigmoid": "Sigmoid", "Square": "Mul"}


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
