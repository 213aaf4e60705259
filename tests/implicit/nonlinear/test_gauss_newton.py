"""Gauss–Newton."""

from __future__ import annotations

import torch
from least_squares_problems import TIMES, jacobian, measurements, residual

from neuralpde.implicit import GaussNewton, LevenbergMarquardt

DOUBLE = torch.float64


def test_agrees_with_levenberg_marquardt(generator):
    y, start = measurements(generator), torch.ones(3, 2, dtype=DOUBLE)
    found = [solver(residual, start, TIMES, y, batch_dims=1).x for solver in (GaussNewton(jacobian=jacobian), LevenbergMarquardt())]
    torch.testing.assert_close(*found, rtol=1e-9, atol=1e-10)


def test_quadratic_where_the_residual_vanishes(generator):
    y, start = measurements(generator, 0.0), torch.tensor([[2.1, -0.9], [2.9, 0.6], [0.6, 1.9]], dtype=DOUBLE)
    exact = torch.tensor([[2.0, -1.0], [3.0, 0.5], [0.5, 2.0]], dtype=DOUBLE)
    errors = [GaussNewton(max_steps=k, on_failure="ignore")(residual, start, TIMES, y, batch_dims=1).x.sub(exact).norm(dim=1) for k in (1, 2, 3)]
    assert bool((errors[1] < 10 * errors[0] ** 2).all()) and bool((errors[2] < 10 * errors[1] ** 2 + 1e-14).all())


def test_line_search_tames_a_long_step():
    """One row, x ↦ atan x, start far out: the full step overshoots."""
    found = GaussNewton()(lambda x, c: torch.atan(x) - c, torch.tensor([[5.0]], dtype=DOUBLE), 0.1, batch_dims=1)
    torch.testing.assert_close(found.x, torch.tan(torch.tensor([[0.1]], dtype=DOUBLE)), rtol=1e-9, atol=1e-10)
