"""Minimal residuals for symmetric systems."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear.base import LinearSolver
from neuralpde.implicit.linear.operator import Operator, Product

__all__ = ["MINRES"]


@dataclass(frozen=True, kw_only=True)
class MINRES(LinearSolver):
    """MINRES for symmetric A of any signature, such as a KKT matrix: one product per step and a memory of six vectors.

    The iteration restarts from the true residual up to ``restarts`` times, since the short recursion loses orthogonality. A preconditioner is ignored: it
    would have to be positive definite, which nothing here can check.

    Reference: Paige and Saunders, SIAM J. Numer. Anal. 12, 617 (1975).
    """

    restarts: int = 5

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        del preconditioner
        goal = self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)
        x, steps = torch.zeros_like(b), torch.zeros(b.shape[:-1], dtype=torch.long, device=b.device)
        for _ in range(self.restarts):
            residual = b - operator(x)
            active = torch.linalg.vector_norm(residual, dim=-1) > goal
            if not bool(active.any()):
                break
            change, used = self._run(operator, torch.where(active.unsqueeze(-1), residual, 0.0), goal)
            x, steps = x + change, steps + used
        return x, steps

    def _run(self, operator: Operator, residual: Tensor, goal: Tensor) -> tuple[Tensor, Tensor]:
        """Lanczos three-term recursion with Givens rotations; β, c, s are ``(*batch, 1)``."""
        beta = torch.linalg.vector_norm(residual, dim=-1, keepdim=True)
        active = beta > goal.unsqueeze(-1)
        v, v_old = residual / torch.where(beta > 0, beta, 1.0), torch.zeros_like(residual)
        x, d, d_old = torch.zeros_like(residual), torch.zeros_like(residual), torch.zeros_like(residual)
        eta, beta = beta, torch.zeros_like(beta)
        c, c_old = torch.ones_like(beta), torch.ones_like(beta)
        s, s_old = torch.zeros_like(beta), torch.zeros_like(beta)
        steps = torch.zeros_like(goal, dtype=torch.long)
        for _ in range(self.limit(residual.shape[-1])):
            if not bool(active.any()):
                break
            w = operator(v)
            alpha = (v * w).sum(-1, keepdim=True)
            w = w - alpha * v - beta * v_old
            beta_new = torch.linalg.vector_norm(w, dim=-1, keepdim=True)
            # The new column of the tridiagonal matrix under the last two rotations, then the rotation that clears its lowest entry.
            diagonal = c * alpha - c_old * s * beta
            upper, far = s * alpha + c_old * c * beta, s_old * beta
            pivot = torch.hypot(diagonal, beta_new)
            safe = torch.where(pivot > 0, pivot, 1.0)
            c_old, s_old, c, s = c, s, diagonal / safe, beta_new / safe
            d, d_old = (v - far * d_old - upper * d) / safe, d
            moving = active & (pivot > 0)
            x = torch.where(moving, x + c * eta * d, x)
            eta = -s * eta
            v, v_old, beta = w / torch.where(beta_new > 0, beta_new, 1.0), v, beta_new
            steps = steps + active.squeeze(-1)
            active = moving & (eta.abs() > goal.unsqueeze(-1)) & (beta_new > 0)
        return torch.where(torch.isfinite(x), x, 0.0), steps
