"""Equations of the form Laplacian plus reaction, stationary or running backwards from a terminal value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations.base import Equation

__all__ = [
    "AllenCahn",
    "BackwardAllenCahn",
    "BackwardHeat",
    "BackwardSineGordon",
    "Poisson",
    "Semilinear",
    "SineGordon",
]


@dataclass(frozen=True, eq=False)
class Semilinear(Equation):
    r"""Δu + f(u) = 0 in any dimension, f a function of the value alone; a source belongs to the problem, not to the equation."""

    steady: ClassVar[bool] = True

    def reaction(self, u: Field) -> Field:
        """f(u)."""
        raise NotImplementedError

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return d.laplacian(u)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return self.reaction(u)


@dataclass(frozen=True, eq=False)
class Poisson(Semilinear):
    """Δu = 0, with a source Poisson's equation."""

    @override
    def reaction(self, u: Field) -> Field:
        return 0.0


@dataclass(frozen=True, eq=False)
class AllenCahn(Semilinear):
    """Δu + u − u³ = 0, the states at rest of a mixture that separates; u = ±1 are stable."""

    @override
    def reaction(self, u: Field) -> Field:
        return u - u * u * u


@dataclass(frozen=True, eq=False)
class SineGordon(Semilinear):
    """Δu + sin u = 0, the states at rest of the sine-Gordon equation."""

    @override
    def reaction(self, u: Field) -> Field:
        return torch.sin(u)


@dataclass(frozen=True, eq=False)
class Backward(Semilinear):
    """uₜ + Δu + f(u) = 0, well posed from a terminal value backwards; v(t) = u(T − t) obeys vₜ = Δv + f(v)."""

    steady: ClassVar[bool] = False

    @override
    def linear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * d.laplacian(u)

    @override
    def nonlinear(self, u: Field, d: Derivatives) -> Field:
        return -1.0 * self.reaction(u)


@dataclass(frozen=True, eq=False)
class BackwardHeat(Backward):
    """uₜ + Δu + (1 − u²)/(1 + u²) = 0."""

    @override
    def reaction(self, u: Field) -> Field:
        return (1.0 - u * u) / (1.0 + u * u)


@dataclass(frozen=True, eq=False)
class BackwardAllenCahn(Backward):
    """uₜ + Δu + u − u³ = 0."""

    @override
    def reaction(self, u: Field) -> Field:
        return u - u * u * u


@dataclass(frozen=True, eq=False)
class BackwardSineGordon(Backward):
    r"""uₜ + Δu + s sin(u/s) = 0, the equation of u/s multiplied by s.

    Args:
        scale: s. The solution of s = 1 is of order 1/d in d dimensions; s = d keeps the unknown of order one.
    """

    scale: float = 1.0

    @override
    def reaction(self, u: Field) -> Field:
        return self.scale * torch.sin(u / self.scale)
