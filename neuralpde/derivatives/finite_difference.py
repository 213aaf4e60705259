"""Finite differences on periodic and bounded grids."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.stencils import Stencil, difference, staggered
from neuralpde.derivatives.wavenumbers import require_periodic
from neuralpde.grids import Grid

__all__ = ["FiniteDifference"]


class FiniteDifference(Derivatives):
    """Central differences, one-sided at the ends of bounded axes; no boundary condition is assumed.

    To impose one, extend the state by ghost layers (:mod:`neuralpde.boundaries`), evaluate on the extended grid, and crop.

    Args:
        grid: any grid; Chebyshev axes get weights of their own at each node.
        order: order of accuracy, even.
        t: time.
        device: where coordinates and weights live.
        dtype: precision of the coordinates; fields keep their own.

    Raises:
        ValueError: the order is odd or below 2, or an axis has too few points for a stencil.

    Reference: Fornberg, Math. Comp. 51, 699 (1988), for the idea of weights from arbitrary nodes.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        order: int = 4,
        t: float | Tensor = 0.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        if order < 2 or order % 2:
            raise ValueError(f"FiniteDifference: order needs to be even and at least 2, got {order}; choose 2, 4 or 6.")
        self.grid, self.order, self.t = grid, order, t
        self.ndim = self.space_axes = grid.ndim
        self.x = tuple(x[None, None] for x in grid.mesh(device=device, dtype=dtype))
        self._device = device
        self._axes = tuple(range(-grid.ndim, 0))
        self._weights = tuple(grid.weights(axis, device=device) / grid.lengths[axis] for axis in range(grid.ndim))
        # Caches, not state: stencils by (axis, derivative order), and the inverse of the discrete Laplacian.
        self._stencils: dict[tuple[int, int], Stencil] = {}
        self._inverse: Tensor | None = None

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ; a number has the derivative zero."""
        if not isinstance(u, Tensor):
            return 0.0
        if (axis, order) not in self._stencils:
            self._stencils[axis, order] = difference(self.grid, axis, order, self.order).on(self._device)
        return self._stencils[axis, order](u, axis - self.ndim)

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """∇·(a ∇u) with fluxes at the midpoints, so that only constants are in its kernel; a constant ``a`` gives a Δu."""
        if not isinstance(diffusivity, Tensor) or math.prod(diffusivity.shape[-self.ndim :]) == 1:
            return diffusivity * self.laplacian(u)
        terms = [self._diffuse_along(axis, diffusivity, u) for axis in range(self.ndim)]
        return sum(terms[1:], start=terms[0])

    def _diffuse_along(self, axis: int, diffusivity: Tensor, u: Tensor) -> Tensor:
        where = axis - self.ndim
        gradient, interpolation = (staggered(self.grid, axis, m, self.order, to_midpoints=True).on(self._device) for m in (1, 0))
        divergence = staggered(self.grid, axis, 1, self.order, to_midpoints=False).on(self._device)
        coefficient = diffusivity.expand(*diffusivity.shape[: -self.ndim], *self.grid.shape)
        return divergence(interpolation(coefficient, where) * gradient(u, where), where)

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean by the quadrature of the grid, kept as axes of length one."""
        for a in range(self.ndim) if axis is None else (axis,):
            weights = self._weights[a].to(u.dtype).view(-1, *(1,) * (self.ndim - 1 - a))
            u = (u * weights).sum(dim=a - self.ndim, keepdim=True)
        return u

    def solve_poisson(self, f: Field) -> Field:
        """ψ with Δψ = f − mean f and zero mean for the **discrete** Laplacian, by FFT; periodic grids only."""
        require_periodic("FiniteDifference.solve_poisson", self.grid)
        f_hat = torch.fft.rfftn(f, dim=self._axes)
        return torch.fft.irfftn(f_hat * self._inverse_laplacian().to(f_hat.real.dtype), s=self.grid.shape, dim=self._axes)

    def _inverse_laplacian(self) -> Tensor:
        """Inverse eigenvalues of the discrete Laplacian, zero for the constants."""
        if self._inverse is not None:
            return self._inverse
        delta = torch.zeros(self.grid.shape, dtype=torch.float64, device=self._device)
        delta[(0,) * self.ndim] = 1.0
        eigenvalues = torch.fft.rfftn(self.laplacian(delta), dim=self._axes).real
        # The first one is zero up to rounding; its inverse would be noise.
        eigenvalues[(0,) * self.ndim] = math.inf
        inverse = eigenvalues.reciprocal()
        self._inverse = inverse
        return inverse
