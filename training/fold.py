"""Prepare trained weights for export: fold batch normalisation, then snap the weights to the form they travel in.

Both steps give a Keras model again, so Keras, TFLite and TensorFlow.js hold the very same numbers and any difference
between them is arithmetic. Folding: for a linear layer followed by y = γ(x − μ)/√(σ² + ε) + β alone, the layer's
kernel is multiplied by γ/√(σ² + ε) and its bias takes the rest (Jacob et al. 2018, arXiv:1712.05877, section 3.2).
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

FORMS = ("float32", "float16", "uint8", "mixed")
_LINEAR = ("Conv1D", "Conv2D", "DepthwiseConv2D", "Dense")
_LARGE = 4096  # "mixed" keeps smaller tensors, where rounding to 256 steps costs more than it saves, in float16


def only_reading(model: keras.Model) -> keras.Model:
    """The model with its reading as the only output: what serves training alone is left out."""
    output = model.output
    if isinstance(output, dict):
        output = output["reading"]
    elif isinstance(output, (list, tuple)):
        output = output[0]
    return keras.Model(model.input, output, name=model.name)


def fold(model: keras.Model) -> keras.Model:
    """The same function without the BatchNormalization layers that directly follow a linear layer.

    Functional models; a layer that is shared, has an activation or feeds anything else is left as it is.
    """
    pairs = _pairs(model)
    norms = {norm.name for norm in pairs.values()}

    def rebuild(layer: Any) -> Any:
        settings = layer.get_config()
        if layer.name in pairs:
            settings["use_bias"] = True
        return layer.__class__.from_config(settings)

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        return arguments[0] if layer.name in norms else layer(*arguments, **options)

    folded = keras.models.clone_model(model, clone_function=rebuild, call_function=call)
    for layer in model.layers:
        if layer.name in pairs:
            folded.get_layer(layer.name).set_weights(_fold_pair(layer, pairs[layer.name]))
        elif layer.weights and layer.name not in norms:
            folded.get_layer(layer.name).set_weights(layer.get_weights())
    return folded


def snap(model: keras.Model, form: str) -> None:
    """Round every weight, in place, to a value that `form` holds exactly. Raises ValueError for an unknown form."""
    if form not in FORMS:
        raise ValueError(f"expected one of {', '.join(FORMS)}, got {form}")
    for layer in model.layers:
        layer.set_weights([snapped(weights, storage(weights, form)) for weights in layer.get_weights()])


def storage(weights: Array, form: str) -> str:
    """How a tensor travels under `form`: "float32", "float16" or "uint8"."""
    if form == "mixed":
        return "uint8" if weights.size >= _LARGE else "float16"
    if form == "uint8" and weights.ndim < 2:
        return "float16"  # biases are few, and an error in one shifts a whole feature map
    return form


def snapped(weights: Array, kind: str) -> Array:
    """The nearest values that `kind` holds. uint8: 256 even steps with an exact zero, as TensorFlow.js' converter."""
    if kind == "float16":
        return weights.astype(np.float16).astype(np.float32)
    if kind == "uint8" and weights.size and weights.min() != weights.max():
        low, high = min(float(weights.min()), 0.0), max(float(weights.max()), 0.0)
        step = (high - low) / 255
        zero = round(-low / step)
        codes = np.clip(np.round(weights / step) + zero, 0, 255)
        return np.asarray((codes - zero) * step, dtype=np.float32)
    return weights


def _pairs(model: keras.Model) -> dict[str, Any]:
    """Names of linear layers → the BatchNormalization that alone consumes each."""
    inside = {layer.name for layer in model.layers}
    pairs = {}
    for layer in model.layers:
        consumers = [node.operation for node in layer._outbound_nodes if node.operation.name in inside]
        if type(layer).__name__ not in _LINEAR or len(layer._inbound_nodes) != 1 or len(consumers) != 1:
            continue
        norm = consumers[0]
        plain = layer.activation is None or layer.activation is keras.activations.linear
        if type(norm).__name__ == "BatchNormalization" and len(norm._inbound_nodes) == 1 and plain:
            pairs[layer.name] = norm
    return pairs


def _fold_pair(layer: Any, norm: Any) -> list[Array]:
    kernel, *bias = layer.get_weights()
    statistics = [values.astype(np.float64) for values in norm.get_weights()]
    gamma = statistics.pop(0) if norm.scale else 1.0
    beta = statistics.pop(0) if norm.center else 0.0
    mean, variance = statistics
    factor = gamma / np.sqrt(variance + norm.epsilon)
    shape = kernel.shape[-2:] if type(layer).__name__ == "DepthwiseConv2D" else (kernel.shape[-1],)
    before = bias[0].astype(np.float64) if bias else 0.0
    folded_kernel = kernel.astype(np.float64) * factor.reshape(shape)
    return [folded_kernel.astype(np.float32), (beta + (before - mean) * factor).astype(np.float32)]
