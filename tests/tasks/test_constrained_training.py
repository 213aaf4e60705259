"""Training of a constrained operator from the command line: generated, trained without solutions, scored and loaded again."""

import csv
import runpy
import sys
from pathlib import Path

import pytest
import torch

from neuralpde.constraints import ConstrainedOperator
from neuralpde.pretrained import load_pretrained

ROOT = Path(__file__).parents[2]
TINY = (
    "experiment=hard_constraints/diffusion_sorption/moe_small",
    "data.name=tiny",
    "data.sizes={train: 4, valid: 2, test: 2}",
    "data.scenario.grid.shape=[17]",
    "data.scenario.num_frames=9",
    "data.scenario.dt=50.0",
    "data.resolution=[17]",
    "data.windows_per_trajectory=1",
    "model.width=8",
    "model.num_layers=1",
    "model.num_modes=2",
    "operator.num_basis=3",
    "operator.constraint.families.residual.count=20",
    "operator.constraint.solver.max_steps=4",
    "evaluation.repeats=1",
    "trainer.max_epochs=2",
    "trainer.accelerator=cpu",
    "trainer.log_every_n_steps=1",
    "~callbacks.progress",
    "+trainer.enable_progress_bar=false",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train.py", *TINY])
    runpy.run_path(str(ROOT / "train.py"), run_name="__main__")
    (run,) = tmp_path.glob("runs/*/*")
    return run


def test_run_leaves_scores_and_a_checkpoint_that_predicts_the_same(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(bool(row["val/loss"]) for row in rows) == 2 and sum(bool(row["val/relative_l2"]) for row in rows) == 2
    model, config, card = load_pretrained(folder / "pretrained")
    assert isinstance(model, ConstrainedOperator) and model.horizon == 8 and config["data"]["name"] == "tiny"
    assert tuple(model.constraint.counts) == (1, 4)
    assert {score.metric for score in card.scores} >= {"accumulated_error"}
    best = torch.load(folder / "checkpoints" / "best.ckpt", weights_only=True)["state_dict"]
    assert all(torch.equal(best[f"stepper.{name}"], value) for name, value in model.state_dict().items())
