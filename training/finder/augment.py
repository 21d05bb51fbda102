"""What the finder is shown: a whole photo from any side, a second look at a display, a display elsewhere, or none.

Every view is one perspective warp of a picture that was shrunk before, and then what photography does
(`training.augment.photograph`). Every step draws from the given generator alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from backend.domain.outline import CELLS, SIDE
from training.augment import photograph
from training.canvas import Pixels
from training.finder.data import Corners, Material, Scene
from training.framing import apply_homography, from_rectangle, inverse

SHARES = {"photo": 0.38, "second": 0.26, "elsewhere": 0.15, "none": 0.21}
SECOND = 1.6  # the second look's side, by the display's (`backend/domain/outline.py`)
_INSIDE = 3.0  # pixels between a corner and the edge of the input, at least
_GREY = (128, 128, 128)


@dataclass(frozen=True)
class View:
    """One training picture: uint8 (192, 192, 3) and the display's corners (4, 2) in its pixels, or None."""

    pixels: Pixels
    corners: Corners | None


def show(rng: np.random.Generator, material: Material) -> View:
    """One picture of any kind."""
    kinds = list(SHARES)
    kind = kinds[int(rng.choice(len(kinds), p=list(SHARES.values())))]
    if kind == "none":
        return _finish(rng, _nothing(rng, material), None)
    if kind == "elsewhere" and material.backgrounds and material.displays:
        return _finish(rng, *_elsewhere(rng, _any(rng, material.displays), _any(rng, material.backgrounds)))
    scene = _any(rng, material.photos)
    square = _second(rng, scene) if kind == "second" else _first(rng, scene)
    return _finish(rng, *warp(scene, square, _fill(rng)))


def targets(view: View) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Corners in cells with their weight, (4, 3), and presence, (1,)."""
    found = np.zeros((4, 3), np.float32)
    if view.corners is not None:
        found[:, :2], found[:, 2] = view.corners * (CELLS / SIDE), 1.0
    return found, np.array([view.corners is not None], np.float32)


def warp(scene: Scene, square: Corners, fill: tuple[int, int, int]) -> tuple[Image.Image, Corners | None]:
    """What lies within a square (4, 2) of the picture, at 192 × 192, and where the display's corners come to lie."""
    step = float(np.hypot(*(square[1] - square[0]))) / SIDE
    level = 0 if step < 1.5 else 1 if step < 3 else 2
    source = scene.levels[level]
    scale = (source.width / scene.size[0], source.height / scene.size[1])
    back = from_rectangle(SIDE, SIDE, square * scale)
    picture = source.transform(
        (SIDE, SIDE),
        Image.Transform.PERSPECTIVE,
        tuple(back.ravel()[:8].tolist()),
        Image.Resampling.BILINEAR,
        fillcolor=fill,
    )
    if scene.corners is None:
        return picture, None
    return picture, _through(inverse(from_rectangle(SIDE, SIDE, square)), scene.corners)


def _through(matrix: NDArray[np.float64], points: Corners) -> Corners:
    return np.stack(apply_homography(matrix, points[:, 0], points[:, 1]), axis=1)


def _any(rng: np.random.Generator, scenes: list[Scene]) -> Scene:
    return scenes[int(rng.integers(len(scenes)))]


def _fill(rng: np.random.Generator) -> tuple[int, int, int]:
    """The letterbox's grey mostly."""
    if rng.random() < 0.7:
        return _GREY
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def _square(rng: np.random.Generator, centre: Corners, side: float, angle: float, bend: float) -> Corners:
    """The corners of a square, its top side turned by `angle`, in a little perspective."""
    x, y = math.cos(angle) * side / 2, math.sin(angle) * side / 2
    turned: Corners = np.array([[y - x, -x - y], [x + y, y - x], [x - y, x + y], [-x - y, x - y]])
    return turned + centre + rng.normal(0, bend * side, (4, 2))


def _first(rng: np.random.Generator, scene: Scene) -> Corners:
    """All of a photo, held any way; often from nearer, sometimes from farther."""
    angle = math.pi / 2 * int(rng.choice(4, p=(0.58, 0.14, 0.14, 0.14))) + math.radians(float(rng.normal(0, 12)))
    if rng.random() < 0.2:
        angle = float(rng.uniform(-math.pi, math.pi))
    side = max(scene.size) * math.exp(float(rng.uniform(-0.5, 0.1)))
    centre = np.array(scene.size) / 2 + rng.normal(0, 0.04 * side, 2)
    return _containing(scene.corners, _square(rng, centre, side, angle, 0.015))


def _second(rng: np.random.Generator, scene: Scene) -> Corners:
    """About what a first look asks for: the text nearly level, sometimes upside down."""
    assert scene.corners is not None
    along = scene.corners[1] - scene.corners[0]
    longer = max(math.hypot(*along), math.hypot(*(scene.corners[3] - scene.corners[0])))
    angle = math.atan2(along[1], along[0]) + math.radians(float(rng.normal(0, 5)))
    angle += math.pi * (rng.random() < 0.08)
    side = SECOND * longer * math.exp(float(rng.normal(0, 0.14)))
    centre = scene.corners.mean(axis=0) + rng.normal(0, 0.06 * longer, 2)
    return _containing(scene.corners, _square(rng, centre, side, angle, 0.02))


def _containing(corners: Corners | None, square: Corners) -> Corners:
    """The square, moved and, if need be, widened until the display lies within it."""
    assert corners is not None
    for _ in range(8):
        places = _through(inverse(from_rectangle(SIDE, SIDE, square)), corners)
        low, high = places.min(axis=0), places.max(axis=0)
        if low.min() >= _INSIDE and high.max() <= SIDE - _INSIDE:
            break
        middle = square.mean(axis=0)
        if (high - low).max() > SIDE - 4 * _INSIDE:
            square = middle + (square - middle) * 1.15
            continue
        shift = np.minimum(low - 2 * _INSIDE, 0) + np.maximum(high - SIDE + 2 * _INSIDE, 0)
        across, down = (square[1] - square[0]) / SIDE, (square[3] - square[0]) / SIDE
        square = square + shift[0] * across + shift[1] * down
    return square


def _elsewhere(rng: np.random.Generator, display: Scene, ground: Scene) -> tuple[Image.Image, Corners]:
    """A display with its rim on another picture, near enough to be read or as far as in a whole photo."""
    assert display.corners is not None
    along = display.corners[1] - display.corners[0]
    share = math.exp(float(rng.uniform(math.log(0.15), math.log(0.9))))
    near = share > 0.45 and rng.random() < 0.7  # a second look
    angle = float(rng.normal(0, math.radians(6 if near else 20)))
    if not near and rng.random() < 0.3:
        angle = float(rng.uniform(-math.pi, math.pi))
    side = math.hypot(*along) / share
    centre = display.corners.mean(axis=0) + rng.uniform(-0.5, 0.5, 2) * side * (0.15 if near else 0.8)
    square = _containing(display.corners, _square(rng, centre, side, angle, 0.025))
    picture, corners = warp(display, square, _GREY)
    rim = warp(_mask(rng, display), square, (0, 0, 0))[0].convert("L")
    assert corners is not None
    return Image.composite(picture, warp(ground, _somewhere(rng, ground), _GREY)[0], rim), corners


def _mask(rng: np.random.Generator, display: Scene) -> Scene:
    """White where the display's picture is, with a soft border now and then."""
    size = display.size
    mask = Image.new("RGB", size, "white")
    if rng.random() < 0.5:
        mask = Image.new("RGB", size)
        mask.paste((255, 255, 255), (2, 2, max(3, size[0] - 2), max(3, size[1] - 2)))
        mask = mask.filter(ImageFilter.BoxBlur(2))
    return Scene((mask, mask.reduce(2), mask.reduce(4)), None)


def _somewhere(rng: np.random.Generator, scene: Scene) -> Corners:
    """A square of a picture, turned by a little."""
    side = max(scene.size) * float(rng.uniform(0.4, 1.0))
    centre = np.array(scene.size) / 2 + rng.uniform(-0.3, 0.3, 2) * scene.size
    return _square(rng, centre, side, float(rng.normal(0, 0.3)), 0.02)


def _nothing(rng: np.random.Generator, material: Material) -> Image.Image:
    """Another picture, or a part of a meter beside its display."""
    if material.backgrounds and (rng.random() < 0.65 or not material.photos):
        ground = _any(rng, material.backgrounds)
        return warp(ground, _somewhere(rng, ground), _fill(rng))[0]
    scene = _any(rng, material.photos)
    assert scene.corners is not None
    for _ in range(8):
        side = max(scene.size) * float(rng.uniform(0.15, 0.6))
        centre = rng.uniform(0.1, 0.9, 2) * scene.size
        square = _square(rng, centre, side, float(rng.uniform(-math.pi, math.pi)), 0.02)
        picture, places = warp(scene, square, _fill(rng))
        if places is not None and _apart(places):
            return picture
    return Image.new("RGB", (SIDE, SIDE), _fill(rng))


def _apart(corners: Corners) -> bool:
    """Whether a display lies wholly outside of the view."""
    return bool((corners.max(axis=0) < 0).any() or (corners.min(axis=0) > SIDE).any())


def _finish(rng: np.random.Generator, picture: Image.Image, corners: Corners | None) -> View:
    pixels: Pixels = photograph(rng, picture) if rng.random() < 0.7 else np.asarray(picture)
    return View(pixels, corners)
