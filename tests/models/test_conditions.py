from __future__ import annotations

import dataclasses

import pytest
import torch

from neuralpde.grids import Grid
from neuralpde.models import FNO, Backbone, Conditions, DilatedResNet, MessagePassing, UNet


def test_conditions_are_frozen_and_optional_where_they_may_be() -> None:
    conditions = Conditions(torch.zeros(2), torch.zeros(2, 0), Grid((8,)))
    assert conditions.graph is None
    assert conditions.level is None
    with pytest.raises(dataclasses.FrozenInstanceError):
        conditions.time = torch.ones(2)  # type: ignore[misc]


def test_what_the_backbones_declare() -> None:
    assert [m.needs_graph for m in (MessagePassing, FNO, UNet, DilatedResNet)] == [True, False, False, False]
    assert [m.dimensions for m in (MessagePassing, FNO, UNet, DilatedResNet)] == [(1, 2, 3), (1, 2, 3), (1, 2), (1, 2)]


def test_the_base_class_computes_nothing() -> None:
    with pytest.raises(NotImplementedError):
        Backbone()(torch.zeros(1, 1, 8), Conditions(torch.zeros(1), torch.zeros(1, 0), Grid((8,))))
