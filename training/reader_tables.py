"""Parts of the results page: whole photos, the camera and many photos, as `scripts.bench_reader` measured them, and
years of readings beside their meter's past (`scripts.bench_years`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WORK, WIRE = 120.0, 500_000  # milliseconds of finder and reader; the finder's bytes
RATE, TAKEN = 8.0, 3000.0  # readings a second; milliseconds from opening the camera to a picture taken
MISREAD, STUCK = 0.001, 5  # of accepted readings are wrong, beside their meter's past; readings until one is accepted
A_PHOTO = (
    2_000  # bytes of the heap that a photo's line in the table may take: its reading, its date, its elements' text
)

Outcome = tuple[str, bool | None]
Line = tuple[str, str, str, Callable[[Any], Outcome]]


def work(file: Any) -> Outcome:
    """Finder and reader on a whole photo, once it is decoded."""
    own, kind = file["milliseconds"]["work"], "drawn photos" if file["drawn"] else "photos"
    return f"{own['median']:.0f} ms (95% within {own['p95']:.0f} ms, {own['n']} {kind})", own["median"] <= WORK


def whole(file: Any) -> Outcome:
    """The same with decoding: all that a person waits for."""
    own = file["milliseconds"]
    parts = f"decoding {own['decode']['median']:.0f} ms, finding {own['find']['median']:.0f} ms"
    return f"{own['whole']['median']:.0f} ms (95% within {own['whole']['p95']:.0f} ms): {parts}", None


def finder_bytes(file: Any) -> Outcome:
    """All that the page downloads to find displays, golden pictures included."""
    return f"{file['finder_bytes'] / 1000:.0f} kB", file["finder_bytes"] <= WIRE


def rate(file: Any) -> Outcome:
    """Readings a second with the camera open."""
    return f"{file['a_second']:.1f} a second", file["a_second"] >= RATE


def taken(file: Any) -> Outcome:
    """From opening the camera to the picture taken by itself."""
    own = file["milliseconds"]
    found = f"{own['median'] / 1000:.1f} s (95% within {own['p95'] / 1000:.1f} s)"
    refused = ", ".join(each["shows"] for each in file.get("each", ()) if each["read"] is None)
    accepted = f"{file['accepted']} of {file['displays']} displays accepted" + (f" (not {refused})" if refused else "")
    return f"{found}; {accepted}, {file['right']} right", own["median"] <= TAKEN


def memory(file: Any) -> Outcome:
    """What stays of each photo read, by the line through the looks after every hundred."""
    own = file["a_photo"]
    parts = {"scripts": own["heap"], "WebAssembly": own["wasm"], "whole process, as the system counts": own["private"]}
    text = ", ".join(f"{name} {size / 1000:+.1f} kB" for name, size in parts.items())
    repeated = f": {file['files']} files again and again" if file.get("files", file["photos"]) < file["photos"] else ""
    return f"{text} ({file['photos']:,} photos{repeated})", own["heap"] <= A_PHOTO and own["wasm"] <= 0


def years(file: Any) -> Outcome:
    """Accepted readings that are wrong, where a meter was chosen and every picture is as the network reads them."""
    wrong, accepted = file["wrong"], file["accepted"]
    alone = (
        f"{file['alone_wrong'] / file['alone']:.2%} of the {file['alone'] / file['readings']:.0%} accepted without it"
    )
    found = (
        f"{wrong / accepted:.2%} ({wrong} of {accepted:,}), {file['beyond_last']} of them in more than the last drum"
    )
    misread = f"{file['misread'] / file['readings']:.0%} misread"
    return f"{found}; {misread}, {accepted / file['readings']:.0%} accepted; {alone}", wrong / accepted <= MISREAD


def fewer_years(file: Any) -> Outcome:
    """The same where a twentieth of the pictures is misread."""
    return years(file["fewer_misread"])


def fewer_stuck(file: Any) -> Outcome:
    """The most readings in a row, where a twentieth of the pictures is misread."""
    return stuck({"meters": file["meters"]} | file["fewer_misread"])


def blocked(file: Any) -> Outcome:
    """The most readings in a row that the picture alone accepts, rightly, and the past does not."""
    most = max(file["blocked"], file["fewer_misread"]["blocked"])
    return f"{most}", most <= STUCK


def stuck(file: Any) -> Outcome:
    """The most readings in a row of which none was accepted and right."""
    own = file["stuck"]
    return f"{own['most']}; at most {STUCK} with {own['at_most_5']} of {file['meters']} meters", own["most"] <= STUCK


LINES: list[Line] = [
    ("finder and reader on a whole photo, WASM, median", f"≤ {WORK:.0f} ms", "photos", work),
    ("– with decoding, as a person waits", "", "photos", whole),
    (
        "all that is fetched to find displays, golden pictures too (brotli)",
        f"≤ {WIRE / 1000:.0f} kB",
        "photos",
        finder_bytes,
    ),
    ("camera: readings a second", f"≥ {RATE:.0f}", "camera", rate),
    ("– from opening it to an accepted reading, median", f"≤ {TAKEN / 1000:.0f} s", "camera", taken),
    ("years of readings, 5% misread as the network does: accepted and wrong", f"≤ {MISREAD:.1%}", "years", fewer_years),
    ("– readings in a row until one is accepted", f"≤ {STUCK}", "years", fewer_stuck),
    ("– right and sure ones in a row that the past keeps from being accepted", f"≤ {STUCK}", "years", blocked),
    ("– with as many misread as the network does: accepted and wrong", f"≤ {MISREAD:.1%}", "years", years),
    ("– readings in a row until one is accepted", f"≤ {STUCK}", "years", stuck),
    ("memory that a photo among many keeps", f"≤ {A_PHOTO / 1000:.0f} kB, its line's", "memory", memory),
]
