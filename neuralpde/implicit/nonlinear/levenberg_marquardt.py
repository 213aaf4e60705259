"""Levenberg–Marquardt iteration for batches of small non-linear least-squares problems."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.nonlinear.base import Iterate, Problem
from neuralpde.implicit.nonlinear.least_squares import LeastSquaresSolver
from neuralpde.implicit.nonlinear.normal_equations import Dense, Local, NormalEquations

__all__ = ["LevenbergMarquardt"]


@dataclass(frozen=True, kw_only=True)
class LevenbergMarquardt(LeastSquaresSolver):
    r"""Damped Gauss–Newton steps, (JᵀJ + μI) Δx = −Jᵀr, with damping, acceptance and freezing of its own for every sample.

    The damping follows the gain ratio ϱ = actual / predicted decrease: μ ← μ max(1/3, 1 − (2ϱ − 1)³) after an accepted step, μ ← 2μ, 4μ, 8μ … after rejected
    ones. A sample has converged when its step is below ``tolerance`` relative to x, or when ‖Jᵀr‖ is at the rounding level of ‖J‖ ‖r‖. A looser test of the
    gradient would stop ill-conditioned problems early: their x can be off by cond(JᵀJ) times it.

    Args:
        initial_damping: μ₀ as a multiple of the largest diagonal entry of JᵀJ; raise it for a poor initial guess.
        refine_below: relative step from which on the full Hessian takes the place of JᵀJ, if ``curvature`` is given; it turns linear into quadratic
            convergence where the residual does not vanish, but is no better far away.
        rounding: relative decrease below which two costs cannot be told apart.
        equations: how the step is computed; :class:`Dense` forms JᵀJ, :class:`MatrixFree` never does.

    Limits: a minimum, not the global one. On a residual with kinks the iteration may stall; ``converged`` tells.

    Example:
        >>> def residual(x, t, y):                              # y = a exp(b t)
        ...     return x[..., :1] * torch.exp(x[..., 1:] * t) - y
        >>> t = torch.linspace(0, 1, 20, dtype=torch.float64)
        >>> y = torch.stack([2 * torch.exp(-t), 3 * torch.exp(0.5 * t)])
        >>> fit = LevenbergMarquardt()(residual, torch.ones_like(y[:, :2]), t.expand(2, 20), y, batch_dims=1)
        >>> fit.x.round(decimals=6).tolist()
        [[2.0, -1.0], [3.0, 0.5]]

    References: Marquardt, SIAM J. Appl. Math. 11, 431 (1963); damping by Nielsen, "Damping parameter in Marquardt's method", 1999.
    """

    initial_damping: float = 1e-6
    refine_below: float = 0.05
    rounding: float = 1e-11
    equations: NormalEquations = field(default_factory=Dense)

    @override
    def iterate(self, problem: Problem, x: Tensor, theta: tuple[Tensor, ...]) -> Iterate:
        here = self.equations.at(problem, x, theta)
        damping = self.initial_damping * here.largest
        growth = torch.full_like(damping, 2.0)
        steps = torch.zeros_like(damping, dtype=torch.long)
        converged = self._flat(here)
        active, close = ~converged, converged
        for _ in range(self.max_steps):
            if not bool(active.any()):
                break
            step = self.equations.step(problem, here, damping, theta)
            there = self.equations.at(problem, here.x + step, theta, close)
            predicted = 0.5 * (step * (damping.unsqueeze(-1) * step - here.gradient)).sum(-1)
            gain = (here.cost - there.cost) / predicted
            # Differences of costs drown in rounding long before x is accurate (at the root of the machine precision); from there on the gradient judges.
            gain = torch.where(predicted > self.rounding * here.cost, gain, (_size(here.gradient) - _size(there.gradient)).sign())
            accepted = active & (gain > 0)  # false for NaN
            length, size = _size(step), _size(here.x)
            small = length <= self.tolerance * (size + self.tolerance)
            close = close | (accepted & (length <= self.refine_below * size))
            here = there.where(accepted, here)
            gain = (2.0 * gain - 1.0).clamp(max=1.0)
            damping = torch.where(accepted, damping * (1.0 - gain * gain * gain).clamp(min=1.0 / 3.0), torch.where(active, damping * growth, damping))
            growth = torch.where(accepted, 2.0, torch.where(active, 2.0 * growth, growth))
            steps = steps + active
            # A tiny step that is rejected says that rounding, or a kink, allows no further decrease; the gradient decides whether that is a minimum.
            converged = converged | (accepted & small) | (active & self._flat(here))
            active = active & ~converged & ~(small & ~accepted)
        return Iterate(here.x, converged, steps, _size(here.gradient))

    def _flat(self, here: Local) -> Tensor:
        return _size(here.gradient) <= 64 * torch.finfo(here.x.dtype).eps * here.scale * (2.0 * here.cost).sqrt()


def _size(vector: Tensor) -> Tensor:
    return torch.linalg.vector_norm(vector, dim=-1)
