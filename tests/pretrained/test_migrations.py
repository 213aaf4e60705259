from __future__ import annotations

import json

import pytest
import torch

from neuralpde.constraints import ConstrainedOperator
from neuralpde.grids import Grid
from neuralpde.pretrained import CheckpointError, checkpoint, read_pretrained, restore, save_pretrained
from neuralpde.pretrained.migrations import FORMAT, MIGRATIONS, VERSION, check_version, migrate


def add_colour(config):
    return {**config, "colour": "red"}


def rename_colour(config):
    return {"color": config["colour"], "version": config["version"]}


def test_every_step_from_the_stored_version_on_is_taken():
    assert migrate({"version": 1}, (add_colour, rename_colour)) == {"color": "red", "version": 3}
    assert migrate({"version": 2, "colour": "blue"}, (add_colour, rename_colour)) == {"color": "blue", "version": 3}


def test_the_newest_version_stays_as_it_is():
    config = {"version": 3, "color": "red"}
    assert migrate(config, (add_colour, rename_colour)) == config


def test_written_version_counts_the_migrations():
    assert len(MIGRATIONS) + 1 == VERSION


def test_newer_version_says_what_to_do():
    with pytest.raises(
        CheckpointError, match=rf"^a/config.json: this neuralpde reads versions up to {VERSION}, got 77, written by neuralpde 8.1; update neuralpde"
    ):
        check_version({"format": FORMAT, "version": 77, "neuralpde_version": "8.1"}, "a/config.json")


FIRST_OPERATOR = {
    "_target_": "neuralpde.constraints.ConstrainedOperator",
    "num_basis": 3,
    "constraint": {
        "_target_": "neuralpde.constraints.HardConstraint",
        "families": {
            "residual": {"_target_": "neuralpde.constraints.ResidualRows", "scale": 100.0},
            "initial": {"_target_": "neuralpde.constraints.InitialRows"},
        },
        "space": {"_target_": "neuralpde.derivatives.FiniteDifference", "_partial_": True, "order": 2},
        "solver": {"_target_": "neuralpde.constraints.WeightSolver", "tolerance": 1e-3, "max_steps": 40},
        "ridge": 0.1,
    },
    "ansatz": None,
    "graph": None,
    "backbone": {
        "_target_": "neuralpde.models.FNO", "num_modes": 2, "width": 4, "num_layers": 1, "projection": 4, "coordinates": False,
        "in_channels": 3, "out_channels": 3, "ndim": 2, "num_coefficients": 1,
    },
    "equation": {"_target_": "neuralpde.equations.DiffusionSorption", "porosity": 0.3, "_partial_": True},
    "channels": 1,
    "horizon": 6,
    "dt": 10.0,
    "time_scale": 60.0,
    "coefficient_names": ["diffusivity"],
    "coefficient_scale": [0.002],
}  # fmt: skip
"""A constrained operator as version 1 described it."""


def forecast(model):
    bound = model.bind(Grid((9,), periodic=False), torch.tensor([[5e-4], [2e-3]]))
    return bound.advance(torch.linspace(0.1, 0.3, 18).view(2, 1, 1, 9))


def test_operators_of_the_first_version_predict_the_same(tmp_path, card):
    """Written in the present version, turned back into the first by hand, read: the same frames, bit for bit."""
    now = migrate({"version": 1, "model": FIRST_OPERATOR})
    model = restore(now)
    assert isinstance(model, ConstrainedOperator)
    assert (model.horizon, model.dt, model.time_scale, model.coefficient_scale.tolist()) == (6, 10.0, 60.0, [pytest.approx(0.002)])
    assert model.equations(torch.tensor([[1e-3]])).porosity == 0.3
    save_pretrained(tmp_path / "a", model, config=now, card=card)
    assert torch.equal(forecast(read_pretrained(tmp_path / "a").model), forecast(model))
    path = tmp_path / "a" / "config.json"
    old = json.loads(path.read_text()) | {"version": 1, "model": FIRST_OPERATOR}
    old["sha256"]["config"] = checkpoint._digest(old)
    path.write_text(json.dumps(old))
    loaded = read_pretrained(tmp_path / "a")
    assert torch.equal(forecast(loaded.model), forecast(model)) and loaded.config["version"] == VERSION


def test_other_models_of_the_first_version_stay():
    model = {"_target_": "neuralpde.models.NeuralStepper", "dt": 0.1}
    assert migrate({"version": 1, "model": model}, MIGRATIONS[:1]) == {"version": 2, "model": model}
