"""A plot's legend stands where the curves are not."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from backend.domain.curve_plot import BOTTOM, HEIGHT, Floats, Line, plot

SIZES = np.geomspace(2, 256, 20)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("end", [0.2, 0.5, 0.95])
@pytest.mark.parametrize("band", [False, True])
def test_the_legend_is_clear_of_where_the_curves_end(end: float, band: bool) -> None:
    shares = np.linspace(0, end, len(SIZES))
    ends: list[Floats] = [shares - 0.05, shares + 0.05] if band else []
    root = Xml.fromstring(plot("Read", SIZES, [Line("one", shares, *ends), Line("two", shares / 2)], []))
    rows = {text.text: float(text.attrib["y"]) for text in root.iter(f"{SVG}text") if text.text in ("one", "two")}
    assert rows["two"] - rows["one"] == 20
    assert all(0 < y < HEIGHT - BOTTOM for y in rows.values())
    assert (max(rows.values()) < HEIGHT / 2) == (end < 0.6), "above what ends low, below what ends high"
