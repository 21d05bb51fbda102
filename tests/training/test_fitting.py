"""What the card says of confidence is fitted on validation pictures; all others are only measured."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from backend.domain.imaging import InputSpec
from backend.domain.reading import decode, encode
from training import calibrate, fitting, metrics
from training.data import TEACH, TEST, VALIDATE, read_table
from training.networks import Network, crop_samples, read_all

Say = Callable[[str, int, str], str]  # image, side, what the network reads → the label


def glance(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """A stand-in for a network: of each of 11×10 patches its brightness is the logit."""
    patches = pictures[:, :44, :190].reshape(-1, 11, 4, 10, 19, 3).mean(axis=(2, 4, 5))
    powers = np.exp(25 * patches)
    return np.asarray(powers / powers.sum(axis=2, keepdims=True), dtype=np.float32)


NETWORK = Network(InputSpec(192, 48), glance, 0, {})


def labelled(source: Path, folder: Path, say: Say, inverted: tuple[int, ...] = ()) -> fitting.Fitted:
    """What is fitted on the drawn displays with other labels, pictures of some sides inverted."""
    shutil.copytree(source, folder)
    samples = read_table(folder)
    for sample in samples:
        if sample.type in inverted:
            ImageOps.invert(Image.open(sample.image).convert("RGB")).save(sample.image)
    outputs = read_all(NETWORK, crop_samples(samples, NETWORK.spec))
    texts = {s.image.name: say(s.image.name, s.type, decode(o).text) for s, o in zip(samples, outputs, strict=True)}
    with (folder / "training.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "training.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows({**row, "correct_value": texts[row["image"]]} for row in rows)
    chosen = fitting.choose(read_table(folder), len(rows))
    return fitting.fit(NETWORK, folder, chosen)


def mostly_right(image: str, side: int, read: str) -> str:
    """Two of three labels are what the network reads."""
    return "0" if int(Path(image).stem) % 3 == 0 else read


@pytest.fixture(scope="module")
def fitted(drawn_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> fitting.Fitted:
    return labelled(drawn_dataset, tmp_path_factory.mktemp("fitted") / "a", mostly_right)


def test_nothing_is_fitted_on_test_or_teaching_pictures(
    fitted: fitting.Fitted, drawn_dataset: Path, tmp_path: Path
) -> None:
    """Other pictures there, all of them read wrong: temperature, threshold and limit stay what they were."""

    def wrong_there(image: str, side: int, read: str) -> str:
        return mostly_right(image, side, read) if side == VALIDATE else "0"

    other = labelled(drawn_dataset, tmp_path / "b", wrong_there, inverted=(TEST, TEACH))
    assert other.calibration == fitted.calibration
    assert other.metrics["validate"] == fitted.metrics["validate"]
    assert other.metrics["unreadable"]["validate"] == fitted.metrics["unreadable"]["validate"]
    assert other.metrics["test"]["exact"]["right"] == 0 < fitted.metrics["test"]["exact"]["right"]
    assert not np.array_equal(other.outputs[10:], fitted.outputs[10:]), "they are other pictures indeed"


def test_all_is_fitted_on_validation_pictures(fitted: fitting.Fitted, drawn_dataset: Path, tmp_path: Path) -> None:
    """Read right throughout, they allow for a lower temperature and threshold."""
    right = labelled(drawn_dataset, tmp_path / "b", lambda image, side, read: read)
    assert fitted.calibration.acceptance["n"] == right.calibration.acceptance["n"] == 10
    assert right.calibration.temperature < fitted.calibration.temperature
    assert right.metrics["validate"]["accepted"]["coverage"]["value"] == 1.0
    assert fitted.metrics["validate"]["accepted"]["coverage"]["value"] < 1.0


def test_the_figures_of_each_side_are_those_of_its_pictures(fitted: fitting.Fitted) -> None:
    """Validation comes first, then test, then teaching, and each is counted by its own labels."""
    sides = [int(Path(place).stem) for place, _ in fitted.places]
    assert sides == [*range(38, 48), *range(32, 38), *range(32)]
    for name, numbers in (("validate", range(38, 48)), ("test", range(32, 38))):
        exact = fitted.metrics[name]["exact"]
        assert (exact["right"], exact["n"]) == (sum(number % 3 != 0 for number in numbers), len(numbers))


def rows_of(text: str, top: float, spread: bool) -> NDArray[np.float32]:
    """A reading whose rows are `top` sure, the rest of each with one other class or even over all of them."""
    truth = encode(text).astype(bool)
    rest = np.full((11, 10), (1 - top) / 9) if spread else (1 - top) * np.roll(truth, 1, axis=1)
    return np.where(truth, top, rest).astype(np.float32)


def test_the_threshold_is_of_what_is_really_accepted(drawn_dataset: Path) -> None:
    """Sure and wrong, but of no display: the page says so and accepts nothing, and so does the fitting."""
    one = read_table(drawn_dataset)[0]
    samples = [replace(one, correct_value="12345", also_accepted=())] * 100
    outputs = np.stack([rows_of("12345", 0.98 - n / 1000, spread=False) for n in range(98)])
    outputs = np.concatenate([[rows_of("12346", 0.99, spread=True)] * 2, outputs])
    others = np.stack([rows_of("12345", 0.99, spread=True)] * 50)
    found = fitting.calibrate_on(outputs, samples, others)
    judged = metrics.judge(outputs, samples, found.temperature, calibrate.SOFT)
    assert judged.sure[:2].min() > judged.sure[2:].max(), "the wrong ones are the surest"
    assert judged.mean_sure[:2].max() < found.unreadable < judged.mean_sure[2:].min()
    taken = metrics.accepted(judged, found.threshold, found.unreadable)
    assert (taken["coverage"]["right"], taken["error"]["right"]) == (98, 0)
    assert {key: found.acceptance[key] for key in ("coverage", "error")} == {
        key: taken[key] for key in ("coverage", "error")
    }
