"""How surely a network's probabilities contradict a label: what ranks samples whose label may be wrong.

Probabilities are those of a network that has not learned from the sample (out-of-fold): what it was taught it may know
by heart, the mistake included. Three scores, each higher the more a label is contradicted:

- "likelihood": -log p of the label, the self-confidence of confident learning (Northcutt, Jiang & Chuang 2021,
  arXiv:1911.00068). High, too, where the network can read nothing at all.
- "margin": log p of the network's own reading over p of the label, its normalised margin.
- "slip": the odds that the display shows a reading from which one slip of the hand makes the label (another digit,
  two neighbours swapped, the point elsewhere), against that it shows the label. Most wrong entries are one such slip
  away (Damerau 1964), and a noisy channel weighs them (Kernighan, Church & Gale 1990). A network that cannot read a
  picture doubts many digits at once; no one slip explains that, so its own doubt counts for little.

`CONTRADICTION` names the one in use; `training.label_errors` measures all three.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.reading import CLASSES, ROWS, encode

# A network's zero is no certainty: no row surprises by more than 20.7, and every score stays finite.
LEAST = 1e-9
# Of half-turned last drums some are labelled by the lower and some by the nearer digit. How often a label that can be
# defended names a neighbour of the digit that is read; the data at hand says 2 to 3% of last digits.
HALF_TURNED = 0.03
CONTRADICTION = "slip"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Probabilities = NDArray[np.float32]
Labels = Sequence[Sequence[str]]  # of each sample its label, then what else is accepted


def calibrated(outputs: ArrayLike, temperature: float) -> Probabilities:
    """A network's outputs (n, 11, 10) as probabilities, p^(1/T) / Σ p^(1/T); what is no number counts as 0.

    A row of zeros says nothing and stays one.
    """
    numbers = np.asarray(outputs, dtype=np.float64)
    numbers = np.where(np.isfinite(numbers) & (numbers > 0), numbers, 0.0)
    best = numbers.max(axis=-1, keepdims=True)
    scaled = (numbers / np.where(best > 0, best, 1.0)) ** (1 / temperature)
    total = scaled.sum(axis=-1, keepdims=True)
    return np.asarray(scaled / np.where(total > 0, total, 1.0), dtype=np.float32)


def chances(probabilities: ArrayLike, values: Sequence[str]) -> Floats:
    """How likely each row of each value is, float64 (n, 11): the point first, then ten digits, padding included.

    `probabilities` are calibrated, (n, 11, 10). Raises ReadingError for a value that is no reading.
    """
    return _of(_table(probabilities, len(values)), _classes(values))


def contradiction(probabilities: ArrayLike, labels: Labels, score: str = CONTRADICTION) -> Floats:
    """How surely each sample's label is contradicted, float64 (n,); of several accepted readings the likeliest counts.

    `probabilities` are calibrated, (n, 11, 10). A last digit that is one off counts less (`HALF_TURNED`). Raises
    ReadingError for a label that is no reading, ValueError for other numbers of samples and labels.
    """
    return SCORES[score](_cases(_table(probabilities, len(labels)), labels))


@dataclass(frozen=True)
class _Cases:
    """n labels beside what is believed: log probabilities (n, 11, 10) of each class, and `accepted` (n,) of the label.

    `given` (n, 11) are the label's classes, `own` (n, 11) their log probabilities, `shown` (n,) how many digits it has.
    """

    beliefs: Floats
    given: Ints
    own: Floats
    shown: Ints
    accepted: Floats


def _cases(table: Floats, labels: Labels) -> _Cases:
    believed = table.copy()
    last = table[:, -1]
    neighbours = (np.roll(last, 1, axis=1) + np.roll(last, -1, axis=1)) / 2
    believed[:, -1] = (1 - HALF_TURNED) * last + HALF_TURNED * neighbours
    beliefs = np.log(np.maximum(believed, LEAST))
    counts = np.array([len(readings) for readings in labels], dtype=np.int64)
    classes = _classes([reading for readings in labels for reading in readings])
    own = _of(np.repeat(beliefs, counts, axis=0), classes)
    accepted = np.full(len(labels), -np.inf)
    np.maximum.at(accepted, np.repeat(np.arange(len(labels)), counts), own.sum(axis=1))
    first = np.cumsum(counts) - counts
    shown = np.array([sum(letter.isdigit() for letter in readings[0]) for readings in labels], dtype=np.int64)
    return _Cases(beliefs, classes[first], own[first], shown, accepted)


def _likelihood(cases: _Cases) -> Floats:
    return -cases.accepted


def _margin(cases: _Cases) -> Floats:
    best: Floats = cases.beliefs.max(axis=2).sum(axis=1)
    return best - cases.accepted


def _slip(cases: _Cases) -> Floats:
    odds = np.stack([_digits(cases), _swaps(cases), _points(cases)], axis=1)
    slipped = np.logaddexp.reduce(odds, axis=1) - np.log(odds.shape[1])
    against: Floats = slipped + cases.own.sum(axis=1) - cases.accepted
    return against


SCORES: dict[str, Callable[[_Cases], Floats]] = {"likelihood": _likelihood, "margin": _margin, "slip": _slip}


def _digits(cases: _Cases) -> Floats:
    """Log odds, (n,), that one of the digits shown is another."""
    gains = cases.beliefs - cases.own[..., None]
    possible = _shown_rows(cases)[..., None] & (np.arange(CLASSES) != cases.given[..., None])
    return _mean(gains.reshape(-1, ROWS * CLASSES), possible.reshape(-1, ROWS * CLASSES))


def _swaps(cases: _Cases) -> Floats:
    """Log odds, (n,), that two neighbours among the digits shown stand the other way round."""
    left, right = cases.given[:, 1:-1], cases.given[:, 2:]
    swapped = _of(cases.beliefs[:, 1:-1], right) + _of(cases.beliefs[:, 2:], left)
    return _mean(swapped - cases.own[:, 1:-1] - cases.own[:, 2:], _shown_rows(cases)[:, 1:-1] & (left != right))


def _points(cases: _Cases) -> Floats:
    """Log odds, (n,), that the decimal point stands elsewhere among the digits shown, or there is none."""
    places = np.arange(CLASSES)
    possible = (places != cases.given[:, :1]) & (places < cases.shown[:, None])
    return _mean(cases.beliefs[:, 0] - cases.own[:, :1], possible)


def _mean(logs: Floats, possible: NDArray[np.bool_]) -> Floats:
    """Log of the mean over what is possible, (n, k) → (n,); nothing possible has no odds at all."""
    most = np.max(logs, axis=1, initial=-np.inf, where=possible)
    highest = np.where(np.isfinite(most), most, 0.0)
    total = np.where(possible, np.exp(np.minimum(logs - highest[:, None], 0.0)), 0.0).sum(axis=1)
    mean = highest + np.log(np.maximum(total, LEAST) / np.maximum(1, possible.sum(axis=1)))
    return np.where(possible.any(axis=1), mean, -np.inf)


def _shown_rows(cases: _Cases) -> NDArray[np.bool_]:
    """Which rows (n, 11) are digits that the display shows; padding and the point's row are not."""
    return np.arange(ROWS) >= ROWS - cases.shown[:, None]


def _table(probabilities: ArrayLike, count: int) -> Floats:
    table = np.asarray(probabilities, dtype=np.float64).reshape(-1, ROWS, CLASSES)
    if len(table) != count:
        raise ValueError(f"expected a value for each of {len(table)} samples, got {count}")
    return table


def _classes(values: Sequence[str]) -> Ints:
    """The classes (n, 11) of n readings. Raises ReadingError."""
    return np.array([encode(value).argmax(axis=1) for value in values], dtype=np.int64).reshape(-1, ROWS)


def _of(table: Floats, classes: Ints) -> Floats:
    """The numbers (n, 11) that a table (n, 11, 10) holds for classes (n, 11)."""
    return np.take_along_axis(table, classes[..., None], axis=2)[..., 0]
