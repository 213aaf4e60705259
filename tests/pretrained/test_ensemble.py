"""Checkpoints that average others."""

import pytest
import torch

from neuralpde.graphs import PeriodicNeighbours
from neuralpde.grids import Grid
from neuralpde.models import Averaged
from neuralpde.pretrained import CheckpointError, load_pretrained, make_ensemble, restore, save_pretrained
from neuralpde.pretrained.__main__ import main


def predictions(model):
    grid = Grid((20,), 0.0, 16.0)
    window = torch.randn(2, 25, 1, 20, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return model(window, model.conditions(torch.zeros(2), torch.ones(2, 2), grid, PeriodicNeighbours(2)(grid).to(dtype=torch.float32)))


@pytest.fixture
def second(tmp_path, config, card):
    model = restore(config)
    save_pretrained(tmp_path / "second", model, config=config, card=card)
    return tmp_path / "second"


def test_ensemble_predicts_the_mean_and_loads_like_any_other(tmp_path, folder, second):
    card = make_ensemble(tmp_path / "both", [folder, second])
    model = load_pretrained(tmp_path / "both").model
    expected = torch.stack([predictions(load_pretrained(member).model) for member in (folder, second)]).mean(0)
    assert isinstance(model.backbone, Averaged)
    torch.testing.assert_close(predictions(model), expected)
    assert card.name == "both" and card.training.steps == 14 and card.scores == ()


def test_command_line(tmp_path, folder, second):
    assert main(["ensemble", str(tmp_path / "both"), str(folder), str(second)]) == 0
    assert load_pretrained(tmp_path / "both").card.summary.startswith("Mean of 2 networks")


def test_members_that_do_not_belong_together_are_refused(tmp_path, folder, config, card):
    config["model"]["dt"] = 0.2
    save_pretrained(tmp_path / "other", restore(config), config=config, card=card)
    with pytest.raises(CheckpointError, match="needs the network of"):
        make_ensemble(tmp_path / "both", [folder, tmp_path / "other"])
    with pytest.raises(CheckpointError, match="at least two members, got 1"):
        make_ensemble(tmp_path / "both", [folder])
