"""Newton's method with a line search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.calls import Call
from neuralpde.implicit.linear import LU, JacobianOf, LinearSolver
from neuralpde.implicit.nonlinear.base import Iterate, NonlinearSolver, Problem
from neuralpde.implicit.vectors import Layout

__all__ = ["Newton"]


@dataclass(frozen=True, kw_only=True)
class Newton(NonlinearSolver):
    r"""Root of F(x, θ) by Newton steps, F'(x) Δx = −F, halved until ‖F‖ falls.

    A sample has converged when ‖Δx‖ ≤ ``tolerance`` (‖x‖ + ``tolerance``) after a full step, or when F vanishes.

    Args:
        jacobian: closed form, jacobian(x, \*args) → ``(*batch, n, n)``, for an x of shape ``(*batch, n)``.
        step: linear solver of a step; elimination by default, a Krylov solver for the matrix-free method.
        halvings: how often a step may be halved; a sample that finds no decrease stops unconverged.

    Limits: local; F' must not be singular at the root, where convergence is quadratic.

    Example:
        >>> theta = torch.tensor([2.0, 3.0], dtype=torch.float64)
        >>> Newton()(lambda x, theta: x**3 + theta * x - 1, torch.ones_like(theta), theta, batch_dims=1).x.round(decimals=6).tolist()
        [0.453398, 0.322185]
    """

    jacobian: Callable[..., Tensor] | None = None
    step: LinearSolver = field(default_factory=lambda: LU(on_failure="ignore"))
    halvings: int = 20

    @override
    def problem(self, function: Callable[..., Any], call: Call, layout: Layout) -> Problem:
        flat = call.function(function, lambda: layout, who="Newton")
        if self.jacobian is None:
            return Problem(flat)
        closed_form = self.jacobian

        def jacobian(x: Tensor, *theta: Tensor) -> Tensor:
            args, kwargs = call.fill(theta)
            return closed_form(layout.unpack(x), *args, **kwargs)

        return Problem(flat, jacobian)

    @override
    def iterate(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...]) -> Iterate:
        value = problem.function(x, *theta)
        norm = torch.linalg.vector_norm(value, dim=-1)
        steps = torch.zeros_like(norm, dtype=torch.long)
        converged = norm == 0
        active = ~converged
        for _ in range(self.max_steps):
            if not bool(active.any()):
                break
            direction = -self._solve(problem, x, theta, value)
            x, value, norm, moved = self._search(problem, x, theta, value, direction, active)
            steps = steps + active
            small = torch.linalg.vector_norm(direction, dim=-1) <= self.tolerance * (torch.linalg.vector_norm(x, dim=-1) + self.tolerance)
            # A step this small that brings no decrease has met rounding, which is convergence, too.
            converged = converged | (active & (small | (norm == 0)))
            active = active & moved & ~converged
        return Iterate(x, converged, steps, norm)

    def _solve(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...], value: Tensor) -> Tensor:
        if problem.jacobian is not None:
            matrix = problem.jacobian(x, *theta)
            factor, pivots, _ = torch.linalg.lu_factor_ex(matrix)
            return torch.linalg.lu_solve(factor, pivots, value.unsqueeze(-1)).squeeze(-1)
        return self.step.checked(JacobianOf(problem.function).at(x, *theta), value, None).x

    def _search(
        self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...], value: Tensor, direction: Tensor, active: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Longest of the steps 1, 1/2, 1/4 … that lowers ‖F‖, per sample; what did not move stays."""
        norm = torch.linalg.vector_norm(value, dim=-1)
        length, moved = torch.ones_like(norm), torch.zeros_like(active)
        for _ in range(self.halvings + 1):
            trial = x + length.unsqueeze(-1) * direction
            there = problem.function(trial, *theta)
            size = torch.linalg.vector_norm(there, dim=-1)
            good = active & ~moved & (size <= (1.0 - 1e-4 * length) * norm)
            column = good.unsqueeze(-1)
            x, value, norm, moved = torch.where(column, trial, x), torch.where(column, there, value), torch.where(good, size, norm), moved | good
            if bool((moved | ~active).all()):
                break
            length = torch.where(moved, length, 0.5 * length)
        return x, value, norm, moved
