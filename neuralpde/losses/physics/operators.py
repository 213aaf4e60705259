"""Residuals whose only derivatives are a Laplacian or a biharmonic, in any dimension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from typing_extensions import override

from neuralpde.derivatives import DirectionLaw, Directions, EveryDirection, biharmonic, directional, laplacian
from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.derivatives.taylor import UnitTangent
from neuralpde.losses.physics.differentiation import Differentiation, as_field
from neuralpde.models.ansatz import Constrained
from neuralpde.problems import Problem, Solution

__all__ = ["BiharmonicBy", "ByHand", "GivenOperators", "LaplacianBy", "Law"]

Law = Callable[..., DirectionLaw]
"""``(generator=…)`` → law of directions that draws from the generator."""


class LaplacianBy(Differentiation):
    r"""Value, Laplacian and, with time, ∂ₜu by Taylor mode, exact or along random directions, for equations that contain no other derivative.

    All points of a step share the directions, so that the first layer costs as much as for one point.

    Args:
        law: makes the law of the directions from a generator, such as a partial of :class:`~neuralpde.derivatives.SparseDirections`; None takes every
            coordinate, which is exact.
    """

    def __init__(self, law: Law | None = None) -> None:
        self.law = law

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        value, second = self.laplacian(problem, u, x, generator)
        field = as_field(value)
        rate = as_field(time_derivative(u, x)) if problem.has_time else None
        return field, GivenOperators(field, laplacian=as_field(second), rate=rate)

    def laplacian(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Value and Laplacian over the axes of space, ``(points, fields)`` twice."""
        law = self.law(generator=generator) if self.law is not None else EveryDirection()
        if problem.has_time:
            return laplacian(u, x, with_time(law.laplacian(x[:, :-1])))
        return laplacian(u, x, law)


class ByHand(LaplacianBy):
    r"""As :class:`LaplacianBy`, but within an ansatz φ n only Δn is estimated; the product rule does the rest exactly.

    Raises:
        TypeError: the network is no :class:`~neuralpde.models.Constrained`.
    """

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        if not isinstance(u, Constrained):
            raise TypeError(f"ByHand: needs a network of type Constrained, got {type(u).__name__}; use LaplacianBy, or a problem that is constrained.")
        value, second = u.laplacian(x, *self.laplacian(problem, u.network, x, generator))
        field = as_field(value)
        return field, GivenOperators(field, laplacian=as_field(second))


class BiharmonicBy(Differentiation):
    """Value and biharmonic by jets of order four, exact or along random directions.

    Args:
        law: makes the law of the directions from a generator; a dense law needs Gaussian entries. None is exact, with d² directions.
    """

    def __init__(self, law: Law | None = None) -> None:
        self.law = law

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        value, fourth = biharmonic(u, x, self.law(generator=generator) if self.law is not None else None)
        field = as_field(value)
        return field, GivenOperators(field, biharmonic=as_field(fourth))


def with_time(directions: Directions) -> Directions:
    """Directions in space as directions in space and time, the last coordinate at rest."""
    tangents = directions.tangents
    if isinstance(tangents, UnitTangent):
        return replace(directions, tangents=UnitTangent(tangents.indices, tangents.values, tangents.size_last + 1))
    return replace(directions, tangents=nn.functional.pad(tangents, (0, 1)))


def time_derivative(u: Solution, x: Tensor) -> Tensor:
    """∂u/∂t, ``(points, fields)``; the time is the last coordinate."""
    along = torch.zeros(1, 1, x.shape[1], dtype=x.dtype, device=x.device)
    along[..., -1] = 1.0
    return directional(u, x, along, order=1)[1][0]


class GivenOperators(Derivatives):
    """Provider that knows some derivatives of one field, and refuses everything else.

    Args:
        field: the field.
        laplacian: its Laplacian.
        biharmonic: its biharmonic.
        rate: its derivative in time.
    """

    space_axes = 1

    def __init__(self, field: Tensor, *, laplacian: Tensor | None = None, biharmonic: Tensor | None = None, rate: Tensor | None = None) -> None:
        self._field, self._laplacian, self._biharmonic, self._rate = field, laplacian, biharmonic, rate

    @override
    def dx(self, u: Field, axis: int = 0, order: int = 1) -> Field:
        raise TypeError(f"GivenOperators: knows whole operators only, got a request for ∂^{order} along axis {axis}; use ByReverseMode.")

    @override
    def laplacian(self, u: Field) -> Field:
        return self._known(u, self._laplacian, "the Laplacian")

    @override
    def diffuse(self, diffusivity: Field, u: Field) -> Field:
        """a Δu for a diffusivity that is the same everywhere."""
        if isinstance(diffusivity, Tensor) and diffusivity.ndim > 0 and diffusivity.shape[-1] != 1:
            raise TypeError(f"GivenOperators: a diffusivity needs to be constant in space, got shape {tuple(diffusivity.shape)}; use ByTaylorMode.")
        return diffusivity * self.laplacian(u)

    @override
    def biharmonic(self, u: Field) -> Field:
        return self._known(u, self._biharmonic, "the biharmonic")

    @override
    def dt(self, u: Field) -> Field:
        return self._known(u, self._rate, "the derivative in time")

    def _known(self, u: Field, value: Tensor | None, name: str) -> Tensor:
        if u is not self._field or value is None:
            raise TypeError(f"GivenOperators: needs {name} of the solution, got another field or operator than what was differentiated; use ByReverseMode.")
        return value
