"""Semilinear parabolic problems with a terminal value, asked for at one point."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.equations import Semilinear
from neuralpde.problems.base import Condition, Problem, Solution
from neuralpde.problems.domains import Domain

__all__ = ["ArctanOfMaximum", "BrownianCone", "InverseQuadratic", "TerminalFunction", "TerminalValue", "TerminalValueProblem"]


class TerminalFunction(ABC):
    """g(x), with its gradient."""

    @abstractmethod
    def value(self, x: Tensor) -> Tensor:
        """g, ``(points, d)`` → ``(points,)``."""

    @abstractmethod
    def gradient(self, x: Tensor) -> Tensor:
        """∇g, ``(points, d)`` → ``(points, d)``."""


class InverseQuadratic(TerminalFunction):
    r"""g = 5 s/(10 + 2|x|²).

    Args:
        scale: s.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    @override
    def value(self, x: Tensor) -> Tensor:
        return 5.0 * self.scale / (10.0 + 2.0 * x.square().sum(-1))

    @override
    def gradient(self, x: Tensor) -> Tensor:
        return -20.0 * self.scale * x / (10.0 + 2.0 * x.square().sum(-1, keepdim=True)).square()


class ArctanOfMaximum(TerminalFunction):
    """g = arctan maxᵢ xᵢ, the maximum over the coordinates of each point (one public program takes it over the whole batch)."""

    @override
    def value(self, x: Tensor) -> Tensor:
        return torch.atan(x.amax(-1))

    @override
    def gradient(self, x: Tensor) -> Tensor:
        largest, axis = x.max(-1, keepdim=True)
        return torch.zeros_like(x).scatter(-1, axis, 1.0 / (1.0 + largest.square()))


class BrownianCone(Domain):
    r"""Where Brownian motion √2 W from the origin is found: t uniform in [0, T), x ~ N(0, 2t I); the time is the last coordinate.

    Args:
        ndim: d + 1, the coordinates including the time.
        end: T.
    """

    def __init__(self, ndim: int, end: float) -> None:
        self.ndim, self.end = ndim, end

    @override
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        times = self.end * torch.rand(num_points, 1, generator=generator, dtype=dtype)
        return torch.cat([(2 * times).sqrt() * torch.randn(num_points, self.ndim - 1, generator=generator, dtype=dtype), times], dim=1)

    @override
    def sample_boundary(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        """Points of the terminal time."""
        x = math.sqrt(2 * self.end) * torch.randn(num_points, self.ndim - 1, generator=generator, dtype=dtype)
        return torch.cat([x, torch.full_like(x[:, :1], self.end)], dim=1)

    @override
    def contains(self, x: Tensor) -> Tensor:
        return (x[:, -1] >= 0) & (x[:, -1] <= self.end)

    @property
    @override
    def bounds(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Five standard deviations of the terminal law."""
        width = 5 * math.sqrt(2 * self.end)
        return (*(-width,) * (self.ndim - 1), 0.0), (*(width,) * (self.ndim - 1), self.end)


class TerminalValue(Condition):
    r"""u(x, T) = g(x), and √w ∇ₓu = √w ∇g beside it.

    Args:
        domain: gives the points.
        function: g.
        gradient_weight: w ≥ 0, weight of |∇ₓu − ∇g|² relative to (u − g)².
    """

    name = "terminal"

    def __init__(self, domain: BrownianCone, function: TerminalFunction, gradient_weight: float = 0.05) -> None:
        self.domain, self.function, self.gradient_weight = domain, function, gradient_weight

    @override
    def sample(self, num_points: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
        return self.domain.sample_boundary(num_points, generator, dtype)

    @override
    def misfit(self, u: Solution, x: Tensor) -> Tensor:
        """``(points, 1 + d)``: the squares of a row sum to (u − g)² + w |∇ₓu − ∇g|²."""
        space = x[:, :-1]
        if self.gradient_weight == 0:
            return (u(x).reshape(len(x)) - self.function.value(space)).unsqueeze(1)
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            value = u(leaf).reshape(len(x))
            (gradient,) = torch.autograd.grad(value.sum(), leaf, create_graph=True)
        slope = math.sqrt(self.gradient_weight) * (gradient[:, :-1] - self.function.gradient(space))
        return torch.cat([(value - self.function.value(space)).unsqueeze(1), slope], dim=1)


class TerminalValueProblem(Problem):
    r"""uₜ + Δu + f(u) = 0 on [0, T), u(x, T) = g(x): what is u at the origin at time 0?

    Args:
        equation: the backward equation.
        terminal: g.
        ndim: d, dimension of space.
        reference: u(0, 0), known from another method; a number, or one for each known dimension.
        end: T.
        gradient_weight: weight of the terminal gradient, see :class:`TerminalValue`.

    Raises:
        ValueError: no reference for this dimension.

    Limits: only one value is known, so the relative L² error is |u − reference|/|reference|, and the trivial answer is g(0).

    Reference: E, Hutzenthaler, Jentzen & Kruse, On multilevel Picard numerical approximations for high-dimensional nonlinear parabolic partial
    differential equations, 2019; set up as in Shi, Hu, Lin & Kawaguchi, Stochastic Taylor derivative estimator, 2024, appendix I.2.
    """

    has_time = True

    def __init__(
        self,
        equation: Semilinear,
        terminal: TerminalFunction,
        *,
        ndim: int,
        reference: float | Mapping[int, float],
        end: float = 0.3,
        gradient_weight: float = 0.05,
    ) -> None:
        super().__init__()
        self.equation, self.terminal = equation, terminal
        self.reference = _of_dimension(reference, ndim) if isinstance(reference, Mapping) else reference
        self.domain = BrownianCone(ndim + 1, end)
        self.conditions = (TerminalValue(self.domain, terminal, gradient_weight),)

    @override
    def evaluation_points(self, num_points: int, seed: int) -> Tensor:
        """The origin at time 0, whatever is asked for."""
        return torch.zeros(1, self.domain.ndim)

    @override
    def exact(self, x: Tensor) -> Tensor:
        """The reference, which is known at the origin at time 0 only; NaN elsewhere."""
        known = (x == 0).all(dim=-1)
        return torch.where(known, self.reference, float("nan")).to(x.dtype)

    @override
    def baseline(self, x: Tensor) -> Tensor:
        """g(x), as if nothing happened before T."""
        return self.terminal.value(x[:, :-1])

    @override
    def factor(self, baseline: Tensor, exact: Tensor) -> float:
        """1; nothing is fitted."""
        del baseline, exact
        return 1.0


def _of_dimension(references: Mapping[int, float], ndim: int) -> float:
    if ndim not in references:
        raise ValueError(
            f"TerminalValueProblem: needs u(0, 0) for the dimension, got ndim={ndim} and references for {sorted(references)}; choose one of these, or give "
            "reference as a number."
        )
    return references[ndim]
