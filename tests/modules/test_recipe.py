"""Recipes of networks and runs."""

import dataclasses
import json

import pytest
import torch
from hydra.utils import instantiate

from neuralpde.data import DataSpec
from neuralpde.grids import Grid
from neuralpde.modules import run_recipe, stepper_recipe

SPEC = DataSpec(("u", "v"), Grid((16, 16)), 0.5, 10.0, 21, ("viscosity",), (0.25,), (0.0, 0.0), (1.0, 1.0))
STEPPER = {"_target_": "neuralpde.models.NeuralStepper", "history": 3, "horizon": 2, "graph": None, "output": {"_target_": "neuralpde.models.Direct"}}
BACKBONE = {"_target_": "neuralpde.models.FNO", "num_modes": 4, "width": 8}


def test_facts_of_the_data_complete_the_choices():
    recipe = stepper_recipe(STEPPER, BACKBONE, SPEC)
    assert recipe["backbone"] == {**BACKBONE, "in_channels": 6, "out_channels": 4, "ndim": 2, "num_coefficients": 1}
    assert {key: recipe[key] for key in ("channels", "dt", "time_scale", "coefficient_scale")} == {
        "channels": 2,
        "dt": 0.5,
        "time_scale": 10.0,
        "coefficient_scale": [0.25],
    }
    assert json.loads(json.dumps(recipe)) == recipe


def test_what_a_backbone_leaves_open_is_taken_from_the_data():
    channel = dataclasses.replace(SPEC, domain=Grid((16, 16), periodic=(True, False)))
    open_choices = {"fields": None, "periodic": None, "seed": None, "hidden": 8}
    assert stepper_recipe(STEPPER, open_choices, SPEC)["backbone"].items() >= {"fields": 2, "periodic": True, "seed": None, "hidden": 8}.items()
    assert stepper_recipe(STEPPER, open_choices, channel)["backbone"]["periodic"] == [True, False]
    assert stepper_recipe(STEPPER, {"fields": 1, "periodic": False}, SPEC)["backbone"].items() >= {"fields": 1, "periodic": False}.items()
    assert not {"fields", "periodic"} & stepper_recipe(STEPPER, BACKBONE, SPEC)["backbone"].keys()


def test_a_refiner_adds_the_noisy_frames_and_asks_for_the_level():
    recipe = stepper_recipe({**STEPPER, "_target_": "neuralpde.models.RefinedStepper"}, {**BACKBONE, "level": None}, SPEC)
    assert recipe["backbone"].items() >= {"in_channels": 10, "out_channels": 4, "level": True}.items()
    assert stepper_recipe(STEPPER, {**BACKBONE, "level": None}, SPEC)["backbone"]["level"] is False


def test_a_stepper_inside_the_stepper_is_completed_with_the_same_backbone():
    guess = {"_target_": "neuralpde.models.TrainedGuess", "stepper": {**STEPPER, "history": 1}}
    recipe = stepper_recipe({**STEPPER, "_target_": "neuralpde.models.CorrectedStepper", "guess": guess}, BACKBONE, SPEC)
    inner = recipe["guess"]["stepper"]
    assert (inner["channels"], inner["dt"], inner["backbone"]["in_channels"], recipe["backbone"]["in_channels"]) == (2, 0.5, 2, 10)
    model = instantiate(recipe, _convert_="all")
    window = torch.randn(1, 3, 2, 16, 16)
    assert model(window, model.conditions(torch.zeros(1), torch.ones(1, 1), SPEC.domain)).shape == (1, 2, 2, 16, 16)


def test_recipe_builds_the_network():
    model = instantiate(stepper_recipe(STEPPER, BACKBONE, SPEC), _convert_="all")
    assert (model.channels, model.history, model.horizon, model.dt) == (2, 3, 2, 0.5)
    assert model.coefficient_scale.tolist() == [0.25]


def test_trajectories_too_short_for_a_rollout_are_refused_before_the_training():
    stepper_recipe({**STEPPER, "history": 10}, BACKBONE, SPEC)
    with pytest.raises(ValueError, match="history=11 needs trajectories of more than 22 frames, got 21"):
        stepper_recipe({**STEPPER, "history": 11}, BACKBONE, SPEC)


def test_run_recipe_leaves_the_machine_out():
    config = {
        "data": {"name": "x", "root": "/a", "num_workers": 3, "batch_size": 2},
        "objective": {},
        "optimizer": {"lr": 1},
        "seed": 4,
        "trainer": {"max_epochs": 9},
    }
    assert run_recipe(config, {"m": 1}) == {
        "model": {"m": 1},
        "data": {"name": "x", "batch_size": 2},
        "objective": {},
        "optimizer": {"lr": 1},
        "schedule": None,
        "seed": 4,
    }
