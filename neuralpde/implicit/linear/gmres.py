"""Generalised minimal residuals."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear.base import LinearSolver
from neuralpde.implicit.linear.operator import Operator, Product

__all__ = ["GMRES"]


@dataclass(frozen=True, kw_only=True)
class GMRES(LinearSolver):
    """Restarted GMRES for any square A that is not singular: the residual never grows, memory is ``restart`` vectors per sample.

    Gram–Schmidt is done twice, so that the basis stays orthogonal to rounding. The preconditioner acts from the right, which leaves the residual the true one.

    Args:
        restart: size of the Krylov space; the number of unknowns of a sample bounds it.

    Limits: with a small ``restart`` it may stall on an indefinite A.

    Reference: Saad and Schultz, SIAM J. Sci. Stat. Comput. 7, 856 (1986).
    """

    restart: int = 30

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        precondition = preconditioner or (lambda v: v)
        goal = self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)
        x, steps = torch.zeros_like(b), torch.zeros(b.shape[:-1], dtype=torch.long, device=b.device)
        size = min(self.restart, b.shape[-1])
        spent = 0
        while spent < self.limit(b.shape[-1]):
            residual = b - operator(x)
            active = torch.linalg.vector_norm(residual, dim=-1) > goal
            if not bool(active.any()):
                break
            change, used = self._cycle(operator, precondition, residual, size, goal)
            x = torch.where(active.unsqueeze(-1), x + change, x)
            steps, spent = steps + used * active, spent + used
        return x, steps

    def _cycle(self, operator: Operator, precondition: Product, residual: Tensor, size: int, goal: Tensor) -> tuple[Tensor, int]:
        """Correction from one Krylov space, and the products it took."""
        norm = torch.linalg.vector_norm(residual, dim=-1)
        basis = [residual / _safe(norm).unsqueeze(-1)]
        columns: list[Tensor] = []
        for k in range(size):
            w = operator(precondition(basis[-1]))
            spanned = torch.stack(basis, -1)
            first = (w.unsqueeze(-2) @ spanned).squeeze(-2)
            w = w - (spanned @ first.unsqueeze(-1)).squeeze(-1)
            again = (w.unsqueeze(-2) @ spanned).squeeze(-2)
            w = w - (spanned @ again.unsqueeze(-1)).squeeze(-1)
            height = torch.linalg.vector_norm(w, dim=-1)
            padding = torch.zeros(*norm.shape, size - k - 1, dtype=w.dtype, device=w.device)
            columns.append(torch.cat([first + again, height.unsqueeze(-1), padding], -1))
            # A height at rounding level ends the space of that sample: the direction left is noise and becomes zero.
            kept = height > 1e-14 * torch.linalg.vector_norm(columns[-1], dim=-1)
            basis.append(torch.where(kept, 1.0 / _safe(height), 0.0).unsqueeze(-1) * w)
            if k + 1 == size or not bool((self._left(columns, norm) > goal).any()):
                break
        coefficients = self._coefficients(columns, norm)
        return precondition((torch.stack(basis[: len(columns)], -1) @ coefficients.unsqueeze(-1)).squeeze(-1)), len(columns)

    @staticmethod
    def _coefficients(columns: list[Tensor], norm: Tensor) -> Tensor:
        """Minimiser of ‖βe₁ − Hy‖; by pseudo-inverse because columns of finished samples vanish."""
        hessenberg = torch.stack(columns, -1)
        return norm.unsqueeze(-1) * torch.linalg.pinv(hessenberg, rtol=1e-15)[..., 0]

    def _left(self, columns: list[Tensor], norm: Tensor) -> Tensor:
        """Residual norm that the space so far allows."""
        hessenberg = torch.stack(columns, -1)
        image = (hessenberg @ self._coefficients(columns, norm).unsqueeze(-1)).squeeze(-1)
        target = torch.zeros_like(image)
        target[..., 0] = norm
        return torch.linalg.vector_norm(target - image, dim=-1)


def _safe(values: Tensor) -> Tensor:
    return torch.where(values > 0, values, 1.0)
