import torch

from neuralpde.derivatives import ReverseMode
from neuralpde.equations import Helmholtz


def test_plane_wave_is_a_solution(generator):
    d = ReverseMode.at_points(torch.randn(5, 2, generator=generator, dtype=torch.float64))
    u = torch.sin(3 * d.x[0] + 4 * d.x[1])
    assert Helmholtz(wavenumber=5.0).residual(u, d).abs().max() < 1e-13
    torch.testing.assert_close(Helmholtz(wavenumber=lambda d: d.x[0]).residual(u, d), (25 - d.x[0] ** 2) * u)
