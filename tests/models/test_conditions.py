from __future__ import annotations

import dataclasses

import pytest
import torch
from model_harness import awaken

from neuralpde.graphs import PeriodicNeighbours
from neuralpde.grids import Grid
from neuralpde.models import FNO, Backbone, Conditions, DilatedResNet, MessagePassing, UNet
from neuralpde.models.conditions import LARGEST_LEVEL


def test_conditions_are_frozen_and_optional_where_they_may_be() -> None:
    conditions = Conditions(torch.zeros(2), torch.zeros(2, 0), Grid((8,)))
    assert conditions.graph is None
    assert conditions.level is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        conditions.time = torch.ones(2)  # type: ignore[misc]


def test_what_is_remembered_outlives_the_level_but_not_a_gradient() -> None:
    owner, calls = Backbone(), []
    conditions = Conditions(torch.zeros(2), torch.zeros(2, 0), Grid((8,)))

    def compute() -> torch.Tensor:
        calls.append(1)
        return torch.ones(2)

    conditions.remember(owner, compute)
    with torch.no_grad():
        for level in (0.0, 500.0):
            assert torch.equal(conditions.at_level(torch.full((2,), level)).remember(owner, compute), torch.ones(2))
    assert len(calls) == 2, "once with gradients, once without for both levels"


@pytest.mark.parametrize("kind", [FNO, UNet, DilatedResNet, MessagePassing])
def test_a_level_matters_and_is_asked_for(kind: type[Backbone]) -> None:
    torch.manual_seed(0)
    grid, sizes = Grid((48,)), {UNet: {"hidden_channels": 8}, MessagePassing: {"hidden": 16, "num_layers": 1}}
    model = awaken(kind(2, 1, ndim=1, num_coefficients=0, level=True, **sizes.get(kind, {})))
    frames, base = torch.randn(2, 2, 48), Conditions(torch.zeros(2), torch.zeros(2, 0), grid, PeriodicNeighbours(2)(grid).to(dtype=torch.float32))
    first, second = (model(frames, base.at_level(torch.full((2,), level))) for level in (0.0, LARGEST_LEVEL))
    assert (first - second).abs().max() > 1e-4
    with pytest.raises(ValueError, match=r"level=True needs Conditions\.level, got none"):
        model(frames, base)


def test_what_the_backbones_declare() -> None:
    assert [m.needs_graph for m in (MessagePassing, FNO, UNet, DilatedResNet)] == [True, False, False, False]
    assert [m.dimensions for m in (MessagePassing, FNO, UNet, DilatedResNet)] == [(1, 2, 3), (1, 2, 3), (1, 2), (1, 2)]


def test_the_base_class_computes_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Backbone()(torch.zeros(1, 1, 8), Conditions(torch.zeros(1), torch.zeros(1, 0), Grid((8,))))
