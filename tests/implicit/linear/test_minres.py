"""MINRES."""

from __future__ import annotations

import torch

from neuralpde.implicit import CG, MINRES

DOUBLE = torch.float64


def test_saddle_point_matrix(generator):
    """A KKT matrix, which conjugate gradients must not touch."""
    upper = torch.randn(3, 6, dtype=DOUBLE, generator=generator)
    matrix = torch.cat([torch.cat([torch.eye(6, dtype=DOUBLE), upper.T], 1), torch.cat([upper, torch.zeros(3, 3, dtype=DOUBLE)], 1)])
    b = torch.ones(9, dtype=DOUBLE)
    found = MINRES().solve(lambda v, m: m @ v, b, matrix)
    torch.testing.assert_close(found.x, torch.linalg.solve(matrix, b), rtol=1e-8, atol=1e-9)
    assert int(found.steps) <= 10
    assert not bool(CG(on_failure="ignore").solve(lambda v, m: m @ v, -b, -matrix).converged)


def test_symmetric_spectrum():
    """Eigenvalues ±1: two steps."""
    matrix = torch.diag(torch.tensor([1.0, -1.0, 1.0, -1.0], dtype=DOUBLE))
    assert int(MINRES().solve(lambda v, m: m @ v, torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=DOUBLE), matrix).steps) == 2
