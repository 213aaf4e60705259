import torch

from neuralpde.derivatives import FiniteDifference, ReverseMode, analyse
from neuralpde.equations import DiffusionSorption, Heat
from neuralpde.grids import Grid


def test_retardation_of_the_benchmark():
    """1 + 0.71/0.29 · 2880 · 3.5e-4 · 0.874 at u = 1, and bounded at u ≤ 0."""
    r = DiffusionSorption().retardation(torch.tensor([1.0, 0.1, 0.0, -0.5], dtype=torch.float64))
    ratio = 0.71 / 0.29 * 2880 * 3.5e-4 * 0.874
    expected = [1 + ratio * (u + 1e-6) ** (0.874 - 1) for u in (1.0, 0.1, 0.0, 0.0)]
    torch.testing.assert_close(r, torch.tensor(expected, dtype=torch.float64))


def test_without_sorption_it_is_the_heat_equation():
    generator = torch.Generator().manual_seed(0)
    d = ReverseMode.at_points(torch.rand(20, 1, generator=generator, dtype=torch.float64), torch.rand(20, generator=generator, dtype=torch.float64))
    equation = DiffusionSorption(diffusivity=0.3, sorption=0.0)
    u = 2.0 + Heat(0.3).exact(d.t, *d.x, wavenumbers=(2.0,))
    assert equation.residual(u, d).abs().max() < 1e-13
    assert DiffusionSorption(diffusivity=0.3).residual(u, d).abs().max() > 1e-2


def test_content_is_the_integral_of_the_retardation():
    u = torch.linspace(0.01, 1.0, 50, dtype=torch.float64).requires_grad_()
    equation = DiffusionSorption()
    (slope,) = torch.autograd.grad(equation.content(u).sum(), u)
    torch.testing.assert_close(slope, equation.retardation(u))


def test_coefficients_for_each_trajectory():
    grid = Grid((9,), periodic=False)
    d = FiniteDifference(grid, order=2)
    u = torch.rand(2, 1, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    values = torch.tensor([1e-3, 2e-3], dtype=torch.float64), torch.tensor([0.8, 0.9], dtype=torch.float64)
    together = DiffusionSorption(diffusivity=values[0], exponent=values[1]).rhs(u, d)
    for row in range(2):
        alone = DiffusionSorption(diffusivity=float(values[0][row]), exponent=float(values[1][row])).rhs(u[row : row + 1], d)
        torch.testing.assert_close(together[row : row + 1], alone)


def test_analysis_finds_no_polynomial():
    analysis = analyse(DiffusionSorption())
    assert analysis.degree == float("inf") and not analysis.has_linear and analysis.orders == (2,)
