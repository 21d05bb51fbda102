"""`python -m training.transfer.export RUN_DIR`: a tuned network → a version that browser and server run alike.

As `training.classifiers.export` does for digits; all forms must agree on pictures of the run's test part. Those do not
come into the version: its golden pictures are drawn displays, with what Keras says of them, be it what it may.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # before TensorFlow is imported: see training/convert.py

import keras
import numpy as np
from PIL import Image

from backend.domain.card_parts import CardError, file_entries
from backend.domain.classifier_card import PICTURE, ClassifierCard, ClassifierInput
from backend.domain.imaging import InputSpec, cut, normalise
from training.agreement import DisagreementError
from training.classifiers import agreement
from training.classifiers.export import keras_predict, write_networks
from training.classifiers.golden import DECIMALS, Predict
from training.classifiers.judging import logged, scores
from training.making import ExportError, make, place_of
from training.publishing import rounded, wire
from training.recipes import RecipeError
from training.render import render
from training.spending import budget
from training.taking_over import TakingOver, add_publishing, take_reason
from training.transfer.learning import CLASSES, PICTURES, WHOLE

FORM = "float16"  # how weights travel
GOLDEN = 4  # drawn displays


def export(run: Path, version: int | None, taking_over: TakingOver) -> Path:
    """The new version's folder. Raises RecipeError, ExportError, DisagreementError or CardError."""
    try:
        options = dict(json.loads((run / "options.json").read_text(encoding="utf-8")))
        told = dict(json.loads((run / CLASSES).read_text(encoding="utf-8")))
        trained = keras.models.load_model(run / WHOLE, compile=False)
        pictures = np.load(run / PICTURES)
    except (OSError, ValueError) as error:
        raise RecipeError(f"expected the folder of a tuned network, got {run.name}: {error}") from error
    target = place_of(taking_over.models, str(options["recipe"]), version)
    make(target, partial(_build, run, options, told, trained, pictures, taking_over))
    return taking_over.finish(target, ClassifierCard)


def _build(
    run: Path,
    options: dict[str, Any],
    told: dict[str, Any],
    trained: keras.Model,
    pictures: Any,
    taking_over: TakingOver,
    folder: Path,
    work: Path,
) -> None:
    """Fill the version's folder."""
    name = str(options["recipe"])
    model = write_networks(trained, name, FORM, folder, work)
    predict = keras_predict(model)
    height, width, channels = (int(each) for each in model.inputs[0].shape[1:])
    golden = write_golden(predict, (width, height), tuple(told), folder / "golden")
    checked = agreement.check_numbers(predict, pictures, folder)
    card = ClassifierCard(
        name=name,
        version=folder.name,
        recipe=name,
        architecture=model.name,
        parameters=trained.count_params(),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        input=ClassifierInput(width, height, channels, PICTURE),
        classes=tuple(told),
        files=file_entries(folder),
        metrics=rounded(
            {
                "test": {"accuracy": list(scores(run).values())[-1], "classes": told},
                "validation": max(line["validation"] for line in logged(run)),
                "export": {"weights": FORM, "golden": golden, "numbers": checked, "wire": wire(folder)},
            }
        ),
        data={"sha256": options["data_sha256"]},
        training=options | {"budget": budget(run)},
    )
    card.metrics.update(rounded(taking_over.gates(card)))
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")


def write_golden(predict: Predict, size: tuple[int, int], classes: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Write `golden.json` and PNGs of drawn displays in the input's width and height; returns how many there are."""
    folder.mkdir()
    entries = []
    for number in range(GOLDEN):
        drawn = render(np.random.default_rng((11, number))).image.convert("RGB")
        pixels = cut(drawn, None, InputSpec(*size))
        name = f"{number:02}.png"
        Image.fromarray(pixels).save(folder / name, optimize=True)
        (output,) = predict(normalise(pixels)[None])
        values = [round(float(value), DECIMALS) for value in output]
        entries.append({"image": name, "class": classes[int(output.argmax())], "output": values})
    (folder / "golden.json").write_text(json.dumps(entries, separators=(",", ":")) + "\n", encoding="utf-8")
    return {"pictures": len(entries)}


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the version's folder printed, 1 with one line on standard error when there is none."""
    parser = argparse.ArgumentParser(prog="python -m training.transfer.export", description=__doc__.partition("\n")[0])
    parser.add_argument("run", metavar="RUN_DIR", type=Path, help="folder of a tuned network")
    parser.add_argument("--output", type=Path, default=Path("static/model"))
    parser.add_argument("--version", type=int, help="its number (default: the next)")
    add_publishing(parser)
    given = parser.parse_args(arguments)
    take_reason(parser, vars(given))
    try:
        folder = export(given.run, given.version, TakingOver(given.output, given.publish, given.override))
    except (RecipeError, ExportError, DisagreementError, CardError) as error:
        print(f"training.transfer.export: {error}", file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
