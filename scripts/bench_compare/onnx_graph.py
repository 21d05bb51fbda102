"""A version's TensorFlow.js graph as ONNX: the same operations on the same weights, for onnxruntime-web.

Tensors of pictures are kept channels first, as ONNX's convolutions and poolings want them, and turned only where an
operation cares for the order of its axes; so the graph holds few transpositions, as an export by the usual tools would.
Run as a program with `onnx` on the path (`PYTHONPATH`): `python -m scripts.bench_compare.onnx_graph VERSION_DIR FILE`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from scripts.bench_compare.onnx_nodes import Array, Graph, Node, inputs
from scripts.bench_compare.onnx_operations import OPERATIONS

OPSET = 17
OUTPUT = [1, 11, 10]


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


def dimensions(node: Node) -> list[int]:
    """A placeholder's shape."""
    return [int(each["size"]) for each in node["attr"]["shape"]["shape"]["dim"]]


if __name__ == "__main__":
    onnx.save(convert(Path(sys.argv[1])), sys.argv[2])
