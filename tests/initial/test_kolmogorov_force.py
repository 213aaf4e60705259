import torch
from flows import square

from neuralpde.derivatives import Fourier
from neuralpde.equations import VelocityNavierStokes
from neuralpde.initial import KolmogorovForce, stack_draws


def test_force_and_its_curl():
    d, law = Fourier(square(16)), KolmogorovForce(1.5, 4.0)
    force = d.lift(stack_draws([law(torch.Generator())] * 2))
    assert force.shape == (2, 2, 16, 16)
    torch.testing.assert_close(force[:, :1], 1.5 * torch.sin(4 * d.x[1]).expand(2, -1, -1, -1))
    assert (force[:, 1] == 0).all()
    curl = VelocityNavierStokes().vorticity(force, d)
    torch.testing.assert_close(curl, -6.0 * torch.cos(4 * d.x[1]).expand(2, -1, -1, -1))
