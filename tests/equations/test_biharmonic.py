import torch

from neuralpde.derivatives import ReverseMode
from neuralpde.equations import Biharmonic


def test_on_a_quartic(generator):
    d = ReverseMode.at_points(torch.randn(5, 2, generator=generator, dtype=torch.float64))
    u = d.x[0] ** 4 + 3 * d.x[0] ** 2 * d.x[1] ** 2  # Δ²u = 24 + 2·3·4 = 48
    torch.testing.assert_close(Biharmonic().residual(u, d), torch.full_like(u, -48.0))
