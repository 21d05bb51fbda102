"""`python -m training.finder.export RUN_DIR --dataset DATA_DIR --reader VERSION`: a trained finder → a version.

Like `training.export` for the reader: folds batch normalisation, rounds the weights to the form they travel in,
converts to TensorFlow.js and TFLite, draws golden pictures, measures both looks on the validation photos, and holds
both forms against Keras, through the page's own module too: there is no version unless they agree. Without `--dataset`
drawn displays stand in for photos, and nothing is measured. `--publish` names the version in `current.json`.
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

from backend.domain.card import CardError, file_entries
from backend.domain.finder_card import FinderCard
from backend.domain.imaging import ImageError
from backend.domain.outline import PRESENT, Predict
from training import convert
from training.agreement import DisagreementError
from training.data import SPLITS, VALIDATE, DatasetError
from training.finder import agreement
from training.finder.data import outlines_hash, read_outlines
from training.finder.evaluate import evaluate
from training.finder.golden import drawn_photo, write_golden
from training.finder.opened import Finder, as_sent, keras_predict
from training.fold import FORMS
from training.making import ExportError, make, place_of
from training.networks import open_network
from training.publishing import point_at, rounded, wire
from training.spending import budget
from training.taking_over import TakingOver, add_publishing, take_reason

NAME = "finder"
NUMBERS = 16  # pictures at most on which the very numbers must agree
PAGE = 40  # pictures in which the page must find what Python does


@dataclass(frozen=True)
class Plan:
    """What to export and where to; `reader` is the version that reads what is found, here and on the page."""

    run: Path
    reader: Path
    output: Path
    taking_over: TakingOver
    dataset: Path | None = None
    form: str = "float16"
    version: int | None = None
    pictures: int = PAGE


def export(plan: Plan) -> Path:
    """The new version's folder. Raises ExportError, DisagreementError, CardError or DatasetError."""
    target = make(place_of(plan.output, NAME, plan.version), partial(_build, plan))
    return plan.taking_over.finish(target, FinderCard)


def _build(plan: Plan, folder: Path, work: Path) -> None:
    """Fill the version's folder."""
    model, predict = _convert(plan, folder, work)
    golden = write_golden(predict, folder / "golden")
    measured, data = _measure(plan, predict)
    files = _pictures(plan, work)
    models = folder.parent.parent
    path = f"{NAME}/{folder.name}/"
    looks = agreement.first_looks(files[:NUMBERS])
    numbers = agreement.check_numbers(predict, models, path, looks)
    numbers["tflite"] = agreement.check_tflite(predict, folder / "model.tflite", looks)
    export: dict[str, Any] = {"weights": plan.form, "golden": golden, "numbers": numbers, "wire": wire(folder)}
    card = FinderCard(
        name=NAME,
        version=folder.name,
        architecture=model.name,
        parameters=model.count_params(),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        presence=PRESENT,
        files=file_entries(folder),
        metrics=rounded(measured | {"export": export}),
        data=data,
        training=_options(plan) | {"budget": budget(plan.run)},
    )
    card.metrics.update(rounded(plan.taking_over.gates(card)))
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")
    shutil.copytree(plan.reader, models / plan.reader.parent.name / plan.reader.name)
    point_at(models, models / plan.reader.parent.name / plan.reader.name)
    point_at(models, folder)
    export["page"] = rounded(agreement.check_page(predict, card.presence, models, files))
    card.metrics["export"] = rounded(export)
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")


def _convert(plan: Plan, folder: Path, work: Path) -> tuple[keras.Model, Predict]:
    """Write both graphs and the weights to go on from; returns the network that the graphs were made of."""
    file = plan.run / "model.keras"
    if not file.is_file():
        raise ExportError(f"expected a run folder with model.keras, got {plan.run}")
    trained = keras.models.load_model(file, compile=False)
    trained.save(folder / "model.keras")
    model = as_sent(trained, plan.form)
    module = convert.save_tensorflow(model, work / "saved")
    convert.convert_tflite(module, folder / "model.tflite")
    convert.convert_tfjs(work / "saved", folder, plan.form)
    shutil.rmtree(work / "saved")
    return model, keras_predict(model)


def _measure(plan: Plan, predict: Predict) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures on the validation photos, and what they were."""
    if plan.dataset is None:
        return {}, {}
    about = {"name": NAME, "version": "export"}
    measured, _ = evaluate(Finder(predict, PRESENT, about), open_network(plan.reader), plan.dataset, "validate")
    photos = read_outlines(plan.dataset / "photos")
    counts = {split: sum(photo.type == side for photo in photos) for split, side in SPLITS.items()}
    figures = {key: value for key, value in measured.items() if key not in ("version", "split")}
    return {"validate": figures}, {"sha256": outlines_hash(plan.dataset / "photos"), **counts}


def _pictures(plan: Plan, work: Path) -> list[Path]:
    """Files that the browser is held against Keras on: validation photos, or drawn ones."""
    if plan.dataset:
        return [photo.image for photo in read_outlines(plan.dataset / "photos") if photo.type == VALIDATE][
            : plan.pictures
        ]
    files = []
    for number in range(plan.pictures):
        files.append(work / f"{number:02}.png")
        drawn_photo(np.random.default_rng((9, number)))[0].save(files[-1])
    return files


def _options(plan: Plan) -> dict[str, Any]:
    """The options that the run was made with; which weights it began with is named by their run alone."""
    file = plan.run / "options.json"
    options: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if options.get("start"):
        options["start"] = Path(options["start"]).parent.name
    return options


def parse(arguments: list[str]) -> Plan:
    """Command line → plan."""
    parser = argparse.ArgumentParser(prog="python -m training.finder.export", description=__doc__.partition("\n")[0])
    parser.add_argument("run", metavar="RUN_DIR", type=Path, help="folder of a run, with model.keras")
    parser.add_argument("--reader", required=True, type=Path, metavar="VERSION", help="what reads the displays")
    parser.add_argument("--dataset", type=Path, metavar="DATA_DIR", help="folder with photos/; drawn ones without it")
    parser.add_argument("--output", type=Path, default=Path("static/model"))
    parser.add_argument("--weights", dest="form", choices=FORMS, default="float16", help="how they travel")
    parser.add_argument("--version", type=int, help="its number (default: the next)")
    parser.add_argument("--pictures", type=int, default=PAGE, help="on which the page must agree")
    add_publishing(parser)
    given = vars(parser.parse_args(arguments))
    take_reason(parser, given)
    taking_over = TakingOver(given["output"], given.pop("publish"), given.pop("override"))
    return Plan(**given, taking_over=taking_over)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the version's folder printed, 1 with one line on standard error when there is none."""
    try:
        folder = export(parse(sys.argv[1:] if arguments is None else arguments))
    except (ExportError, DisagreementError, CardError, DatasetError, ImageError) as error:
        print(f"training.finder.export: {error}", file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
