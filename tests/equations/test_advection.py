import math

import pytest
import torch

from neuralpde.derivatives import Fourier, ReverseMode
from neuralpde.equations import Advection
from neuralpde.grids import Grid


def test_exact_solution_has_no_residual():
    equation = Advection((0.7, -1.3))
    points = torch.rand(20, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    d = ReverseMode.at_points(points, torch.linspace(0, 1, 20, dtype=torch.float64))
    u = equation.exact(d.t, *d.x, profile=lambda x, y: torch.sin(3 * x) * torch.exp(torch.cos(y)))
    assert equation.residual(u, d).abs().max() < 1e-13
    assert Advection((0.7, 1.3)).residual(u, d).abs().max() > 0.1


def test_velocity_may_vary_in_space():
    grid = Grid((32,), 0, 2 * math.pi)
    d = Fourier(grid)
    speed = 1.5 + torch.sin(d.x[0])
    u = torch.cos(2 * d.x[0])
    expected = speed * 2 * torch.sin(2 * d.x[0])
    torch.testing.assert_close(Advection(speed[:, 0]).rhs(u, d), expected)
    torch.testing.assert_close(Advection(lambda p: 1.5 + torch.sin(p.x[0])).rhs(u, d), expected)


def test_wrong_number_of_velocities():
    d = Fourier(Grid((8, 8)))
    with pytest.raises(ValueError, match=r"Advection: velocity needs one entry per axis \(2\), got 1; give a tuple"):
        Advection(1.0).rhs(torch.zeros(1, 1, 8, 8), d)
