import math

import pytest
import torch

from neuralpde.constraints import Central, HardConstraint, ResidualRows, SpaceTime, WeightSolver, corrections
from neuralpde.derivatives import Fourier
from neuralpde.equations import Advection, Burgers
from neuralpde.grids import Grid

GRID = Grid((32,), 0.0, 2 * math.pi)
WHERE = SpaceTime(torch.linspace(0, 1, 21, dtype=torch.float64), GRID)
T, X = WHERE.times.view(1, -1, 1, 1), GRID.coordinates()


def test_fields_are_powers_of_time_times_derivatives():
    u = torch.sin(X + T)
    basis = corrections(u, WHERE, Fourier(GRID))
    assert basis.shape == (1, 6, 21, 1, 32)
    torch.testing.assert_close(basis[0, 4], (T**2 * torch.cos(X + T))[0], rtol=1e-12, atol=1e-12)
    assert basis[:, :, 0].abs().max() == 0
    with pytest.raises(ValueError, match="powers need to be at least 1"):
        corrections(u, WHERE, Fourier(GRID), powers=(0, 1))


@pytest.mark.parametrize(
    ("equation", "wrong", "exact"),
    [
        (Advection((1.0,)), torch.sin(X - 0.97 * T), torch.sin(X - T)),
        (Burgers(0.1), 0.9**T * Burgers(0.1).exact(T, X, 0.8), Burgers(0.1).exact(T, X, 0.8)),
    ],
    ids=["phase", "amplitude"],
)
def test_errors_of_phase_and_amplitude_are_undone(equation, wrong, exact):
    layer = HardConstraint({"residual": ResidualRows()}, Fourier, solver=WeightSolver(1e-10), ridge=1e-4, time=Central(4))
    basis = corrections(wrong, WHERE, Fourier(GRID))
    found = layer(basis, wrong[:, 0], equation=equation, domain=WHERE, offset=wrong)
    before, after = ((frames - exact).norm() for frames in (wrong, found.frames))
    assert after < 0.1 * before
    assert torch.equal(found.frames[:, 0], wrong[:, 0])
