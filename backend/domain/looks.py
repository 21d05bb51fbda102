"""More looks at a display that the first look left in doubt.

The network's input is moved by a few of its pixels to each side, and the outputs of all looks are averaged: what one
look takes for another digit by where its strides happen to fall, the others outvote (test-time augmentation, as in
Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks", 2012, which averages ten crops).
A sure reading takes one look, so the median time stays what it was. The card says below which confidence another look
is taken; 0 means never. `frontend/js/looks.js` is the same in JavaScript; `tests/browser/test_twins_looks.py` holds
both together.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]
Outputs = NDArray[np.float32]

SHIFTS = ((3, 0), (-3, 0), (0, 2), (0, -2))
"""How far the other looks are moved right and down, in pixels of the input."""


def in_doubt(outputs: Outputs, below: float) -> NDArray[np.bool_]:
    """Which of the first looks' outputs, (n, 11, 10), ask for more: the product of the rows' greatest is under `below`.

    The outputs are the network's own: the temperature is fitted to what all looks together say.
    """
    sure = outputs.max(axis=2).astype(np.float64).prod(axis=1)
    return np.asarray(sure < below)


def shifted(pictures: Pictures, right: int, down: int) -> Pictures:
    """Inputs (n, height, width, 3) moved by whole pixels; their edges go on where nothing comes in."""
    height, width = pictures.shape[1:3]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    moved: Pictures = pictures[:, rows[:, None], columns]
    return moved


def look_again(predict: Callable[[Pictures], Outputs], pictures: Pictures, first: Outputs, below: float) -> Outputs:
    """The outputs (n, 11, 10) of all looks: `first` where that is sure, else the mean with those of the others.

    `predict` maps inputs (n, height, width, 3) to outputs (n, 11, 10).
    """
    doubtful = in_doubt(first, below)
    if not doubtful.any():
        return first
    looks = [first[doubtful], *(predict(shifted(pictures[doubtful], *shift)) for shift in SHIFTS)]
    outputs: Outputs = first.copy()
    outputs[doubtful] = np.mean(looks, axis=0, dtype=np.float64)
    return outputs
