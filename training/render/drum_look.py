"""How a counter looks: sizes, colours, typeface, what is between the drums. Chosen once for each drawing."""

from __future__ import annotations

from dataclasses import dataclass

from training.render import fonts
from training.render.paint import BLACK, WHITE, Colour, Rng, chance, mix, pick, vary

_PAPERS: tuple[Colour, ...] = ((238, 238, 232), (228, 226, 216), (214, 214, 212), (236, 228, 204), (200, 204, 208))
_DARKS: tuple[Colour, ...] = ((16, 16, 18), (30, 30, 32), (46, 46, 48), (24, 28, 44), (44, 36, 30))
_REDS: tuple[Colour, ...] = ((200, 30, 36), (176, 24, 30), (220, 52, 48), (150, 30, 34), (206, 60, 40))

_MARKS: tuple[Colour, ...] = (
    (236, 196, 40),
    (226, 120, 30),
    (40, 90, 180),
    (30, 130, 70),
    (240, 240, 236),
    (24, 24, 26),
)

# (integers, decimals, what else marks the decimals): colours as paper-ink, w white, b black, r red
_SCHEMES: tuple[tuple[tuple[str, str, str], float], ...] = (
    (("wb", "wr", ""), 30),
    (("wb", "rw", ""), 9),
    (("bw", "rw", ""), 14),
    (("bw", "wr", ""), 8),
    (("bw", "br", ""), 2),
    (("wb", "rb", ""), 1.5),
    (("bw", "wb", ""), 4),
    (("wb", "bw", ""), 2),
    (("bw", "bw", "frame"), 9),
    (("wb", "wb", "frame"), 7),
    (("wb", "wb", "field"), 5),
    (("bw", "bw", "field"), 5),
    (("wb", "wb", "comma"), 10),
    (("bw", "bw", "comma"), 8),
)


@dataclass(frozen=True)
class Look:
    """All lengths in pixels unless said otherwise."""

    font: str
    weight: int
    height: int  # of the window
    pitch: int  # from drum to drum
    step: float  # from digit to digit around a drum
    digit_width: int
    digit_height: int
    slant: float  # of the digits, in parts of their height
    offset: float  # of the digits from the window's middle, downwards
    lean: float  # of the digits from the drum's middle, to the right
    direction: int  # 1: the next digit comes from below, -1: from above
    radius: float  # of the drums, in steps
    turning: bool
    play: float  # standard deviation of a drum at rest, in steps
    uneven: float
    windows: str  # "one" | "each"
    inset: int  # of each window from its drum's sides
    split: int  # extra distance before the decimals
    scale: int  # width of the scale on the last drum, 0 for none
    paper: Colour
    ink: Colour
    paper_decimal: Colour
    ink_decimal: Colour
    mark: str  # "" | "frame" | "field" | "comma": what marks the decimals beside the drums' own colours
    comma: str  # "" | "below" | "between"
    mark_colour: Colour
    red: Colour
    ground: Colour | None  # of the plate, None for any
    gap: int
    gap_style: str  # "none" | "line" | "slot" | "teeth" | "dashes"
    gap_colour: Colour
    teeth: int  # for each step
    tooth_phase: float
    tooth_reach: float
    tooth_height: float
    ruled: bool  # a line between one digit and the next
    grime: float
    roundness: float
    light_from: float
    shadow_top: float
    shadow_bottom: float
    shadow_side: float
    shadow_length: float
    barrel: float
    gloss: float
    gloss_at: float


@dataclass(frozen=True)
class Layout:
    """Where things stand, in pixels of the block of drums: left edges and widths of the drums, and the whole width."""

    lefts: list[int]
    widths: list[int]
    width: int
    whole: int  # drums before the decimal point


def choose_look(rng: Rng, count: int, decimals: int) -> Look:
    """A look for ``count`` drums of which ``decimals`` are behind the point."""
    height = int(rng.integers(50, 63))
    widest = 1.25 - 0.055 * count  # many drums stand closer, as the meter's width is given
    pitch = max(22, int(height * rng.uniform(0.48, max(0.64, widest))))
    windows = "each" if chance(rng, 0.38) else "one"
    inset = int(pitch * rng.uniform(0.05, 0.17)) if windows == "each" else 0
    gap_style = (
        "none" if windows == "each" else pick(rng, ("none", "line", "slot", "teeth", "dashes"), (15, 25, 15, 35, 10))
    )
    gap = 0 if gap_style == "none" else max(2, int(pitch * rng.uniform(0.06, 0.3)))
    digit_height = int(height * (rng.uniform(0.5, 0.72) if chance(rng, 0.35) else rng.uniform(0.66, 0.94)))
    font = pick(rng, list(fonts.DRUM_FONTS), list(fonts.DRUM_FONTS.values()))
    room = pitch - gap - 2 * inset
    digit_width = int(min(room * rng.uniform(0.72, 0.98), digit_height * fonts.aspect(font) * rng.uniform(0.8, 1.25)))
    (integer, decimal, mark), paper, ink, red = _colours(rng)
    paper_decimal, ink_decimal = _pair(decimal, paper, ink, red)
    paper, ink = _pair(integer, paper, ink, red)
    if decimals == 0:
        mark = ""
    comma = ""
    if decimals and (mark == "comma" or chance(rng, 0.4)):
        comma = pick(rng, ("below", "between"))
    split = 0
    if decimals and (chance(rng, 0.2) or (comma == "between" and chance(rng, 0.7))):
        split = int(pitch * rng.uniform(0.12, 0.5))
    slot = ink if integer[0] == "w" else pick(rng, (BLACK, (90, 90, 92), WHITE))
    faded = float(rng.uniform(0, 0.45)) ** 2 if chance(rng, 0.5) else 0.0
    return Look(
        font=font,
        weight=_weight(rng, font),
        height=height,
        pitch=pitch,
        step=digit_height * float(rng.triangular(1.1, 1.2, 1.65)),
        digit_width=max(10, digit_width),
        digit_height=digit_height,
        slant=float(pick(rng, (-0.14, -0.08, 0.06))) if chance(rng, 0.07) else 0.0,
        offset=float(rng.normal(0, 0.04)) * height,
        lean=float(rng.normal(0, 0.03)) * pitch,
        direction=-1 if chance(rng, 0.05) else 1,
        radius=float(rng.uniform(1.35, 2.2)),
        turning=chance(rng, 0.5),
        play=float(pick(rng, (0.008, 0.02, 0.04))),
        uneven=float(rng.uniform(0, 0.08)),
        windows=windows,
        inset=inset,
        split=split,
        scale=int(pitch * rng.uniform(0.15, 0.32)) if chance(rng, 0.12) else 0,
        paper=paper,
        ink=mix(ink, paper, faded),
        paper_decimal=paper_decimal,
        ink_decimal=mix(ink_decimal, paper_decimal, faded),
        mark=mark,
        comma=comma,
        mark_colour=red if chance(rng, 0.75) else vary(rng, pick(rng, _MARKS)),
        red=red,
        ground=None,
        gap=gap,
        gap_style=gap_style,
        gap_colour=vary(rng, mix(slot, paper, float(rng.uniform(0, 0.8)) ** 2), 10),
        teeth=int(pick(rng, (1, 2, 2, 3))),
        tooth_phase=float(rng.random()),
        tooth_reach=float(rng.uniform(0.4, 1.0)),
        tooth_height=float(rng.uniform(0.25, 0.65)),
        ruled=chance(rng, 0.05),
        grime=float(rng.uniform(0.02, 0.14)) if chance(rng, 0.4) else 0.0,
        roundness=float(rng.uniform(0, 0.55)),
        light_from=float(rng.normal(0, 0.25)),
        shadow_top=float(rng.uniform(0, 0.7)) if chance(rng, 0.7) else 0.0,
        shadow_bottom=float(rng.uniform(0, 0.5)) if chance(rng, 0.4) else 0.0,
        shadow_side=float(rng.uniform(0, 0.6)),
        shadow_length=float(rng.uniform(0.06, 0.35)),
        barrel=float(rng.uniform(0, 0.35)) if chance(rng, 0.3) else 0.0,
        gloss=float(rng.uniform(10, 70)) if chance(rng, 0.2) else 0.0,
        gloss_at=float(rng.uniform(-0.7, 0.7)),
    )


def lay_out(look: Look, count: int, whole: int) -> Layout:
    """Drums at one pitch, the decimals set off by ``look.split``, the last one wider when it carries a scale."""
    lefts = [i * look.pitch + (look.split if i >= whole else 0) for i in range(count)]
    widths = [look.pitch] * count
    widths[-1] += look.scale
    return Layout(lefts, widths, lefts[-1] + widths[-1], whole)


def _colours(rng: Rng) -> tuple[tuple[str, str, str], Colour, Colour, Colour]:
    scheme = pick(rng, [s for s, _ in _SCHEMES], [w for _, w in _SCHEMES])
    return scheme, vary(rng, pick(rng, _PAPERS), 8), vary(rng, pick(rng, _DARKS), 6), vary(rng, pick(rng, _REDS), 10)


def _pair(code: str, white: Colour, black: Colour, red: Colour) -> tuple[Colour, Colour]:
    """(paper, ink) of a two-letter code."""
    colours = {"w": white, "b": black, "r": red}
    return colours[code[0]], colours[code[1]]


def _weight(rng: Rng, font: str) -> int:
    """Bolder or lighter than the typeface, but never so that the holes of 8 close or thin strokes vanish."""
    heft = fonts.heft(font)
    return int(pick(rng, (-1, 0, 1, 2, 3), (0.1 * (heft > 0.36), 1, 0.6, 0.4 * (heft < 0.46), 0.2 * (heft < 0.38))))
