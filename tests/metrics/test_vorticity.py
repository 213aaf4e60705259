import math

import pytest
import torch

from neuralpde.derivatives import Fourier
from neuralpde.equations import VorticityNavierStokes
from neuralpde.grids import Grid
from neuralpde.metrics import vorticity

GRID = Grid((16, 24), 0.0, (2 * math.pi, 4 * math.pi))


def test_taylor_green_vortices():
    x, y = GRID.mesh()
    velocity = torch.stack([torch.sin(x) * torch.cos(0.5 * y), -2.0 * torch.cos(x) * torch.sin(0.5 * y)])
    expected = 2.5 * torch.sin(x) * torch.sin(0.5 * y)
    torch.testing.assert_close(vorticity(velocity[None, None], GRID)[0, 0, 0], expected, atol=1e-13, rtol=0)


def test_it_inverts_the_velocity_of_the_vorticity_equation(generator):
    d = Fourier(GRID)
    w = torch.randn(2, 1, *GRID.shape, generator=generator, dtype=torch.float64)
    modes = torch.fft.rfft2(w)
    modes[..., 0, 0] = 0.0  # no circulation in a periodic box
    modes[..., 8, :], modes[..., :, 12] = 0.0, 0.0  # nor Nyquist modes, which have no derivative
    w = torch.fft.irfft2(modes, s=GRID.shape)
    velocity = torch.cat(VorticityNavierStokes(1e-3).velocity(w, d), dim=1)
    torch.testing.assert_close(vorticity(velocity[:, None], GRID)[:, 0], w, atol=1e-12, rtol=0)


def test_single_precision_stays_single():
    assert vorticity(torch.zeros(1, 1, 2, 16, 24), GRID).dtype == torch.float32


@pytest.mark.parametrize("grid", [Grid((16, 24), periodic=(True, False)), Grid((24, 16)), Grid((16, 24, 8))])
def test_other_domains_are_refused(grid):
    with pytest.raises(ValueError, match="needs two velocity channels on a plane grid"):
        vorticity(torch.zeros(1, 1, 2, 16, 24), grid)
