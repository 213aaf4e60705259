"""The derivative-provider contract: what an equation may ask of ``d``."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from typing_extensions import Self

__all__ = ["Coefficient", "Derivatives", "Field"]

Field = Any
"""Whatever the provider understands as a field: values, Fourier coefficients, a network output, Taylor coefficients."""

Coefficient = Any
"""A number, ``(batch,)`` values, ``(batch, *space)`` values, or a callable that takes the provider; once lifted, a :data:`Field`."""


class Derivatives(ABC):
    r"""Derivatives, products and coordinates of fields ``(*lead, channel, *space)``.

    A provider implements :meth:`dx`; the rest follows from it. A provider overrides what it can do better, and raises for what it
    cannot do at all, naming itself and the operation. Boundary conditions act on the state, outside the provider.

    Attributes:
        ndim: number of space coordinates.
        space_axes: number of trailing tensor axes that space occupies (``ndim`` on grids, 1 on points).
        lead: number of axes before the channel: 1 for states, 2 for trajectories.
        t: time, a float or a tensor that broadcasts against fields.
        x: coordinates, one tensor per axis, broadcasting against fields.
    """

    ndim: int
    space_axes: int
    lead: int = 1
    t: Any = 0.0
    x: tuple[Any, ...]

    @abstractmethod
    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ."""

    def dt(self, u: Field) -> Field:
        """∂u/∂t; only where the field depends on time."""
        raise TypeError(f"{type(self).__name__}: dt needs a field that depends on time, got a state at one instant; use a trajectory or a network.")

    def at(self, t: Any) -> Self:
        """A copy of this provider at another time."""
        other = copy.copy(self)
        other.t = t
        return other

    def grad(self, u: Field) -> tuple[Field, ...]:
        """∇u, one field per axis."""
        return tuple(self.dx(u, axis) for axis in range(self.ndim))

    def div(self, v: Sequence[Field]) -> Field:
        """∇·v of a tuple of fields."""
        terms = [self.dx(component, axis) for axis, component in enumerate(v)]
        return sum(terms[1:], start=terms[0])

    def laplacian(self, u: Field) -> Field:
        """Δu."""
        terms = [self.dx(u, axis, 2) for axis in range(self.ndim)]
        return sum(terms[1:], start=terms[0])

    def biharmonic(self, u: Field) -> Field:
        """Δ²u."""
        return self.laplacian(self.laplacian(u))

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """∇·(a ∇u), with ``a`` lifted already."""
        return self.div([diffusivity * component for component in self.grad(u)])

    def advect(self, velocity: Sequence[Field | None], u: Field) -> Field:
        """v·∇u; an entry ``None`` of the velocity is skipped."""
        terms = [v * self.dx(u, axis) for axis, v in enumerate(velocity) if v is not None]
        return sum(terms[1:], start=terms[0])

    def convect(self, flux: Callable[[Field], tuple[Field, ...]], u: Field, speed: Callable[[Field], tuple[Field, ...]] | None = None) -> Field:
        """∇·flux(u). Receives the **function**, so that an upwind scheme can evaluate it where it needs.

        Args:
            flux: maps the state to a tuple of fluxes, one per axis.
            u: the state.
            speed: largest characteristic speed per axis; needed by upwind schemes for systems only.
        """
        del speed
        return self.div(flux(u))

    def mean(self, u: Field, axis: int | None = None) -> Field:
        """Mean of ``u`` over space, or over one of its axes."""
        raise TypeError(f"{type(self).__name__}: mean needs a quadrature over space, got a provider without one; evaluate it on a grid.")

    def solve_poisson(self, f: Field) -> Field:
        """ψ with Δψ = f and zero mean."""
        raise TypeError(f"{type(self).__name__}: solve_poisson needs a periodic grid or an extra network output, got neither; use another provider.")

    def project(self, v: Sequence[Field]) -> tuple[Field, ...]:
        """The part of v without divergence, v − ∇φ with Δφ = ∇·v: what the pressure leaves of a force. The mean of v stays."""
        potential = self.solve_poisson(self.div(v))
        return tuple(component - gradient for component, gradient in zip(v, self.grad(potential), strict=True))

    def biot_savart(self, vorticity: Field) -> tuple[Field, Field]:
        """The velocity (∂ψ/∂y, −∂ψ/∂x), −Δψ = ω, of a plane flow with vorticity ω, without mean."""
        psi = self.solve_poisson(-1.0 * vorticity)
        return self.dx(psi, 1), -1.0 * self.dx(psi, 0)

    def advect_vorticity(self, velocity: tuple[Field, Field], vorticity: Field) -> Field:
        """∇·(v ω) of a plane flow, v without divergence and ω its curl; a provider may use that only one of them is independent."""
        return self.convect(lambda w: (velocity[0] * w, velocity[1] * w), vorticity)

    def values(self, u: Field) -> Any:
        """The point values of a field, as a tensor: itself, or the coefficient of order zero of a jet."""
        return getattr(u, "value", u)

    def split(self, u: Field) -> tuple[Field, ...]:
        """The channels of ``u``, each kept as a field of one channel."""
        return torch.split(u, 1, dim=-self.space_axes - 1)

    def join(self, *fields: Field) -> Field:
        """Inverse of :meth:`split`; fields without a batch of their own are repeated."""
        return torch.cat(torch.broadcast_tensors(*fields), dim=-self.space_axes - 1)

    def lift(self, coefficient: Any) -> Any:
        """A coefficient in the form that broadcasts against fields.

        A number stays; ``(batch,)`` and ``(batch, *space)`` gain the missing axes; a callable is called with this provider;
        a tuple (one coefficient per axis) is lifted entry by entry. Anything else (a flag, a string) is returned as it is.
        """
        if isinstance(coefficient, Tensor):
            return self._lift_tensor(coefficient)
        if isinstance(coefficient, tuple):
            return tuple(self.lift(entry) for entry in coefficient)
        return coefficient(self) if callable(coefficient) else coefficient

    def _lift_tensor(self, values: Tensor) -> Tensor:
        if values.ndim == 0:
            return values
        space = values.shape[1:] if values.ndim > 1 else (1,) * self.space_axes
        if len(space) != self.space_axes:
            raise ValueError(
                f"{type(self).__name__}: a coefficient needs shape (batch,) or (batch, *space), {self.space_axes} axes, got {tuple(values.shape)}; reshape it."
            )
        return values.reshape(values.shape[0], *(1,) * self.lead, *space)
