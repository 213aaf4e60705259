"""How the derivatives in a residual are obtained: the solution as a field, and the provider that differentiates it."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives import Jet, ReverseMode, TaylorMode
from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.problems import Problem, Solution

__all__ = ["ByReverseMode", "ByTaylorMode", "Differentiation", "as_field", "by_points"]


class Differentiation(ABC):
    """A way to differentiate a network at points."""

    @abstractmethod
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        """The network as a field of a provider.

        Args:
            problem: says whether the last coordinate is the time.
            u: the network.
            x: points, ``(points, coordinates)``.
            generator: where the provider estimates, for its random directions.
        """

    def residual(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> Tensor:
        """Residual of a network at points, ``(points,)`` or ``(points, fields)``."""
        field, d = self.bind(problem, u, x, generator)
        return by_points(problem.residual(field, d, x), len(x))


class ByReverseMode(Differentiation):
    """Exact derivatives by nested reverse mode: any equation, few coordinates, low orders."""

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        del generator
        space, times = (x[:, :-1], x[:, -1]) if problem.has_time else (x, None)
        d = ReverseMode.at_points(space, times)
        leaves = [*d.x, *([d.t] if isinstance(d.t, Tensor) else [])]
        with torch.enable_grad():
            values = u(torch.cat(leaves, dim=1).squeeze(0).T)
        return values.reshape(len(x), -1).T.unsqueeze(0), d


class ByTaylorMode(Differentiation):
    """Exact derivatives by one pass of a jet that holds all multi-indices of the equation: any equation, few coordinates, high orders.

    The network and the problem's lifting must consist of operations that jets know.
    """

    @override
    def bind(self, problem: Problem, u: Solution, x: Tensor, generator: torch.Generator) -> tuple[Field, Derivatives]:
        del generator
        space, times = (x[:, :-1], x[:, -1]) if problem.has_time else (x, None)
        d = TaylorMode.at_points(space, times, equation=problem.equation)
        coordinates = torch.cat([*d.x, *([d.t] if problem.has_time else [])], dim=1)
        return u(coordinates.transpose(1, 2)).transpose(1, 2), d


def as_field(values: Tensor) -> Tensor:
    """``(points, fields)`` as a field ``(1, fields, points)``."""
    return values.reshape(len(values), -1).T.unsqueeze(0)


def by_points(field: Field, num_points: int) -> Tensor:
    """A field ``(1, fields, points)`` as ``(points,)``, or ``(points, fields)`` if there are several."""
    values = field.value if isinstance(field, Jet) else field
    rows = values.reshape(-1, num_points).T
    return rows.squeeze(1) if rows.shape[1] == 1 else rows
