"""Derivatives of polynomials through Chebyshev nodes."""

from __future__ import annotations

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.grids import Grid

__all__ = ["Chebyshev", "differentiation_matrix"]


def differentiation_matrix(nodes: Tensor) -> Tensor:
    r"""First-derivative matrix D of the polynomial through extremal Chebyshev nodes:  Dᵢⱼ = (wⱼ/wᵢ)/(xᵢ − xⱼ),  Dᵢᵢ = −Σ_{j≠i} Dᵢⱼ.

    The barycentric weights wⱼ are (−1)ʲ, halved at both ends. The diagonal makes constants exact, which also cures most of the round-off
    (Baltensperger & Trummer, *Spectral differencing with a twist*, SIAM J. Sci. Comput. 24, 2003).

    Shape: ``(n,)`` → ``(n, n)``.
    """
    n = nodes.shape[0]
    weights = torch.ones_like(nodes)
    weights[1::2] = -1.0
    weights[0] *= 0.5
    weights[-1] *= 0.5
    gaps = nodes[:, None] - nodes[None, :] + torch.eye(n, dtype=nodes.dtype, device=nodes.device)
    matrix = weights[None, :] / weights[:, None] / gaps
    matrix.fill_diagonal_(0.0)
    return matrix - torch.diag(matrix.sum(dim=1))


class Chebyshev(Derivatives):
    """Collocation on one bounded axis of Chebyshev nodes.

    Args:
        grid: one axis with Chebyshev nodes.
        t: time.
        device: where coordinates and matrices live.

    Raises:
        ValueError: any other grid.

    Limits: the second-derivative matrix has eigenvalues of size 0.05 n⁴/L², so explicit steps are hopeless beyond a few dozen nodes; no
    boundary condition is assumed.
    """

    ndim = space_axes = 1

    def __init__(self, grid: Grid, *, t: float | Tensor = 0.0, device: torch.device | str | None = None) -> None:
        if grid.ndim != 1 or grid.nodes != ("chebyshev",):
            raise ValueError(f"Chebyshev: needs one axis of Chebyshev nodes, got shape {grid.shape} with nodes {grid.nodes}; use Fourier or FiniteDifference.")
        self.grid, self.t = grid, t
        nodes = grid.coordinates(0, device=device)
        self.x = (nodes[None, None],)
        self.matrix = differentiation_matrix(nodes)
        self._weights = grid.weights(0, device=device) / grid.lengths[0]

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """Derivative of the interpolating polynomial."""
        del axis
        for _ in range(order):
            u = u @ self.matrix.to(u.dtype).T
        return u

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean over space by Clenshaw–Curtis quadrature."""
        del axis
        return (u * self._weights.to(u.dtype)).sum(dim=-1, keepdim=True)
