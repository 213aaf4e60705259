"""BiCGSTAB."""

from __future__ import annotations

import torch

from neuralpde.implicit import BiCGSTAB

DOUBLE = torch.float64


def test_advection_diffusion():
    """A non-symmetric stencil, two Péclet numbers in one batch."""
    n, velocity = 40, torch.tensor([[0.1], [1.5]], dtype=DOUBLE)

    def matvec(v, velocity):
        left, right = torch.nn.functional.pad(v, (1, 0))[..., :-1], torch.nn.functional.pad(v, (0, 1))[..., 1:]
        return 2.5 * v - left - right + velocity * (right - left) / 2

    b = torch.ones(2, n, dtype=DOUBLE)
    found = BiCGSTAB().solve(matvec, b, velocity, batch_dims=1)
    torch.testing.assert_close(matvec(found.x, velocity), b, rtol=1e-8, atol=1e-8)


def test_breakdown_restarts():
    """r₀ ⟂ A r₀ breaks the recursion at once; the report is honest about it."""
    matrix = torch.tensor([[0.0, 1.0], [-1.0, 0.0]], dtype=DOUBLE)
    found = BiCGSTAB(on_failure="ignore").solve(lambda v, m: m @ v, torch.tensor([1.0, 0.0], dtype=DOUBLE), matrix)
    assert bool(found.converged) == (float(found.residual) < 1e-9) and bool(torch.isfinite(found.x).all())
