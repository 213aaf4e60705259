"""A derivative provider that only knows an exact or estimated Laplacian, in any dimension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from neuralpde.derivatives.directions import DirectionLaw, Directions, EveryDirection, unit_directions
from neuralpde.derivatives.given_operators import GivenOperators
from neuralpde.derivatives.operators import contract
from neuralpde.derivatives.taylor import UnitTangent, directional

__all__ = ["StochasticTaylor"]


class StochasticTaylor(GivenOperators):
    r"""Value, Laplacian and, with times, ∂ₜu of a network by Taylor mode, along all directions or a random sample of them.

    The network is evaluated once, here; ``d.field`` are its values ``(1, channel, points)``, a plain tensor. Only the network has to consist of operations
    that jets know, the rest of an equation (sources, nonlinear terms) need not.

    If the law makes several independent draws, the Laplacian has them along the batch axis. The residual then is ``(draws, channel, points)``, and
    ``unbiased_square`` of it is an unbiased squared residual. Within one equation, never multiply two estimated terms: they share their directions.

    Args:
        network: maps ``(points, ndim)``, or ``(points, ndim + 1)`` with the time last, to ``(points, channel)``.
        points: ``(points, ndim)``.
        times: time of each point, ``(points,)``; without it, the field does not depend on time.
        directions: law of the directions; drawn once and shared by all points, so that the first layer costs as much as for one. None takes every
            coordinate, which is exact.

    Attributes:
        field: the values of the network, the only field that can be differentiated.
        t: times, ``(1, 1, points)``.

    Limits: the Laplacian of a field derived from the network, such as u² or Δu, is not known; it raises a TypeError, as does every other derivative.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024).

    Example:
        >>> d = StochasticTaylor(network, points, times, directions=SparseDirections(16, generator))
        >>> residual = Heat(0.3).residual(d.field, d)
    """

    def __init__(self, network: Callable[[Any], Any], points: Tensor, times: Tensor | None = None, *, directions: DirectionLaw | None = None) -> None:
        self.ndim, self._points = points.shape[-1], points
        drawn, coordinates, rate = (directions or EveryDirection()).laplacian(points), points, None
        if times is not None:
            self.t = times.reshape(1, 1, -1)
            drawn, coordinates = _at_rest_in_time(drawn), torch.cat([points, times.unsqueeze(-1)], dim=-1)
        value, draws = contract(network, coordinates, drawn)
        if times is not None:
            # A pass of its own: as one more direction, time would turn the plain sums over directions into products with weights, no faster on the whole.
            along = unit_directions(coordinates, torch.tensor([self.ndim], device=points.device))
            rate = _as_fields(directional(network, coordinates, along, order=1)[1])
        super().__init__(_as_fields(value.unsqueeze(0)), laplacian=_as_fields(draws), rate=rate)

    @property
    def x(self) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Coordinates ``(1, 1, points)``, one per axis; made on demand, for few dimensions."""
        return tuple(column.reshape(1, 1, -1) for column in self._points.unbind(-1))


def _as_fields(rows: Tensor) -> Tensor:
    """``(draws, points, channel)`` as ``(draws, channel, points)``."""
    return rows.reshape(*rows.shape[:2], -1).mT


def _at_rest_in_time(drawn: Directions) -> Directions:
    """Directions in space as directions in space and time."""
    tangents = drawn.tangents
    if isinstance(tangents, UnitTangent):
        return replace(drawn, tangents=UnitTangent(tangents.indices, tangents.values, tangents.size_last + 1))
    return replace(drawn, tangents=nn.functional.pad(tangents, (0, 1)))
