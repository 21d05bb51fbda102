"""Drawn displays: any digits, decimals, typefaces, colours, for kinds of meters without photos and for tests.

``render`` gives a plain display with some context, before photographic degradation (`training.augment` does that).
Pure Pillow and numpy; the same generator state gives the same pixels.
"""

from __future__ import annotations

from training.render import content, drums, screens
from training.render.paint import Drawn, Rng, pick

__all__ = ["KINDS", "Drawn", "render"]

KINDS = ("drums", "lcd", "led")
_SHARES = (0.55, 0.33, 0.12)
_DRAW = {"drums": drums.draw, "lcd": screens.draw_lcd, "led": screens.draw_led}


def render(rng: Rng, kind: str | None = None, text: str | None = None) -> Drawn:
    """Draw a display.

    ``kind`` is "drums", "lcd" or "led", any of them when None; ``text`` is what it shows ("00123.456"), random when
    None. Raises ValueError for another kind, and for a text that is not 1 to 10 digits with at most one "." between
    two of them.
    """
    kind = pick(rng, KINDS, _SHARES) if kind is None else kind
    if kind not in _DRAW:
        raise ValueError(f"expected one of {', '.join(KINDS)}, got '{kind}'")
    text = content.random_text(rng, kind) if text is None else text
    content.check(text)
    return _DRAW[kind](rng, text)
