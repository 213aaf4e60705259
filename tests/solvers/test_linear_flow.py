import math

import pytest
import torch

from neuralpde.equations import Combined, Heat, Wave
from neuralpde.grids import Grid
from neuralpde.solvers.linear_flow import NoFlow, diagonal_symbol, linear_flow

GRID = Grid(16, 0.0, 2 * math.pi)


def test_each_trajectory_has_its_own_flow():
    beta = torch.tensor([0.1, 0.4], dtype=torch.float64)
    flow = linear_flow(Combined(1.0, beta, 0.0), GRID, 0.5, owner="test")
    u = torch.sin(2 * GRID.coordinates()).expand(2, 1, 16)
    result = flow.leave(flow(flow.enter(u), 0.25))
    assert torch.allclose(result, torch.exp(-4 * beta * 0.125).view(2, 1, 1) * u)


def test_absent_linear_parts_cost_nothing():
    assert isinstance(linear_flow(Combined(1.0, 0.0, 0.0), GRID, 0.1, owner="test"), NoFlow)
    assert isinstance(linear_flow(Combined(1.0, torch.zeros(3), torch.zeros(3)), GRID, 0.1, owner="test"), NoFlow)
    learned = torch.zeros(3, requires_grad=True)
    assert not isinstance(linear_flow(Combined(1.0, learned, 0.0), GRID, 0.1, owner="test"), NoFlow)


def test_diagonal_symbol_keeps_the_channels():
    assert diagonal_symbol(Heat(0.3), GRID, owner="test").shape == (1, 1, 9)


def test_refuses_coupled_channels():
    with pytest.raises(ValueError, match="ExponentialRungeKutta: the linear part needs to act on every channel alone, got one of Wave"):
        diagonal_symbol(Wave(1.0), GRID, owner="ExponentialRungeKutta")
