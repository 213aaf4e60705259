"""Solvers that form the matrix."""

from __future__ import annotations

import pytest
import torch

from neuralpde.implicit import LU, Cholesky, ConvergenceWarning, LeastSquares
from neuralpde.implicit.linear import Operator

DOUBLE = torch.float64


def times(v, matrix):
    return (matrix @ v.unsqueeze(-1)).squeeze(-1)


def test_minimum_norm_solution_of_a_singular_system(generator):
    base = torch.randn(3, 6, 4, dtype=DOUBLE, generator=generator)
    matrix = base @ base.mT
    b = torch.randn(3, 6, dtype=DOUBLE, generator=generator)
    found = LeastSquares().solve(times, b, matrix, batch_dims=1)
    torch.testing.assert_close(found.x, times(b, torch.linalg.pinv(matrix, rtol=1e-12)), rtol=1e-9, atol=1e-10)
    assert bool(found.converged.all())


def test_cholesky_falls_back_on_an_indefinite_sample(generator):
    matrix = torch.diag_embed(torch.tensor([[1.0, 2.0], [1.0, -2.0]], dtype=DOUBLE))
    b = torch.ones(2, 2, dtype=DOUBLE)
    assert Cholesky().solve(times, b, matrix, batch_dims=1).x.tolist() == [[1.0, 0.5], [1.0, -0.5]]


def counted(matrix, counter):
    def apply(v):
        counter.append(1)
        return times(v, matrix)

    return Operator(apply, lambda u: times(u, matrix.mT))


@pytest.mark.parametrize("solver", [LU(), Cholesky()])
def test_a_factor_from_elsewhere_saves_the_factorisation(solver, generator):
    """Nearly the right factor: a few refinement products instead of a new matrix; a bad one is noticed."""
    base = torch.randn(2, 20, 20, dtype=DOUBLE, generator=generator)
    matrix = base @ base.mT + torch.eye(20, dtype=DOUBLE)
    near = torch.linalg.inv(matrix + 1e-5 * torch.eye(20, dtype=DOUBLE))
    b = torch.ones(2, 20, dtype=DOUBLE)
    dense_calls: list[int] = []
    found = solver.checked(counted(matrix, dense_calls), b, lambda v: times(v, near))
    assert len(dense_calls) <= 7 and bool(found.converged.all())
    found = solver.checked(counted(matrix, []), b, lambda v: 100 * v)
    torch.testing.assert_close(found.x, torch.linalg.solve(matrix, b), rtol=1e-9, atol=1e-10)


def test_float32_has_its_own_tolerance():
    matrix, b = torch.eye(3) * 3.0, torch.ones(1, 3)
    assert LU().tolerance(torch.float32) == 1e-5 and LU().tolerance(DOUBLE) == 1e-10
    assert bool(LU().solve(times, b, matrix.unsqueeze(0), batch_dims=1).converged)
    with pytest.warns(ConvergenceWarning):
        LU(rtol=1e-12).solve(times, torch.full((1, 3), 0.1), torch.rand(1, 3, 3) + torch.eye(3), batch_dims=1)
