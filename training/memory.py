"""Memory kept between training steps.

TensorFlow's generator pipeline tells glibc to give freed memory back beyond 128 kB. On a CPU every step then pages its
activations in anew: a quarter of the time went there, up to half on virtual machines.
"""

from __future__ import annotations

import ctypes

import keras

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST_MMAP_THRESHOLD = 32 << 20  # glibc refuses more


def keep_freed_memory() -> bool:
    """Tells glibc to keep freed memory for the next step; False where there is no glibc."""
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    kept = mallopt(_M_TRIM_THRESHOLD, 2**31 - 1) and mallopt(_M_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)
    return bool(kept)


class KeepMemory(keras.callbacks.Callback):  # type: ignore[misc]
    """After the first step, when the pipeline has made its setting, undoes it."""

    def __init__(self) -> None:
        """Does nothing yet."""
        super().__init__()
        self._done = False

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Once."""
        if not self._done:
            keep_freed_memory()
            self._done = True
