"""Derivatives of network outputs by one pass of a multivariate jet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.at_points import AtPoints
from neuralpde.derivatives.base import Field
from neuralpde.derivatives.derivative_orders import HasResidual, derivative_orders
from neuralpde.derivatives.taylor import Jet, MultiIndex, Truncation

__all__ = ["TaylorMode"]


class TaylorMode(AtPoints):
    r"""Derivatives at scattered points of fields that were computed **from the jets** ``d.t`` and ``d.x``.

    The coordinates carry their Taylor coefficients over all multi-indices that the equation needs; a network evaluated on them returns a jet of the
    same kind, a product is a truncated convolution and a derivative a shift of the index. One pass serves every derivative of the equation, and the
    gradient with respect to the parameters is plain reverse mode. A field is ``(batch, channel, points)`` and must depend point by point on the coordinates.

    Build it with :meth:`at_points` for an equation, evaluate the network on ``d.t, *d.x``, then the residual, and read it with :meth:`values`.

    Args:
        points: ``(points, ndim)``, shared by the batch, or ``(batch, points, ndim)``.
        times: time of each point, ``(points,)`` or ``(batch, points)``; without it, fields do not depend on time.
        orders: multi-indices (t, x₁, …) of the derivatives that will be asked for; everything below them is kept too.
        potentials: extra network outputs, one for each call of :meth:`solve_poisson` in an evaluation.

    Attributes:
        defects: Δψ − f for every :meth:`solve_poisson` so far; a loss adds the squares of their values.

    Raises:
        TypeError: a derivative was asked for that ``orders`` does not hold, or a field holds plain values.
    """

    def __init__(self, points: Tensor, times: Tensor | None, *, orders: Iterable[MultiIndex], potentials: Iterable[Jet] = ()) -> None:
        points = points if points.ndim == 3 else points.unsqueeze(0)
        self.ndim = points.shape[-1]
        truncation = Truncation.below(orders)
        self.x = tuple(self._leaf(column.unsqueeze(1), axis + 1, truncation) for axis, column in enumerate(points.unbind(-1)))
        self.t: Any = 0.0 if times is None else self._leaf(times.expand(points.shape[:2]).unsqueeze(1), 0, truncation)
        self.potentials = tuple(potentials)
        self.defects = []

    def _leaf(self, values: Tensor, axis: int, truncation: Truncation) -> Jet:
        coefficients: list[Tensor | None] = [values, *[None] * (len(truncation) - 1)]
        place = truncation.position(tuple(int(other == axis) for other in range(self.ndim + 1)))
        if place is not None:
            # One number for all points: the first layer of a network sees the direction once.
            coefficients[place] = values.new_ones(1, 1, 1, 1)
        return Jet(coefficients, truncation)

    @classmethod
    def at_points(cls, points: Tensor, times: Tensor | None = None, *, equation: HasResidual) -> Self:
        """Jets with all the derivatives that the residual of an equation contains, found by the probe.

        Args:
            points: ``(points, ndim)``, shared by the batch, or ``(batch, points, ndim)``.
            times: time of each point, ``(points,)`` or ``(batch, points)``; None for a steady problem.
            equation: the equation; it must not be changed to one of higher order later.
        """
        return cls(points, times, orders=derivative_orders(equation, points.shape[-1], timed=times is not None))

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ; zero for numbers and for what is constant in space."""
        for _ in range(order):
            u = self._derivative(u, axis + 1)
        return u

    def dt(self, u: Field) -> Field:
        """∂u/∂t; needs times."""
        return self._derivative(u, 0) if isinstance(self.t, Jet) else super().dt(u)

    def _derivative(self, u: Field, axis: int) -> Field:
        if not isinstance(u, (Tensor, Jet)):
            return 0.0
        if isinstance(u, Tensor):
            self._refuse_values(u)
            return torch.zeros_like(u)
        lowered = u.truncation.lowered(axis)
        if lowered is None:
            name = "t" if axis == 0 else f"x[{axis - 1}]"
            raise TypeError(
                f"TaylorMode: a derivative along {name} needs its multi-index among the orders, got {u.truncation.indices}; build the provider with it."
            )
        coefficients: list[Any] = []
        for index in lowered.indices:
            raised = (*index[:axis], index[axis] + 1, *index[axis + 1 :])
            coefficient = u.coefficients[u.truncation.indices.index(raised)]
            coefficients.append(None if coefficient is None else (index[axis] + 1) * coefficient)
        coefficients[0] = torch.zeros_like(u.value) if coefficients[0] is None else coefficients[0][0].expand(u.shape)
        return Jet(coefficients, lowered)
