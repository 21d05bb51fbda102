"""Fast augmentation beside the straightforward one: the same generator gives the same picture."""

from __future__ import annotations

import numpy as np
import pytest

from scripts import bench_input, plain_input
from training import augment, framing
from training.batches import SHARES
from training.canvas import Canvas, from_drawn
from training.data import read_table
from training.render import render


@pytest.fixture(scope="module")
def canvases() -> list[Canvas]:
    return [from_drawn(render(np.random.default_rng(seed))) for seed in range(8)]


def _twice(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    return np.random.default_rng(seed), np.random.default_rng(seed)


def test_framing_is_as_the_straightforward_way_frames(canvases: list[Canvas]) -> None:
    for seed in range(80):
        a, b = _twice(seed)
        canvas = canvases[seed % len(canvases)]
        fast, edges = framing.frame(a, canvas, 48, 192)
        plain, plain_edges = plain_input.frame(b, canvas, 48, 192)
        off = np.abs(np.asarray(fast, dtype=int) - np.asarray(plain, dtype=int))
        assert off.mean() < 0.2 and np.quantile(off, 0.99) <= 2  # of 255
        assert edges == pytest.approx(plain_edges, abs=1e-6)
        assert a.random() == b.random()  # and has drawn as much


def test_light_is_as_the_straightforward_way_has_it(canvases: list[Canvas]) -> None:
    for seed in range(80):
        a, b = _twice(seed)
        pixels = np.asarray(framing.frame(np.random.default_rng(seed), canvases[seed % 8], 48, 192)[0])
        fast = augment.light(a, pixels).clip(0, 255).transpose(1, 2, 0)
        plain = plain_input.light(b, pixels.astype(np.float32)).clip(0, 255)
        assert np.abs(fast - plain).max() < 2.5
        assert a.random() == b.random()


def test_noise_is_that_of_a_sensor() -> None:
    pictures = []
    for seed in range(200):
        x = np.zeros((3, 48, 192), np.float32)
        augment.grain(np.random.default_rng(seed), x)
        pictures.append(x)
    deviations = np.array([x.std() for x in pictures])
    assert deviations.min() > 0.9 and deviations.max() < 10.2 and 4.5 < deviations.mean() < 6.5  # uniform in 1…10
    assert abs(np.corrcoef(pictures[0].ravel(), pictures[1].ravel())[0, 1]) < 0.03
    scaled = pictures[2].ravel() / deviations[2]
    assert np.mean(np.abs(scaled) < 1) == pytest.approx(0.683, abs=0.02)


def test_pictures_are_as_bright_and_rich_in_contrast(canvases: list[Canvas]) -> None:
    figures: dict[str, list[tuple[float, float]]] = {"fast": [], "plain": []}
    for seed in range(150):
        framed = framing.frame(np.random.default_rng(seed), canvases[seed % 8], 48, 192)[0]
        for name, way in (("fast", augment.photograph), ("plain", plain_input.photograph)):
            pixels = way(np.random.default_rng((seed, name == "fast")), framed, True)
            figures[name].append((float(pixels.mean()), float(pixels.std())))
    fast, plain = (np.array(figures[name]) for name in ("fast", "plain"))
    spread = np.sqrt((fast.var(axis=0) + plain.var(axis=0)) / 150)
    assert np.all(np.abs(fast.mean(axis=0) - plain.mean(axis=0)) < 3.5 * spread)


def test_the_bench_makes_the_same_kind_of_pictures_both_ways(drawn_dataset: object) -> None:
    samples = [sample for sample in read_table(str(drawn_dataset)) if sample.type == 0]
    assert next(bench_input.plainly(samples)) == bench_input.BATCH
    assert next(bench_input.pipeline(str(drawn_dataset), bench_input.REAL, 0)) == bench_input.BATCH
    assert set(bench_input.REAL) == set(SHARES) and sum(bench_input.REAL.values()) == 1
