"""Residuals whose only derivatives are a Laplacian or a biharmonic, in any dimension."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives import DirectionLaw, GivenOperators, StochasticTaylor, biharmonic
from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.losses.physics.differentiation import Differentiation, as_field, by_points
from neuralpde.models.ansatz import Constrained
from neuralpde.problems import Problem, Solution

__all__ = ["BiharmonicBy", "ByHand", "LaplacianBy", "Law"]

Law = Callable[..., DirectionLaw]
"""``(generator=…)`` → law of directions that draws from the generator."""


class LaplacianBy(Differentiation):
    r"""Value, Laplacian and, with time, ∂ₜu by :class:`~neuralpde.derivatives.StochasticTaylor`, for equations that contain no other derivative.

    Independent draws of the law are averaged.

    Args:
        law: makes the law of the directions from a generator, such as a partial of :class:`~neuralpde.derivatives.SparseDirections`; None takes every
            coordinate, which is exact.
    """

    def __init__(self, law: Law | None = None) -> None:
        self.law = law

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        space, times = (x[:, :-1], x[:, -1]) if problem.has_time else (x, None)
        d = StochasticTaylor(u, space, times, directions=self.law(generator=generator) if self.law is not None else None)
        return d.field, d

    @override
    def residual(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        field, d = self.bind(problem, u, x, generator)
        return by_points(problem.residual(field, d, x).mean(0, keepdim=True), len(x))


class ByHand(LaplacianBy):
    r"""As :class:`LaplacianBy`, but within an ansatz φ n only Δn is estimated; the product rule does the rest exactly.

    Raises:
        TypeError: the network is no :class:`~neuralpde.models.Constrained`.
    """

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        if not isinstance(u, Constrained):
            raise TypeError(f"ByHand: needs a network of type Constrained, got {type(u).__name__}; use LaplacianBy, or a problem that is constrained.")
        inside, d = super().bind(problem, u.network, x, generator)
        value, second = u.laplacian(x, inside.mT, d.laplacian(inside).mT)
        by_hand = GivenOperators(value.mT, laplacian=second.mT)
        return by_hand.field, by_hand


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
        d = GivenOperators(as_field(value), biharmonic=as_field(fourth))
        return d.field, d
