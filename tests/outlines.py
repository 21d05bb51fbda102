"""Outlines, photos in which each corner of the display is a dot of its own colour, a finder that sees these."""

import math

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))  # top left, top right, bottom right, bottom left
GAIN = 30.0  # logits of a place as like its corner's colour as can be
NEEDED, STEEPNESS = (
    0.6,
    30.0,
)  # likeness of the least likely corner for a display to be there, and logits from there to 1


def rectangle(x: float, y: float, width: float, height: float) -> np.ndarray:
    """Its corners, (4, 2), clockwise from the top left."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)


def turned(corners: np.ndarray, degrees: float, centre: tuple[float, float] | None = None) -> np.ndarray:
    """Corners turned clockwise on screen around a point, by default their middle."""
    middle = corners.mean(axis=0) if centre is None else np.array(centre)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (corners - middle) @ np.array([[cosine, sine], [-sine, cosine]]) + middle


def marked_photo(
    width: int, height: int, degrees: float, display: Image.Image | None = None
) -> tuple[Image.Image, np.ndarray]:
    """A grey photo with a turned display, a dot of its colour on each corner; and the display's outline.

    The display is a picture of one, or black.
    """
    shown = display or Image.new("RGB", (300, 100))
    across = width * 0.6
    outline = turned(rectangle(width * 0.2, height * 0.4, across, across * shown.height / shown.width), degrees)
    photo = _drawn_over(Image.new("RGB", (width, height), (120, 120, 120)), shown, outline)
    draw = ImageDraw.Draw(photo)
    reach = width * 0.02
    for (x, y), colour in zip(outline.tolist(), COLOURS, strict=True):
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)
    return photo, outline


def likeness(pixels: np.ndarray) -> np.ndarray:
    """How like each corner's colour each place of (n, 192, 192, 3) is: (n, 48, 48, 4), 1 where it is the same."""
    places = pixels.reshape(len(pixels), 48, 4, 48, 4, 3).mean(axis=(2, 4))
    off = places[..., None, :] - np.array(COLOURS, np.float32) / 255
    return 1 - (off**2).sum(axis=-1)


def colour_finder(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """A finder without weights, as `backend.domain.outline.find` calls it."""
    like = likeness(pixels)[0]
    return GAIN * like, STEEPNESS * (float(like.max(axis=(0, 1)).min()) - NEEDED)


def _drawn_over(photo: Image.Image, display: Image.Image, corners: np.ndarray) -> Image.Image:
    """The display drawn into a parallelogram of the photo."""
    sides = np.stack([corners[1] - corners[0], corners[3] - corners[0]], axis=1)
    back = np.array(display.size)[:, None] * np.linalg.inv(sides)
    shift = -back @ corners[0]
    numbers = (*back[0], shift[0], *back[1], shift[1])
    drawn = display.transform(photo.size, Image.Transform.AFFINE, numbers, Image.Resampling.BICUBIC)
    whole = Image.new("L", display.size, 255)
    mask = whole.transform(photo.size, Image.Transform.AFFINE, numbers, Image.Resampling.BILINEAR)
    return Image.composite(drawn, photo, mask)
