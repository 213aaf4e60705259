"""A derivative provider that only knows an exact or estimated Laplacian, in any dimension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from typing_extensions import Self

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.directions import DirectionLaw, EveryDirection
from neuralpde.derivatives.taylor import EqualWeights, Jet, Truncation, UnitTangent

__all__ = ["StochasticTaylor"]


class StochasticTaylor(Derivatives):
    r"""Laplacian and time derivative from one collapsed jet of order two, by all directions or by a random sample of them.

    A field is ``(1, channel, points)`` and must come **from the jets** of this provider: ``d.field(network)``, or ``network(d.t, *d.x)`` in few
    dimensions. The value, one first derivative per direction and the summed second derivatives are carried; time is one more direction, with weight zero
    in the sum.

    If the law makes several independent draws, estimated terms have them along the batch axis. The residual then is ``(draws, channel, points)``, and
    ``unbiased_square`` of it is an unbiased squared residual. Within one equation, never multiply two estimated terms: they share their directions.

    Args:
        points: ``(points, ndim)``.
        times: time of each point, ``(points,)``; without it, fields do not depend on time.
        directions: law of the directions; drawn once, when the provider is built, and shared by all points.

    Raises:
        TypeError: anything but ``laplacian`` and ``dt`` was asked for.

    Limits: the result of a derivative cannot be differentiated again.

    Reference: Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator (2024).
    """

    space_axes = 1

    def __init__(self, points: Tensor, times: Tensor | None = None, *, directions: DirectionLaw | None = None) -> None:
        self.ndim = points.shape[-1]
        drawn = (directions or EveryDirection()).laplacian(points)
        weights, tangents = drawn.weights, drawn.tangents
        if times is not None:
            # The direction of time comes last, and counts in no sum.
            matrix = weights.matrix(points) if isinstance(weights, EqualWeights) else weights
            weights = torch.nn.functional.pad(matrix, (0, 1))
            tangents = _with_zero_row(tangents)
        self._truncation = Truncation.line(2, weights)
        self._points = Jet([points, tangents, None], self._truncation)
        self._time_jet: Jet | None = None
        if times is not None:
            along_time = points.new_zeros(weights.shape[1], 1, 1)
            along_time[-1] = 1.0
            self._time_jet = Jet([times.unsqueeze(-1), along_time, None], self._truncation)
            self.t = self._time_jet.T.unsqueeze(0)

    @classmethod
    def at_points(cls, points: Tensor, times: Tensor | None = None, *, directions: DirectionLaw | None = None) -> Self:
        """The provider at given points, as for the other point providers."""
        return cls(points, times, directions=directions)

    @property
    def x(self) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Coordinates, one jet ``(1, 1, points)`` per axis; made on demand, for few dimensions."""
        return tuple(self._points[:, axis].reshape(1, 1, -1) for axis in range(self.ndim))

    def field(self, network: Callable[..., Any]) -> Jet:
        """The output of a network as a field.

        Args:
            network: maps points ``(points, ndim)``, or times ``(points, 1)`` and points, to ``(points, channels)``.
        """
        arguments = (self._points,) if self._time_jet is None else (self._time_jet, self._points)
        return network(*arguments).transpose(0, 1).unsqueeze(0)

    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        """Refused: a sample of directions holds no derivative along an axis."""
        raise TypeError(f"StochasticTaylor: only the Laplacian is known, got a request for dx along axis {axis}; use TaylorMode or ReverseMode.")

    def dt(self, u: Field) -> Field:
        """∂u/∂t; needs times."""
        if self._time_jet is None:
            return super().dt(u)
        slope = self._checked(u, "dt").coefficients[1]
        return self._final(torch.zeros_like(u.value) if slope is None else slope.expand(-1, *u.shape)[-1])

    def laplacian(self, u: Field) -> Field:
        """Δu, every draw along the batch axis."""
        second = self._checked(u, "laplacian").coefficients[2]
        if second is None:
            return self._final(torch.zeros_like(u.value))
        return self._final(2.0 * second.expand(-1, *u.shape).flatten(0, 1))

    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """a Δu for a diffusivity that does not vary in space."""
        if isinstance(diffusivity, Jet):
            raise TypeError("StochasticTaylor: a diffusivity needs to be constant in space, got a field; use TaylorMode or ReverseMode.")
        return diffusivity * self.laplacian(u)

    def _checked(self, u: Field, name: str) -> Jet:
        if not isinstance(u, Jet) or u.truncation is not self._truncation:
            raise TypeError(f"StochasticTaylor: {name} needs a field computed from the jets of this provider, got {type(u).__name__}; use d.field(network).")
        return u

    def _final(self, values: Tensor) -> Jet:
        # A jet without derivatives, not a tensor: to differentiate it again must raise, not give zero.
        return Jet([values], Truncation.line(0))


def _with_zero_row(tangents: Tensor | UnitTangent) -> Tensor | UnitTangent:
    if isinstance(tangents, UnitTangent):
        indices = torch.cat([tangents.indices, tangents.indices.new_zeros(1)])
        return UnitTangent(indices, torch.cat([tangents.values, torch.zeros_like(tangents.values[:1])]), tangents.size_last)
    return torch.cat([tangents, torch.zeros_like(tangents[:1])])
