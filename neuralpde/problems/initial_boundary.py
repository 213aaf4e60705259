"""Waves with known solutions on a box of space and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.derivatives.base import Derivatives, Field
from neuralpde.equations import Equation
from neuralpde.problems.base import Condition, Problem, Solution
from neuralpde.problems.domains import Box
from neuralpde.problems.envelopes import TimeEnvelope

__all__ = ["InitialBoundaryProblem", "InitialValue", "KnownOnWalls", "WithExactSolution"]


class WithExactSolution(Protocol):
    """An equation with a solution in closed form, a function of time and of each coordinate."""

    def exact(self, t: Any, *x: Any) -> Any:
        """u(t, x, …)."""
        ...


class InitialValue(Condition):
    """u = u₀ at the initial time.

    Args:
        domain: a box whose last axis is the time.
        value: the solution, evaluated at the initial time only.
        field: the output of the network that is meant.
    """

    name = "initial"

    def __init__(self, domain: Box, value: Solution, field: int = 0) -> None:
        self.domain, self.value, self.field = domain, value, field

    @override
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        x = self.domain.sample(num_points, generator, dtype)
        x[:, -1] = self.domain.lower[-1]
        return x

    @override
    def misfit(self, u: Solution, x: Tensor) -> Tensor:
        return u(x)[:, self.field] - self.value(x)


class KnownOnWalls(Condition):
    """u = u* on the walls of space at all times, and for equations of higher order its normal derivative as well.

    Args:
        domain: a box whose last axis is the time.
        value: the solution.
        normal_weight: w ≥ 0, weight of the normal derivative's misfit relative to that of the value; 0 leaves it out.
    """

    name = "walls"

    def __init__(self, domain: Box, value: Solution, normal_weight: float = 0.0) -> None:
        self.domain, self.value, self.normal_weight = domain, value, normal_weight
        self.space = Box(domain.lower[:-1], domain.upper[:-1])

    @override
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        x = self.domain.sample(num_points, generator, dtype)
        x[:, :-1] = self.space.sample_boundary(num_points, generator, dtype)
        return x

    @override
    def misfit(self, u: Solution, x: Tensor) -> Tensor:
        if self.normal_weight == 0:
            return u(x).reshape(len(x)) - self.value(x)
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            difference = u(leaf).reshape(len(x)) - self.value(leaf)
            (gradient,) = torch.autograd.grad(difference.sum(), leaf, create_graph=True)
        lower, upper = (torch.tensor(corner, dtype=x.dtype, device=x.device) for corner in (self.space.lower, self.space.upper))
        on_wall = ((x[:, :-1] - lower).abs() < 1e-5) | ((x[:, :-1] - upper).abs() < 1e-5)
        normal = (gradient[:, :-1] * on_wall).sum(-1)
        return torch.stack([difference, self.normal_weight**0.5 * normal], dim=1)


class InitialBoundaryProblem(Problem):
    r"""An evolution equation on a box, with the values of a known solution at the start and on the walls.

    Coordinates are those of space, then the time. Any equation of the project that has an ``exact(t, x, …)`` can be taken.

    Args:
        equation: has ``exact``.
        lower: lower corner of space.
        upper: upper corner.
        end: final time; the initial one is 0.
        normal_weight: see :class:`KnownOnWalls`. Equations of order three and more need the normal derivative on walls.
        constrained: start from u₀ and multiply the network by t; otherwise the initial values are a term of the loss.

    Limits: one field.
    """

    has_time = True

    def __init__(
        self,
        equation: Equation,
        *,
        lower: Sequence[float],
        upper: Sequence[float],
        end: float = 1.0,
        normal_weight: float = 1.0,
        constrained: bool = True,
    ) -> None:
        super().__init__()
        self.equation = equation
        box = Box([*lower, 0.0], [*upper, end])
        self.domain = box
        walls = KnownOnWalls(box, self.exact, normal_weight)
        if constrained:
            self.envelope = TimeEnvelope()
            self.lifting = self._start
            self.conditions = (walls,)
        else:
            self.conditions = (InitialValue(box, self.exact), walls)

    @override
    def exact(self, x: Tensor) -> Tensor:
        return self._solution(x[..., -1:], x).squeeze(-1)

    @override
    def residual(self, u: Field, d: Derivatives, x: Tensor) -> Field:
        del x
        return self.equation.residual(u, d)

    def _start(self, x: Any) -> Any:
        return self._solution(0.0, x)

    def _solution(self, t: Any, x: Any) -> Any:
        axes = [x[..., i : i + 1] for i in range(self.domain.ndim - 1)]
        return cast("WithExactSolution", self.equation).exact(t, *axes)
