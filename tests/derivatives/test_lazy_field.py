import math

import pytest
import torch

from neuralpde.derivatives import LazyFourier
from neuralpde.grids import Grid

D = LazyFourier(Grid((16,), 0.0, 2 * math.pi))
U = torch.randn(2, 1, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
V = 2.0 + torch.rand(2, 1, 16, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
C = torch.tensor([2.0, 3.0], dtype=torch.float64).view(2, 1, 1)

EXPRESSIONS = [
    lambda u, v: u + v,
    lambda u, v: u - v,
    lambda u, v: v - 2.5,
    lambda u, v: 2.5 - v,
    lambda u, v: -u + 1.0,
    lambda u, v: u * v * u,
    lambda u, v: u / v,
    lambda u, v: 1.0 / v,
    lambda u, v: v**3 + v**0.5,
    lambda u, v: C * u + u * C - u / C,
    lambda u, v: C / v + C,
    lambda u, v: C - v,
    lambda u, v: V * u + U - u + V / v,
    lambda u, v: torch.sin(u) * torch.exp(-v),
    lambda u, v: torch.where(U > 0, u, v),
    lambda u, v: sum([u, v, u]),
]


@pytest.mark.parametrize("number", range(len(EXPRESSIONS)))
@pytest.mark.parametrize("known", ["values", "spectrum"])
def test_arithmetic_equals_that_of_tensors(number, known):
    expression = EXPRESSIONS[number]
    u, v = (D.field(values=w) if known == "values" else D.field(spectrum=D.spectrum(w)) for w in (U, V))
    found = expression(u, v)
    torch.testing.assert_close(found.values, expression(U, V))
    torch.testing.assert_close(found.spectrum, D.spectrum(expression(U, V)), rtol=1e-10, atol=1e-12)


def test_zero_is_neutral_and_costs_nothing():
    u = D.field(values=U)
    assert u + 0.0 is u and 0 + u is u and u - 0.0 is u
    negative = 0.0 - u
    assert not negative.is_spectral
    torch.testing.assert_close(negative.values, -U)
    assert not sum([u, u]).is_spectral


def test_multiples_share_conversions(monkeypatch):
    calls = []
    monkeypatch.setattr(D, "backward", lambda u_hat: calls.append(1) or D.values(u_hat), raising=False)
    u = D.field(spectrum=D.spectrum(U))
    torch.testing.assert_close((0.5 * u * u).values, 0.5 * U * U)
    assert len(calls) == 1
