from __future__ import annotations

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from lightning.pytorch import Trainer

from neuralpde.pretrained import load_pretrained
from neuralpde.tasks import Forecasting

CONF = Path(__file__).parents[2] / "conf"
TINY = [
    "data.name=tiny",
    "data.sizes={train: 4, valid: 2, test: 2}",
    "data.scenario.grid.shape=[32]",
    "data.scenario.num_frames=9",
    "data.resolution=[32]",
    "data.windows_per_trajectory=1",
    "stepper.history=2",
    "stepper.horizon=2",
    "model=fno",
    "model.num_modes=4",
    "model.width=8",
    "model.num_layers=1",
    "evaluation.repeats=1",
    "evaluation.classical=null",
    "logger=none",
    "callbacks.best.dirpath=checkpoints",
    "callbacks.last.dirpath=checkpoints",
]


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def task(*overrides: str) -> Forecasting:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            return Forecasting(compose("train", [*TINY, *overrides]))

    return task


def trainer(folder: Path) -> Trainer:
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
    return Trainer(max_steps=1, accelerator="cpu", num_sanity_val_steps=0, default_root_dir=folder, **quiet)


def test_what_the_config_says_meets_what_the_data_say(build):
    task = build("stepper.output.scale=3.0")
    assert (task.model.history, task.model.horizon, task.model.channels) == (2, 2, 1)
    assert task.model.dt == task.data.spec.dt and task.model.output.scale == 3.0
    assert task.module.stepper is task.model and task.data.history == 2
    assert task.data.future >= task.module.objective.frames(2)


def test_half_precision_with_fourier_transforms_is_refused_on_a_cpu(build, tmp_path):
    with pytest.raises(ValueError, match="32-true"):
        build("trainer.precision=bf16-mixed").check(trainer(tmp_path))
    build().check(trainer(tmp_path))


def test_the_card_names_its_folder_from_here(build, tmp_path):
    task, folder = build(), tmp_path / "runs" / "one"
    folder.mkdir(parents=True)
    fit = trainer(tmp_path)
    fit.fit(task.module, task.data)
    assert task.finish(fit, folder, "python train.py model=fno") is not None
    model, _, card = load_pretrained(folder / "pretrained")
    assert (model.history, card.training.steps, card.training.command) == (2, 1, "python train.py model=fno")
    assert {score.command for score in card.scores} == {"python evaluate.py checkpoint=runs/one/pretrained"}
