"""KKT conditions of quadratic programmes."""

from __future__ import annotations

import torch
from torch.func import jacfwd, jacrev

from neuralpde.implicit import LU, MINRES, NormalCG, custom_root, kkt

DOUBLE = torch.float64


def objective(x, theta):
    Q, c = theta
    return 0.5 * x @ Q @ x + c @ x


def equality(x, theta):
    A, b = theta
    return A @ x - b


def quadratic_programme(generator):
    base = torch.randn(5, 5, dtype=DOUBLE, generator=generator)
    Q, c = base @ base.T + torch.eye(5, dtype=DOUBLE), torch.randn(5, dtype=DOUBLE, generator=generator)
    A, b = torch.randn(2, 5, dtype=DOUBLE, generator=generator), torch.randn(2, dtype=DOUBLE, generator=generator)
    return Q, c, A, b


def direct(Q, c, A, b):
    matrix = torch.cat([torch.cat([Q, A.T], 1), torch.cat([A, torch.zeros(2, 2, dtype=DOUBLE)], 1)])
    solution = torch.linalg.solve(matrix, torch.cat([-c, b]))
    return solution[:5], solution[5:]


def test_derivatives_of_an_equality_constrained_programme(generator):
    """Every Jacobian against that of the dense solve, primal and dual, with solvers that indefinite systems allow."""
    Q, c, A, b = quadratic_programme(generator)
    for solve in (LU(), MINRES(rtol=1e-12), NormalCG(rtol=1e-12)):
        solver = custom_root(kkt(objective, equality=equality), solve=solve)(lambda init, f, h: direct(*f, *h))
        for argument in range(4) if isinstance(solve, LU) else (1,):
            inputs = [Q, c, A, b]

            def primal_dual(value, function, argument=argument, inputs=inputs):
                filled = [*inputs[:argument], value, *inputs[argument + 1 :]]
                if argument == 0:
                    filled[0] = 0.5 * (value + value.T)  # MINRES needs the symmetry also while Q is varied
                return torch.cat(function(*filled))

            implicit = jacrev(lambda v: primal_dual(v, lambda Q, c, A, b: solver(None, (Q, c), (A, b))))(inputs[argument])  # noqa: B023
            exact = jacrev(lambda v: primal_dual(v, direct))(inputs[argument])
            torch.testing.assert_close(implicit, exact, rtol=1e-7, atol=1e-8)


def test_active_and_inactive_inequalities():
    """min ½‖x − c‖² with x ≤ u: x = min(c, u), multiplier max(c − u, 0)."""
    F = kkt(lambda x, c: 0.5 * (x - c).square().sum(), inequality=lambda x, u: x - u)
    solver = custom_root(F)(lambda init, c, u: (torch.minimum(c, u), (c - u).clamp(min=0)))
    c, u = torch.tensor([1.0, 2.0, 3.0], dtype=DOUBLE), torch.tensor([2.0, 1.5, 1.0], dtype=DOUBLE)
    for transform in (jacrev, jacfwd):
        by_c = transform(lambda c: solver(None, c, u)[0])(c)
        by_u = transform(lambda u: solver(None, c, u)[0])(u)
        torch.testing.assert_close(by_c, torch.diag(torch.tensor([1.0, 0.0, 0.0], dtype=DOUBLE)))
        torch.testing.assert_close(by_u, torch.diag(torch.tensor([0.0, 1.0, 1.0], dtype=DOUBLE)))


def test_both_kinds_of_constraints_vanish_at_the_solution():
    """Projection onto the simplex written as a programme."""
    v = torch.tensor([0.9, 0.4, -1.0], dtype=DOUBLE)
    F = kkt(lambda x, v: 0.5 * (x - v).square().sum(), equality=lambda x, t: x.sum(-1, keepdim=True) - t, inequality=lambda x, _: -x)
    x = torch.tensor([0.75, 0.25, 0.0], dtype=DOUBLE)
    conditions = F((x, torch.tensor([0.15], dtype=DOUBLE), torch.tensor([0.0, 0.0, 1.15], dtype=DOUBLE)), v, 1.0, None)
    assert all(float(part.abs().max()) < 1e-15 for part in conditions)
