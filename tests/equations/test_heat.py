import math

import torch

from neuralpde.derivatives import FiniteDifference, Fourier, ReverseMode
from neuralpde.equations import Heat
from neuralpde.grids import Grid


def leaves(ndim, seed=0):
    generator = torch.Generator().manual_seed(seed)
    points = torch.rand(16, ndim, generator=generator, dtype=torch.float64)
    return ReverseMode.at_points(points, 0.1 + torch.rand(16, generator=generator, dtype=torch.float64))


def test_one_mode_has_no_residual_in_three_dimensions():
    d, equation = leaves(3), Heat(0.3)
    u = equation.exact(d.t, *d.x, wavenumbers=(1.0, 2.0, -1.0), phase=0.4)
    assert equation.residual(u, d).abs().max() < 1e-13
    assert Heat(0.31).residual(u, d).abs().max() > 1e-3


def test_gaussian_has_no_residual_and_starts_as_one():
    d, equation = leaves(2), Heat(0.2)
    u = equation.exact_gaussian(d.t, *d.x, width=0.2, lengths=(2.0, 3.0))
    assert equation.residual(u, d).abs().max() < 1e-13
    x = torch.linspace(-0.5, 0.5, 11, dtype=torch.float64)
    torch.testing.assert_close(equation.exact_gaussian(0.0, x, width=0.1, lengths=(4.0,)), torch.exp(-(x**2) / 0.02))


def test_gaussian_is_periodic_and_keeps_its_mass():
    grid, equation = Grid((64,), 0.0, 2.0), Heat(0.2)
    d = Fourier(grid)
    u = equation.exact_gaussian(0.7, d.x[0], width=0.2, lengths=(2.0,), images=6)
    torch.testing.assert_close(u, equation.exact_gaussian(0.7, d.x[0] + 2.0, width=0.2, lengths=(2.0,), images=6))
    assert abs(d.mean(u).item() * 2.0 - 0.2 * math.sqrt(2 * math.pi)) < 1e-13


def test_variable_diffusivity_on_the_grid_agrees_with_reverse_mode():
    grid = Grid((64, 64), 0, 2 * math.pi)

    def diffusivity(d):
        return 1.5 + torch.sin(d.x[0]) * torch.cos(d.x[1])

    def state(d):
        return torch.exp(torch.sin(d.x[0]) + torch.cos(2 * d.x[1]))

    picks = torch.arange(12) * 301
    d = ReverseMode.at_points(grid.points()[picks])
    expected = Heat(diffusivity).rhs(state(d), d).detach()
    for provider, tolerance in ((Fourier(grid), 1e-10), (FiniteDifference(grid, order=6), 2e-3)):
        found = Heat(diffusivity).rhs(state(provider), provider).reshape(1, 1, -1)[..., picks]
        assert (found - expected).abs().max() < tolerance * expected.abs().max()
