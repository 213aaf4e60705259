"""Fourier derivatives on periodic uniform grids."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.wavenumbers import inverse_div_grad, inverse_laplacian, keep_mask, powers, require_periodic, squared
from neuralpde.grids import Grid

__all__ = ["Fourier"]


class Fourier(Derivatives):
    r"""Spectral derivatives of plain tensors:  ∂ᵐu/∂xᵐ = F⁻¹ (ik)ᵐ F u.

    Odd derivatives drop the Nyquist mode of an even number of points, whose sign is undetermined.

    Args:
        grid: periodic in every axis.
        dealias: fraction of the modes that products keep; 2/(p + 1) makes products of degree p free of aliasing, 1 keeps all.
        t: time.
        device: where the coordinates live.
        dtype: precision of the coordinates; fields keep their own.

    Limits: a jump gives Gibbs oscillations that do not converge; use an upwind scheme.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        dealias: float = 1.0,
        t: float | Tensor = 0.0,
        device: torch.device | str | None = None,
        dtype: torch.dtype = torch.float64,
    ) -> None:
        require_periodic(type(self).__name__, grid)
        if not 0 < dealias <= 1:
            raise ValueError(f"{type(self).__name__}: dealias needs to lie in (0, 1], got {dealias}; use 2/(p + 1) for products of degree p.")
        self.grid, self.dealias, self.t = grid, dealias, t
        self.ndim = self.space_axes = grid.ndim
        self.x = tuple(x[None, None] for x in grid.mesh(device=device, dtype=dtype))
        self._device = device
        self._axes = tuple(range(-grid.ndim, 0))
        self._squared = squared(grid, device)
        self._inverse = inverse_laplacian(grid, device)
        self._inverse_div_grad = inverse_div_grad(grid, device)
        self._mask = keep_mask(grid, dealias, device)
        # A cache, not state: multipliers (ik)^m by (axis, order).
        self._powers: dict[tuple[int, int], Tensor] = {}

    def spectrum(self, u: Tensor) -> Tensor:
        """Fourier coefficients, half along the last axis: ``(..., *space)`` → ``(..., *k)``."""
        return torch.fft.rfftn(u, dim=self._axes)

    def values(self, u_hat: Tensor) -> Tensor:
        """Inverse of :meth:`spectrum`."""
        return torch.fft.irfftn(u_hat, s=self.grid.shape, dim=self._axes)

    def filter(self, u: Field) -> Field:
        """``u`` without the modes that a dealiased solver discards; the residual of its solution vanishes only after this."""
        return u if self._mask is None else self._multiplied(u, self._mask)

    def power(self, axis: int, order: int) -> Tensor:
        """(ik)^order along one axis, in the layout of :meth:`spectrum`; broadcasts against it."""
        if (axis, order) not in self._powers:
            self._powers[axis, order] = powers(self.grid, axis, order, self._device)
        return self._powers[axis, order]

    def _multiplied(self, u: Tensor, multiplier: Tensor) -> Tensor:
        u_hat = self.spectrum(u)
        kind = u_hat.dtype if multiplier.is_complex() else u_hat.real.dtype
        return self.values(u_hat * multiplier.to(kind))

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ; a number has the derivative zero."""
        if not isinstance(u, Tensor):
            return 0.0
        return self._multiplied(u, self.power(axis, order))

    def laplacian(self, u: Field) -> Field:
        """Δu with one pair of transforms."""
        return self._multiplied(u, -self._squared)

    def biharmonic(self, u: Field) -> Field:
        """Δ²u with one pair of transforms."""
        return self._multiplied(u, self._squared**2)

    def advect(self, velocity: Sequence[Field | None], u: Field) -> Field:
        """v·∇u, dealiased."""
        return self.filter(super().advect([self._filtered(v) for v in velocity], self.filter(u)))

    def _filtered(self, v: Field | None) -> Field | None:
        return self.filter(v) if isinstance(v, Tensor) and v.shape[-self.ndim :] == self.grid.shape else v

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        """∇·flux(u), dealiased."""
        return self.filter(super().convect(flux, self.filter(u), speed))

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """∇·(a ∇u); a constant ``a`` gives a Δu.

        With variable ``a`` the gradient misses the Nyquist modes, which would then never decay. They diffuse with the mean of ``a``, so
        the operator stays symmetric and only constants are in its kernel.
        """
        if not isinstance(diffusivity, Tensor) or math.prod(diffusivity.shape[-self.ndim :]) == 1:
            return diffusivity * self.laplacian(u)
        resolved = self._without_nyquist(u)
        inner = self._without_nyquist(super().diffuse(diffusivity, resolved))
        return inner + self.mean(diffusivity) * self.laplacian(u - resolved)

    def _without_nyquist(self, u: Tensor) -> Tensor:
        u_hat = self.spectrum(u)
        for axis, n in enumerate(self.grid.shape):
            if n % 2 == 0:
                index = torch.full((1,), n // 2, device=u_hat.device)
                u_hat = u_hat.index_fill(axis - self.ndim, index, 0.0)
        return self.values(u_hat)

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean over space, kept as axes of length one; the trapezoidal rule, hence spectrally accurate."""
        return u.mean(dim=self._axes if axis is None else axis - self.ndim, keepdim=True)

    def project(self, v: Sequence[Field]) -> tuple[Field, ...]:
        """v − ∇φ with ∇·∇φ = ∇·v. Since odd derivatives miss the Nyquist modes, their square is inverted here, not the Laplacian."""
        potential = self._multiplied(self.div(v), self._inverse_div_grad)
        return tuple(component - gradient for component, gradient in zip(v, self.grad(potential), strict=True))

    def solve_poisson(self, f: Field) -> Field:
        """ψ with Δψ = f − mean f and zero mean."""
        return self._multiplied(f, self._inverse)
