"""Hold a converted classifier against Keras: by TFLite, and by TensorFlow.js in a real browser, on the same tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from playwright.sync_api import Error as BrowserError

from backend.domain.imaging import normalise
from training.agreement import DisagreementError, compare
from training.classifiers.golden import Predict
from training.parity import Site, open_browser, open_page, outputs_in_browser


def check_numbers(predict: Predict, pixels: NDArray[np.uint8], folder: Path) -> dict[str, Any]:
    """The same pictures through all three; `folder` is the version's, two below that of all versions.

    `pixels` are (n, height, width, channels), of the network's input.
    Raises DisagreementError on another class or a probability off by over 1e-3.
    """
    inputs = normalise(pixels)
    expected = _rows(predict(inputs))
    results: dict[str, Any] = {"pictures": len(pixels)}
    results["tflite"] = compare("TFLite", _rows(tflite(folder / "model.tflite", inputs)), expected)
    site = Site(folder.parent.parent, (), pixels)
    with open_browser() as browser, open_page(browser, site) as page:
        try:
            outputs = outputs_in_browser(page, site, f"{folder.parent.name}/{folder.name}/")
        except BrowserError as error:
            raise DisagreementError(f"expected TensorFlow.js to run the version, got {error.message}") from error
        results["tfjs_wasm"] = compare("TensorFlow.js", _rows(np.array(outputs, np.float32)), expected)
        results["browser"] = browser.version
    return results


def tflite(file: Path, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities (n, classes) by LiteRT, one picture at a time."""
    interpreter = Interpreter(model_path=str(file), num_threads=1)
    interpreter.allocate_tensors()
    source, target = (
        details[0]["index"] for details in (interpreter.get_input_details(), interpreter.get_output_details())
    )
    outputs = []
    for each in inputs:
        interpreter.set_tensor(source, each[None])
        interpreter.invoke()
        outputs.append(np.array(interpreter.get_tensor(target)[0], np.float32))
    return np.stack(outputs)


def _rows(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """As `compare` takes readings: (n, rows, classes), here of one row."""
    return outputs[:, None, :]
