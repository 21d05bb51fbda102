"""What training minimises: the reading's cross-entropy and, for aligned networks, the error of the digit count."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

Tensor = Any  # of whichever backend is at work


@keras.saving.register_keras_serializable("meter")  # type: ignore[untyped-decorator]
def reading_loss(target: Tensor, probabilities: Tensor) -> Tensor:
    """Cross-entropy summed over the 11 rows: (batch, 11, 10) each → (batch,)."""
    return -ops.sum(target * ops.log(ops.maximum(probabilities, 1e-7)), axis=(1, 2))


@keras.saving.register_keras_serializable("meter")  # type: ignore[untyped-decorator]
def count_loss(target: Tensor, count: Tensor) -> Tensor:
    """Mean error of the running digit count beyond what is forgiven: (batch, columns, 3), (batch, columns) → (batch,).

    The target's channels are the count, the forgiven error and the weight. The quantity loss of CIF, for each column.
    """
    excess = ops.relu(ops.abs(count - target[..., 0]) - target[..., 1])
    return ops.mean(excess * target[..., 2], axis=-1)
