"""What a training computes on, and in how many bits: found out or configured, so that the rest need not know.

Several devices or machines share each step by Keras' own data parallelism, which is there under JAX: every process
makes its part of the same batch, and the step is compiled for all of them together, so batch statistics, gradients and
the average of the weights are those of the whole batch. For several machines, start the same command on each with

    KERAS_BACKEND=jax KERAS_DISTRIBUTION_JOB_ADDRESSES=10.0.0.1:1234 \\
    KERAS_DISTRIBUTION_NUM_PROCESSES=2 KERAS_DISTRIBUTION_PROCESS_ID=0    # on the second machine: 1

All do the same, and the first keeps it; to go on after all were killed, the others must see its `runs/` folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import keras

from training.architectures import ARCHITECTURES
from training.data import DatasetError

_NAMES = ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")


@dataclass(frozen=True)
class Part:
    """Which of the processes that share every batch this one is, from 0."""

    number: int = 0
    of: int = 1

    @property
    def first(self) -> bool:
        """Whether this process is the one that keeps what it writes."""
        return self.number == 0

    def places(self, batch: int) -> range:
        """Its places in a batch. Raises DatasetError when the batch cannot be shared evenly."""
        if batch % self.of:
            raise DatasetError(f"expected a batch that {self.of} processes can share evenly, got {batch}")
        return range(batch * self.number // self.of, batch * (self.number + 1) // self.of)


@cache
def join() -> Part:
    """Meets the other processes that the environment names, once; uses all devices. Raises DatasetError.

    A seed must be set before, the same in all of them.
    """
    given = {name: os.environ.get(f"KERAS_DISTRIBUTION_{name}", "") for name in _NAMES}
    jax = keras.backend.backend() == "jax"
    part = Part()
    if several():
        number, of = given["PROCESS_ID"], given["NUM_PROCESSES"]
        if not (jax and given["JOB_ADDRESSES"] and number.isdecimal() and of.isdecimal() and int(number) < int(of)):
            raise DatasetError(
                "expected KERAS_BACKEND=jax and KERAS_DISTRIBUTION_JOB_ADDRESSES, _NUM_PROCESSES and a smaller "
                f"_PROCESS_ID to train in several processes, got {keras.backend.backend()} and {given}"
            )
        keras.distribution.initialize(given["JOB_ADDRESSES"], int(of), int(number))
        part = Part(int(number), int(of))
    if jax and len(keras.distribution.list_devices()) > 1:
        keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
    return part


def several() -> bool:
    """Whether the environment names other processes to train with."""
    return any(os.environ.get(f"KERAS_DISTRIBUTION_{name}") for name in _NAMES)


def accelerated() -> bool:
    """Whether there is anything but a CPU."""
    return any(not device.startswith("cpu") for device in keras.distribution.list_devices())


def workers() -> int:
    """How many processes make batches: an accelerator should not wait for them, a CPU has to train as well."""
    return max(2, min(16, (os.cpu_count() or 1) - 2)) if accelerated() else 2


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Networks built in here compute so; "auto" is mixed on an accelerator and float32 on a CPU.

    bfloat16, as it needs no scaling of the loss; accelerators without it (before 2020) want mixed_float16.
    """
    before = keras.config.dtype_policy()
    if name == "auto":
        name = "mixed_bfloat16" if accelerated() else "float32"
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def alone() -> Iterator[None]:
    """Networks built or loaded in here live on this process's first device and compute in float32."""
    shared = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        with precision("float32"):
            yield
    finally:
        keras.distribution.set_distribution(shared)


def plain_copy(model: keras.Model) -> keras.Model | None:
    """A network like this one, but alone and in float32, to validate and to keep; None where the model is so itself."""
    mixed = any(layer.compute_dtype != "float32" for layer in model.layers)
    if not mixed and keras.distribution.distribution() is None:
        return None
    with alone():
        return ARCHITECTURES[model.name].build()
