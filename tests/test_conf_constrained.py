"""Configurations of constrained operators: every file composes, and its network fits its constraint."""

from __future__ import annotations

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from test_conf import Compose, composed, names, spec_of  # noqa: F401 — a fixture

from neuralpde.constraints import ConstrainedOperator, FixedWeights, WeightSolver
from neuralpde.modules import operator_recipe
from neuralpde.tasks import ConstrainedTraining

EXPERIMENTS = [name for name in names("experiment") if name.startswith("hard_constraints/")]


def build(config):
    """The operator of a config with weights that were never filled, and what its data would say."""
    plain = OmegaConf.to_container(config, resolve=True)
    data = instantiate(config.data, _convert_="all")
    spec = spec_of(data)
    with torch.device("meta"):
        model = instantiate(operator_recipe(plain["operator"], plain["model"], plain["data"]["scenario"], spec), _convert_="all")
    return model.to_empty(device="cpu"), spec


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_experiment(composed: Compose, name):  # noqa: F811
    config = composed("train", f"experiment={name}")
    assert config.task._target_.endswith(ConstrainedTraining.__name__)
    model, spec = build(config)
    assert isinstance(model, ConstrainedOperator)
    assert model.horizon == spec.num_frames - 1 and instantiate(config.objective).frames(model.horizon) <= spec.num_frames - 1
    assert config.objective.data == 0.0, "an experiment that is called self-supervised reads no solution"
    where = model.domain(spec.domain)
    for family in model.constraint.families.values():
        assert family.where(where).any()
    assert model.constraint.partition(where).num_blocks == (4 if "/moe" in name else 1)
    assert isinstance(model.constraint.solver, FixedWeights if "/soft" in name else WeightSolver)
    if name.endswith("_small"):
        basis, offset = model.basis(torch.zeros(1, spec.channels, *spec.domain.shape), torch.ones(1, spec.num_coefficients), where)
        tabulated = model.constraint.tabulate(basis, offset, model.equations(torch.ones(1, spec.num_coefficients)), where)
        assert tabulated.basis.shape[1] == model.num_basis


@pytest.mark.parametrize("operator", names("operator"))
@pytest.mark.parametrize("rows", names("rows"))
@pytest.mark.parametrize("weights", names("weights"))
def test_groups_combine(composed: Compose, operator, rows, weights):  # noqa: F811
    groups = [f"operator={operator}", f"rows@operator.constraint={rows}", f"weights@operator.constraint.solver={weights}"]
    constraint = instantiate(composed("train", "experiment=hard_constraints/burgers/single", *groups).operator.constraint, _convert_="all")
    assert "residual" in constraint.families


@pytest.mark.parametrize("blocks", names("blocks"))
@pytest.mark.parametrize("first", names("first_weights"))
@pytest.mark.parametrize("equation", ["burgers", "navier_stokes"])
def test_blocks_and_first_weights_are_chosen_by_override(composed: Compose, blocks, first, equation):  # noqa: F811
    groups = [f"blocks@operator.constraint.blocks={blocks}", f"first_weights@operator.constraint.start={first}"]
    constraint = instantiate(composed("train", f"experiment=hard_constraints/{equation}/moe", *groups).operator.constraint, _convert_="all")
    expected = {"equal_sizes": "EqualSizes", "equal_residuals": "EqualResiduals"}[blocks], {"constant": "Constant", "one_expert": "OneExpert"}[first]
    assert (type(constraint.blocks).__name__, type(constraint.start).__name__) == expected
    assert constraint.start.value == (0.0 if equation == "navier_stokes" else 0.1) or first == "one_expert"
