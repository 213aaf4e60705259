import math

import pytest
import torch

from neuralpde.constraints import LinearConservation, divergence_free, quadrature
from neuralpde.derivatives import Fourier
from neuralpde.grids import Grid


def randn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_mass_and_momentum_are_exact():
    grid = Grid((9, 12), 0.0, (1.0, 2.0), periodic=(False, True))
    x, y = grid.mesh()
    one, zero = torch.ones(grid.shape, dtype=torch.float64), torch.zeros(grid.shape, dtype=torch.float64)
    law = LinearConservation(torch.stack([torch.stack([one, zero]), torch.stack([zero, one]), torch.stack([x, torch.cos(math.pi * y)])]), quadrature(grid))
    u, amounts = randn(4, 3, 2, *grid.shape), randn(4, 3, 3)
    projected = law(u, amounts)
    assert (law.amounts(projected) - amounts).abs().max() < 1e-12
    torch.testing.assert_close(law(projected, amounts), projected, rtol=0, atol=1e-13)


def test_correction_is_the_smallest_in_the_integral_norm():
    """Any other change with the same amounts is larger: the correction is orthogonal to all fields without mass."""
    grid = Grid((9,), periodic=False)
    law = LinearConservation.of_mass(grid)
    u = randn(2, 1, 9)
    change = law(u, torch.zeros(2, 1)) - u
    other = law(randn(2, 1, 9), torch.zeros(2, 1))
    assert ((change * other) * quadrature(grid)).sum(-1).abs().max() < 1e-14
    torch.testing.assert_close(change, change.mean(-1, keepdim=True).expand_as(change))


def test_divergence_vanishes_and_solenoidal_fields_stay():
    grid = Grid((16, 15), 0.0, (2 * math.pi, 1.0))
    d = Fourier(grid)
    v = divergence_free(randn(3, 2, *grid.shape), grid)
    parts = d.split(v)
    assert d.div(parts).abs().max() < 1e-12
    torch.testing.assert_close(divergence_free(v, grid), v, rtol=0, atol=1e-13)
    psi = torch.sin(2 * d.x[0]) * torch.cos(2 * math.pi * d.x[1])
    flow = d.join(d.dx(psi, 1), -d.dx(psi, 0))
    torch.testing.assert_close(divergence_free(flow, grid), flow, rtol=0, atol=1e-12)
    gradient = d.join(d.dx(psi, 0), d.dx(psi, 1))
    assert divergence_free(gradient, grid).abs().max() < 1e-12
    with pytest.raises(ValueError, match="one channel for each of 2 axes, got 3"):
        divergence_free(randn(1, 3, *grid.shape), grid)


def test_divergence_free_in_three_dimensions():
    grid = Grid((6, 8, 10), 0.0, 1.0)
    d = Fourier(grid)
    assert d.div(d.split(divergence_free(randn(1, 3, *grid.shape), grid))).abs().max() < 1e-11
