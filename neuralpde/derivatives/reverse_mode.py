"""Derivatives of network outputs by reverse-mode differentiation."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.at_points import AtPoints
from neuralpde.derivatives.base import Field

__all__ = ["ReverseMode"]


class ReverseMode(AtPoints):
    """Derivatives at scattered points of fields that were computed **from the leaves** ``d.t`` and ``d.x``.

    A field is ``(batch, channel, points)``. It must depend point by point on the coordinates, as the output of a network applied to
    every point does; layers that mix points (batch normalisation, convolution) give wrong derivatives. Results are memoised.

    Build it with :meth:`at_points`, evaluate the network on ``d.t, *d.x``, then evaluate the residual.

    Args:
        x: one leaf ``(batch, 1, points)`` per axis.
        t: the time leaf of the same shape, or a number for fields without time.
        potentials: extra network outputs ``(batch, 1, points)``, one for each call of :meth:`solve_poisson` in an evaluation.

    Attributes:
        defects: Δψ − f for every :meth:`solve_poisson` so far; a loss adds their squares.

    Raises:
        ValueError: a leaf does not record gradients.

    Limits: memory and time double with each further derivative.
    """

    def __init__(self, x: Sequence[Tensor], *, t: Tensor | float = 0.0, potentials: Sequence[Tensor] = ()) -> None:
        leaves = [*x, *([t] if isinstance(t, Tensor) else [])]
        if not leaves or not all(leaf.requires_grad and leaf.ndim == 3 for leaf in leaves):
            raise ValueError("ReverseMode: needs leaves (batch, 1, points) that require gradients, got other tensors; build it with ReverseMode.at_points.")
        self.x, self.t, self.ndim = tuple(x), t, len(x)
        self.potentials = tuple(potentials)
        self.defects = []
        # The field is kept beside its gradient: an id alone may be reused once the field is gone.
        self._memo: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}

    @classmethod
    def at_points(cls, points: Tensor, times: Tensor | None = None) -> Self:
        """Leaves at given points.

        Args:
            points: ``(points, ndim)``, shared by the batch, or ``(batch, points, ndim)``.
            times: time of each point, ``(points,)`` or ``(batch, points)``; without it, fields do not depend on time.
        """
        points = points if points.ndim == 3 else points.unsqueeze(0)
        x = [leaf.detach().clone().unsqueeze(1).requires_grad_() for leaf in points.unbind(-1)]
        t: Tensor | float = 0.0
        if times is not None:
            t = times.detach().expand(points.shape[:2]).clone().unsqueeze(1).requires_grad_()
        return cls(x, t=t)

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """∂ᵒʳᵈᵉʳu/∂x_axisᵒʳᵈᵉʳ; zero for numbers and for what is constant in space."""
        for _ in range(order):
            u = self._derivative(u, self.x[axis])
        return u

    def dt(self, u: Field) -> Field:
        """∂u/∂t; needs a time leaf."""
        return self._derivative(u, self.t) if isinstance(self.t, Tensor) else super().dt(u)

    def _derivative(self, u: Field, leaf: Tensor) -> Field:
        if not isinstance(u, Tensor):
            return 0.0
        if not u.requires_grad:
            self._refuse_values(u)
            return torch.zeros_like(u)
        key = (id(u), id(leaf))
        if key not in self._memo:
            self._memo[key] = (u, torch.cat([self._gradient(channel, leaf) for channel in self.split(u)], dim=1))
        return self._memo[key][1]

    def _gradient(self, channel: Tensor, leaf: Tensor) -> Tensor:
        # Points do not interact, so the gradient of the sum holds the derivative at every point.
        (gradient,) = torch.autograd.grad(channel.sum(), leaf, create_graph=True, materialize_grads=True, allow_unused=True)
        # A derivative that happens to be constant must stay on the tape, or its own derivative would look like that of foreign values.
        return gradient if gradient.requires_grad else gradient + 0.0 * leaf
