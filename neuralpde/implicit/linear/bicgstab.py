"""Stabilised bi-conjugate gradients."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear.base import LinearSolver
from neuralpde.implicit.linear.operator import Operator, Product

__all__ = ["BiCGSTAB"]


@dataclass(frozen=True, kw_only=True)
class BiCGSTAB(LinearSolver):
    """BiCGSTAB for any square A that is not singular: two products per step, memory of a few vectors, no product with Aᵀ.

    Limits: convergence is not monotone, and the recursion can break down; a sample that does restarts from its true residual. :class:`GMRES` is the safer
        choice where memory allows.

    Reference: van der Vorst, SIAM J. Sci. Stat. Comput. 13, 631 (1992).
    """

    restarts: int = 5

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        goal = self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)
        x, steps = torch.zeros_like(b), torch.zeros(b.shape[:-1], dtype=torch.long, device=b.device)
        for _ in range(self.restarts):
            residual = b - operator(x)
            active = torch.linalg.vector_norm(residual, dim=-1) > goal
            if not bool(active.any()):
                break
            change, used = self._run(operator, preconditioner or (lambda v: v), torch.where(active.unsqueeze(-1), residual, 0.0), goal)
            x, steps = x + change, steps + used
        return x, steps

    def _run(self, operator: Operator, precondition: Product, residual: Tensor, goal: Tensor) -> tuple[Tensor, Tensor]:
        """Correction for a residual, until the goal or a breakdown of each sample."""
        x, r, shadow, p = torch.zeros_like(residual), residual, residual, residual
        rho = _dot(shadow, r)
        active = torch.linalg.vector_norm(r, dim=-1) > goal
        steps = torch.zeros_like(rho, dtype=torch.long)
        for _ in range(self.limit(r.shape[-1])):
            if not bool(active.any()):
                break
            direction = precondition(p)
            v = operator(direction)
            alpha = _ratio(rho, _dot(shadow, v), active)
            s = r - alpha * v
            half = precondition(s)
            t = operator(half)
            omega = _ratio(_dot(t, s), _dot(t, t), active)
            x, r = x + alpha * direction + omega * half, torch.where(active.unsqueeze(-1), s - omega * t, r)
            rho, previous = _dot(shadow, r), rho
            beta = _ratio(rho, previous, active) * _ratio(alpha.squeeze(-1), omega.squeeze(-1), active)
            p = torch.where(active.unsqueeze(-1), r + beta * (p - omega * v), p)
            steps = steps + active
            # A vanishing ϱ or ω is the breakdown: nothing more can be gained from this shadow residual.
            alive = (rho.abs() > 1e-30) & (omega.squeeze(-1) != 0) & torch.isfinite(rho)
            active = active & alive & (torch.linalg.vector_norm(r, dim=-1) > goal)
        return torch.where(torch.isfinite(x), x, 0.0), steps


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(-1)


def _ratio(numerator: Tensor, denominator: Tensor, active: Tensor) -> Tensor:
    """``(*batch, 1)`` quotient, zero for frozen samples and for zero denominators."""
    usable = active & (denominator != 0)
    return torch.where(usable, numerator / torch.where(usable, denominator, 1.0), 0.0).unsqueeze(-1)
