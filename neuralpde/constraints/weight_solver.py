"""The weights that satisfy the rows best, with their implicit derivative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from neuralpde.constraints.row_system import RowSystem
from neuralpde.implicit.custom import custom_root
from neuralpde.implicit.linear import LU, LinearSolver
from neuralpde.implicit.nonlinear import LevenbergMarquardt

__all__ = ["FixedWeights", "SolveStatistics", "WeightSolver"]


@dataclass(frozen=True, eq=False)
class SolveStatistics:
    """What a solve reports, one entry for each sample and expert.

    Args:
        cost: ½ Σ rows² at the solution.
        gradient_norm: ‖Jᵀ rows‖ there.
        steps: iterations.
        converged: whether the tolerance was met; the solution is used in any case.
    """

    cost: Tensor
    gradient_norm: Tensor
    steps: Tensor
    converged: Tensor


@dataclass(frozen=True)
class WeightSolver:
    r"""Batched Levenberg–Marquardt in float64, every sample and expert with its own damping, acceptance and end.

    The backward pass solves with the Hessian of ½ Σ rows², H = JᵀJ + Σ rᵢ ∇²rᵢ, at the solution; ``gauss_newton`` drops the second term, which
    is cheaper and wrong by as much as the rows do not vanish. The factor of the last forward step is of JᵀJ + μ, not of H, and is not reused; see
    :class:`~neuralpde.implicit.root.RootRule` for what that would gain.

    Args:
        tolerance: relative accuracy of the weights, see :class:`~neuralpde.implicit.LevenbergMarquardt`.
        max_steps: limit of iterations; reaching it is normal where an equation has kinks.
        damping: first damping relative to the largest diagonal entry of JᵀJ.
        gauss_newton: leave the second derivatives of the rows out of the backward pass.
        backward: linear solver of the backward pass; it warns if it misses its tolerance.

    Limits: the error of the gradient is proportional to that of the weights, so an early stop shows in training.

    Reference: Nielsen, "Damping parameter in Marquardt's method", IMM-REP-1999-05, for the update of the damping.
    """

    tolerance: float = 1e-8
    max_steps: int = 50
    damping: float = 1e-3
    gauss_newton: bool = False
    backward: LinearSolver = field(default_factory=lambda: LU(rtol=1e-6))

    def __call__(self, system: RowSystem, start: Tensor, tables: Sequence[Tensor]) -> tuple[Tensor, SolveStatistics]:
        """Weights ``(batch, basis)``, differentiable in the tables, from ``start`` of that shape."""
        fixed = [table.detach() for table in tables]
        search = LevenbergMarquardt(
            tolerance=self.tolerance,
            max_steps=self.max_steps,
            initial_damping=self.damping,
            jacobian=system.jacobian,
            on_failure="ignore",
        )
        with torch.no_grad():
            found = search(system.rows, start.detach(), *fixed, batch_dims=1)
            cost = 0.5 * system.rows(found.x, *fixed).square().sum(1)
        statistics = SolveStatistics(cost, found.norm, found.steps, found.converged)
        if not (torch.is_grad_enabled() and any(table.requires_grad for table in tables)):
            return found.x, statistics
        optimality = system.linearised_gradient(found.x) if self.gauss_newton else system.gradient
        attached = custom_root(optimality, batch_dims=1, solve=self.backward)(lambda init, *_: init)
        return attached(found.x, *tables), statistics


class FixedWeights:
    """No solve: the weights stay what they start from, as a network without a constraint has them."""

    def __call__(self, system: RowSystem, start: Tensor, tables: Sequence[Tensor]) -> tuple[Tensor, None]:
        """See :class:`WeightSolver`."""
        del system, tables
        return start, None
