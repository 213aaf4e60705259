"""Projections: optimality, derivatives."""

from __future__ import annotations

import pytest
import torch
from torch.func import jacfwd, jacrev, vmap

from neuralpde.implicit import project_box, project_l1_ball, project_l2_ball, project_non_negative, project_simplex

DOUBLE = torch.float64
SETS = {
    "simplex": (lambda v: project_simplex(v, 1.5), lambda x: bool((x >= 0).all()) and abs(float(x.sum()) - 1.5) < 1e-12),
    "l1": (lambda v: project_l1_ball(v, 0.7), lambda x: float(x.abs().sum()) <= 0.7 + 1e-12),
    "l2": (lambda v: project_l2_ball(v, 0.7), lambda x: float(x.norm()) <= 0.7 + 1e-12),
    "box": (lambda v: project_box(v, (-0.3, 0.4)), lambda x: bool(((x >= -0.3) & (x <= 0.4)).all())),
    "orthant": (project_non_negative, lambda x: bool((x >= 0).all())),
}


@pytest.mark.parametrize("name", SETS)
def test_nearest_point(name, generator):
    """Feasible, idempotent, and with an obtuse angle to every other point of the set: ⟨v − Pv, y − Pv⟩ ≤ 0."""
    project, inside = SETS[name]
    for _ in range(20):
        v = 2 * torch.randn(6, dtype=DOUBLE, generator=generator)
        x = project(v)
        assert inside(x)
        torch.testing.assert_close(project(x), x, rtol=0, atol=1e-12)
        for _ in range(20):
            y = project(3 * torch.randn(6, dtype=DOUBLE, generator=generator))
            assert float((v - x) @ (y - x)) <= 1e-12


@pytest.mark.parametrize("name", SETS)
def test_derivatives_and_batches(name, generator):
    project, _ = SETS[name]
    v = torch.randn(3, 5, dtype=DOUBLE, generator=generator)
    torch.testing.assert_close(vmap(project)(v), project(v))
    h = 1e-7
    for row in v:
        difference = torch.stack([(project(row + h * e) - project(row - h * e)) / (2 * h) for e in torch.eye(5, dtype=DOUBLE)], -1)
        torch.testing.assert_close(jacrev(project)(row), difference, rtol=1e-6, atol=1e-7)
        torch.testing.assert_close(jacfwd(project)(row), difference, rtol=1e-6, atol=1e-7)


def test_parameters_are_differentiable():
    v = torch.tensor([2.0, 1.0, -3.0], dtype=DOUBLE)
    torch.testing.assert_close(jacrev(lambda t: project_simplex(v, t))(torch.tensor(1.2, dtype=DOUBLE)), torch.tensor([0.5, 0.5, 0.0], dtype=DOUBLE))
    torch.testing.assert_close(jacrev(lambda r: project_l2_ball(v, r))(torch.tensor(1.0, dtype=DOUBLE)), v / v.norm())
    upper = torch.tensor([1.0, 1.5, 1.0], dtype=DOUBLE)
    torch.testing.assert_close(jacrev(lambda u: project_box(v, (-10.0, u)))(upper), torch.diag(torch.tensor([1.0, 0.0, 0.0], dtype=DOUBLE)))
    assert torch.isfinite(jacrev(project_l2_ball)(torch.zeros(3, dtype=DOUBLE))).all()
