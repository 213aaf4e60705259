import pytest

from neuralpde.data import DataSpec
from neuralpde.grids import Grid
from neuralpde.modules import operator_recipe

SPEC = DataSpec(("u",), Grid((9,), periodic=False), 0.5, 4.0, 9, ("viscosity",), (0.02,), (0.0,), (1.0,))
STEPPER = {"_target_": "x", "num_basis": 4, "ansatz": {"_target_": "y", "time_scale": None}}
SCENARIO = {"equation": {"_target_": "z"}, "coefficients": {"viscosity": {"_target_": "law"}, "density": 2.0}}


def test_facts_come_from_the_data():
    recipe = operator_recipe(STEPPER, {"_target_": "net", "periodic": None, "width": 8, "level": None}, SCENARIO, SPEC)
    assert recipe["backbone"] == {
        "_target_": "net", "periodic": [False, False], "width": 8, "level": False, "in_channels": 3, "out_channels": 4, "ndim": 2, "num_coefficients": 1
    }  # fmt: skip
    assert recipe["equations"] == {
        "_target_": "neuralpde.constraints.EquationFamily",
        "equation": {"_target_": "z", "density": 2.0, "_partial_": True},
        "names": ["viscosity"],
        "scales": [0.02],
    }
    assert recipe["time"] == {"_target_": "neuralpde.constraints.TimeAxis", "horizon": 8, "dt": 0.5, "scale": 4.0}
    assert recipe["ansatz"]["time_scale"] == 4.0


def test_every_coefficient_must_be_known():
    hidden = {**SCENARIO, "coefficients": {"viscosity": {}, "forcing": {}}}
    with pytest.raises(ValueError, match=r"got none for \['forcing'\]; name them in data.conditioned_on"):
        operator_recipe(STEPPER, {"_target_": "net"}, hidden, SPEC)
