"""`python -m training.export RUN_DIR --name compact --dataset DIR`: a trained run → a version of `static/model/`.

Folds batch normalisation, rounds the weights to the form they travel in, converts to TensorFlow.js and TFLite, fits
temperature and thresholds on validation pictures, draws golden pictures, and holds Keras, TFLite and the browser
against each other on at least 500 real pictures: it does not finish unless they agree. Everything is written under a
temporary name and renamed at the end; a version never changes. `--publish` points `current.json` to it. Where there
are fewer pictures, `--few` takes what there is and drawn displays beside them for the agreement; the card says so.

The card says which gates it passes (`domain/gates`): how it reads beside the version of `--against`, what it has lost
of what the version that it goes on from read, whether the dataset folder leaks, whether what earlier networks were
taught with leaks into it. With `--gates FILE` (outcomes known before) a version that Keras, TFLite and the browser
disagree on is made, too. `--publish` while a gate is failed or has not been asked takes `--override "why"`, which the
card keeps; a first one need not be compared with another.
"""

from __future__ import annotations

import argparse
import dataclasses
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

from backend.domain import gates
from backend.domain.card import Card, CardError, file_entries
from backend.domain.imaging import ImageError
from training import agreement, convert, fitting, inherited
from training.architectures import ARCHITECTURES, LOOK_AGAIN
from training.data import DatasetError, Sample, read_table
from training.fold import FORMS, fold, snap
from training.gating import Gating
from training.golden import draw_dataset, write_golden
from training.leaking import gate
from training.lineage import beside_parent, described, parent_of
from training.making import ExportError, make, place_of
from training.networks import Network, batches, input_of, keras_predict, load_keras
from training.progress import Progress
from training.publishing import point_at, publish, reader_in, rounded, wire
from training.spending import budget, options_of
from training.taking_over import add_publishing, take_reason

PICTURES = 500  # real pictures on which all three must agree
FEW = 200  # with --few: real ones, and drawn ones where they are not enough
PAGE_PICTURES = 120  # of them read by the page's own module too
FOLD_TOLERANCE = 1e-4
WEIGHTS = "model.keras"
STATISTICS = "statistics.json"  # beside the card, for the panel: `fitting.Fitted.statistics`


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
    override: str = ""
    pictures: int = PICTURES
    few: bool = False
    limit: int | None = None
    parent: Path | None = None
    against: Path | None = None
    gating: Gating = Gating(None)  # noqa: RUF009 (without gates it keeps nothing)
    progress: Progress = Progress(None)  # noqa: RUF009 (it holds nothing)


def export(plan: Plan) -> Path:
    """The new version's folder. Raises ExportError, DisagreementError, CardError or DatasetError."""
    target = place_of(plan.output, plan.name, plan.version)
    if (unasked := _unasked(plan)) and not plan.override:
        raise ExportError(
            f"expected --dataset and --against, or --gates FILE, to {_aim(plan)}, or --override with a written reason,"
            f" got nothing that is known of: {', '.join(unasked)}"
        )
    if plan.dataset:  # better now than after minutes
        fitting.choose(read_table(plan.dataset), plan.pictures, plan.few, plan.limit)
    make(target, partial(_build, plan))
    if plan.publish:
        blocking = gates.in_the_way(Card.load(target).metrics["gates"])
        if blocking and not plan.override:
            raise ExportError(f"{target} is made, but not published, for it has not passed: {', '.join(blocking)}")
        publish(target)
    return target


def _unasked(plan: Plan) -> dict[str, gates.Gate]:
    """The gates that nobody has asked of a version that is to be published."""
    if not plan.publish:
        return {}
    published = reader_in(plan.output)
    same = plan.against is not None and f"{plan.against.parent.name}/{plan.against.name}" == published
    compared = same or published is None  # a first one takes nobody's place
    inherits = inherited.gate(None, plan.run, plan.parent)["outcome"] == gates.OPEN
    return plan.gating.unasked(compared, _parent(plan) is not None, plan.dataset is not None, inherits)


def _aim(plan: Plan) -> str:
    published = reader_in(plan.output)
    return f"take the place of {published}" if published else "be the first that is published"


def _parent(plan: Plan) -> Path | None:
    return parent_of(plan.run, plan.parent)


def _override(plan: Plan, found: dict[str, gates.Gate]) -> dict[str, Any]:
    """Why it is published, in spite of which gates, as the panel keeps it, too; nothing where none is in the way."""
    outcomes = gates.in_the_way(_unasked(plan) | found)
    return {"override": {"reason": plan.override, "gates": outcomes}} if plan.override and outcomes else {}


def _build(plan: Plan, folder: Path, work: Path) -> None:
    """Fill the version's folder."""
    say = partial(plan.progress.say, steps=5)
    network = _convert(plan, folder, work)
    say(1, stage="converted")
    golden = write_golden(network, folder / "golden")
    dataset = plan.dataset or draw_dataset(work / "drawn", 3 * plan.pictures)
    chosen = fitting.choose(read_table(dataset), plan.pictures, plan.few, plan.limit)
    drawn = _stand_ins(work / "stand_ins", plan.pictures - sum(map(len, chosen)) if plan.dataset else 0)
    say(2, stage="golden pictures")
    fitted = fitting.fit(network, dataset, chosen, drawn)
    metrics = fitted.metrics | _beside(plan, chosen[0], fitted)
    say(3, stage="calibrated")
    numbers = plan.gating.checked(partial(agreement.check_numbers, network, folder, fitted.pixels, fitted.first))
    say(4, stage="numbers agree")
    statistics = json.dumps(rounded(fitted.statistics), ensure_ascii=False, allow_nan=False)
    (folder / STATISTICS).write_text(statistics + "\n", encoding="utf-8")
    real = len(fitted.places) - len(drawn) if plan.dataset else 0
    kind = ("real and drawn" if drawn else "real") if plan.dataset else "drawn"
    checks = {"numbers": numbers, "golden": golden, "pictures": kind, "real": real, "wire": wire(folder)}
    card = _card(plan, folder, network, dataclasses.replace(fitted, metrics=metrics), checks)
    models = folder.parent.parent
    _write_card(card, folder)
    some = fitted.places[:: max(1, len(fitted.places) // PAGE_PICTURES)]
    page = plan.gating.checked(partial(agreement.check_page, network, card, models, some))
    leaks = partial(gate, plan.dataset, options_of(plan.run).get("dataset_sha256")) if plan.dataset else None
    before = partial(inherited.gate, plan.dataset, plan.run, plan.parent)
    outputs = fitted.outputs[: len(chosen[0])]
    found = plan.gating.outcomes(metrics.get("parent"), plan.against, leaks, before, chosen[0], outputs)
    more = {"export": card.metrics["export"] | {"page": page}, "gates": found} | _override(plan, found)
    metrics = card.metrics | rounded(more)
    _write_card(dataclasses.replace(card, metrics=metrics), folder)
    say(5, stage="the page agrees")


def _stand_ins(folder: Path, count: int) -> list[Sample]:
    """So many drawn displays, for the agreement where there are too few real ones."""
    return read_table(draw_dataset(folder, count)) if count > 0 else []


def _beside(plan: Plan, validation: list[Sample], fitted: fitting.Fitted) -> dict[str, Any]:
    """What the new version has gained and lost beside its parent."""
    parent, outputs = _parent(plan), fitted.outputs[: len(validation)]
    return {"parent": beside_parent(parent, plan.parent is not None, validation, outputs)} if parent else {}


def _convert(plan: Plan, folder: Path, work: Path) -> Network:
    """Write the graph model and the TFLite file; returns the Keras network that both were made of."""
    file = plan.run / "model.keras"
    if not file.is_file():
        raise ExportError(f"expected a run folder with model.keras, got {plan.run}")
    trained = load_keras(file)
    # Without the optimiser, but with the outputs that serve training alone: what the next version goes on from.
    keras.models.load_model(file, compile=False).save(folder / WEIGHTS)
    model = fold(trained)
    architecture = options_of(plan.run).get("architecture", plan.name)
    again = ARCHITECTURES[architecture].look_again if architecture in ARCHITECTURES else LOOK_AGAIN
    spec = input_of(model, architecture)
    network = Network(spec, keras_predict(model), model.count_params(), {"name": plan.name}, again=again)
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
    options = described(plan.run, plan.parent)
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
        unreadable_temperature=calibration.unreadable_temperature,
        look_again=network.again,
        files=file_entries(folder),
        acceptance=rounded(calibration.acceptance),
        metrics=rounded(fitted.metrics | {"export": checks | {"weights": plan.form}}),
        data=fitted.data,
        training=options | {"budget": budget(plan.run)},
    )


def _write_card(card: Card, folder: Path) -> None:
    (folder / "card.json").write_text(card.to_json(), encoding="utf-8")
    point_at(folder.parent.parent, folder)  # the check's own current.json, for the page's reader


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
    parser.add_argument("--few", action="store_true", help="do with fewer real pictures, and drawn ones beside them")
    parser.add_argument("--limit", type=int, help="use only the first N samples of each side")
    parser.add_argument("--parent", type=Path, metavar="VERSION", help="version folder that the run went on from")
    parser.add_argument("--against", type=Path, metavar="VERSION", help="published version folder to be compared with")
    kept: dict[str, Any] = {"type": Gating.read, "default": Gating(None), "metavar": "FILE"}
    parser.add_argument(
        "--gates", dest="gating", **kept, help="outcomes known before; make it even when forms disagree"
    )
    parser.add_argument("--progress-file", dest="progress", type=Progress, default=Progress(None), metavar="FILE")
    add_publishing(parser)
    given = vars(parser.parse_args(arguments))
    least = PICTURES if given["dataset"] and not given["few"] else 1
    usual = (FEW if given["few"] else PICTURES) if given["dataset"] else 60
    given["pictures"] = given["pictures"] or usual
    if given["pictures"] < least:
        parser.error(f"expected --pictures of at least {least}, got {given['pictures']}")
    take_reason(parser, given)
    return Plan(**given)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 with the version's folder printed, 1 with one line on standard error when there is none."""
    plan = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        with plan.progress:
            folder = export(plan)
    except (ExportError, agreement.DisagreementError, CardError, DatasetError, ImageError) as error:
        print(f"training.export: {error}", file=sys.stderr)
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
