"""Mixed precision, and several processes that train as one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.training import small_training
from training.architectures import ARCHITECTURES
from training.callbacks import Waiting
from training.data import DatasetError
from training.devices import Part, alone, join, plain_copy, precision, workers
from training.train import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--epochs", "1", "--steps", "2", "--batch", "4", "--workers", "0"]


def test_mixed_precision_trains_and_keeps_a_network_in_float32(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ARCHITECTURES, "small", small_training.SMALL)
    options = [
        *SMALL,
        "--architecture",
        "small",
        "--limit",
        "8",
        "--precision",
        "mixed_bfloat16",
        "--name",
        "mixed",
        "--runs",
        str(tmp_path),
    ]
    assert main([str(drawn_dataset), *options]) == 0
    record = json.loads((tmp_path / "mixed" / "log.jsonl").read_text())
    assert np.isfinite(record["loss"]) and 0 <= record["waiting"] <= 1
    trained = keras.models.load_model(tmp_path / "mixed" / "checkpoint.keras", compile=False)
    assert "bfloat16" in {layer.compute_dtype for layer in trained.layers}
    assert {weight.dtype for weight in trained.weights} == {"float32"}
    outputs = trained(np.random.default_rng(1).random((2, 48, 192, 3), dtype=np.float32), training=False)
    assert {str(keras.backend.standardize_dtype(output.dtype)) for output in outputs.values()} == {"float32"}
    assert keras.ops.convert_to_numpy(outputs["reading"]).sum(-1) == pytest.approx(np.ones((2, 11)), abs=1e-5)
    kept = keras.models.load_model(tmp_path / "mixed" / "model.keras", compile=False)
    assert {layer.compute_dtype for layer in kept.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_every_network_says_its_reading_in_float32(name: str) -> None:
    with precision("mixed_bfloat16"):
        model = ARCHITECTURES[name].build()
    assert "bfloat16" in {layer.compute_dtype for layer in model.layers}
    pictures = np.random.default_rng(1).random((1, *ARCHITECTURES[name].size, 3), dtype=np.float32)
    outputs = model(pictures, training=False)
    assert {str(keras.backend.standardize_dtype(output.dtype)) for output in outputs.values()} == {"float32"}


def test_a_cpu_computes_in_float32_unless_told_otherwise() -> None:
    with precision("auto"):
        assert keras.config.dtype_policy().name == "float32"
        plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert plain_copy(plain) is None
    with precision("mixed_float16"), alone():
        assert keras.config.dtype_policy().name == "float32"


def _start(dataset: Path, runs: Path, name: str, **environment: str) -> subprocess.Popen[bytes]:
    module = "tests.training.small_training"
    command = [sys.executable, "-m", module, str(dataset), "--runs", str(runs), "--name", name, *SMALL]
    variables = {**os.environ, "KERAS_BACKEND": "jax", **environment}
    return subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.long
def test_two_processes_train_as_one(drawn_dataset: Path, tmp_path: Path) -> None:
    """The same weights as one process with the same batches."""
    shared = {
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": f"127.0.0.1:{_free_port()}",
        "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
    }
    processes = [_start(drawn_dataset, tmp_path, "one")]
    processes += [_start(drawn_dataset, tmp_path, "two", **shared, KERAS_DISTRIBUTION_PROCESS_ID=n) for n in "01"]
    assert [process.wait() for process in processes] == [0, 0, 0]
    trained, kept = (
        [keras.models.load_model(tmp_path / name / file, compile=False).get_weights() for name in ("one", "two")]
        for file in ("checkpoint.keras", "model.keras")
    )
    for one, two in (trained, kept):
        assert max(float(np.abs(a - b).max()) for a, b in zip(one, two, strict=True)) < 1e-4
    # The average has hardly moved yet, the weights have: agreement is no matter of course.
    assert max(float(np.abs(a - b).max()) for a, b in zip(trained[0], kept[0], strict=True)) > 1e-3
    losses = [json.loads((tmp_path / name / "log.jsonl").read_text())["loss"] for name in ("one", "two")]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_processes_share_the_places_of_a_batch() -> None:
    assert [list(Part(number, 2).places(4)) for number in (0, 1)] == [[0, 1], [2, 3]]
    with pytest.raises(DatasetError, match="expected a batch that 3 processes can share evenly, got 4"):
        Part(0, 3).places(4)


@pytest.mark.parametrize("given", [{"NUM_PROCESSES": "2"}, {"JOB_ADDRESSES": "x:1", "NUM_PROCESSES": "2"}])
def test_half_a_configuration_is_refused(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"KERAS_DISTRIBUTION_{name}", value)
    join.cache_clear()
    with pytest.raises(DatasetError, match="expected KERAS_BACKEND=jax and KERAS_DISTRIBUTION_JOB_ADDRESSES"):
        join()
    join.cache_clear()


def test_waiting_is_the_time_before_the_batch_came(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1.0, 2.0, 2.0, 5.0, 6.0, 9.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    waiting, logs = Waiting(), {}
    batches = waiting.watch(iter("ab"))
    waiting.on_epoch_begin(0)
    next(batches)  # at 1, before its step begins
    waiting.on_train_batch_begin(0)  # at 2
    waiting.on_train_batch_end(0)  # at 2: nothing waited, nothing taken
    waiting.on_train_batch_begin(1)  # at 5
    next(batches)  # at 6
    waiting.on_train_batch_end(1)  # at 9
    waiting.on_epoch_end(0, logs)
    assert logs == {"waiting": pytest.approx(0.25)}


@pytest.mark.parametrize(
    ("devices", "cores", "policy", "makers"),
    [
        (["cpu:0"], 2, "float32", 2),
        (["cpu:0"], 64, "float32", 2),  # a CPU has to train, too
        (["cpu:0", "gpu:0"], 1, "mixed_bfloat16", 2),
        (["cpu:0", "gpu:0"], 12, "mixed_bfloat16", 10),
        (["gpu:0", "gpu:1"], 64, "mixed_bfloat16", 16),
    ],
)
def test_what_an_accelerator_changes(
    monkeypatch: pytest.MonkeyPatch, devices: list[str], cores: int, policy: str, makers: int
) -> None:
    monkeypatch.setattr(keras.distribution, "list_devices", lambda: devices)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert workers() == makers
    with precision("auto"):
        assert keras.config.dtype_policy().name == policy
    with precision("mixed_float16"):
        assert keras.config.dtype_policy().name == "mixed_float16", "what is asked for is done"
    assert keras.config.dtype_policy().name == "float32"
