"""Outlines, photos in which each corner of the display is a dot of its own colour, a finder that sees these."""

import math

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))  # top left, top right, bottom right, bottom left
GAIN = 30.0  # of a place's logit: how like its corner's colour it is, 0 to 1
NEEDED = 0.4  # of the likeness of the least likely corner, for a display to be there


def rectangle(x: float, y: float, width: float, height: float) -> np.ndarray:
    """Its corners, (4, 2), clockwise from the top left."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)


def turned(corners: np.ndarray, degrees: float, centre: tuple[float, float] | None = None) -> np.ndarray:
    """Corners turned clockwise on screen around a point, by default their middle."""
    middle = corners.mean(axis=0) if centre is None else np.array(centre)
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (corners - middle) @ np.array([[cosine, sine], [-sine, cosine]]) + middle


def marked_photo(width: int, height: int, degrees: float) -> tuple[Image.Image, np.ndarray]:
    """A grey photo with a turned display, black, a dot of its colour at each corner; and the display's outline."""
    outline = turned(rectangle(width * 0.3, height * 0.45, width * 0.4, width * 0.13), degrees)
    photo = Image.new("RGB", (width, height), (120, 120, 120))
    draw = ImageDraw.Draw(photo)
    draw.polygon([tuple(corner) for corner in outline.tolist()], fill=(0, 0, 0))
    reach = width * 0.02
    for (x, y), colour in zip(outline.tolist(), COLOURS, strict=True):
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)
    return photo, outline


def likeness(pixels: np.ndarray) -> np.ndarray:
    """How much each of the places (n, 48, 48) looks like each corner's colour, 0 to 1, (n, 48, 48, 4)."""
    places = pixels.reshape(len(pixels), 48, 4, 48, 4, 3).mean(axis=(2, 4))
    off = places[..., None, :] - np.array(COLOURS, np.float32) / 255
    return np.clip(1 - np.abs(off).sum(axis=-1), 0, 1)


def colour_finder(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """A finder without weights, as `backend.domain.outline.find` calls it."""
    like = likeness(pixels)[0]
    return GAIN * like, 20 * (float(like.max(axis=(0, 1)).min()) - NEEDED)
