"""Import TensorFlow.js' converter without the frameworks that the graph-model route never uses.

`tensorflowjs` imports decision forests, TensorFlow Hub, Keras 2 and JAX at its top; none of them takes part in turning
a SavedModel into a graph model, and together they are over 1.5 GB. Empty modules stand in for those that are missing.
"""

from __future__ import annotations

import importlib.util
import sys
import types
import warnings
from typing import Any

_UNUSED = ("tensorflow_decision_forests", "tensorflow_hub", "tf_keras")
_JAX_ROUTE = "tensorflowjs.converters.jax_conversion"


def import_tensorflowjs() -> tuple[Any, Any, Any]:
    """The converter's modules `tf_saved_model_conversion_v2`, `read_weights` and `write_weights`.

    Raises ImportError when `tensorflowjs` itself is not installed.
    """
    for name in _UNUSED:
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            sys.modules[name] = types.ModuleType(name)
    route = types.ModuleType(_JAX_ROUTE)  # even where there is JAX: it is seconds to import and often too new
    route.convert_jax = None  # type: ignore[attr-defined]
    sys.modules.setdefault(_JAX_ROUTE, route)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it still asks for pkg_resources, which says that it is going away
        from tensorflowjs import read_weights, write_weights
        from tensorflowjs.converters import tf_saved_model_conversion_v2
    return tf_saved_model_conversion_v2, read_weights, write_weights
