"""A part of the results page: the reader beside what one would use instead, as `scripts.bench_compare` measured it."""

from __future__ import annotations

from typing import Any

from training.tables import share

FASTER, MORE, SLOWER = 15.0, 4.0, 1.2  # times tesseract.js' speed and exact readings; times onnxruntime-web's time
TITLES = {
    "reader": "this reader",
    "baseline": "the baseline network, in this reader",
    "onnxruntime": "this network under onnxruntime-web",
    "tesseract": "tesseract.js",
}

Outcome = tuple[str, bool | None]


def markdown(file: Any) -> list[str]:
    """One row for each of those compared, and how it was measured."""
    where = "drawn displays" if file["data"]["drawn"] else f"displays of the split `{file['data']['split']}`"
    rows = []
    for name, own in file["contenders"].items():
        cells = [
            f"{TITLES[name]} ({own['version']})",
            share(own["exact"]),
            share(own["digits"]),
            f"{own['milliseconds']['median']:.1f} ms",
            f"{own['cold']['median'] / 1000:.2f} s",
            f"{own['bytes'] / 1000:,.0f} kB",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return [
        f"The same {file['pictures']} {where}, read in turns in one run of {file['browser']} on {file['cores']} cores, "
        "one thread each: a file in, a text out. tesseract.js gets the display's rectangle, one line, the digits and "
        "the point; onnxruntime-web this reader's decoding, preprocessing and codec. Cold: from the first import to "
        "the first reading with nothing cached.",
        "",
        "| | exact | exact but for the point | one reading, median | cold | on the wire (brotli) |",
        "|---|---|---|---|---|---|",
        *rows,
    ]


def faster(file: Any) -> Outcome:
    """Than tesseract.js, in times."""
    own, other = (file["contenders"][name]["milliseconds"]["median"] for name in ("reader", "tesseract"))
    return f"{other / own:.0f} times ({own:.1f} against {other:.0f} ms)", other / own >= FASTER


def more_exact(file: Any) -> Outcome:
    """Than tesseract.js, in times."""
    own, other = (file["contenders"][name]["exact"]["right"] for name in ("reader", "tesseract"))
    times = f"{own / other:.1f} times" if other else "it reads none"
    return f"{times} ({own} against {other} of {file['pictures']})", own >= MORE * other


def beside_onnx(file: Any) -> Outcome:
    """The time as a part of onnxruntime-web's."""
    own, other = (file["contenders"][name]["milliseconds"]["median"] for name in ("reader", "onnxruntime"))
    return f"{own / other:.0%} of {other:.1f} ms", own / other <= SLOWER


def bytes_beside_onnx(file: Any) -> Outcome:
    """On the wire, for one reading."""
    own, other = (file["contenders"][name]["bytes"] for name in ("reader", "onnxruntime"))
    return f"{own / 1000:,.0f} kB against {other / 1000:,.0f} kB", own < other
