"""`python -m training.export RUN_DIR --name compact --dataset DIR`: a trained run → a version of `static/model/`.

Folds batch normalisation, rounds the weights to the form they travel in, converts to TensorFlow.js and TFLite, fits
temperature and thresholds on validation pictures, draws golden pictures, and holds Keras, TFLite and the browser
against each other on at least 500 real pictures: it does not finish unless they agree. Everything is written under a
temporary name and renamed at the end; a version never changes. `--publish` points `current.json` to it.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # before TensorFlow is imported: see training/convert.py

from backend.domain.card import Card, CardError, file_entries
from backend.domain.imaging import ImageError, InputSpec
from training import agreement, convert, fitting
from training.data import DatasetError, read_table
from training.fold import FORMS, fold, snap
from training.golden import draw_dataset, write_golden
from training.networks import Network, batches, keras_predict, load_keras
from training.publishing import point_at, publish, sync, sync_folder, wire

PICTURES = 500  # real pictures on which all three must agree
PAGE_PICTURES = 120  # of them read by the page's own module too
FOLD_TOLERANCE = 1e-4
STATISTICS = "statistics.json"  # beside the card, for the panel: `fitting.Fitted.statistics`


class ExportError(RuntimeError):
    """The run cannot become a version; the message says why."""


@dataclass(frozen=True)
class Plan:
    """What to export and where to. Without a `dataset`, `pictures` drawn displays stand in for real ones."""

    run: Path
    name: str
    output: Path
    dataset: Path | None = None
    form: str = "float16"
    version: int | None = None
    publish: bool = False
    pictures: int = PICTURES


def export(plan: Plan) -> Path:
    """The new version's folder. Raises ExportError, DisagreementError, CardError or DatasetError."""
    version = plan.version or _next_version(plan.output / plan.name)
    target = plan.output / plan.name / str(version)
    if target.exists():
        raise ExportError(f"expected a new version, got {plan.name}/{version}, which is there: a version never changes")
    if plan.dataset:  # better now than after minutes
        fitting.choose(read_table(plan.dataset), plan.pictures)
    plan.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=plan.output) as place:
        folder = Path(place) / "model" / plan.name / str(version)
        folder.mkdir(parents=True)
        _build(plan, folder, Path(place))
        sync(folder)
        target.parent.mkdir(exist_ok=True)
        folder.rename(target)
        sync_folder(target.parent)
    if plan.publish:
        publish(target)
    return target


def _build(plan: Plan, folder: Path, work: Path) -> None:
    """Fill the version's folder."""
    network = _convert(plan, folder, work)
    golden = write_golden(network, folder / "golden")
    dataset = plan.dataset or draw_dataset(work / "drawn", 3 * plan.pictures)
    fitted = fitting.fit(network, dataset, plan.pictures)
    numbers = agreement.check_numbers(network, folder, fitted.pixels, fitted.outputs)
    statistics = json.dumps(rounded(fitted.statistics), ensure_ascii=False, allow_nan=False)
    (folder / STATISTICS).write_text(statistics + "\n", encoding="utf-8")
    checks = {"numbers": numbers, "golden": golden, "pictures": "real" if plan.dataset else "drawn"}
    card = _card(plan, folder, network, fitted, checks | {"wire": wire(folder)})
    models = folder.parent.parent
    _write_card(card, folder)
    page = agreement.check_page(network, card, models, fitted.places[:: max(1, len(fitted.places) // PAGE_PICTURES)])
    metrics = card.metrics | {"export": card.metrics["export"] | {"page": rounded(page)}}
    _write_card(dataclasses.replace(card, metrics=metrics), folder)


def _convert(plan: Plan, folder: Path, work: Path) -> Network:
    """Write the graph model and the TFLite file; returns the Keras network that both were made of."""
    file = plan.run / "model.keras"
    if not file.is_file():
        raise ExportError(f"expected a run folder with model.keras, got {plan.run}")
    trained = load_keras(file)
    model = fold(trained)
    height, width = model.inputs[0].shape[1:3]
    network = Network(InputSpec(width, height), keras_predict(model), model.count_params(), {"name": plan.name})
    probe = fitting.probe(network.spec)
    off = max(float(abs(keras_predict(trained)(x) - network.predict(x)).max()) for x in batches(probe))
    if not off <= FOLD_TOLERANCE:
        raise ExportError(f"expected folding to change nothing, got a difference of {off:.2g}")
    snap(model, plan.form)
    module = convert.save_tensorflow(model, work / "saved")
    convert.convert_tfjs(work / "saved", folder, plan.form)
    convert.convert_tflite(module, folder / "model.tflite")
    shutil.rmtree(work / "saved")
    return network


def _card(plan: Plan, folder: Path, network: Network, fitted: fitting.Fitted, checks: dict[str, Any]) -> Card:
    options_file = plan.run / "options.json"
    options = json.loads(options_file.read_text(encoding="utf-8")) if options_file.is_file() else {}
    options.pop("dataset", None)  # where it lay is nobody's business; its hash is kept
    calibration = fitted.calibration
    return Card(
        name=plan.name,
        version=folder.name,
        architecture=options.get("architecture", plan.name),
        parameters=network.parameters,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        input=network.spec,
        temperature=calibration.temperature,
        threshold=calibration.threshold,
        unreadable=calibration.unreadable,
        files=file_entries(folder),
        acceptance=rounded(calibration.acceptance),
        metrics=rounded(fitted.metrics | {"export": checks | {"weights": plan.form}}),
        data=fitted.data,
        training=options | {"budget": budget(plan.run / "log.jsonl")},
    )


def rounded(value: Any) -> Any:
    """The same JSON value with 4 significant digits a float: every visitor downloads the card."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def budget(log: Path) -> dict[str, Any]:
    """What a run has cost, from its log: epochs, pictures and time."""
    if not log.is_file():
        return {}
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    seconds = [line.get("seconds", 0.0) for line in lines]
    pictures = sum(line.get("seconds", 0.0) * line.get("images_per_second", 0.0) for line in lines)
    cpu = sum(line.get("cpu_seconds", 0.0) for line in lines)
    return {
        "epochs": len(lines),
        "pictures": round(pictures),
        "seconds": round(sum(seconds)),
        "cpu_seconds": round(cpu),
    }


def _write_card(card: Card, folder: Path) -> None:
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")
    point_at(folder.parent.parent, folder)  # the check's own current.json, for the page's reader


def _next_version(folder: Path) -> int:
    numbers = [int(path.name) for path in folder.glob("*") if path.name.isdecimal()]
    return max(numbers, default=0) + 1


def parse(arguments: list[str]) -> Plan:
    """Command line → plan."""
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__.partition("\n")[0])
    parser.add_argument("run", metavar="RUN_DIR", type=Path, help="folder of a run, with model.keras")
    parser.add_argument("--name", required=True, help="the versions' name, such as compact")
    parser.add_argument("--dataset", type=Path, help="folder with training.csv and images/; drawn displays without it")
    parser.add_argument("--output", type=Path, default=Path("static/model"))
    parser.add_argument("--weights", dest="form", choices=FORMS, default="float16", help="how they travel")
    parser.add_argument("--version", type=int, help="its number (default: the next)")
    parser.add_argument("--pictures", type=int, help=f"on which all must agree (default {PICTURES}, drawn ones 60)")
    parser.add_argument("--publish", action="store_true", help="point current.json to it")
    given = vars(parser.parse_args(arguments))
    least = PICTURES if given["dataset"] else 1
    given["pictures"] = given["pictures"] or (PICTURES if given["dataset"] else 60)
    if given["pictures"] < least:
        parser.error(f"expected --pictures of at least {least}, got {given['pictures']}")
    return Plan(**given)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the version's folder printed, 1 with one line on standard error when there is none."""
    plan = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        folder = export(plan)
    except (ExportError, agreement.DisagreementError, CardError, DatasetError, ImageError) as error:
        print(f"training.export: {error}", file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
