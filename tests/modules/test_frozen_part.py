"""Weights from a checkpoint for a part that is not trained."""

import pytest
import torch
from hydra.utils import instantiate

from neuralpde.data import DataSpec
from neuralpde.grids import Grid
from neuralpde.losses import MeanSquared, OneStep
from neuralpde.models import NeuralStepper
from neuralpde.modules import Forecast, FrozenPart, stepper_recipe
from neuralpde.pretrained import Card, CheckpointError, DataSource, Training, save_pretrained

SPEC = DataSpec(("u",), Grid((16,)), 0.5, 10.0, 21, (), (), (0.0,), (1.0,))
STEPPER = {"_target_": "neuralpde.models.NeuralStepper", "history": 1, "horizon": 1, "output": {"_target_": "neuralpde.models.Difference"}, "graph": None}
CORRECTED = {**STEPPER, "_target_": "neuralpde.models.CorrectedStepper", "guess": {"_target_": "neuralpde.models.TrainedGuess", "stepper": STEPPER}}


def backbone(hidden):
    return {"_target_": "neuralpde.models.DilatedResNet", "hidden_channels": hidden, "num_blocks": 1}


def checkpoint(folder, hidden) -> NeuralStepper:
    recipe = stepper_recipe(STEPPER, backbone(hidden), SPEC)
    model = instantiate(recipe, _convert_="all")
    card = Card("first", "A first network.", DataSource("waves"), Training(1, 1.0, "one core", "python train.py"))
    save_pretrained(folder, model, config={"model": recipe}, card=card)
    return model


def module() -> Forecast:
    model = instantiate(stepper_recipe(CORRECTED, backbone(4), SPEC), _convert_="all")
    return Forecast(model, OneStep(MeanSquared()), domain=SPEC.domain, optimizer=torch.optim.Adam)


def test_part_gets_the_weights_and_is_not_trained(tmp_path):
    first, trained = checkpoint(tmp_path / "first", 4), module()
    FrozenPart("guess.stepper", tmp_path / "first").setup(None, trained, "fit")
    window = torch.randn(2, 1, 1, 16)
    conditions = first.conditions(torch.zeros(2), torch.zeros(2, 0), SPEC.domain)
    guess = trained.stepper.guess(window, conditions, coefficients=torch.zeros(2, 0), horizon=1, dt=0.5)
    torch.testing.assert_close(guess, first(window, conditions))
    assert all(name.startswith("stepper.backbone.") for name, parameter in trained.named_parameters() if parameter.requires_grad)


def test_checkpoint_of_another_network_is_refused(tmp_path):
    checkpoint(tmp_path / "first", 8)
    with pytest.raises(CheckpointError, match=r"FrozenPart\('guess.stepper'"):
        FrozenPart("guess.stepper", tmp_path / "first").setup(None, module(), "fit")


def test_only_steppers_are_parts(tmp_path):
    with pytest.raises(TypeError, match="expected a stepper at 'backbone', got DilatedResNet"):
        FrozenPart("backbone", tmp_path).setup(None, module(), "fit")
