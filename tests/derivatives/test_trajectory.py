import math

import pytest
import torch
from equation_cases import forcing_1d

from neuralpde.derivatives import FiniteDifference, Fourier, Trajectory
from neuralpde.equations import Advection, Combined, Wave
from neuralpde.grids import Grid

LINE = Grid((16,), 0.0, 2 * math.pi)


@pytest.mark.parametrize("order", [2, 4, 6])
def test_time_derivative_converges_up_to_the_ends(order):
    errors = []
    for frames in (21, 41):
        d = Trajectory(Fourier(LINE), torch.linspace(0.5, 1.5, frames, dtype=torch.float64), order=order)
        u = torch.sin(d.x[0] - 2 * d.t)
        assert u.shape == (1, frames, 1, 16)
        errors.append(Advection(2.0).residual(u, d).abs().max())
    assert math.log2(errors[0] / errors[1]) > order - 0.4


def test_forcing_sees_all_times_and_coefficients_their_trajectory():
    times = torch.linspace(0, 1, 7, dtype=torch.float64)
    beta = torch.tensor([0.1, 0.2], dtype=torch.float64)
    equation = Combined(1.0, beta, 0.3, forcing_1d(2, 2 * math.pi))
    u = torch.randn(2, 7, 1, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for space in (Fourier(LINE), FiniteDifference(LINE)):
        together = equation.rhs(u, Trajectory(space, times))
        for k in range(7):
            torch.testing.assert_close(together[:, k], equation.rhs(u[:, k], space.at(times[k].item())))


def test_everything_spatial_is_delegated():
    grid = Grid((8, 6), 0.0, 1.0)
    space, times = Fourier(grid), torch.linspace(0, 1, 9, dtype=torch.float64)
    d = Trajectory(space, times)
    u = torch.randn(2, 9, 2, 8, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for name in ("laplacian", "biharmonic", "mean", "solve_poisson"):
        torch.testing.assert_close(getattr(d, name)(u), getattr(space, name)(u))
    torch.testing.assert_close(d.diffuse(2.0, u), space.diffuse(2.0, u))
    torch.testing.assert_close(d.advect((1.0, None), u), space.dx(u, 0))
    a, b = d.split(u)
    assert a.shape == (2, 9, 1, 8, 6)
    torch.testing.assert_close(d.join(a, b), u)
    assert Wave(torch.ones(2, dtype=torch.float64)).residual(u, d).shape == u.shape
    assert d.lift(torch.ones(2, 8, 6)).shape == (2, 1, 1, 8, 6)
    assert space.lead == 1  # the provider that was passed in is left alone


def test_uneven_times_are_refused():
    with pytest.raises(ValueError, match=r"Trajectory: times need to be equidistant, got steps from 0.1 to 0.4; resample the frames"):
        Trajectory(Fourier(LINE), torch.tensor([0.0, 0.1, 0.5, 0.6, 0.7, 0.8, 0.9]))


def test_a_trajectory_has_its_own_times():
    with pytest.raises(TypeError, match="Trajectory: at needs a state at one instant"):
        Trajectory(Fourier(LINE), torch.linspace(0, 1, 9)).at(0.3)
