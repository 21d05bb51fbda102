"""`python -m training.left_out DATASET_DIR --base MODEL.keras --without TYPE`: a reader never taught a meter type.

What lies above the base's trunk (`training.frozen`) begins from nothing and is taught without these types; the trunk
stays as the base has it. Where the base has seen the types, its trunk has too: only a base that was trained without
them (`training.train` on a folder without their rows) makes a reader that knows nothing of them. The result says which.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import keras

from training import frozen
from training.data import DatasetError, read_table

EPOCHS, STEPS, BATCH = 12, 100, 64


def refreshed(network: frozen.Network, seed: int) -> frozen.Network:
    """The same trunk below layers that know nothing yet."""
    keras.utils.set_random_seed(seed)
    return replace(network, upper=keras.models.clone_model(network.upper))


def joined(base: Path, upper: keras.Model) -> keras.Model:
    """The base network with another upper part."""
    whole = keras.models.load_model(base, compile=False)
    for layer in upper.layers:
        if layer.weights:
            whole.get_layer(layer.name).set_weights(layer.get_weights())
    return whole


def run(given: argparse.Namespace) -> None:
    """Teach and save. Raises DatasetError."""
    samples = read_table(given.dataset)
    if unknown := set(given.without) - {sample.meter_type for sample in samples}:
        raise DatasetError(f"expected meter types of the dataset, got {', '.join(sorted(unknown))}")
    kept = [sample for sample in samples if sample.meter_type not in given.without]
    network = refreshed(frozen.split(given.base), given.seed)
    extras = given.extras or Path(given.dataset).resolve().parent
    digits, others = (extras / name for name in ("digits", "not_meters/images"))
    bank = frozen.fill(
        network,
        kept,
        digits if digits.is_dir() else None,
        others if others.is_dir() else None,
        given.workers,
        given.seed,
        given.views,
        given.shared,
    )
    upper = frozen.taught(network, bank, set(bank.images), given.epochs * given.steps, given.batch, given.seed)
    given.run.mkdir(parents=True, exist_ok=True)
    joined(given.base, upper).save(given.run / "model.keras")
    names = ("without", "epochs", "steps", "batch", "seed", "views", "shared")
    options = {name: getattr(given, name) for name in names} | {"architecture": "compact"}
    (given.run / "options.json").write_text(json.dumps(options | {"samples": len(bank.images)}, indent=1) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m training.left_out", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR")
    parser.add_argument("--base", type=Path, required=True, metavar="MODEL.keras", help="a trained network of a run")
    parser.add_argument("--without", nargs="+", required=True, metavar="TYPE", help="meter types that are not taught")
    parser.add_argument("--run", type=Path, default=Path("runs/left_out"), help="where to write")
    parser.add_argument("--extras", type=Path, help="folder with digits/ and not_meters/ (default: beside the dataset)")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--views", type=int, default=frozen.VIEWS, help="photographs of each teaching display")
    parser.add_argument("--shared", type=int, default=frozen.SHARED, help="drawn, composed and unreadable pictures")
    parser.add_argument("--workers", type=int, default=1, help="processes that make pictures")
    try:
        run(parser.parse_args(arguments))
    except DatasetError as error:
        print(f"training.left_out: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
