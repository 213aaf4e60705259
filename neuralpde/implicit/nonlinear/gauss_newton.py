"""Gauss–Newton iteration with a line search."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.nonlinear.base import Iterate, Problem
from neuralpde.implicit.nonlinear.least_squares import LeastSquaresSolver
from neuralpde.implicit.nonlinear.normal_equations import Dense, Local, NormalEquations

__all__ = ["GaussNewton"]


@dataclass(frozen=True, kw_only=True)
class GaussNewton(LeastSquaresSolver):
    r"""Steps JᵀJ Δx = −Jᵀr, halved until the cost falls.

    A sample has converged when ‖Δx‖ ≤ ``tolerance`` (‖x‖ + ``tolerance``); convergence is quadratic where the residual vanishes, linear elsewhere.

    Args:
        halvings: how often a step may be halved.
        equations: how the step is computed.
        rounding: relative decrease below which two costs cannot be told apart; then the gradient judges.

    Limits: J must have full column rank all the way; :class:`LevenbergMarquardt` does not need that.
    """

    halvings: int = 20
    equations: NormalEquations = field(default_factory=Dense)
    rounding: float = 1e-11

    @override
    def iterate(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...]) -> Iterate:
        here = self.equations.at(problem, x, theta)
        none = torch.zeros_like(here.cost)
        steps, converged = none.long(), _size(here.gradient) == 0
        active = ~converged
        for _ in range(self.max_steps):
            if not bool(active.any()):
                break
            step = self.equations.step(problem, here, none, theta)
            small = _size(step) <= self.tolerance * (_size(here.x) + self.tolerance)
            here, moved = self._search(problem, here, step, active, theta)
            steps = steps + active
            converged = converged | (active & small)
            active = active & moved & ~converged
        return Iterate(here.x, converged, steps, _size(here.gradient))

    def _search(self, problem: Problem, here: Local, step: Tensor, active: Tensor, theta: tuple[Tensor, ...]) -> tuple[Local, Tensor]:
        start, slope = here, -(step * here.gradient).sum(-1)
        length, moved = torch.ones_like(here.cost), torch.zeros_like(active)
        for _ in range(self.halvings + 1):
            there = self.equations.at(problem, start.x + length.unsqueeze(-1) * step, theta)
            lower = there.cost <= start.cost - 1e-4 * length * slope
            flatter = (slope <= self.rounding * start.cost) & (_size(there.gradient) < _size(start.gradient))
            good = active & ~moved & (lower | flatter)
            here, moved = there.where(good, here), moved | good
            if bool((moved | ~active).all()):
                break
            length = torch.where(moved, length, 0.5 * length)
        return here, moved


def _size(vector: Tensor) -> Tensor:
    return torch.linalg.vector_norm(vector, dim=-1)
