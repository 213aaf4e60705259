"""Fixed-point iteration and Anderson acceleration."""

from __future__ import annotations

import pytest
import torch
from torch.func import jacfwd, jacrev

from neuralpde.implicit import GMRES, Anderson, ConvergenceWarning, FixedPoint

DOUBLE = torch.float64
A = torch.tensor([0.3, 0.6, 0.95], dtype=DOUBLE)


def cosine(x, a):
    return torch.cos(a * x)


@pytest.mark.parametrize("solver", [FixedPoint(tolerance=1e-13), Anderson(tolerance=1e-13), FixedPoint(tolerance=1e-13, relaxation=0.7, solve=GMRES())])
def test_point_and_derivative(solver):
    f = lambda a: solver(cosine, torch.ones_like(a), a, batch_dims=1).x  # noqa: E731
    x = f(A)
    torch.testing.assert_close(x, cosine(x, A), rtol=0, atol=1e-12)
    exact = torch.diag(-x * torch.sin(A * x) / (1 + A * torch.sin(A * x)))
    for transform in (jacrev, jacfwd):
        torch.testing.assert_close(transform(f)(A), exact, rtol=1e-9, atol=1e-11)


def test_linear_rate_and_acceleration(generator):
    """Error falls as the spectral radius; Anderson on a linear map ends in as many steps as there are unknowns, like GMRES."""
    q = torch.linalg.qr(torch.randn(4, 4, dtype=DOUBLE, generator=generator))[0]
    matrix = q @ torch.diag(torch.tensor([0.9, 0.5, -0.4, 0.1], dtype=DOUBLE)) @ q.T
    T = lambda x, m: m @ x + 1  # noqa: E731
    plain = FixedPoint(max_steps=1000)(T, torch.zeros(4, dtype=DOUBLE), matrix)
    quick = Anderson()(T, torch.zeros(4, dtype=DOUBLE), matrix)
    exact = torch.linalg.solve(torch.eye(4, dtype=DOUBLE) - matrix, torch.ones(4, dtype=DOUBLE))
    for found in (plain, quick):
        torch.testing.assert_close(found.x, exact, rtol=1e-8, atol=1e-8)
    assert 180 < int(plain.steps) < 260 and int(quick.steps) <= 8


def test_an_expanding_map_is_reported():
    with pytest.warns(ConvergenceWarning, match="FixedPoint"):
        found = FixedPoint(max_steps=20)(lambda x, a: a * x + 1, torch.ones(2, dtype=DOUBLE), torch.tensor([0.1, 2.0], dtype=DOUBLE), batch_dims=1)
    assert found.converged.tolist() == [True, False]
