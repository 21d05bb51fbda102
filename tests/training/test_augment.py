"""Fast augmentation beside the straightforward one: the same generator gives the same picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import Box
from scripts import bench_input, plain_input
from training import augment, framing
from training.batches import SHARES
from training.canvas import Canvas, Pixels, from_drawn
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


def spread(picture: Image.Image) -> NDArray[np.float64]:
    """How far the light of a picture lies from its middle, in pixels²: along the narrowest and the widest direction."""
    light = np.asarray(picture).astype(float)[..., 0]
    places = np.stack(np.mgrid[: light.shape[0], : light.shape[1]]).reshape(2, -1)
    return np.linalg.eigvalsh(np.cov(places, aweights=light.ravel(), bias=True))


def test_sharpness_blurs_some_pictures_and_smears_others() -> None:
    """A square of four pixels: a blur makes it larger on all sides, a hand that moved in one direction alone."""
    square = np.zeros((24, 24, 3), np.uint8)
    square[10:14, 10:14] = 255
    plain = spread(Image.fromarray(square))
    found = np.array(
        [spread(augment.sharpness(np.random.default_rng(i), Image.fromarray(square))) for i in range(1000)]
    )
    narrow, wide = found.T
    assert np.isclose(found, plain).all(axis=1).mean() == pytest.approx(0.82 * 0.65 * 0.9, abs=0.05), "most stay sharp"
    assert (narrow > 1.2 * plain[0]).mean() > 0.3  # a third of all is blurred, few pixels wide does it more seldom
    assert 0.04 < (wide > 1.5 * narrow).mean() < 0.1  # motion


def seams(pixels: Pixels) -> float:
    """How much rougher a smooth picture is where JPEG's blocks of eight meet than inside them."""
    rough = np.abs(np.diff(pixels.astype(float), 2, axis=1)).mean(axis=(0, 2))
    meeting = np.isin(np.arange(len(rough)) % 8, (6, 7))
    return float(rough[meeting].mean() / rough[~meeting].mean())


def test_compression_leaves_the_blocks_of_jpeg_in_some_pictures() -> None:
    y, x = np.mgrid[:48, :192]
    waves = (80 + 60 * np.sin(x / 23 + y / 17), 110 + 50 * np.cos(x / 31 - y / 13), 120 + 60 * np.sin(x / 19 - y / 29))
    smooth = np.stack(waves, axis=2).astype(np.uint8)
    packed = [np.asarray(augment.compress(np.random.default_rng(i), Image.fromarray(smooth))) for i in range(100)]
    rough = np.array([seams(pixels) for pixels in packed])
    assert seams(smooth) < 1.05 < rough.min() and rough.max() > 2.5 * rough.min(), "of good and of bad quality"
    assert max(np.abs(pixels.astype(int) - smooth).mean() for pixels in packed) < 12, "the same picture for all that"
    taken = [augment.photograph(np.random.default_rng(i), Image.fromarray(smooth)) for i in range(300)]
    assert np.mean([seams(pixels) > 1.1 for pixels in taken]) == pytest.approx(0.3, abs=0.05)


def test_a_photograph_is_blurred_sometimes() -> None:
    """What is left of fine stripes beside two broad bands: light changes both alike, a blur the stripes alone."""
    picture = np.where(np.arange(192) // 2 % 2, 100, 140) - np.where(np.arange(48) < 24, 40, 0)[:, None]
    stripes = np.repeat(picture[..., None], 3, axis=2).astype(np.uint8)

    def left(pixels: Pixels) -> float:
        grey = pixels.astype(float).mean(axis=2)
        fine = np.abs(np.fft.rfft(grey, axis=1))[:, 192 // 4].mean()
        return float(fine / abs(grey[26:46].mean() - grey[2:22].mean()))

    taken = [augment.photograph(np.random.default_rng(i), Image.fromarray(stripes)) for i in range(400)]
    assert 0.2 < np.mean([left(pixels) < 0.5 * left(stripes) for pixels in taken]) < 0.5


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


def test_the_baseline_is_shown_small_shears_shifts_and_brightness_alone(canvases: list[Canvas]) -> None:
    """Red and green say where a pixel comes from, blue how much brighter it has become."""
    y, x = np.mgrid[:60, :200].astype(np.uint8)
    canvas = replace(
        canvases[0], image=np.stack([x - 30, 4 * y, np.full_like(x, 210)], axis=2), box=Box(40, 20, 120, 20)
    )
    rows, columns = np.mgrid[:24, :96]
    plane = np.stack([np.ones(rows.size), columns.ravel(), rows.ravel()], axis=1)
    found = []
    for seed in range(200):
        shown = augment.gentle(np.random.default_rng(seed), canvas, 24, 96).reshape(-1, 3) + 0.5  # cut to whole numbers
        assert np.ptp(shown[:, 2]) == 0, "no shadow, no glare, no noise, no compression, no colour"
        brighter = shown[0, 2] / 210
        origin = shown[:, :2] / brighter / (1, 4)
        (left, top), (right, turned), (lean, down) = flat = np.linalg.lstsq(plane, origin, rcond=None)[0]
        assert np.abs(plane @ flat - origin).max() < 1.5, "nothing bent, seen aslant or blurred"
        assert (right, turned, down) == pytest.approx((124 / 96, 0, 24 / 24), abs=0.01), "nothing turned or scaled"
        found.append((brighter, lean, (left + 12 * lean - 8) / 20, (top - 18) / 20))
    assert np.mean(found, axis=0) == pytest.approx([1, 0, 0, 0], abs=0.05)
    assert np.ptp(found, axis=0) / 2 == pytest.approx([0.2, 0.1, 0.05, 0.05], abs=0.02)


def test_the_bench_makes_the_same_kind_of_pictures_both_ways(drawn_dataset: object) -> None:
    samples = [sample for sample in read_table(str(drawn_dataset)) if sample.type == 0]
    assert next(bench_input.plainly(samples)) == bench_input.BATCH
    assert next(bench_input.pipeline(str(drawn_dataset), bench_input.REAL, 0)) == bench_input.BATCH
    assert set(bench_input.REAL) == set(SHARES) and sum(bench_input.REAL.values()) == 1
