"""A Keras model → SavedModel → TensorFlow.js graph model and TFLite, all for one picture at a time.

`TF_ENABLE_ONEDNN_OPTS=0` must be set before TensorFlow is imported: its optimiser otherwise fuses operations that
TensorFlow.js refuses. This is the only module of `training` that calls TensorFlow itself.
"""

from __future__ import annotations

import os

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import contextlib
import io
import json
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from training.fold import snapped, storage
from training.tfjs_graph import simplify
from training.tfjs_stubs import import_tensorflowjs

_SMALL = 64  # constants of the graph (sizes, epsilons) stay as they are


def save_tensorflow(model: keras.Model, folder: Path) -> tf.Module:
    """Write a SavedModel: input `picture` float32 (1, height, width, 3) → output `reading` float32 (1, 11, 10).

    A model of several named outputs keeps their names. Returns the module, its function as `read`.
    """
    height, width, channels = model.inputs[0].shape[1:]
    module = tf.Module()
    module.model = model

    def read(picture: tf.Tensor) -> dict[str, tf.Tensor]:
        outputs = model(picture, training=False)
        return outputs if isinstance(outputs, dict) else {"reading": outputs}

    module.read = tf.function(
        read,
        input_signature=[tf.TensorSpec((1, height, width, channels), tf.float32, name="picture")],
        autograph=False,
    )
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.read})
    return module


def convert_tfjs(saved_model: Path, folder: Path, form: str) -> None:
    """Write `model.json` and its `.bin` shards into `folder`, the weights as small as `form` holds them exactly."""
    converter, read_weights, write_weights = import_tensorflowjs()
    with contextlib.redirect_stdout(io.StringIO()):
        converter.convert_tf_saved_model(str(saved_model), str(folder), control_flow_v2=True)
    topology = folder / "model.json"
    model = json.loads(topology.read_text(encoding="utf-8"))
    groups = read_weights.read_weights(model["weightsManifest"], str(folder))
    entries = [entry for group in groups for entry in group]
    simplify(model["modelTopology"], entries)
    for group in model["weightsManifest"]:
        for path in group["paths"]:
            (folder / path).unlink()
    model["weightsManifest"] = write_weights.write_weights(
        [entries], str(folder), write_manifest=False, quantization_dtype_map=_exact_forms(entries, form)
    )
    topology.write_text(json.dumps(model, separators=(",", ":")), encoding="utf-8")


def convert_tflite(module: tf.Module, file: Path) -> None:
    """Write a float32 TFLite model of built-in operations.

    The variables are frozen first: given the SavedModel, the converter of TensorFlow 2.21 leaves them out of the file.
    """
    frozen = convert_variables_to_constants_v2(module.read.get_concrete_function())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TensorFlow's own inner modules
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        file.write_bytes(converter.convert())


def _exact_forms(entries: list[dict[str, Any]], form: str) -> dict[str, list[str]]:
    """Form → names of the weights that lose nothing by it; all others stay float32."""
    forms: dict[str, list[str]] = {}
    for entry in entries:
        values = entry["data"]
        if values.dtype != np.float32 or values.size < _SMALL:
            continue
        kind = storage(values, form)
        if kind != "float32" and np.allclose(
            snapped(values, kind), values, rtol=1e-6, atol=1e-7 * np.abs(values).max()
        ):
            forms.setdefault(kind, []).append(entry["name"])
    return forms
