"""Solvers that form the matrix: exact to round-off, for up to some hundred unknowns per sample."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from typing_extensions import override

from neuralpde.implicit.linear.base import LinearSolver
from neuralpde.implicit.linear.operator import Operator, Product

__all__ = ["LU", "Cholesky", "LeastSquares"]

Factor = Product
"""b ↦ A⁻¹ b for a matrix that is factorised already."""


@dataclass(frozen=True, kw_only=True)
class DenseSolver(LinearSolver):
    """Forms A from n vectorised products, factorises it once for all right-hand sides, and refines the solution.

    A preconditioner, for example the factor the forward solve ended with, is used first: x ← x + P(b − Ax) costs one product per step, and the matrix is
    only formed when this does not reach the tolerance within ``refinements`` steps.
    """

    refinements: int = 4

    def factorise(self, matrix: Tensor) -> Factor:
        """b ↦ A⁻¹ b for matrices ``(*batch, n, n)``; NaN where a matrix has no such factor."""
        raise NotImplementedError

    @override
    def iterate(self, operator: Operator, b: Tensor, preconditioner: Product | None) -> tuple[Tensor, Tensor]:
        steps = torch.ones(b.shape[:-1], dtype=torch.long, device=b.device)
        if preconditioner is not None:
            x = self.refine(operator, b, preconditioner)
            if bool((self.measure(operator, b, x) <= self.tolerance(b.dtype)).all()):
                return x, steps
        factor = self.factorise(operator.dense(b))
        return factor(b), steps

    def refine(self, operator: Operator, b: Tensor, approximate: Factor) -> Tensor:
        """Richardson steps with an approximate inverse."""
        x = approximate(b)
        for _ in range(self.refinements):
            residual = b - operator(x)
            if bool((torch.linalg.vector_norm(residual, dim=-1) <= self.tolerance(b.dtype) * torch.linalg.vector_norm(b, dim=-1)).all()):
                break
            x = x + approximate(residual)
        return x


@dataclass(frozen=True, kw_only=True)
class LU(DenseSolver):
    """Gaussian elimination with row exchanges; for any A that is not singular, symmetric or not."""

    @override
    def factorise(self, matrix: Tensor) -> Factor:
        factor, pivots, _ = torch.linalg.lu_factor_ex(matrix)
        return lambda b: torch.linalg.lu_solve(factor, pivots, b.unsqueeze(-1)).squeeze(-1)


@dataclass(frozen=True, kw_only=True)
class Cholesky(DenseSolver):
    """A = LLᵀ; half the work of :class:`LU`, for symmetric positive definite A. Only the lower triangle is read.

    Limits: where A is indefinite, as the full Hessian of a least-squares problem can be away from its minimum, that sample falls back to elimination.
    """

    @override
    def factorise(self, matrix: Tensor) -> Factor:
        factor, info = torch.linalg.cholesky_ex(matrix)
        if bool((info > 0).any()):
            return LU().factorise(matrix)
        return lambda b: torch.cholesky_solve(b.unsqueeze(-1), factor).squeeze(-1)


@dataclass(frozen=True, kw_only=True)
class LeastSquares(DenseSolver):
    """x of smallest norm that minimises ‖b − Ax‖, by the singular value decomposition; for square A that may be singular.

    Convergence is judged by ‖Aᵀ(b − Ax)‖ / ‖Aᵀb‖, since b may lie outside the range of A. As a backward solver it gives the minimum-norm choice among the
    derivatives that a singular system leaves open, a heuristic.

    Args:
        cutoff: singular values below this multiple of the largest count as zero.
    """

    cutoff: float = 1e-12

    @override
    def factorise(self, matrix: Tensor) -> Factor:
        inverse = torch.linalg.pinv(matrix, rtol=self.cutoff)
        return lambda b: (inverse @ b.unsqueeze(-1)).squeeze(-1)

    @override
    def measure(self, operator: Operator, b: Tensor, x: Tensor) -> Tensor:
        transposed = operator.transposed
        scale = torch.linalg.vector_norm(transposed(b), dim=-1)
        return torch.linalg.vector_norm(transposed(b - operator(x)), dim=-1) / torch.where(scale > 0, scale, 1.0)
