"""Conjugate gradients, on the system itself or on its normal equations."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear.base import LinearSolver
from neuralpde.implicit.linear.operator import Operator, Product

__all__ = ["CG", "NormalCG"]


@dataclass(frozen=True, kw_only=True)
class CG(LinearSolver):
    """Conjugate gradients for symmetric positive definite A; each sample has its own step length and stops on its own.

    Limits: on an indefinite A a direction of non-positive curvature ends the iteration of that sample, and the report says so.

    Reference: Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
    """

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        precondition = preconditioner or (lambda v: v)
        x, r = torch.zeros_like(b), b
        z = precondition(r)
        p, rho = z, _dot(r, z)
        goal = self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)
        active = torch.linalg.vector_norm(b, dim=-1) > goal
        steps = torch.zeros(b.shape[:-1], dtype=torch.long, device=b.device)
        for _ in range(self.limit(b.shape[-1])):
            if not bool(active.any()):
                break
            q = operator(p)
            curvature = _dot(p, q)
            active = active & (curvature > 0)
            # Frozen samples take steps of length zero; dividing by one keeps NaN out of them.
            alpha = torch.where(active, rho / torch.where(active, curvature, 1.0), 0.0).unsqueeze(-1)
            x, r = x + alpha * p, r - alpha * q
            z = precondition(r)
            rho, previous = _dot(r, z), rho
            p = z + torch.where(active, rho / torch.where(active, previous, 1.0), 0.0).unsqueeze(-1) * p
            steps = steps + active
            active = active & (torch.linalg.vector_norm(r, dim=-1) > goal)
        return x, steps


@dataclass(frozen=True, kw_only=True)
class NormalCG(CG):
    """Conjugate gradients on AᵀA x = Aᵀb, for any square A that is not singular.

    The condition number is squared, so prefer :class:`GMRES`, :class:`MINRES` or :class:`LU` where they apply. The iteration restarts from the true residual
    until ‖b − Ax‖ itself meets the tolerance, because a small ‖Aᵀ(b − Ax)‖ does not imply it. ``ridge`` acts on A, not on AᵀA; a preconditioner has no use
    here.
    """

    restarts: int = 3

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        del preconditioner

        def normal(v: Tensor) -> Tensor:
            return operator.transposed(operator(v))

        squared = Operator(normal, normal)
        x, steps = torch.zeros_like(b), torch.zeros(b.shape[:-1], dtype=torch.long, device=b.device)
        for _ in range(self.restarts):
            residual = b - operator(x)
            open_samples = torch.linalg.vector_norm(residual, dim=-1) > self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)
            if not bool(open_samples.any()):
                break
            right = torch.where(open_samples.unsqueeze(-1), operator.transposed(residual), 0.0)
            change, spent = CG.iterate(self, squared, right, None)
            x, steps = x + change, steps + spent
        return x, steps


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(-1)
