"""MNIST: 60,000 handwritten digits to learn from, 10,000 to be judged by, from a folder or the library's download."""

from __future__ import annotations

import gzip
import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from training.data import DatasetError

SIDE = 28
CLASSES = 10
USUAL = Path("../shared/data/mnist")  # where it lies beside a checkout; without it, it is downloaded
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}

Pictures = NDArray[np.uint8]  # (n, 28, 28)
Labels = NDArray[np.uint8]  # (n,)


@dataclass(frozen=True)
class Part:
    """Pictures uint8 (n, 28, 28), bright on black, and their digits (n,)."""

    pictures: Pictures
    labels: Labels

    def __len__(self) -> int:
        """How many there are."""
        return len(self.labels)

    def __getitem__(self, chosen: slice) -> Part:
        """Some of them."""
        return Part(self.pictures[chosen], self.labels[chosen])


@dataclass(frozen=True)
class Digits:
    """All of it, and what tells it from other data."""

    train: Part
    test: Part
    sha256: str


def read_digits(folder: Path | None, limit: int | None = None) -> Digits:
    """From a folder of idx files, packed by gzip or not; only the first `limit` of each part. Raises DatasetError."""
    place = folder or (USUAL if USUAL.is_dir() else None)
    parts = {name: _read_part(place, name)[:limit] for name in FILES} if place else _download(limit)
    digest = hashlib.sha256()
    for part in parts.values():
        digest.update(part.pictures.tobytes() + part.labels.tobytes())
    return Digits(parts["train"], parts["test"], digest.hexdigest())


def split(train: Part, validation: float) -> tuple[Part, Part]:
    """What is learnt from and what validates: the last so many pictures, or that share of them below 1."""
    kept = round(len(train) * validation) if validation < 1 else min(int(validation), len(train) // 2)
    return train[: len(train) - kept], train[len(train) - kept :]


def _read_part(folder: Path, name: str) -> Part:
    pictures, labels = (_read_idx(folder, file) for file in FILES[name])
    if pictures.ndim != 3 or pictures.shape[1:] != (SIDE, SIDE) or labels.shape != pictures.shape[:1]:
        raise DatasetError(
            f"expected {name} pictures of {SIDE} × {SIDE} with a label each, got {pictures.shape} and {labels.shape}"
        )
    if len(labels) and labels.max() >= CLASSES:
        raise DatasetError(f"expected labels 0 to 9 in {FILES[name][1]}, got {labels.max()}")
    return Part(pictures, labels)


def _read_idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """An idx file of bytes: two zeros, 8, the number of axes, their lengths, the values (yann.lecun.com/exdb/mnist)."""
    packed, plain = folder / f"{name}.gz", folder / name
    try:
        content = gzip.decompress(packed.read_bytes()) if packed.is_file() else plain.read_bytes()
        axes = content[3]
        lengths = struct.unpack_from(f">{axes}I", content, 4)
        values = np.frombuffer(content, np.uint8, offset=4 + 4 * axes)
    except FileNotFoundError:
        raise DatasetError(f"expected {name} or {name}.gz in {folder.name}/, got neither") from None
    except (OSError, EOFError, IndexError, struct.error, ValueError) as error:
        raise DatasetError(f"expected {name} as a whole idx file, got one that is damaged: {error}") from error
    if content[:3] != b"\0\0\x08" or values.size != np.prod(lengths, dtype=np.int64):
        raise DatasetError(f"expected {name} as an idx file of bytes, got other or fewer ones")
    return values.reshape(lengths)


def _download(limit: int | None) -> dict[str, Part]:
    """By Keras, which keeps it and checks its hash."""
    try:
        train, test = keras.datasets.mnist.load_data()
    except Exception as error:  # urllib's, gzip's and Keras' own
        raise DatasetError(f"expected MNIST in --data or by download, got {error}") from error
    return {name: Part(*each)[:limit] for name, each in (("train", train), ("test", test))}
