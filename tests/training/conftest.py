"""A small dataset folder of drawn displays, so that nothing here needs photographs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from training.render import render


@pytest.fixture(scope="session")
def drawn_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 drawn displays with boxes: 32 to teach, 6 to test, 10 to validate, each a meter of its own."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "images").mkdir()
    with (folder / "training.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow("image,type,correct_value,meter_type,group,source,x,y,w,h,also_accepted".split(","))
        for i in range(48):
            drawn = render(np.random.default_rng(i))
            name = f"{i:03}.png"
            drawn.image.save(folder / "images" / name)
            side = 0 if i < 32 else 1 if i < 38 else 2
            box = (drawn.box.x, drawn.box.y, drawn.box.width, drawn.box.height)
            table.writerow([name, side, drawn.text, drawn.kind, f"meter{i}", f"drawn_{drawn.kind}", *box, ""])
    return folder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network in the place of a base."""
    import keras  # seconds: only for those who want it

    from training.architectures import ARCHITECTURES

    keras.utils.set_random_seed(1)
    file = tmp_path_factory.mktemp("base") / "model.keras"
    ARCHITECTURES["compact"].build().save(file)
    return file


@pytest.fixture
def eagerly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes longer than a few steps."""
    import keras

    from training.classifiers import fit

    begin = fit.resume

    def uncompiled(job: fit.Job, steps: int) -> tuple[keras.Model, int]:
        model, done = begin(job, steps)
        model.run_eagerly = True
        return model, done

    monkeypatch.setattr(fit, "resume", uncompiled)


@pytest.fixture
def small_backbones(eagerly: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small network to begin with, and nothing compiled."""
    from tests.training.small_backbone import small_backbone
    from training.transfer import recipe as transfer

    monkeypatch.setattr(transfer, "open_backbone", small_backbone)
