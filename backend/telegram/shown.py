"""A picture as Telegram takes it."""

from __future__ import annotations

import io

from PIL import Image


def as_jpeg(picture: Image.Image) -> bytes:
    """A picture's file."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue()
