"""Make `reading.json`, which Python and JavaScript both have to agree with: `python -m tests.vectors.make`.

It holds readings and refusals in full, odd tensors in full, and of 100,000 random tensors the seeds and a digest of
what the codec says of each thousand. Look at the difference before committing it: a changed line is a changed contract.
"""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.reading import CLASSES, ROWS, ReadingError, decode, encode
from tests.vectors.tensors import cases, line

PATH = Path(__file__).with_name("reading.json")
SEED, BLOCKS, BLOCK = 2_290, 100, 1_000

ACCEPTED = (
    "0 7 10 2.29 2,29 0.05 0,0 00482.170 000000000 0000000000 9999999999 1234567890 0.123456789 000000000.0 "
    "1.000000000 123456789.0 12345.67890"
).split()

REFUSED = (
    *("", " ", " 12", "12 ", "1 2", "12\n", "\t", "+5", "-5", "−5", "-", "+", "1_000", "1e3", "0x10", "1'000", "12m³"),
    *(
        "NaN",
        "inf",
        "null",
        "١٢",
        "１２",
        "१२",
        "²",
        "Ⅷ",
        "1.2.3",
        "1,2,3",
        "1.234,5",
        "..",
        ".",
        ",",
        ".5",
        "5.",
        ",5",
    ),
    *(
        "12345678901",
        "00000000001",
        "12345.678901",
        "0.1234567890",
        "1" * 40,
        "1" * 41,
        "12.3" * 11,
        "x" * 41,
        "😀" * 41,
    ),
    *("😀", "1\u200b2", "1\x002", "<b>1</b>"),
)

NO_TEXT: tuple[Any, ...] = (None, True, False, 0, 12, 1.5, -3, [], ["1"], [1, 2], {}, {"text": "12"})


def make() -> dict[str, Any]:
    """All vectors, as the content of the file."""
    return {
        "accepted": [{"text": text, "classes": encode(text).argmax(axis=1).tolist()} for text in ACCEPTED],
        "refused": [{"text": text, "message": _message(text)} for text in REFUSED],
        "no_text": [{"value": value, "message": _message(value)} for value in NO_TEXT],
        "decoded": [_decoded(*case) for case in _odd_tensors()],
        "random": {"seed": SEED, "size": BLOCK, "sha256": [digest(SEED + block) for block in range(BLOCKS)]},
    }


def digest(seed: int) -> str:
    """The SHA-256 of what the codec says of one block of random tensors."""
    return hashlib.sha256("\n".join(map(line, cases(seed, BLOCK))).encode()).hexdigest()


def to_text(vectors: dict[str, Any]) -> str:
    """The vectors as JSON, one to a line, so that a difference can be read."""
    parts = [f'  "{key}": [\n{_lines(vectors[key])}\n  ]' for key in ("accepted", "refused", "no_text", "decoded")]
    random = {**vectors["random"], "sha256": "…"}
    hashes = ",\n".join(f'    "{each}"' for each in vectors["random"]["sha256"])
    parts.append('  "random": ' + json.dumps(random, ensure_ascii=False).replace('"…"', f"[\n{hashes}\n  ]"))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(entries: list[Any]) -> str:
    return ",\n".join("    " + json.dumps(entry) for entry in entries)


def _message(text: Any) -> str:
    try:
        encode(text)
    except ReadingError as error:
        return str(error)
    raise AssertionError(f"expected a refusal of {text!r}")


def _odd_tensors() -> list[tuple[str, np.ndarray[Any, Any], dict[str, float]]]:
    """Each with a name that says what it is about, and how it is to be judged."""
    sure = encode("123.45").astype(np.float64)
    half = sure.copy()
    half[10, 6] = 1  # as large as the 5 before it
    quarter = half.copy()
    quarter[0, 7] = 1
    soft = np.full((ROWS, CLASSES), 0.05)
    soft[np.arange(ROWS), [3, *range(10)]] = 0.55
    hole = sure.copy()
    hole[4] = 0
    dirty = np.where(sure == 1, 0.5, np.resize([math.nan, math.inf, -math.inf, -3, 0, -0.0, -1e300], sure.shape))
    point_9 = encode("0.000000007")
    return [
        ("certain", sure, {"threshold": 1}),
        ("certain, as whole numbers", sure.astype(int), {}),
        ("nothing", np.zeros((ROWS, CLASSES)), {"threshold": 0}),
        ("nothing is no display", np.zeros((ROWS, CLASSES)), {"threshold": 0, "unreadable": 0.01}),
        ("all NaN", np.full((ROWS, CLASSES), math.nan), {}),
        ("all infinite", np.full((ROWS, CLASSES), math.inf), {}),
        ("all equal", np.full((ROWS, CLASSES), 0.1), {"threshold": 1e-12}),
        ("a tie takes the lower digit", half, {}),
        ("as sure as the threshold is enough", half, {"threshold": 0.5}),
        ("two ties", quarter, {"threshold": 0.25}),
        ("a little less sure than the threshold", quarter, {"threshold": 0.2500001}),
        ("an empty row", hole, {"threshold": 0.5}),
        ("as readable as the limit is enough", quarter, {"threshold": 0, "unreadable": 10 / 11}),
        ("less readable than the limit", quarter, {"threshold": 0, "unreadable": 0.91}),
        ("readable where the limit's own temperature is lower", soft, {"threshold": 0, "unreadable": 0.5}),
        (
            "unreadable where the limit's own temperature is higher",
            soft,
            {"threshold": 0, "unreadable": 0.5, "unreadable_temperature": 4},
        ),
        ("NaN, infinite and negative count as 0", dirty, {"threshold": 0.9}),
        ("soft", soft, {"threshold": 0.001}),
        ("soft, sharpened", soft, {"temperature": 0.25, "threshold": 0.9}),
        ("soft, softened", soft, {"temperature": 4, "threshold": 0.001}),
        ("huge", sure * 1e308 + 1e307, {"temperature": 0.1}),
        ("tiny", sure * 1e-300, {"temperature": 0.001}),
        ("nine decimals", point_9, {}),
        ("all nines", encode("9999999999"), {}),
    ]


def _decoded(name: str, array: np.ndarray[Any, Any], decision: dict[str, float]) -> dict[str, Any]:
    reading = decode(array, **decision)
    return {
        "name": name,
        "array": [[_json_number(number) for number in row] for row in array.tolist()],
        "decision": decision,
        "reading": {
            "text": reading.text,
            "value": f"{reading.value:f}",
            "decimals": reading.decimals,
            "digits": [[each.digit, each.confidence] for each in reading.digits],
            "pointConfidence": reading.point_confidence,
            "confidence": reading.confidence,
            "accepted": reading.accepted,
            "reason": reading.reason,
        },
    }


def _json_number(number: float) -> float | str:
    """JSON has no NaN and no infinities: they go as the text that JavaScript's Number() and Python's float() read."""
    return number if math.isfinite(number) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(number, "NaN")


if __name__ == "__main__":
    PATH.write_text(to_text(make()), "utf-8")
