"""The derivative of a least-squares solution: full Hessian or JᵀJ."""

from __future__ import annotations

import torch
from least_squares_problems import TIMES, curvature, jacobian, measurements, residual
from torch.func import jacrev

from neuralpde.implicit import LevenbergMarquardt
from neuralpde.implicit.linear import JacobianOf
from neuralpde.implicit.nonlinear import GaussNewtonHessian, Problem
from neuralpde.implicit.nonlinear.least_squares import gradient_of

DOUBLE = torch.float64


def fit(solver, y):
    return solver(residual, torch.ones(3, 2, dtype=DOUBLE), TIMES, y, batch_dims=1)


def test_matrices_of_the_derivative(generator):
    """Jacobian of Jᵀr = JᵀJ + curvature, whether or not J is known in closed form."""
    y, x = measurements(generator), torch.rand(3, 2, dtype=DOUBLE, generator=generator)
    j = jacobian(x, TIMES, y)
    for problem in (Problem(residual), Problem(residual, jacobian)):
        torch.testing.assert_close(gradient_of(problem)(x, TIMES, y), (j.mT @ residual(x, TIMES, y).unsqueeze(-1)).squeeze(-1))
        full = JacobianOf(gradient_of(problem)).at(x, TIMES, y).dense(x)
        torch.testing.assert_close(full, j.mT @ j + curvature(x, TIMES, y))
        torch.testing.assert_close(GaussNewtonHessian(problem).at(x, TIMES, y).dense(x), j.mT @ j)


def test_gauss_newton_derivative_is_biased_by_the_residual(generator):
    """Pitfall: JᵀJ in place of the Hessian is exact for a vanishing residual only."""
    errors = []
    for noise in (0.0, 0.3):
        y = measurements(generator, noise)
        exact = jacrev(lambda y: fit(LevenbergMarquardt(), y).x)(y)
        cheap = jacrev(lambda y: fit(LevenbergMarquardt(hessian="gauss-newton"), y).x)(y)
        errors.append(float((exact - cheap).norm() / exact.norm()))
    assert errors[0] < 1e-9 < 1e-3 < errors[1]
