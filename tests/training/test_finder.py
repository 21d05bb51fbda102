"""The finder's training side: pictures and their corners, the loss, the overlap, a version that the page agrees to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.domain.card_parts import CardError
from backend.domain.finder_card import FinderCard, is_finder
from backend.domain.imaging import load
from backend.domain.outline import CELLS, SIDE, decode_corners, find
from backend.services.finding import Finders
from tests.versions import make_finder
from training.data import DatasetError
from training.finder import augment, tables
from training.finder.batches import Batches
from training.finder.data import Material, Scene, as_scene, draw, load_material, outlines_hash, read_outlines
from training.finder.overlap import iou
from training.finder.validate import ValidateOutlines
from training.publishing import point_at

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "static" / "model"
SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])


@pytest.fixture(scope="module")
def material() -> Material:
    """Drawn displays in place of photos, and a wall and a gradient without one."""
    scenes = [draw(np.random.default_rng(number)) for number in range(6)]
    ramp = np.linspace(0, 255, 300).astype(np.uint8)
    walls = [Image.new("RGB", (300, 200), "#b8a890"), Image.fromarray(np.tile(ramp[:, None], (200, 1, 3)))]
    return Material(scenes, scenes, [as_scene(wall, None) for wall in walls])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (SQUARE, 1.0),
        (SQUARE[::-1], 1.0),
        (SQUARE + np.array((5, 0)), 1 / 3),
        (SQUARE + np.array((5, 5)), 25 / 175),
        (SQUARE + np.array((20, 0)), 0.0),
        (SQUARE / 2, 0.25),
        ([[5, 0], [10, 5], [5, 10], [0, 5]], 0.5),
        (np.zeros((4, 2)), 0.0),
    ],
)
def test_the_overlap_of_known_outlines(other: np.ndarray, expected: float) -> None:
    assert iou(SQUARE, other) == pytest.approx(expected)
    assert iou(other, SQUARE) == pytest.approx(expected)


def dotted() -> Scene:
    """A black picture with a bright dot at each corner of a display, red, green, blue and white."""
    pixels = np.zeros((300, 400, 3), np.uint8)
    corners = np.array([[120.0, 130.0], [280.0, 130.0], [280.0, 170.0], [120.0, 170.0]])
    for (x, y), colour in zip(corners.astype(int), np.array([(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]), strict=True):
        pixels[y - 4 : y + 4, x - 4 : x + 4] = 255 * colour
    return as_scene(Image.fromarray(pixels), corners)


@pytest.mark.parametrize("look", [augment._first, augment._second])
def test_the_corners_are_where_the_picture_shows_them(look: object) -> None:
    scene = dotted()
    for seed in range(12):
        square = look(np.random.default_rng(seed), scene)  # type: ignore[operator]
        picture, corners = augment.warp(scene, square, (0, 0, 0))
        assert corners is not None
        assert 0 < corners.min() < corners.max() < SIDE
        pixels = np.asarray(picture, float)
        red, green, blue = (pixels[..., i] for i in range(3))
        shown = [red - green, green - red, blue - red, np.minimum(red, np.minimum(green, blue))]
        for weights, corner in zip(shown, corners, strict=True):
            y, x = np.mgrid[:SIDE, :SIDE] + 0.5
            weights = weights.clip(0)
            middle = np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()
            assert np.abs(middle - corner).max() < 1.2


def test_a_step_always_shows_the_same_and_negatives_weigh_nothing(material: Material) -> None:
    batches = Batches(material, seed=3, batch=24)
    pixels, targets = batches[5]
    again, _ = batches[5]
    assert pixels.shape == (24, SIDE, SIDE, 3)
    assert (pixels == again).all()
    assert not (pixels == batches[6][0]).all()
    there = targets["presence"][:, 0] == 1
    assert 0 < there.sum() < 24
    assert (targets["corners"][~there] == 0).all()
    assert (targets["corners"][there, :, 2] == 1).all()
    places = targets["corners"][there, :, :2]
    assert 0 < places.min() < places.max() < CELLS


def test_the_loss_is_least_for_maps_that_decode_to_the_corners() -> None:
    from training.finder.network import corners_loss

    corners = np.array([[10.3, 12.0], [30.9, 12.6], [30.2, 20.1], [9.8, 19.5]])
    y, x = np.mgrid[:CELLS, :CELLS] + 0.5
    maps = np.stack([-((x - cx) ** 2 + (y - cy) ** 2) / 2 for cx, cy in corners], axis=-1).astype(np.float32)
    assert np.abs(decode_corners(maps) - corners * SIDE / CELLS).max() < 0.5
    target = np.concatenate([corners, np.ones((4, 1))], axis=1).astype(np.float32)[None]
    right, wrong = (float(corners_loss(target, each[None])[0]) for each in (maps, np.roll(maps, 3, axis=1)))
    assert right == pytest.approx(np.log(2 * np.pi * np.e), abs=0.01)
    assert wrong > right + 3
    target[..., 2] = 0
    assert float(corners_loss(target, maps[None])[0]) == 0


def test_a_few_steps_lower_the_loss(material: Material) -> None:
    from training.finder.train import Options, build_model

    model = build_model(Options(epochs=1, steps=6, batch=4, seed=1, learning_rate=2e-3, start=None))
    model.run_eagerly = True  # compiling takes longer than six steps
    pixels, targets = Batches(material, seed=1, batch=4)[0]
    pictures = pixels.astype(np.float32) / 255
    losses = [float(model.train_on_batch(pictures, targets)[0]) for _ in range(6)]
    assert losses[-1] < losses[0] - 0.1


def test_outlines_are_read_and_a_bad_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "images" / "a.png")
    head = "image,type,correct_value,meter_type,group,x0,y0,x1,y1,x2,y2,x3,y3\n"
    (tmp_path / "outlines.csv").write_text(head + "a.png,2,0012,kind,kind/1,1,2,30,2,30,12,1,12\n")
    (photo,) = read_outlines(tmp_path)
    assert (photo.type, photo.correct_value, photo.corners.tolist()[2]) == (2, "0012", [30, 12])
    (tmp_path / "outlines.csv").write_text(head + "b.png,2,0012,kind,kind/1,1,2,30,2,30,12,1,12\n")
    with pytest.raises(DatasetError, match=r"line 2: expected four corners in a picture that is there, got b\.png"):
        read_outlines(tmp_path)
    with pytest.raises(DatasetError, match=r"expected a folder with outlines\.csv"):
        load_material(tmp_path)


def test_without_photos_nothing_is_judged(tmp_path: Path) -> None:
    assert ValidateOutlines([], tmp_path / "model.keras")._judge(None) == {"iou": 0.0, "good": 0.0, "seen": 0.0}


@pytest.fixture(scope="module")
def shipped() -> tuple[Path, Path]:
    """The folders of the published reader and finder."""
    pointer = json.loads((SHIPPED / "current.json").read_text("utf-8"))
    assert "finder" in pointer, "no finder is published"
    return SHIPPED / pointer["path"], SHIPPED / pointer["finder"]["path"]


def test_the_published_finder_is_whole_and_small(shipped: tuple[Path, Path]) -> None:
    card = FinderCard.load(shipped[1])
    card.verify(shipped[1])
    assert card.metrics["export"]["wire"]["brotli"] <= 500_000
    assert FinderCard.from_json(card.to_json()) == card
    with pytest.raises(CardError, match="expected kind to match finder"):
        FinderCard.from_json(card.to_json().replace('"kind": "finder"', '"kind": "reader"'))
    with pytest.raises(CardError, match="expected an input of 192 × 192 × 3, got 48 × 192 × 3"):
        FinderCard.from_json(card.to_json().replace('"width": 192', '"width": 48'))


def test_publishing_one_leaves_the_other_pointer(shipped: tuple[Path, Path], tmp_path: Path) -> None:
    for folder in shipped:
        (tmp_path / folder.relative_to(SHIPPED)).mkdir(parents=True)
        (tmp_path / folder.relative_to(SHIPPED) / "card.json").write_bytes((folder / "card.json").read_bytes())
    reader, finder = (tmp_path / folder.relative_to(SHIPPED) for folder in shipped)
    assert (is_finder(reader), is_finder(finder)) == (False, True)
    for first, second in ((reader, finder), (finder, reader)):
        (tmp_path / "current.json").unlink(missing_ok=True)
        point_at(tmp_path, first)
        point_at(tmp_path, second)
        pointer = json.loads((SHIPPED / "current.json").read_bytes())
        pointer.pop("classifiers", None)
        assert json.loads((tmp_path / "current.json").read_bytes()) == pointer


def test_the_hash_is_of_the_outlines_and_the_photos(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    corners = ",".join(f"{axis}{number}" for number in range(4) for axis in "xy")
    (tmp_path / "outlines.csv").write_text(f"image,type,correct_value,group,{corners}\na.png,2,1,g,0,0,9,0,9,9,0,9\n")
    seen = set()
    for shade in (10, 20):
        Image.new("RGB", (20, 20), (shade,) * 3).save(tmp_path / "images" / "a.png")
        seen |= {outlines_hash(tmp_path), outlines_hash(tmp_path)}
    (tmp_path / "outlines.csv").write_text((tmp_path / "outlines.csv").read_text().replace("2,1,g", "1,1,g"))
    assert len(seen | {outlines_hash(tmp_path)}) == 3


def test_an_export_is_found_alike_by_the_page(shipped: tuple[Path, Path], tmp_path: Path) -> None:
    """It takes the place of one that nobody has compared it with, for a reason that its card keeps."""
    reader, finder = shipped
    point_at(tmp_path, make_finder(tmp_path, 1))
    command = [sys.executable, "-W", "ignore", "-m", "training.finder.export", str(finder), "--pictures", "4"]
    done = subprocess.run(
        [*command, "--reader", str(reader), "--output", str(tmp_path), "--publish", "--override", "it finds"],
        cwd=ROOT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    card = FinderCard.load(folder)
    card.verify(folder)
    assert card.metrics["export"]["page"]["same"] == 4
    assert card.metrics["export"]["golden"] == {"pictures": 4, "found": 4}
    assert card.metrics["override"] == {"reason": "it finds", "gates": {"comparison": "open"}}
    assert json.loads((tmp_path / "current.json").read_text("utf-8"))["finder"]["path"] == "finder/2/"
    assert card.metrics["export"]["numbers"]["tflite"]["largest_difference"] < 2e-3
    server = Finders(tmp_path).finder()
    assert server
    for entry in json.loads((folder / "golden" / "golden.json").read_text("utf-8")):
        found = find(load(folder / "golden" / entry["image"]), server.predict)
        assert np.abs(found.corners - np.array(entry["corners"])).max() < 0.5
        assert abs(found.presence - entry["presence"]) < 0.01


def test_results_say_what_is_reached(shipped: tuple[Path, Path]) -> None:
    figure = {"value": 0.92, "low": 0.9, "high": 0.95, "right": 92, "n": 100}
    export = FinderCard.load(shipped[1]).metrics["export"]
    version = {"name": "finder", "version": "1", "parameters": 161_973, "export": export}
    keys = ("kept", "good", "seen", "right_found", "right_given", "upside_down")
    file = {"version": version, "reader": {"name": "compact", "version": "2"}, "split": "validate", "photos": 100}
    text = "\n".join(tables.section(file | dict.fromkeys(keys, figure) | {"iou": {"mean": 0.8, "median": 0.9}}))
    assert "given outline | ≥ 90% | 92.0% [90.0%, 95.0%] (92 of 100) | yes |" in text
    assert "| outline IoU ≥ 0.75 | ≥ 95% | 92.0% [90.0%, 95.0%] (92 of 100) | **no** |" in text
    assert "without a meter" not in text and "cut out" not in text
    worse = {"strips_alone": figure, "strips": figure | {"value": 0.91}}
    text = "\n".join(tables.section(file | dict.fromkeys(keys, figure) | {"iou": {"mean": 0.8, "median": 0.9}} | worse))
    assert (
        "| a display cut out already, read right | ≤ 0.5 points lost | 91.0%" in text and "as it is | **no** |" in text
    )
