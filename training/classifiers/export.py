"""`python -m training.classifiers.export RUN_DIR`: a trained classifier → a version that browser and server run alike.

Like `training.export` for the reader: folds batch normalisation, rounds the weights to the form they travel in,
converts to TensorFlow.js and TFLite, draws golden pictures, and holds both against Keras on digits from typefaces:
there is no version unless they agree. The figures in its card are those that the run has scored.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # before TensorFlow is imported: see training/convert.py

import keras
import numpy as np
from numpy.typing import NDArray

from backend.domain.card_parts import CardError, file_entries
from backend.domain.classifier_card import ClassifierCard, ClassifierInput
from training import convert
from training.agreement import DisagreementError
from training.classifiers import agreement
from training.classifiers.batches import padded
from training.classifiers.digits import CLASSES
from training.classifiers.drawn import drawn_digits
from training.classifiers.golden import Predict, write_golden
from training.classifiers.judging import BEST, logged, scores
from training.classifiers.redraw import REDRAWN
from training.fold import FORMS, fold, snap
from training.making import ExportError, make, place_of
from training.publishing import rounded, wire
from training.recipes import RecipeError
from training.spending import budget
from training.taking_over import TakingOver, add_publishing, take_reason

PICTURES = 60  # drawn digits on which all must agree


@dataclass(frozen=True)
class Plan:
    """What to export and where to; a version of the classifier is published when it is named in `current.json`."""

    run: Path
    output: Path
    taking_over: TakingOver
    form: str = "float16"
    version: int | None = None


def export(plan: Plan) -> Path:
    """The new version's folder. Raises RecipeError, ExportError, DisagreementError or CardError."""
    options = _options(plan.run)
    target = place_of(plan.output, str(options["recipe"]), plan.version)
    make(target, partial(_build, plan, options))
    return plan.taking_over.finish(target, ClassifierCard)


def _options(run: Path) -> dict[str, Any]:
    """What the run was made with."""
    try:
        return dict(json.loads((run / "options.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise RecipeError(f"expected the folder of a recipe's training, got {run.name} without options.json") from None


def _build(plan: Plan, options: dict[str, Any], folder: Path, work: Path) -> None:
    """Fill the version's folder."""
    name = str(options["recipe"])
    if not (plan.run / BEST).is_file():
        raise RecipeError(f"expected a training with {BEST}, got {plan.run.name} without it: train it first")
    trained = keras.models.load_model(plan.run / BEST, compile=False)
    model = write_networks(trained, name, plan.form, folder, work)
    predict = keras_predict(model)
    side = int(model.inputs[0].shape[1])
    golden = write_golden(predict, side, folder / "golden")
    drawn = padded(drawn_digits(PICTURES, seed=7).pictures, side)
    checked = agreement.check_numbers(predict, drawn[..., None], folder)
    scored = scores(plan.run)
    last = max(scored, key=int, default=None)
    card = ClassifierCard(
        name=name,
        version=folder.name,
        recipe=name,
        architecture=model.name,
        parameters=trained.count_params(),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        input=ClassifierInput(side, side, int(model.inputs[0].shape[3])),
        classes=tuple(str(digit) for digit in range(CLASSES)),
        files=file_entries(folder),
        metrics=rounded(
            {
                "test": {"accuracy": scored[last]} if last else {},
                **redrawn_of(plan.run),
                "validation": max((line["validation"] for line in logged(plan.run)), default=None),
                "export": {"weights": plan.form, "golden": golden, "numbers": checked, "wire": wire(folder)},
            }
        ),
        data={"sha256": options["data_sha256"]},
        training=options | {"budget": budget(plan.run)},
    )
    card.metrics.update(rounded(plan.taking_over.gates(card)))
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")


def write_networks(trained: keras.Model, name: str, form: str, folder: Path, work: Path) -> keras.Model:
    """Write a classifier for Keras, TensorFlow.js and TFLite; returns it as they have it, folded and rounded."""
    model = fold(trained)
    snap(model, form)
    model.save(folder / "model.keras")
    module = convert.save_tensorflow(keras.Model(model.input, {"classes": model.output}, name=name), work / "saved")
    convert.convert_tfjs(work / "saved", folder, form)
    convert.convert_tflite(module, folder / "model.tflite")
    shutil.rmtree(work / "saved")
    return model


def redrawn_of(run: Path) -> dict[str, Any]:
    """How many digits it tells rightly that were drawn at another place and size, where that was measured."""
    file = run / REDRAWN
    return {"redrawn": {"accuracy": json.loads(file.read_text(encoding="utf-8"))}} if file.exists() else {}


def keras_predict(model: keras.Model) -> Predict:
    """The model as golden pictures and checks call it."""

    def predict(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(keras.ops.convert_to_numpy(model(pictures, training=False)), np.float32)

    return predict


def parse(arguments: list[str]) -> Plan:
    """Command line → plan."""
    parser = argparse.ArgumentParser(
        prog="python -m training.classifiers.export", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("run", metavar="RUN_DIR", type=Path, help="folder of a training, with model.keras")
    parser.add_argument("--output", type=Path, default=Path("static/model"))
    parser.add_argument("--weights", dest="form", choices=FORMS, default="float16", help="how they travel")
    parser.add_argument("--version", type=int, help="its number (default: the next)")
    add_publishing(parser)
    given = vars(parser.parse_args(arguments))
    take_reason(parser, given)
    taking_over = TakingOver(given["output"], given.pop("publish"), given.pop("override"))
    return Plan(**given, taking_over=taking_over)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the version's folder printed, 1 with one line on standard error when there is none."""
    try:
        folder = export(parse(sys.argv[1:] if arguments is None else arguments))
    except (RecipeError, ExportError, DisagreementError, CardError) as error:
        print(f"training.classifiers.export: {error}", file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
