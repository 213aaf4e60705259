"""Newton's method."""

from __future__ import annotations

import pytest
import torch
from cubic_root import DERIVATIVES, THETA, optimality
from torch.func import grad

from neuralpde.implicit import GMRES, ConvergenceWarning, Newton

DOUBLE = torch.float64


def coupled(x, theta):
    u, v = x[..., 0], x[..., 1]
    return torch.stack([u * u + v * v - theta, u - v**3], -1)


def coupled_jacobian(x, theta):
    u, v = x[..., 0], x[..., 1]
    return torch.stack([torch.stack([2 * u, 2 * v], -1), torch.stack([torch.ones_like(u), -3 * v * v], -1)], -2)


def test_three_exact_derivatives():
    f = lambda theta: Newton()(optimality, torch.ones_like(theta), theta).x  # noqa: E731
    for order, exact in enumerate(DERIVATIVES):
        f = grad(f)
        assert float(f(THETA)) == pytest.approx(exact, abs=5e-9), order


@pytest.mark.parametrize("solver", [Newton(), Newton(jacobian=coupled_jacobian), Newton(step=GMRES(on_failure="ignore"))])
def test_every_jacobian_finds_the_root(solver):
    theta = torch.tensor([2.0, 10.0, 90.0], dtype=DOUBLE)
    found = solver(coupled, torch.full((3, 2), 2.0, dtype=DOUBLE), theta, batch_dims=1)
    assert bool(found.converged.all()) and float(coupled(found.x, theta).abs().max()) < 1e-10
    slope = torch.func.jacrev(lambda theta: solver(coupled, torch.full((3, 2), 2.0, dtype=DOUBLE), theta, batch_dims=1).x)(theta)
    exact = torch.linalg.solve(coupled_jacobian(found.x, theta), torch.tensor([[1.0], [0.0]], dtype=DOUBLE).expand(3, 2, 1)).squeeze(-1)
    torch.testing.assert_close(slope.diagonal(dim1=0, dim2=2).T, exact, rtol=1e-9, atol=1e-11)


def test_quadratic_convergence():
    errors = []
    root = Newton()(optimality, torch.ones((), dtype=DOUBLE), THETA).x
    for steps in (2, 3, 4):
        found = Newton(max_steps=steps, on_failure="ignore")(optimality, torch.ones((), dtype=DOUBLE), THETA)
        errors.append(abs(float(found.x - root)))
    ratios = [errors[k + 1] / errors[k] ** 2 for k in range(2)]
    assert ratios[1] == pytest.approx(ratios[0], rel=0.5) and errors[1] < 1e-3


def test_line_search_saves_a_far_start():
    """arctan: the plain iteration diverges from 3."""
    found = Newton()(lambda x, a: torch.atan(a * x), torch.tensor([3.0, -40.0, 0.1], dtype=DOUBLE), torch.ones(3, dtype=DOUBLE), batch_dims=1)
    assert bool(found.converged.all()) and float(found.x.abs().max()) < 1e-9


def test_no_root_is_reported():
    with pytest.warns(ConvergenceWarning, match="Newton: expected a residual"):
        found = Newton()(lambda x, a: x * x + a, torch.ones((), dtype=DOUBLE), 1.0)
    assert not bool(found.converged) and float(found.norm) >= 1.0
