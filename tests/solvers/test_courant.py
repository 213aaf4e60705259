import pytest
import torch

from neuralpde.derivatives import Fourier
from neuralpde.equations import Advection, Burgers, Combined, Heat, VorticityNavierStokes
from neuralpde.grids import Grid
from neuralpde.solvers.courant import courant_number

GRID = Grid(16, 0.0, 4.0)


def test_the_largest_speed_of_the_batch_counts():
    equation = Combined(torch.tensor([0.5, 3.0])).on(Fourier(GRID))
    u = torch.tensor([-5.0, 2.0], dtype=torch.float64).view(2, 1, 1).expand(2, 1, 16)
    # |2αu| dt/dx = 12 · 0.1/0.25 in the second trajectory.
    assert courant_number(equation, u, GRID, 0.1) == pytest.approx(4.8, rel=1e-9)


def test_linear_transport_and_diffusion_are_not_explicit():
    u = torch.ones(1, 1, 16)
    assert courant_number(Advection(2.0), u, GRID, 0.1) == 0
    assert courant_number(Heat(2.0), u, GRID, 0.1) == 0


def test_axes_add_up():
    grid = Grid((8, 16), 0.0, 4.0)
    assert courant_number(Burgers(0.1), torch.full((1, 1, 8, 16), 2.0, dtype=torch.float64), grid, 0.1) == pytest.approx(0.2 / 0.5 + 0.2 / 0.25)


def test_refuses_non_local_velocities():
    grid = Grid((8, 8))
    with pytest.raises(TypeError, match="courant_number: a non-local velocity is not supported"):
        courant_number(VorticityNavierStokes(0.1).on(Fourier(grid)), torch.ones(1, 1, 8, 8), grid, 0.1)
