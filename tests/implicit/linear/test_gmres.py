"""GMRES."""

from __future__ import annotations

import torch

from neuralpde.implicit import GMRES

DOUBLE = torch.float64


def rotate(v):
    return torch.roll(v, 1, -1)


def test_the_cyclic_shift_needs_the_whole_space():
    """The textbook worst case: no progress before step n, exact at step n."""
    b = torch.eye(8, dtype=DOUBLE)[0]
    found = GMRES(restart=8).solve(rotate, b)
    assert int(found.steps) == 8 and float(found.residual) < 1e-14
    stalled = GMRES(restart=7, max_steps=70, on_failure="ignore").solve(rotate, b)
    assert float(stalled.residual) > 0.99 and not bool(stalled.converged)


def test_minimal_polynomial_bounds_the_steps(generator):
    q = torch.linalg.qr(torch.randn(10, 10, dtype=DOUBLE, generator=generator))[0]
    matrix = q @ torch.diag(torch.tensor([1.0, 2.0, 5.0] * 3 + [1.0], dtype=DOUBLE)) @ q.T
    assert int(GMRES().solve(lambda v, m: m @ v, torch.ones(10, dtype=DOUBLE), matrix).steps) == 3
