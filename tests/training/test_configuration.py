"""Several trainings in a row from one configuration file, and options that are refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training.small_training import SMALL
from training import export
from training.architectures import ARCHITECTURES
from training.batches import SHARES
from training.configuration import commands, export_command, read_configuration
from training.data import DatasetError
from training.options import parse
from training.train import main

SHIPPED = Path(__file__).resolve().parents[2] / "training" / "configurations" / "compact.toml"
TWO_STAGES = """
[all]
architecture = "small"
steps = 1
batch = 2

[[stage]]
about = "From nothing."
epochs = 1
shares = { real = 1 }

[[stage]]
epochs = 3
stop = 1
learning_rate = 1e-4
average = 0.25
"""


def _config(folder: Path, text: str) -> Path:
    file = folder / "two.toml"
    file.write_text(text)
    return file


def test_each_stage_starts_from_the_best_weights_of_the_one_before(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ARCHITECTURES, "small", SMALL)
    config = _config(tmp_path, TWO_STAGES)
    more = ["--config", str(config), "--runs", str(tmp_path), "--workers", "0", "--limit", "6", "--seed", "4"]
    assert main([str(drawn_dataset), *more]) == 0
    first, second = (json.loads((tmp_path / f"two-{n}" / "options.json").read_text()) for n in (1, 2))
    assert (first["shares"]["real"], first["shares"]["drawn"], second["shares"]) == (1.0, 0.0, SHARES)
    assert (first["start"], second["start"]) == (None, str(tmp_path / "two-1" / "model.keras"))
    assert (first["seed"], second["seed"], second["learning_rate"]) == (4, 4, 1e-4)  # the command line wins
    assert len((tmp_path / "two-2" / "log.jsonl").read_text().splitlines()) == 1  # stopped after one of three epochs
    mean = (tmp_path / "two-2-averaged" / "model.keras").read_bytes()
    assert json.loads((tmp_path / "two-2-averaged" / "options.json").read_text())["averaged"] == 0.25
    assert main([str(drawn_dataset), *more]) == 0  # nothing is left to do
    assert (tmp_path / "two-2-averaged" / "model.keras").read_bytes() == mean
    assert len((tmp_path / "two-2" / "log.jsonl").read_text().splitlines()) == 1


def test_the_shipped_recipe_is_whole(drawn_dataset: Path, tmp_path: Path) -> None:
    configuration = read_configuration(SHIPPED)
    stages = commands([str(drawn_dataset), "--runs", str(tmp_path)], configuration, None)
    assert [stage.run.name for stage in stages] == [f"compact-{number}" for number in range(1, 7)]
    assert all(sum(stage.options.shares.values()) == pytest.approx(1) for stage in stages)
    plan = export.parse(export_command(configuration, stages)[3:])
    assert (plan.run, plan.name) == (tmp_path / "compact-6", "compact")
    assert str(plan.dataset) == str(drawn_dataset)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("epochs = ", "expected a configuration file in TOML"),
        ("[all]\nepochs = 3", "expected options in \\[all\\] and at least one \\[\\[stage\\]\\]"),
        ("[stages]\nepochs = 3", "got stages"),
        ("[[stage]]\nepoch = 3", "expected options among .* got 'epoch'"),
        ("[[stage]]\nepochs = true", "expected epochs in stage 1 .* as int, got True"),
        ("[[stage]]\nshares = { photographs = 1 }", "expected shares of real, .* got photographs"),
        ("[[stage]]\nshares = { real = -1 }", "not negative"),
        ("[[stage]]\naverage = 2.0", "expected average in stage 1 .* between 0 and 1, got 2.0"),
        ("[[stage]]\narchitecture = 'enormous'", "expected architecture in .* among"),
        ("[[stage]]\n[export]\npublish = true", "got publish = True"),
    ],
)
def test_what_is_no_recipe_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        read_configuration(_config(tmp_path, text))


def test_shares_from_the_command_line(drawn_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = parse([str(drawn_dataset), "--shares", "drawn=3", "real=1"]).options.shares
    assert given == dict.fromkeys(SHARES, 0.0) | {"drawn": 3.0, "real": 1.0}
    with pytest.raises(SystemExit):
        parse([str(drawn_dataset), "--shares", "drawn"])
    assert "expected shares as KIND=SHARE" in capsys.readouterr().err
