"""Conjugate gradients."""

from __future__ import annotations

import torch

from neuralpde.implicit import CG, NormalCG

DOUBLE = torch.float64


def test_finite_termination(generator):
    """k distinct eigenvalues take k steps."""
    q = torch.linalg.qr(torch.randn(12, 12, dtype=DOUBLE, generator=generator))[0]
    for k in (1, 2, 4):
        spectrum = torch.arange(12, dtype=DOUBLE).remainder(k) + 1
        found = CG().solve(lambda v, m: m @ v, torch.ones(12, dtype=DOUBLE), q @ torch.diag(spectrum) @ q.T)
        assert int(found.steps) == k


def test_normal_equations_reach_the_residual_of_the_system():
    """A small ‖Aᵀr‖ is not a small ‖r‖: the restart closes the gap."""
    matrix = torch.diag(torch.tensor([1.0, 1e-3, 10.0], dtype=DOUBLE))
    found = NormalCG(rtol=1e-10).solve(lambda v, m: m @ v, torch.ones(3, dtype=DOUBLE), matrix)
    assert float(found.residual) <= 2e-10
