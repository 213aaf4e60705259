import pytest
import torch

from neuralpde.derivatives import ReverseMode
from neuralpde.equations import AllenCahn, BackwardAllenCahn, BackwardHeat, BackwardSineGordon, Poisson, SineGordon

REACTIONS = [
    (Poisson(), lambda u: 0 * u),
    (AllenCahn(), lambda u: u - u**3),
    (SineGordon(), torch.sin),
    (BackwardHeat(), lambda u: (1 - u**2) / (1 + u**2)),
    (BackwardAllenCahn(), lambda u: u - u**3),
    (BackwardSineGordon(2.0), lambda u: 2 * torch.sin(u / 2)),
]


@pytest.mark.parametrize(("equation", "reaction"), REACTIONS, ids=[type(e).__name__ for e, _ in REACTIONS])
def test_residual_on_a_quadratic(equation, reaction, generator):
    points, times = torch.randn(6, 3, generator=generator, dtype=torch.float64), torch.rand(6, generator=generator, dtype=torch.float64)
    d = ReverseMode.at_points(points, times)
    u = d.x[0] ** 2 + 2 * d.x[1] * d.x[2] + 3 * d.x[2] ** 2 - 0.5 * d.t  # Δu = 8, uₜ = −0.5
    expected = -(8 + reaction(u)) if equation.steady else -0.5 + 8 + reaction(u)
    torch.testing.assert_close(equation.residual(u, d), expected)
