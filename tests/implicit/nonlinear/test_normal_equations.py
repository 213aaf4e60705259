"""Local models and damped steps."""

from __future__ import annotations

import torch
from least_squares_problems import TIMES, curvature, jacobian, measurements, residual

from neuralpde.implicit import CG, Dense, MatrixFree
from neuralpde.implicit.nonlinear import Problem

DOUBLE = torch.float64


def test_models_and_steps_agree(generator):
    y, x = measurements(generator), torch.rand(3, 2, dtype=DOUBLE, generator=generator) + 0.5
    problem, damping, j = Problem(residual, jacobian), torch.tensor([0.1, 1.0, 10.0], dtype=DOUBLE), jacobian(x, TIMES, y)
    gradient = (j.mT @ residual(x, TIMES, y).unsqueeze(-1)).squeeze(-1)
    exact = -torch.linalg.solve(j.mT @ j + damping[:, None, None] * torch.eye(2, dtype=DOUBLE), gradient)
    for equations in (Dense(), MatrixFree(CG(rtol=1e-12))):
        here = equations.at(problem, x, (TIMES, y))
        torch.testing.assert_close(here.gradient, gradient)
        torch.testing.assert_close(here.cost, 0.5 * residual(x, TIMES, y).square().sum(-1))
        torch.testing.assert_close(equations.step(problem, here, damping, (TIMES, y)), exact, rtol=1e-9, atol=1e-11)
        assert bool((here.scale <= torch.linalg.matrix_norm(j) * (1 + 1e-12)).all()) and bool((here.largest > 0).all())


def test_full_hessian_only_where_it_is_asked_for(generator):
    y, x = measurements(generator), torch.ones(3, 2, dtype=DOUBLE)
    close = torch.tensor([True, False, True])
    here = Dense().at(Problem(residual, jacobian, curvature), x, (TIMES, y), close)
    j = jacobian(x, TIMES, y)
    torch.testing.assert_close(here.normal, j.mT @ j + close[:, None, None] * curvature(x, TIMES, y))


def test_indefinite_sample_gives_nan_and_spares_the_others(generator):
    y, x = measurements(generator), torch.ones(3, 2, dtype=DOUBLE)
    problem = Problem(residual, jacobian)
    step = Dense().step(problem, Dense().at(problem, x, (TIMES, y)), torch.tensor([1.0, -1e6, 1.0], dtype=DOUBLE), (TIMES, y))
    assert torch.isfinite(step).all(1).tolist() == [True, False, True]
