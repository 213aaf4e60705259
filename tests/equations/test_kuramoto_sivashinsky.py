import math

import torch

from neuralpde.derivatives import Fourier, ReverseMode, symbol
from neuralpde.equations import KuramotoSivashinsky
from neuralpde.grids import Grid
from neuralpde.rollout import rollout
from neuralpde.solvers import ExponentialRungeKutta


def test_growth_rate_is_that_of_the_paper():
    """k² − ν k⁴: unstable below 1/√ν, the viscosity multiplies the fourth derivative only."""
    grid, viscosity = Grid((32,), 0, 22.0), torch.tensor([0.5, 1.5], dtype=torch.float64)
    k = grid.wavenumbers(half=True)
    rates = symbol(KuramotoSivashinsky(viscosity), grid)[:, 0, 0]
    torch.testing.assert_close(rates.real, k**2 - viscosity[:, None] * k**4)
    assert rates.imag.abs().max() < 1e-12


def test_manufactured_residual():
    """u = sin(x − t) by hand: −cos + sin cos − sin + ν sin."""
    d = ReverseMode.at_points(torch.linspace(0, 6, 9, dtype=torch.float64)[:, None], torch.linspace(0, 1, 9, dtype=torch.float64))
    phase = d.x[0] - d.t
    expected = -torch.cos(phase) + torch.sin(phase) * torch.cos(phase) - torch.sin(phase) + 0.6 * torch.sin(phase)
    torch.testing.assert_close(KuramotoSivashinsky(0.6).residual(torch.sin(phase), d), expected)


def test_energy_budget():
    """Half the rate of ∫u² is ∫(uₓ² − ν uₓₓ²): the nonlinearity does not enter."""
    d = Fourier(Grid((64,), 0, 2 * math.pi))
    u = torch.sin(d.x[0]) + 0.5 * torch.cos(3 * d.x[0])
    rate = d.mean(u * KuramotoSivashinsky(0.8).rhs(u, d))
    torch.testing.assert_close(rate, d.mean(d.dx(u) ** 2 - 0.8 * d.dx(u, order=2) ** 2))


def test_length_and_step_as_coefficients_give_the_same_solution():
    """A box of length 1.1 · 22 stepped by 0.9 · 0.2 is the box of length 22 stepped by 0.2 with stretch 1.1 and pace 0.9."""
    one = torch.ones(1, dtype=torch.float64)
    reference = Grid((48,), 0, 22.0)
    start = torch.sin(2 * math.pi * reference.coordinates() / 22).view(1, 1, 1, -1)
    plain = ExponentialRungeKutta(KuramotoSivashinsky(0.8 * one), Grid((48,), 0, 1.1 * 22), 0.9 * 0.2, substeps=4)
    rescaled = ExponentialRungeKutta(KuramotoSivashinsky(0.8 * one, 1.1 * one, 0.9 * one), reference, 0.2, substeps=4)
    torch.testing.assert_close(rollout(rescaled, start, 100), rollout(plain, start, 100), rtol=0, atol=1e-9)
