"""Physics-informed training from the command line: composed, trained, killed, resumed and summarised."""

import csv
import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
TINY = (
    "experiment=stde/sine_gordon_100_small",
    "problem.interaction.ndim=8",
    "residual.differentiation.law.count=4",
    "network.width=8",
    "points.num_points=8",
    "steps.steps_per_epoch=5",
    "steps.num_evaluation_points=50",
    "trainer.max_epochs=3",
    "trainer.accelerator=cpu",
    "trainer.log_every_n_steps=1",
    "~callbacks.progress",
    "+trainer.enable_progress_bar=false",
)


@pytest.fixture
def train(tmp_path, monkeypatch):
    """Runs train.py in this process, in an empty folder; returns the newest run folder."""
    monkeypatch.chdir(tmp_path)

    def run(*overrides: str) -> Path:
        monkeypatch.setattr(sys, "argv", ["train.py", *TINY, *overrides])
        runpy.run_path(str(ROOT / "train.py"), run_name="__main__")
        return sorted(tmp_path.glob("runs/*/*"))[-1]

    return run


def weights(folder):
    return torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]


def test_run_leaves_a_summary_curves_and_checkpoints(train, capsys):
    folder = train()
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["steps"] == 15 and summary["seconds"] > 0 and summary["command"].startswith("python train.py experiment=stde/")
    assert summary["best"]["relative_l2"] <= summary["final"]["relative_l2"] and summary["best"]["skill"] == pytest.approx(
        summary["best"]["relative_l2"] / summary["best"]["trivial"]
    )
    with (folder / "metrics.csv").open(newline="") as file:
        errors = [float(row["val/relative_l2"]) for row in csv.DictReader(file) if row["val/relative_l2"]]
    assert len(errors) == 3 and errors[-1] == pytest.approx(summary["final"]["relative_l2"], rel=1e-5)
    assert min(errors) == pytest.approx(summary["best"]["relative_l2"], rel=1e-5)
    shown = capsys.readouterr().out
    assert "skill" in shown and f"{summary['best']['skill']:.3g}" in shown


def test_killed_training_continues_as_if_nothing_had_happened(train, tmp_path):
    straight = train("name=straight")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(ROOT / "train.py"), *TINY, "name=killed", "ckpt_path=last", "+callbacks.kill={_target_: kill_callback.KillAt, step: 7}"]
    killed = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    resumed = train("name=killed", "ckpt_path=last")
    assert len(list(resumed.parent.iterdir())) == 1
    ours, theirs = weights(straight), weights(resumed)
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("trainer.precision=bf16-mixed", "Error: trainer.precision: residuals need float32 or float64, got 'bf16-mixed'"),
        ("residual=sparse residual.differentiation.law.count=9", "SparseDirections: needs no more directions than there are coordinates"),
        ("network.hidden_layers=0", "MLP: needs at least one hidden layer, got 0"),
        ("problem.constrained=false", "ByHand: needs a network of type Constrained, got MLP"),
        ("problem.interaction.ndim=1", "TwoBody: needs at least 2 dimensions, got 1"),
    ],
)
def test_mistakes_end_in_one_sentence(train, capsys, override, sentence):
    with pytest.raises(SystemExit) as stop:
        train(*override.split())
    assert stop.value.code == 1
    error = capsys.readouterr().err
    assert sentence in error and "Traceback" not in error
