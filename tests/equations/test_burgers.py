import pytest
import torch

from neuralpde.derivatives import Fourier, ReverseMode
from neuralpde.equations import Burgers, Combined
from neuralpde.grids import Grid


def test_cole_hopf_solution_has_no_residual():
    generator = torch.Generator().manual_seed(0)
    d = ReverseMode.at_points(torch.rand(16, 1, generator=generator, dtype=torch.float64) * 6, torch.rand(16, generator=generator, dtype=torch.float64))
    u = Burgers(0.1).exact(d.t, d.x[0], amplitude=0.9, wavenumber=2.0)
    assert u.abs().max() > 0.1
    assert Burgers(0.1).residual(u, d).abs().max() < 1e-13
    assert Burgers(0.12).residual(u, d).abs().max() > 1e-2


def test_is_a_member_of_the_combined_family():
    d = Fourier(Grid((16,), 0, 3))
    u = torch.randn(2, 1, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(Burgers(0.2).rhs(u, d), Combined(0.5, 0.2, 0.0).rhs(u, d))


def test_two_dimensions_along_the_diagonal():
    """A solution of x + y solves the equation with twice the flux and twice the viscosity."""
    square = Fourier(Grid((24, 24), 0, 2 * torch.pi))
    line = Fourier(Grid((24,), 0, 2 * torch.pi))
    u = torch.sin(square.x[0] + square.x[1])
    expected = Combined(1.0, 0.4, 0.0).rhs(torch.sin(line.x[0]), line)[0, 0]
    torch.testing.assert_close(Burgers(0.2).rhs(u, square)[0, 0, :, 0], expected)


def test_singular_amplitude_is_refused():
    with pytest.raises(ValueError, match=r"Burgers.exact: amplitude needs \|a\| < 1, got 1.0"):
        Burgers().exact(0.0, torch.zeros(1), amplitude=1.0)
