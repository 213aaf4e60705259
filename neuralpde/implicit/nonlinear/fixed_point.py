"""Plain and accelerated fixed-point iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.calls import Call
from neuralpde.implicit.nonlinear.base import Iterate, NonlinearSolver, Problem
from neuralpde.implicit.optimality.fixed_point import fixed_point_residual
from neuralpde.implicit.vectors import Layout

__all__ = ["Anderson", "FixedPoint"]


@dataclass(frozen=True, kw_only=True)
class FixedPoint(NonlinearSolver):
    r"""x ← x + λ (T(x, θ) − x) until the residual ‖T(x) − x‖ is below ``tolerance`` (‖x‖ + ``tolerance``).

    Args:
        relaxation: λ, below 1 to damp an oscillation.

    Limits: T must be a contraction near the fixed point, and the number of steps grows as its rate approaches 1: often a poor method, see :class:`Anderson` and
        :class:`Newton`.

    Example:
        >>> a = torch.tensor(1.0, dtype=torch.float64)
        >>> round(float(FixedPoint(max_steps=100)(lambda x, a: torch.cos(a * x), a, a).x), 8)
        0.73908513
    """

    max_steps: int = 200
    relaxation: float = 1.0

    @override
    def problem(self, function: Callable[..., Any], call: Call, layout: Layout) -> Problem:
        return Problem(call.function(fixed_point_residual(function), lambda: layout, who=type(self).__name__))

    @override
    def iterate(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...]) -> Iterate:
        steps = torch.zeros(x.shape[:-1], dtype=torch.long, device=x.device)
        while True:
            residual = problem.function(x, *theta)
            norm = torch.linalg.vector_norm(residual, dim=-1)
            converged = self._done(norm, x)
            if bool(converged.all()) or int(steps.max()) >= self.max_steps:
                return Iterate(x, converged, steps, norm)
            x = torch.where(converged.unsqueeze(-1), x, x + self.relaxation * residual)
            steps = steps + ~converged

    def _done(self, norm: Tensor, x: Tensor) -> Tensor:
        return norm <= self.tolerance * (torch.linalg.vector_norm(x, dim=-1) + self.tolerance)


@dataclass(frozen=True, kw_only=True)
class Anderson(FixedPoint):
    r"""Anderson acceleration: the next point combines the last ``memory`` ones so that their combined residual is smallest.

    With differences ΔX, ΔR of the last points and residuals: x ← x + λ r − (ΔX + λ ΔR) γ, where γ minimises ‖r − ΔR γ‖.

    Args:
        memory: number of differences kept.
        ridge: relative regularisation of the least-squares problem for γ.

    Limits: no guarantee far from the fixed point; on a linear T it is GMRES.

    Reference: Walker and Ni, SIAM J. Numer. Anal. 49, 1715 (2011), section 2.
    """

    memory: int = 5
    ridge: float = 1e-14

    @override
    def iterate(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...]) -> Iterate:
        steps = torch.zeros(x.shape[:-1], dtype=torch.long, device=x.device)
        points: list[Tensor] = []
        residuals: list[Tensor] = []
        while True:
            residual = problem.function(x, *theta)
            norm = torch.linalg.vector_norm(residual, dim=-1)
            converged = self._done(norm, x)
            if bool(converged.all()) or int(steps.max()) >= self.max_steps:
                return Iterate(x, converged, steps, norm)
            points, residuals = [*points, x][-self.memory - 1 :], [*residuals, residual][-self.memory - 1 :]
            x = torch.where(converged.unsqueeze(-1), x, self._mixed(points, residuals))
            steps = steps + ~converged

    def _mixed(self, points: list[Tensor], residuals: list[Tensor]) -> Tensor:
        x, residual = points[-1], residuals[-1]
        plain = x + self.relaxation * residual
        if len(points) == 1:
            return plain
        changes = torch.stack(residuals, -1).diff(dim=-1)
        moves = torch.stack(points, -1).diff(dim=-1)
        normal = changes.transpose(-1, -2) @ changes
        diagonal = normal.diagonal(dim1=-2, dim2=-1)
        # A frozen sample has zero differences; the added constant keeps its system solvable, and its result is not used.
        weight = self.ridge * diagonal.sum(-1, keepdim=True) + torch.finfo(x.dtype).tiny
        right = changes.transpose(-1, -2) @ residual.unsqueeze(-1)
        gamma, info = torch.linalg.solve_ex(normal + torch.diag_embed(weight.expand_as(diagonal)), right)
        mixed = plain - ((moves + self.relaxation * changes) @ gamma).squeeze(-1)
        usable = (info == 0) & torch.isfinite(mixed).all(-1)
        return torch.where(usable.unsqueeze(-1), mixed, plain)
