"""Fourier derivatives of lazy fields: the fewest possible transforms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.fourier import Fourier
from neuralpde.derivatives.lazy_field import LazyField

__all__ = ["LazyFourier"]


class LazyFourier(Fourier):
    """:class:`Fourier` whose fields are lazy; the provider of exponential solvers.

    Every conversion between values and coefficients is dealiased, in both directions, so a product never sees a discarded mode and never
    returns one. The vorticity equation costs 5 transforms instead of 12, Burgers 2 instead of 3.

    Enter with ``d.field(spectrum=u_hat)`` and leave with ``d.transform(equation.nonlinear(u, d))``. Lift coefficients once: a lifted
    space-dependent coefficient remembers its transform.
    """

    def field(self, *, values: Tensor | None = None, spectrum: Tensor | None = None) -> LazyField:
        """A field from its values ``(batch, channel, *space)`` or its Fourier coefficients ``(batch, channel, *k)``."""
        return LazyField(self, values=values, spectrum=spectrum)

    def transform(self, field: Field) -> Tensor | float:
        """Dealiased Fourier coefficients of a field, of point values or of a number; a plain zero stays one."""
        if isinstance(field, (int, float)):
            if field == 0:
                return 0.0
            field = torch.full(self.grid.shape, float(field), dtype=self.x[0].dtype, device=self.x[0].device)[None, None]
        return self._as_field(field).spectrum

    def forward(self, values: Tensor) -> Tensor:
        """Dealiased Fourier coefficients of values."""
        return self._masked(self.spectrum(values.expand(*values.shape[: -self.ndim], *self.grid.shape)))

    def backward(self, u_hat: Tensor) -> Tensor:
        """Values of the dealiased field with the coefficients ``u_hat``."""
        return self.values(self._masked(u_hat))

    def _masked(self, u_hat: Tensor) -> Tensor:
        return u_hat if self._mask is None else u_hat * self._mask.to(u_hat.real.dtype)

    def _as_field(self, u: Field) -> LazyField:
        return u if isinstance(u, LazyField) else self.field(values=u)

    def _multiplied(self, u: Field, multiplier: Tensor) -> Field:
        u_hat = self._as_field(u).spectrum
        return self.field(spectrum=u_hat * multiplier.to(u_hat.dtype if multiplier.is_complex() else u_hat.real.dtype))

    def filter(self, u: Field) -> Field:
        """The field itself: its conversions are dealiased already."""
        return u

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ without a transform, if the coefficients are known."""
        return self._multiplied(u, self.power(axis, order)) if isinstance(u, (LazyField, Tensor)) else 0.0

    def advect(self, velocity: Sequence[Field | None], u: Field) -> Field:
        """v·∇u."""
        return Derivatives.advect(self, velocity, u)

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        """∇·flux(u)."""
        return Derivatives.convect(self, flux, u, speed)

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """∇·(a ∇u), see :meth:`Fourier.diffuse`; a variable ``a`` is evaluated on plain values."""
        if not isinstance(diffusivity, LazyField):
            return diffusivity * self.laplacian(u)
        plain = Fourier(self.grid, dealias=self.dealias, t=self.t, device=self.x[0].device, dtype=self.x[0].dtype)
        return self.field(values=plain.diffuse(diffusivity.values, self._as_field(u).values))

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean over space, a plain tensor with axes of length one."""
        return super().mean(self._as_field(u).values, axis)

    def split(self, u: Field) -> tuple[Field, ...]:
        """The channels of ``u``; what is known of ``u`` is known of its channels."""
        u = self._as_field(u)
        if u.is_spectral:
            return tuple(self.field(spectrum=u_hat) for u_hat in super().split(u.spectrum))
        return tuple(self.field(values=values) for values in super().split(u.values))

    def join(self, *fields: Field) -> Field:
        """Inverse of :meth:`split`; plain tensors are joined as values."""
        if all(isinstance(field, Tensor) for field in fields):
            return super().join(*fields)
        return self.field(spectrum=super().join(*(self._as_field(field).spectrum for field in fields)))

    def lift(self, coefficient: Any) -> Any:
        """As everywhere; a coefficient that varies in space becomes a lazy field."""
        lifted = super().lift(coefficient)
        return self.field(values=lifted) if isinstance(lifted, Tensor) and lifted.shape[-self.ndim :] == self.grid.shape else lifted
